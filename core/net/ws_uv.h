/*
 * Private to core/net: the one function that libwebsockets calls, between
 * lws_uv.c (which registers it) and ws_uv.c (which is it).
 */
#ifndef LN_NET_WS_UV_H
#define LN_NET_WS_UV_H

#include "net/net_uv_int.h"

#include <libwebsockets.h>

int net_uv_ws_callback(struct lws *wsi, enum lws_callback_reasons reason,
                       void *user, void *in, size_t len);

#endif
