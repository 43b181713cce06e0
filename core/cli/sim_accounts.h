/*
 * lunette sim --accounts FILE: more users of the simulator, from JSON.
 *
 *   [{"key":"k1","secret":"s1","passphrase":"p1","balance":"5000"}, ...]
 *
 * balance (USDT, string or number) may be missing: 10000.
 */
#ifndef LN_CLI_SIM_ACCOUNTS_H
#define LN_CLI_SIM_ACCOUNTS_H

#include "sim/sim.h"

struct ln_sim_accounts {
    struct ln_sim_login *logins; /* owned */
    size_t count;
    char *texts; /* owned; what the logins point to: holds secrets */
    size_t texts_len;
};

/* Errors name the file and the line, never a value. */
enum ln_err ln_sim_accounts_read(struct ln_sim_accounts *a, const char *path,
                                 struct ln_error *err) LN_MUST_USE;
void ln_sim_accounts_deinit(struct ln_sim_accounts *a);

#endif
