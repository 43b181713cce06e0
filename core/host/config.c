/*
 * Reads the configuration: one table per section says which keys there are,
 * of which type, with which bounds.
 */
#include "host/config.h"

#include "base/assert.h"
#include "base/decimal.h"
#include "base/json.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field_type {
    F_TEXT,   /* char[size] */
    F_CHOICE, /* char[size], one of <choices> */
    F_POLICY, /* int32_t, enum ln_end_policy */
    F_INT,    /* int64_t in [min, max] */
    F_DEC,    /* int64_t at 1e-8, >= 0 */
    F_SECTION,
    F_UNUSED /* accepted, without effect in this version */
};

struct field {
    const char *key;
    enum field_type type;
    size_t offset, size;
    int64_t min, max;
    const char *choices; /* "a|b" */
    const struct section *section;
};

struct section {
    const char *name;
    const struct field *fields;
    size_t count;
};

struct reader {
    const struct ln_json *doc;
    const char *origin;
    struct ln_host_config *cfg;
    struct ln_error *err;
};

#define TEXT(s, k, m)                                                          \
    {                                                                          \
        k, F_TEXT, offsetof(s, m), sizeof(((s *)0)->m), 0, 0, NULL, NULL       \
    }
#define CHOICE(s, k, m, c)                                                     \
    {                                                                          \
        k, F_CHOICE, offsetof(s, m), sizeof(((s *)0)->m), 0, 0, c, NULL        \
    }
#define POLICY(s, k, m)                                                        \
    {                                                                          \
        k, F_POLICY, offsetof(s, m), 0, 0, 0, "cancel|flatten|hold", NULL      \
    }
#define INT(s, k, m, lo, hi)                                                   \
    {                                                                          \
        k, F_INT, offsetof(s, m), 0, lo, hi, NULL, NULL                        \
    }
#define DEC(s, k, m)                                                           \
    {                                                                          \
        k, F_DEC, offsetof(s, m), 0, 0, 0, NULL, NULL                          \
    }
#define CHOICE_INDEX(s, k, m, choices)                                         \
    {                                                                          \
        k, F_POLICY, offsetof(s, m), 0, 0, 0, choices, NULL                    \
    }
#define SECTION(k, sec)                                                        \
    {                                                                          \
        k, F_SECTION, 0, 0, 0, 0, NULL, sec                                    \
    }
#define UNUSED(k)                                                              \
    {                                                                          \
        k, F_UNUSED, 0, 0, 0, 0, NULL, NULL                                    \
    }

/* Short names for offsetof in the tables below; nowhere else. */
typedef struct ln_host_config host_cfg;
typedef struct ln_strategy_config strategy_cfg;

static const struct field venue_fields[] = {
    CHOICE(host_cfg, "account", venue.account, "auto|classic"),
    CHOICE(host_cfg, "product", venue.product, "USDT-FUTURES"),
    TEXT(host_cfg, "rest", venue.rest),
    TEXT(host_cfg, "ws_public", venue.ws_public),
    TEXT(host_cfg, "ws_private", venue.ws_private),
    TEXT(host_cfg, "ca", venue.ca),
};
static const struct field credentials_fields[] = {
    TEXT(host_cfg, "env", credentials.env),
    TEXT(host_cfg, "file", credentials.file),
    TEXT(host_cfg, "systemd", credentials.systemd),
};
static const struct field log_fields[] = {
    CHOICE(host_cfg, "level", log.level, "debug|info|warn|error|off"),
    CHOICE(host_cfg, "format", log.format, "text|json"),
    TEXT(host_cfg, "file", log.file),
};
static const struct field risk_fields[] = {
    UNUSED("symbols"), /* a list: read by read_risk_symbols */
    DEC(host_cfg, "max_order_notional", risk.max_order_notional_e8),
    DEC(host_cfg, "max_position_notional", risk.max_position_notional_e8),
    DEC(host_cfg, "max_exposure", risk.max_exposure_e8),
    INT(host_cfg, "max_open_orders", risk.max_open_orders, 0, 100000),
    INT(host_cfg, "max_orders_per_second", risk.max_orders_per_second, 0,
        100000),
    DEC(host_cfg, "max_leverage", risk.max_leverage_e8),
    DEC(host_cfg, "price_collar_pct", risk.price_collar_pct_e8),
    DEC(host_cfg, "daily_loss", risk.daily_loss_e8),
};
static const struct field errors_fields[] = {
    INT(strategy_cfg, "max", errors_max, 1, 1000000),
    INT(strategy_cfg, "seconds", errors_seconds, 1, 86400),
};
static const struct section errors_section = {"errors", errors_fields,
                                              LN_COUNT(errors_fields)};
static const struct field strategy_fields[] = {
    TEXT(strategy_cfg, "name", name),
    TEXT(strategy_cfg, "script", script),
    UNUSED("params"), /* any object: read by read_params */
    CHOICE(strategy_cfg, "isolation", isolation, "process|state"),
    INT(strategy_cfg, "budget", budget_ms, 1, 60000),
    INT(strategy_cfg, "deadline", deadline_ms, 50, 600000),
    INT(strategy_cfg, "memory_mb", memory_mb, 4, 65536),
    POLICY(strategy_cfg, "on_crash", on_crash),
    POLICY(strategy_cfg, "on_stop", on_stop),
    INT(strategy_cfg, "max_restarts", max_restarts, 0, 1000000),
    SECTION("errors", &errors_section),
    UNUSED("probation"),
};
static const struct section strategy_section = {"strategies[]", strategy_fields,
                                                LN_COUNT(strategy_fields)};
static const struct section venue_section = {"venue", venue_fields,
                                             LN_COUNT(venue_fields)};
static const struct section credentials_section = {
    "credentials", credentials_fields, LN_COUNT(credentials_fields)};
static const struct section log_section = {"log", log_fields,
                                           LN_COUNT(log_fields)};
static const struct section risk_section = {"risk", risk_fields,
                                            LN_COUNT(risk_fields)};
static const struct field top_fields[] = {
    TEXT(host_cfg, "name", name),
    CHOICE(host_cfg, "mode", mode, "sim|paper|demo|live"),
    SECTION("venue", &venue_section),
    SECTION("credentials", &credentials_section),
    SECTION("risk", &risk_section),
    SECTION("log", &log_section),
    UNUSED("strategies"), /* a list: read by read_strategies */
    UNUSED("web"),
    TEXT(host_cfg, "store", store),
    CHOICE_INDEX(host_cfg, "orphans", orphans, "hold|cancel|adopt"),
    CHOICE_INDEX(host_cfg, "on_store_failure", on_store_failure,
                 "stop|continue"),
    UNUSED("latency"),
    UNUSED("alerts"),
    UNUSED("redis"),
};
static const struct section top_section = {"configuration", top_fields,
                                           LN_COUNT(top_fields)};

#define KEYS_MAX 32

static enum ln_err
fail(const struct reader *r, const char *cure, const char *path,
     const char *key, const char *problem)
{
    return ln_error_set(r->err, LN_ERR_CONFIG, r->origin, cure, "%s%s%s: %s",
                        path, *path ? "." : "", key, problem);
}

static enum ln_err
unknown_key(const struct reader *r, const struct section *sec, const char *path,
            const char *key)
{
    const char *names[KEYS_MAX];
    char cure[200];
    size_t n = 0;
    for (; n < sec->count && n < KEYS_MAX; n++)
        names[n] = sec->fields[n].key;
    const char *near = ln_nearest(key, names, n);
    if (near) {
        snprintf(cure, sizeof(cure), "did you mean '%s'?", near);
    } else {
        size_t len = (size_t)snprintf(cure, sizeof(cure), "known keys:");
        for (size_t i = 0; i < n && len < sizeof(cure) - 32; i++)
            len += (size_t)snprintf(cure + len, sizeof(cure) - len, " %s",
                                    names[i]);
    }
    return fail(r, cure, path, key, "unknown key");
}

static bool
is_choice(const char *choices, struct ln_str word, int *index)
{
    int i = 0;
    for (const char *p = choices; *p; i++) {
        size_t len = strcspn(p, "|");
        if (ln_str_eq(ln_strn(p, len), word)) {
            *index = i;
            return true;
        }
        p += len + (p[len] == '|');
    }
    return false;
}

static enum ln_err
read_text(const struct reader *r, const struct field *f, const char *path,
          ln_json_val v, char *target)
{
    char text[LN_PATH_CAP];
    int index = 0;
    char cure[200];
    if (!ln_json_string(r->doc, v, text, sizeof(text)) ||
        (f->type == F_TEXT && strlen(text) >= f->size))
        return fail(r, "give a text in quotes", path, f->key,
                    "is no text, or too long");
    if (f->type == F_TEXT) {
        memcpy(target, text, strlen(text) + 1);
        return LN_OK;
    }
    if (!is_choice(f->choices, ln_str(text), &index)) {
        snprintf(cure, sizeof(cure), "one of: %s", f->choices);
        return fail(r, cure, path, f->key, "has a value that is not known");
    }
    if (f->type == F_POLICY) {
        int32_t policy = index;
        memcpy(target, &policy, sizeof(policy));
    } else {
        memcpy(target, text, strlen(text) + 1);
    }
    return LN_OK;
}

static enum ln_err
read_number(const struct reader *r, const struct field *f, const char *path,
            ln_json_val v, char *target)
{
    int64_t n = 0;
    char cure[160];
    enum ln_err code = LN_ERR_PARSE;
    if (ln_json_type(r->doc, v) == LN_JSON_NUMBER)
        code = ln_decimal_parse(ln_json_raw(r->doc, v),
                                f->type == F_DEC ? LN_SCALE_MONEY : 0,
                                LN_ROUND_EXACT, &n);
    if (f->type == F_DEC) {
        if (code != LN_OK || n < 0)
            return fail(r, "give a number that is not negative", path, f->key,
                        "is not acceptable");
    } else if (code != LN_OK || n < f->min || n > f->max) {
        snprintf(cure, sizeof(cure), "give a whole number from %lld to %lld",
                 (long long)f->min, (long long)f->max);
        return fail(r, cure, path, f->key, "is not acceptable");
    }
    memcpy(target, &n, sizeof(n));
    return LN_OK;
}

static enum ln_err read_section(const struct reader *r,
                                const struct section *sec, const char *path,
                                ln_json_val obj, char *base);

static void
note_unused(struct ln_host_config *cfg, const char *key)
{
    size_t len = strlen(cfg->unused);
    snprintf(cfg->unused + len, sizeof(cfg->unused) - len, "%s%s",
             len ? ", " : "", key);
}

static enum ln_err
read_field(const struct reader *r, const struct field *f, const char *path,
           ln_json_val v, char *base)
{
    char below[96];
    switch (f->type) {
    case F_TEXT:
    case F_CHOICE:
    case F_POLICY:
        return read_text(r, f, path, v, base + f->offset);
    case F_INT:
    case F_DEC:
        return read_number(r, f, path, v, base + f->offset);
    case F_SECTION:
        snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "",
                 f->key);
        return read_section(r, f->section, below, v, base);
    case F_UNUSED:
        break;
    }
    return LN_OK;
}

/* Lua cannot tell an empty list from an empty table. */
static bool
is_table(const struct ln_json *doc, ln_json_val v)
{
    return ln_json_type(doc, v) == LN_JSON_OBJECT ||
           (ln_json_type(doc, v) == LN_JSON_ARRAY &&
            ln_json_count(doc, v) == 0);
}

static enum ln_err
read_section(const struct reader *r, const struct section *sec,
             const char *path, ln_json_val obj, char *base)
{
    if (!is_table(r->doc, obj))
        return fail(r, "write key = value pairs in braces", "", path,
                    "is no table");
    for (ln_json_val k = ln_json_first(r->doc, obj); k != LN_JSON_NONE;
         k = ln_json_next(r->doc, obj, k)) {
        char key[64];
        const struct field *f = NULL;
        if (!ln_json_string(r->doc, k, key, sizeof(key)))
            ln_str_copy(key, sizeof(key), ln_json_raw(r->doc, k));
        for (size_t i = 0; i < sec->count && !f; i++)
            if (strcmp(sec->fields[i].key, key) == 0)
                f = &sec->fields[i];
        if (!f)
            return unknown_key(r, sec, path, key);
        enum ln_err code = read_field(r, f, path, k + 1, base);
        if (code != LN_OK)
            return code;
    }
    return LN_OK;
}

static enum ln_err
read_risk_symbols(const struct reader *r, ln_json_val risk)
{
    ln_json_val list = ln_json_get(r->doc, risk, "symbols");
    struct ln_risk_config *out = &r->cfg->risk;
    if (list == LN_JSON_NONE)
        return LN_OK;
    if (ln_json_type(r->doc, list) != LN_JSON_ARRAY)
        return fail(r, "write { \"BTCUSDT\" }", "risk", "symbols",
                    "is no list");
    for (ln_json_val v = ln_json_first(r->doc, list); v != LN_JSON_NONE;
         v = ln_json_next(r->doc, list, v)) {
        if (out->nsymbols == LN_RISK_SYMBOLS_MAX ||
            !ln_json_string(r->doc, v, out->symbols[out->nsymbols],
                            LN_SYMBOL_CAP))
            return fail(r, "write { \"BTCUSDT\" }, at most 64 of them", "risk",
                        "symbols", "holds something that is no symbol");
        out->nsymbols++;
    }
    return LN_OK;
}

static enum ln_err
read_params(const struct reader *r, ln_json_val obj,
            struct ln_strategy_config *s, const char *path)
{
    ln_json_val v = ln_json_get(r->doc, obj, "params");
    struct ln_str text = ln_str("{}");
    if (v != LN_JSON_NONE && !is_table(r->doc, v))
        return fail(r, "write params = { fast = 9 }", path, "params",
                    "is no table");
    if (ln_json_type(r->doc, v) == LN_JSON_OBJECT)
        text =
            ln_strn(r->doc->text + r->doc->toks[v].start, r->doc->toks[v].len);
    s->params = malloc(text.len + 1);
    if (!s->params)
        return ln_error_set(r->err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    memcpy(s->params, text.ptr, text.len);
    s->params[text.len] = 0;
    return LN_OK;
}

static void
strategy_defaults(struct ln_strategy_config *s)
{
    memset(s, 0, sizeof(*s));
    ln_str_copy(s->isolation, sizeof(s->isolation), ln_str("process"));
    s->budget_ms = 50;
    s->deadline_ms = 1000;
    s->memory_mb = 64;
    s->on_crash = LN_END_CANCEL;
    s->on_stop = LN_END_CANCEL;
    s->max_restarts = 5;
    s->errors_max = 20;
    s->errors_seconds = 60;
}

/* A strategy without a name is called like its script. */
static void
default_name(struct ln_strategy_config *s)
{
    const char *base = strrchr(s->script, '/');
    base = base ? base + 1 : s->script;
    size_t len = strcspn(base, ".");
    ln_str_copy(s->name, sizeof(s->name), ln_strn(base, len));
}

static bool
name_ok(const char *name)
{
    return *name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_-.") == strlen(name);
}

static enum ln_err
read_strategy(const struct reader *r, ln_json_val v, int index)
{
    struct ln_host_config *cfg = r->cfg;
    struct ln_strategy_config *s = &cfg->strategies[index];
    char path[32];
    snprintf(path, sizeof(path), "strategies[%d]", index + 1);
    strategy_defaults(s);
    cfg->nstrategies = index + 1;
    enum ln_err code = read_section(r, &strategy_section, path, v, (char *)s);
    if (code == LN_OK)
        code = read_params(r, v, s, path);
    if (code != LN_OK)
        return code;
    if (!s->script[0])
        return fail(r, "write script = \"my_strategy.lua\"", path, "script",
                    "is missing");
    if (!s->name[0])
        default_name(s);
    if (!name_ok(s->name))
        return fail(r, "use letters, digits, - _ and . only", path, "name",
                    "is not acceptable");
    for (int i = 0; i < index; i++)
        if (strcmp(cfg->strategies[i].name, s->name) == 0)
            return fail(r, "give each strategy a name of its own", path, "name",
                        "is used twice");
    return LN_OK;
}

static enum ln_err
read_strategies(const struct reader *r, ln_json_val root)
{
    ln_json_val list = ln_json_get(r->doc, root, "strategies");
    uint32_t n = ln_json_count(r->doc, list);
    if (ln_json_type(r->doc, list) != LN_JSON_ARRAY || n == 0)
        return fail(r, "write strategies = { { script = \"ema_cross.lua\" } }",
                    "", "strategies", "is missing or no list");
    if (n > LN_STRATEGIES_MAX)
        return fail(r, "start a second host", "", "strategies",
                    "has more than 256 entries");
    r->cfg->strategies = calloc(n, sizeof(*r->cfg->strategies));
    if (!r->cfg->strategies)
        return ln_error_set(r->err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    int index = 0;
    for (ln_json_val v = ln_json_first(r->doc, list); v != LN_JSON_NONE;
         v = ln_json_next(r->doc, list, v)) {
        enum ln_err code = read_strategy(r, v, index++);
        if (code != LN_OK)
            return code;
    }
    return LN_OK;
}

void
ln_config_init(struct ln_host_config *cfg)
{
    memset(cfg, 0, sizeof(*cfg));
    ln_str_copy(cfg->name, sizeof(cfg->name), ln_str("lunette"));
    ln_str_copy(cfg->venue.account, sizeof(cfg->venue.account), ln_str("auto"));
    ln_str_copy(cfg->venue.product, sizeof(cfg->venue.product),
                ln_str("USDT-FUTURES"));
    ln_str_copy(cfg->log.level, sizeof(cfg->log.level), ln_str("info"));
    ln_str_copy(cfg->log.format, sizeof(cfg->log.format), ln_str("text"));
}

void
ln_config_deinit(struct ln_host_config *cfg)
{
    for (int i = 0; i < cfg->nstrategies; i++)
        free(cfg->strategies[i].params);
    free(cfg->strategies);
    cfg->strategies = NULL;
    cfg->nstrategies = 0;
}

/* Keys that are part of the contract but do nothing in this version. */
static void
collect_unused(struct ln_host_config *cfg, const struct ln_json *doc)
{
    static const char *const keys[] = {"web", "latency", "alerts", "redis"};
    for (size_t i = 0; i < LN_COUNT(keys); i++) {
        ln_json_val v = ln_json_get(doc, 0, keys[i]);
        enum ln_json_type t = ln_json_type(doc, v);
        if (t != LN_JSON_ABSENT && t != LN_JSON_FALSE && t != LN_JSON_NULL)
            note_unused(cfg, keys[i]);
    }
}

enum ln_err
ln_config_read(struct ln_host_config *cfg, struct ln_str json,
               const char *origin, struct ln_error *err)
{
    struct ln_json doc;
    ln_json_init(&doc);
    struct reader r = {&doc, origin, cfg, err};
    enum ln_err code = ln_json_parse(&doc, json.ptr, json.len, err);
    if (code != LN_OK)
        goto out;
    code = read_section(&r, &top_section, "", 0, (char *)cfg);
    if (code == LN_OK)
        code = read_risk_symbols(&r, ln_json_get(&doc, 0, "risk"));
    if (code == LN_OK)
        code = read_strategies(&r, 0);
    if (code == LN_OK && !cfg->mode[0])
        code = fail(&r, "write mode = \"sim\"", "", "mode", "is missing");
    if (code == LN_OK && !name_ok(cfg->name))
        code = fail(&r, "use letters, digits, - _ and . only", "", "name",
                    "is not acceptable");
    if (code == LN_OK)
        collect_unused(cfg, &doc);
out:
    ln_json_deinit(&doc);
    return code;
}

const struct ln_strategy_config *
ln_config_strategy(const struct ln_host_config *cfg, const char *name)
{
    for (int i = 0; i < cfg->nstrategies; i++)
        if (strcmp(cfg->strategies[i].name, name) == 0)
            return &cfg->strategies[i];
    return NULL;
}
