/*
 * Private to the credentials: locked memory and bounds, shared by
 * credentials.c (keeping and signing) and credentials_load.c (finding).
 */
#ifndef LN_BITGET_CREDENTIALS_INT_H
#define LN_BITGET_CREDENTIALS_INT_H

#include "bitget/credentials.h"

#define LN_KEY_CAP    256   /* key and passphrase */
#define LN_SECRET_CAP 16384 /* a PEM of 4096 bits takes 3300 bytes */
#define LN_PEM_START  "-----BEGIN"

/* Zeroed memory: not swapped, not in core dumps, as far as the system allows.
 * NULL when there is none. */
void *ln_secret_alloc(size_t size);
/* Wipes; NULL is allowed. */
void ln_secret_free(void *p, size_t size);

#endif
