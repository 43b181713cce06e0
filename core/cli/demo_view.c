/*
 * The live view of the demo: prices, strategies, positions, last orders and
 * the log, redrawn a few times a second on the terminal's alternate screen.
 */
#include "base/log.h"
#include "base/timefmt.h"
#include "cli/cli.h"
#include "cli/demo.h"
#include "trade/order.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define BOLD   "\033[1m"
#define DIM    "\033[2m"
#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define OFF    "\033[0m"

#define ROWS_MIN     20
#define PRICES_MAX   8
#define ORDERS_SHOWN 6

struct screen {
    struct ln_buf out;
    int rows, cols, used;
};

static void
capture_log(void *ctx, enum ln_log_level level, const char *line, size_t len)
{
    struct ln_demo *d = ctx;
    char *slot = d->log[d->log_next++ % DEMO_LOG_LINES];
    snprintf(slot, DEMO_LOG_WIDTH, "%c%.*s",
             level >= LN_LOG_ERROR  ? 'E'
             : level == LN_LOG_WARN ? 'W'
                                    : 'I',
             (int)len, line);
}

void
ln_demo_view_open(struct ln_demo *d)
{
    ln_log_set_sink(capture_log, d);
    fputs("\033[?1049h\033[?25l", stdout);
    fflush(stdout);
}

void
ln_demo_view_close(struct ln_demo *d)
{
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    ln_log_set_sink(NULL, NULL);
    /* What a person could not scroll back to: warnings and errors. */
    unsigned n = d->log_next < DEMO_LOG_LINES ? d->log_next : DEMO_LOG_LINES;
    for (unsigned i = d->log_next - n; i < d->log_next; i++)
        if (d->log[i % DEMO_LOG_LINES][0] != 'I')
            fprintf(stderr, "%s\n", d->log[i % DEMO_LOG_LINES] + 1);
}

/* One line, cut at the width of the terminal (colours do not count). */
static void
row(struct screen *s, const char *fmt, ...)
{
    char line[1024];
    va_list args;
    if (s->used >= s->rows)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    int shown = 0;
    for (const char *p = line; *p; p++) {
        if (*p == '\033') {
            const char *end = strchr(p, 'm');
            if (!end)
                break;
            ln_buf_add(&s->out, p, (size_t)(end - p) + 1);
            p = end;
        } else if (shown < s->cols) {
            ln_buf_addc(&s->out, *p);
            /* bytes that continue a UTF-8 character take no room */
            shown += ((unsigned char)*p & 0xC0) != 0x80;
        }
    }
    ln_buf_adds(&s->out, OFF "\033[K\r\n");
    s->used++;
}

static const char *
sign_color(int64_t v)
{
    return v > 0 ? GREEN : v < 0 ? RED : "";
}

static void
draw_prices(struct ln_demo *d, struct screen *s)
{
    struct ln_host *h = d->session.host;
    const struct ln_instruments *reg = ln_host_instruments(h);
    int shown = 0;
    row(s, BOLD "%-14s %14s %14s %14s %14s %9s", "symbol", "last", "bid", "ask",
        "mark", "24h");
    for (uint16_t i = 0; reg && i < reg->count && shown < PRICES_MAX; i++) {
        const struct ln_instrument *in = ln_instruments_at(reg, i);
        struct ln_ticker t;
        char last[LN_DECIMAL_CAP], bid[LN_DECIMAL_CAP], ask[LN_DECIMAL_CAP];
        char mark[LN_DECIMAL_CAP];
        if (!ln_host_ticker(h, i, &t))
            continue;
        ln_price_format(in, t.last_ticks, last);
        ln_price_format(in, t.bid_ticks, bid);
        ln_price_format(in, t.ask_ticks, ask);
        ln_price_format(
            in, ln_price_ticks_of_e8(in, t.mark_e8, LN_ROUND_NEAREST), mark);
        row(s, "%-14s %14s %14s %14s %14s %s%8.2f%%", in->symbol, last, bid,
            ask, mark, sign_color(t.change_24h_e8),
            100.0 * ln_decimal_to_double(t.change_24h_e8, 8));
        shown++;
    }
    row(s, "");
}

static void
draw_strategies(struct ln_demo *d, struct screen *s,
                const struct ln_host_view *v)
{
    row(s, BOLD "%-16s %-11s %8s %7s %7s %6s %12s %12s", "strategy", "state",
        "events", "orders", "fills", "errors", "fees", "PnL");
    for (int i = 0; i < v->nstrategies; i++) {
        struct ln_strategy_view sv;
        if (!ln_host_strategy_view(d->session.host, i, &sv))
            continue;
        int64_t pnl = sv.realised_e8 + sv.unrealised_e8;
        bool well = sv.state == LN_STRATEGY_RUNNING;
        row(s,
            "%-16s %s%-11s" OFF " %8" PRIu64 " %7" PRIu64 " %7" PRIu64
            " %6" PRIu64 " %12.4f %s%12.4f",
            sv.name, well ? GREEN : YELLOW, ln_strategy_state_name(sv.state),
            sv.events, sv.orders, sv.fills, sv.errors,
            ln_decimal_to_double(sv.fees_e8, 8), sign_color(pnl),
            ln_decimal_to_double(pnl, 8));
    }
    row(s, "");
}

static void
draw_positions(struct ln_demo *d, struct screen *s)
{
    struct ln_position_view p[8];
    size_t n = ln_host_positions(d->session.host, p, 8);
    const struct ln_instruments *reg = ln_host_instruments(d->session.host);
    row(s, BOLD "%-14s %-16s %14s %14s %12s", "position", "strategy", "size",
        "entry", "unrealised");
    for (size_t i = 0; i < n; i++) {
        const struct ln_instrument *in =
            ln_instruments_at(reg, p[i].instrument);
        char size[LN_DECIMAL_CAP];
        ln_size_format(in, p[i].size_lots, size);
        row(s, "%-14s %-16s %14s %14.8g %s%12.4f", in->symbol, p[i].strategy,
            size, ln_decimal_to_double(p[i].entry_e8, 8),
            sign_color(p[i].unrealised_e8),
            ln_decimal_to_double(p[i].unrealised_e8, 8));
    }
    if (n == 0)
        row(s, DIM "none");
    row(s, "");
}

static void
draw_orders(struct ln_demo *d, struct screen *s)
{
    const struct ln_order *o[ORDERS_SHOWN];
    struct ln_host *h = d->session.host;
    const struct ln_instruments *reg = ln_host_instruments(h);
    size_t n = ln_host_orders(h, false, o, ORDERS_SHOWN);
    row(s, BOLD "%-14s %-16s %-5s %-7s %14s %12s %12s %s", "last orders",
        "strategy", "side", "type", "price", "size", "filled", "state");
    for (size_t i = 0; i < n; i++) {
        const struct ln_instrument *in =
            ln_instruments_at(reg, o[i]->req.instrument);
        char price[LN_DECIMAL_CAP], size[LN_DECIMAL_CAP], got[LN_DECIMAL_CAP];
        bool limit = o[i]->req.type == LN_LIMIT;
        ln_price_format(in, o[i]->req.price_ticks, price);
        ln_size_format(in, o[i]->req.size_lots, size);
        ln_size_format(in, o[i]->filled_lots, got);
        row(s, "%-14s %-16s %s%-5s" OFF " %-7s %14s %12s %12s %s", in->symbol,
            ln_host_owner_name(h, o[i]->owner),
            o[i]->req.side == LN_BUY ? GREEN : RED,
            ln_side_name((enum ln_side)o[i]->req.side),
            ln_order_type_name((enum ln_order_type)o[i]->req.type),
            limit ? price : "-", size, got, ln_order_state_name(o[i]->state));
    }
    row(s, "");
}

static void
draw_log(struct ln_demo *d, struct screen *s)
{
    int room = s->rows - s->used - 1;
    unsigned n = d->log_next < DEMO_LOG_LINES ? d->log_next : DEMO_LOG_LINES;
    if (room <= 0)
        return;
    row(s, BOLD "log");
    room--;
    if (n > (unsigned)room)
        n = (unsigned)room;
    for (unsigned i = d->log_next - n; i < d->log_next; i++) {
        const char *line = d->log[i % DEMO_LOG_LINES];
        row(s, "%s%s",
            line[0] == 'E'   ? RED
            : line[0] == 'W' ? YELLOW
                             : DIM,
            line + 1);
    }
}

void
ln_demo_view_draw(void *demo)
{
    struct ln_demo *d = demo;
    struct winsize size = {0};
    struct screen s = {.rows = 40, .cols = 100};
    struct ln_host_view v;
    char clock[LN_TIME_CAP];
    if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row >= ROWS_MIN) {
        s.rows = size.ws_row - 1;
        s.cols = size.ws_col;
    }
    ln_buf_init(&s.out, 1U << 20);
    ln_buf_adds(&s.out, "\033[H");
    ln_host_view(d->session.host, &v);
    ln_time_clock(ln_loop_now_ms(d->session.loop), clock);
    int64_t pnl = v.equity_e8 - v.start_equity_e8;
    row(&s,
        BOLD CYAN "LUNETTE demo" OFF "  %.8s  market x%d  equity " BOLD
                  "%.2f" OFF " (%s%+.4f" OFF ") USDT  %s%s%s  Ctrl-C ends",
        clock, d->speed, ln_decimal_to_double(v.equity_e8, 8), sign_color(pnl),
        ln_decimal_to_double(pnl, 8), v.rest ? "REST " : RED "rest " OFF,
        v.public_up ? "PUBLIC " : RED "public " OFF,
        v.private_up ? "PRIVATE" : RED "private" OFF);
    row(&s, "");
    draw_prices(d, &s);
    draw_strategies(d, &s, &v);
    draw_positions(d, &s);
    draw_orders(d, &s);
    draw_log(d, &s);
    ln_buf_adds(&s.out, "\033[J");
    if (!s.out.failed) {
        fwrite(s.out.data, 1, s.out.len, stdout);
        fflush(stdout);
    }
    ln_buf_deinit(&s.out);
}

void
ln_demo_plain_line(void *demo)
{
    struct ln_demo *d = demo;
    struct ln_host_view v;
    ln_host_view(d->session.host, &v);
    if (!v.ready)
        return;
    ln_info(
        "demo", "equity %.4f, orders %" PRIu64 ", fills %" PRIu64 ", open %d",
        ln_decimal_to_double(v.equity_e8, 8), v.orders, v.fills, v.open_orders);
}
