/*
 * Printing for `lunette ctl`: see ctl_print.h. What a table shows is a list
 * of columns, each a member of the objects in an array.
 */
#include "cli/ctl_print.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

#define CELL_CAP 64

/* How a cell is written. */
enum kind { TEXT, PLAIN, MONEY, PRICE };

struct column {
    const char *title;
    const char *key;    /* member of the row */
    const char *sub;    /* member of that member; NULL: itself */
    const char *suffix; /* behind the value */
    enum kind kind;     /* all but TEXT are numbers, to the right */
};

static const struct column strategy_columns[] = {
    {"STRATEGY", "name", NULL, "", TEXT},
    {"STATE", "state", NULL, "", TEXT},
    {"EVENTS", "events", NULL, "", PLAIN},
    {"P50", "latency_us", "p50", " us", PLAIN},
    {"P99", "latency_us", "p99", " us", PLAIN},
    {"MEMORY", "memory_mb", NULL, " MB", PLAIN},
    {"ERRORS", "errors", NULL, "", PLAIN},
    {"RESTARTS", "restarts", NULL, "", PLAIN},
    {"VERSION", "version", NULL, "", TEXT},
};
static const struct column acted_columns[] = {
    {"STRATEGY", "name", NULL, "", TEXT},
    {"STATE", "state", NULL, "", TEXT},
    {"OPEN ORDERS", "open_orders", NULL, "", PLAIN},
};
static const struct column order_columns[] = {
    {"CLIENT OID", "clientOid", NULL, "", TEXT},
    {"STRATEGY", "strategy", NULL, "", TEXT},
    {"SYMBOL", "symbol", NULL, "", TEXT},
    {"SIDE", "side", NULL, "", TEXT},
    {"TYPE", "type", NULL, "", TEXT},
    {"PRICE", "price", NULL, "", PLAIN},
    {"SIZE", "size", NULL, "", PLAIN},
    {"FILLED", "filled", NULL, "", PLAIN},
    {"STATE", "state", NULL, "", TEXT},
};
static const struct column own_columns[] = {
    {"STRATEGY", "strategy", NULL, "", TEXT},
    {"SYMBOL", "symbol", NULL, "", TEXT},
    {"SIDE", "side", NULL, "", TEXT},
    {"SIZE", "size", NULL, "", PLAIN},
    {"ENTRY", "entry", NULL, "", PRICE},
    {"MARK", "mark", NULL, "", PRICE},
    {"UNREALISED", "unrealised", NULL, "", MONEY},
    {"REALISED", "realised", NULL, "", MONEY},
};
static const struct column account_columns[] = {
    {"EXCHANGE", "symbol", NULL, "", TEXT},
    {"SIDE", "side", NULL, "", TEXT},
    {"SIZE", "size", NULL, "", PLAIN},
    {"ENTRY", "entry", NULL, "", PRICE},
    {"MARK", "mark", NULL, "", PRICE},
    {"UNREALISED", "unrealised", NULL, "", MONEY},
    {"OURS", "ours", NULL, "", PLAIN},
    {"FOREIGN", "foreign", NULL, "", PLAIN},
};

/* Text of a scalar; "-" where there is none. */
static void
text_of(const struct ln_json *doc, ln_json_val v, char *out, size_t cap)
{
    if (ln_json_type(doc, v) == LN_JSON_STRING)
        ln_json_string(doc, v, out, cap);
    else
        ln_str_copy(out, cap, ln_json_raw(doc, v));
    if (!out[0] || ln_json_type(doc, v) == LN_JSON_NULL)
        ln_str_copy(out, cap, ln_str("-"));
}

static void
member(const struct ln_json *doc, ln_json_val obj, const char *key, char *out,
       size_t cap)
{
    text_of(doc, ln_json_get(doc, obj, key), out, cap);
}

/* For people: cents, and prices with about six digits. --json has them all. */
static void
shorten(enum kind kind, char *text, size_t cap)
{
    double v = strtod(text, NULL), size = v < 0 ? -v : v;
    int places = kind == MONEY ? 2 : size >= 1000 ? 2 : size >= 1 ? 4 : 8;
    if (strcmp(text, "-") != 0)
        snprintf(text, cap, "%.*f", places, v);
}

static void
cell(const struct ln_json *doc, ln_json_val row, const struct column *c,
     char *out)
{
    ln_json_val v = ln_json_get(doc, row, c->key);
    if (c->sub)
        v = ln_json_get(doc, v, c->sub);
    text_of(doc, v, out, CELL_CAP - 8);
    if (c->kind >= MONEY)
        shorten(c->kind, out, CELL_CAP - 8);
    if (out[0] != '-' || out[1])
        strncat(out, c->suffix, 7);
}

/* Red what needs a look, yellow what waits for somebody. */
static const char *
color_of(const char *key, const char *text)
{
    if (strcmp(key, "state") != 0)
        return "";
    if (strcmp(text, "running") == 0 || strcmp(text, "filled") == 0)
        return "\033[32m";
    if (strcmp(text, "paused") == 0 || strcmp(text, "starting") == 0 ||
        strcmp(text, "unknown") == 0)
        return "\033[33m";
    if (strcmp(text, "crashed") == 0 || strcmp(text, "quarantined") == 0 ||
        strcmp(text, "rejected") == 0)
        return "\033[31m";
    return "";
}

static void
table(const struct ln_json *doc, ln_json_val rows, const struct column *cols,
      size_t ncols, const char *none, bool color)
{
    int widths[16];
    char text[CELL_CAP];
    ln_json_val row;
    if (ln_json_count(doc, rows) == 0) {
        puts(none);
        return;
    }
    for (size_t i = 0; i < ncols; i++) {
        widths[i] = (int)strlen(cols[i].title);
        for (row = ln_json_first(doc, rows); row != LN_JSON_NONE;
             row = ln_json_next(doc, rows, row)) {
            cell(doc, row, &cols[i], text);
            if ((int)strlen(text) > widths[i])
                widths[i] = (int)strlen(text);
        }
    }
    for (size_t i = 0; i < ncols; i++)
        printf("%s%s%*s%s", i ? "  " : "", color ? "\033[90m" : "",
               cols[i].kind ? widths[i] : -widths[i], cols[i].title,
               color ? "\033[0m" : "");
    puts("");
    for (row = ln_json_first(doc, rows); row != LN_JSON_NONE;
         row = ln_json_next(doc, rows, row)) {
        for (size_t i = 0; i < ncols; i++) {
            cell(doc, row, &cols[i], text);
            const char *c = color ? color_of(cols[i].key, text) : "";
            printf("%s%s%*s%s", i ? "  " : "", c,
                   cols[i].kind ? widths[i] : -widths[i], text,
                   *c ? "\033[0m" : "");
        }
        puts("");
    }
}

static void
uptime(int64_t s)
{
    if (s >= 86400)
        printf("up %lldd %02lldh", (long long)(s / 86400),
               (long long)(s / 3600 % 24));
    else if (s >= 3600)
        printf("up %lldh %02lldm", (long long)(s / 3600),
               (long long)(s / 60 % 60));
    else
        printf("up %lldm %02llds", (long long)(s / 60), (long long)(s % 60));
}

static void
warn_line(const char *text, bool color)
{
    printf("%s%s%s\n", color ? "\033[31m" : "", text, color ? "\033[0m" : "");
}

static void
print_status(const struct ln_json *doc, bool color)
{
    char name[CELL_CAP], mode[CELL_CAP], a[CELL_CAP], b[CELL_CAP], n[CELL_CAP];
    char error[600], line[700];
    int64_t s = 0;
    ln_json_val v, list = ln_json_get(doc, 0, "connections");
    member(doc, 0, "name", name, sizeof(name));
    member(doc, 0, "mode", mode, sizeof(mode));
    member(doc, 0, "equity", a, sizeof(a));
    member(doc, 0, "exposure", b, sizeof(b));
    member(doc, 0, "open_orders", n, sizeof(n));
    ln_json_i64(doc, ln_json_get(doc, 0, "uptime_s"), &s);
    shorten(MONEY, a, sizeof(a));
    shorten(MONEY, b, sizeof(b));
    printf("%s (%s), ", name, mode);
    uptime(s);
    printf("\nequity %s, exposure at worst %s, %s open orders\n", a, b, n);
    for (v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        bool up = ln_json_type(doc, ln_json_get(doc, v, "up")) == LN_JSON_TRUE;
        member(doc, v, "name", a, sizeof(a));
        printf("%s%s%s%s", a, color ? (up ? " \033[32m" : " \033[31m") : " ",
               up ? "up" : "down", color ? "\033[0m" : "");
        fputs(ln_json_next(doc, list, v) == LN_JSON_NONE ? "\n" : ", ", stdout);
    }
    if (ln_json_type(doc, ln_json_get(doc, 0, "ready")) != LN_JSON_TRUE)
        warn_line("not ready yet", color);
    if (ln_json_type(doc, ln_json_get(doc, 0, "stopping")) == LN_JSON_TRUE)
        warn_line("stopping", color);
    if (ln_json_type(doc, ln_json_get(doc, 0, "halted")) == LN_JSON_TRUE)
        warn_line("halted by daily_loss: nothing opens until the next day",
                  color);
    list = ln_json_get(doc, 0, "unexplained");
    for (v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        text_of(doc, v, a, sizeof(a));
        snprintf(line, sizeof(line),
                 "%s: the positions do not fit the exchange's, nothing opens",
                 a);
        warn_line(line, color);
    }
    puts("");
    list = ln_json_get(doc, 0, "strategies");
    table(doc, list, strategy_columns, LN_COUNT(strategy_columns),
          "no strategies", color);
    for (v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        member(doc, v, "last_error", error, sizeof(error));
        member(doc, v, "name", a, sizeof(a));
        snprintf(line, sizeof(line), "%s: %s", a, error);
        if (strcmp(error, "-") != 0)
            warn_line(line, color);
    }
}

static void
print_lines(const struct ln_json *doc, bool color)
{
    static const char *const colors[] = {"\033[90m", "", "\033[33m",
                                         "\033[31m"};
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    char level[16], text[4096];
    int64_t missed = 0;
    ln_json_val v, list = ln_json_get(doc, 0, "lines");
    if (ln_json_i64(doc, ln_json_get(doc, 0, "missed"), &missed) && missed)
        printf("... %lld lines were missed ...\n", (long long)missed);
    for (v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        const char *c = "";
        member(doc, v, "level", level, sizeof(level));
        member(doc, v, "text", text, sizeof(text));
        for (size_t i = 0; color && i < LN_COUNT(levels); i++)
            if (strcmp(level, levels[i]) == 0)
                c = colors[i];
        printf("%s%s%s\n", c, text, *c ? "\033[0m" : "");
    }
}

void
ln_ctl_print(const char *cmd, const struct ln_json *doc, bool color)
{
    if (strcmp(cmd, "status") == 0) {
        print_status(doc, color);
    } else if (strcmp(cmd, "orders") == 0) {
        table(doc, ln_json_get(doc, 0, "orders"), order_columns,
              LN_COUNT(order_columns), "no orders", color);
    } else if (strcmp(cmd, "positions") == 0) {
        table(doc, ln_json_get(doc, 0, "positions"), own_columns,
              LN_COUNT(own_columns), "no strategy holds a position", color);
        puts("");
        table(doc, ln_json_get(doc, 0, "exchange"), account_columns,
              LN_COUNT(account_columns), "the account holds no position",
              color);
    } else if (strcmp(cmd, "logs") == 0) {
        print_lines(doc, color);
    } else if (ln_json_get(doc, 0, "strategies") != LN_JSON_NONE) {
        table(doc, ln_json_get(doc, 0, "strategies"), acted_columns,
              LN_COUNT(acted_columns), "no strategies", color);
    }
    fflush(stdout);
}
