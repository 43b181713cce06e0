/*
 * The configuration of a host, as values. It arrives as JSON text (a Lua
 * file's table, made by whoever may run Lua); every key is known from one
 * table, so that a misspelt key is an error that names the right one.
 */
#ifndef LN_HOST_CONFIG_H
#define LN_HOST_CONFIG_H

#include "base/buf.h"
#include "base/error.h"
#include "market/types.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define LN_STRATEGIES_MAX   256
#define LN_NAME_CAP         48
#define LN_PATH_CAP         1024
#define LN_URL_CAP          256
#define LN_RISK_SYMBOLS_MAX 64

/* What happens to a strategy's orders when it ends. */
enum ln_end_policy { LN_END_CANCEL, LN_END_FLATTEN, LN_END_HOLD };

/* What happens to open orders of a strategy that is not configured any more. */
enum ln_orphans { LN_ORPHANS_HOLD, LN_ORPHANS_CANCEL, LN_ORPHANS_ADOPT };

/* What happens when the intent log cannot be written. */
enum ln_store_failure { LN_STORE_STOP, LN_STORE_CONTINUE };

struct ln_strategy_config {
    char name[LN_NAME_CAP];
    char script[LN_PATH_CAP]; /* absolute after ln_config_resolve */
    char *params;             /* owned: JSON object, "{}" if none */
    char isolation[16];       /* "process" (default) or "state" */
    int64_t budget_ms;        /* CPU time of one callback */
    int64_t deadline_ms;      /* after which its process is killed */
    int64_t memory_mb;
    int32_t on_crash, on_stop; /* enum ln_end_policy */
    int64_t max_restarts;
    int64_t errors_max, errors_seconds;
};

/* 0 means no limit. */
struct ln_risk_config {
    char symbols[LN_RISK_SYMBOLS_MAX][LN_SYMBOL_CAP];
    int nsymbols; /* 0: all */
    int64_t max_order_notional_e8;
    int64_t max_position_notional_e8;
    int64_t max_exposure_e8;
    int64_t max_open_orders;
    int64_t max_orders_per_second;
    int64_t max_leverage_e8;     /* exposure over equity */
    int64_t price_collar_pct_e8; /* of the mark price */
    int64_t daily_loss_e8;
};

struct ln_host_config {
    char name[LN_NAME_CAP];
    char mode[16];
    struct {
        char account[16], product[24];
        char rest[LN_URL_CAP], ws_public[LN_URL_CAP], ws_private[LN_URL_CAP];
        char ca[LN_PATH_CAP];
    } venue;
    struct {
        char env[64], file[LN_PATH_CAP], systemd[64];
    } credentials;
    struct {
        char level[8], format[8], file[LN_PATH_CAP];
    } log;
    struct ln_risk_config risk;
    char store[LN_PATH_CAP];  /* folder; "": nothing is remembered */
    int32_t orphans;          /* enum ln_orphans */
    int32_t on_store_failure; /* enum ln_store_failure */
    struct ln_strategy_config *strategies; /* owned */
    int nstrategies;
    char unused[160]; /* accepted keys that have no effect in this version */
};

/* Defaults in every field. */
void ln_config_init(struct ln_host_config *cfg);
void ln_config_deinit(struct ln_host_config *cfg);

/* By name; NULL: not configured. */
const struct ln_strategy_config *
ln_config_strategy(const struct ln_host_config *cfg, const char *name);

/*
 * Read the JSON object <json>. origin: the file's name, for errors. Errors
 * are LN_ERR_CONFIG: unknown key (with the nearest right one), wrong type,
 * out of range, missing strategies, two strategies of one name.
 */
enum ln_err ln_config_read(struct ln_host_config *cfg, struct ln_str json,
                           const char *origin,
                           struct ln_error *err) LN_MUST_USE;

/*
 * Make paths absolute: scripts are looked for beside the configuration file,
 * then in <scripts_dir>/strategies; ca and key files beside the file.
 * A missing file is an error.
 */
enum ln_err ln_config_resolve(struct ln_host_config *cfg, const char *file,
                              const char *scripts_dir,
                              struct ln_error *err) LN_MUST_USE;

#endif
