/*
 * The face that all carriers share; each fills struct ln_port_ops
 * (port_process.c, port_direct.c).
 */
#include "port/port_int.h"

enum ln_err
ln_port_send(struct ln_port *port, const struct ln_msg *msg)
{
    return port->ops->send(port, msg);
}

void
ln_port_kill(struct ln_port *port)
{
    port->ops->kill(port);
}

void
ln_port_free(struct ln_port *port)
{
    if (port)
        port->ops->free(port);
}

void
ln_port_set_instruments(struct ln_port *port, uint32_t count)
{
    port->instruments = count;
}
