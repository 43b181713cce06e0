/*
 * Bills: every movement of an account's money, with the balance after it. A
 * balance changes here and nowhere else, so the bills always add up to it.
 * See ledger.h.
 */
#include "base/assert.h"
#include "exchange/money_int.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS 32

void *
ln_ex_ring_push(struct ln_ex_ring *r, uint32_t max, size_t item_size)
{
    if (r->count == r->cap && r->cap < max) {
        uint32_t cap = r->cap ? r->cap * 2 : FIRST_ITEMS;
        /* It has never wrapped before its largest size: first is 0. */
        if (!ln_ex_grow(&r->items, &r->cap, cap < max ? cap : max, item_size))
            return NULL;
    }
    if (r->count == r->cap) {
        r->first = (r->first + 1) % r->cap;
        r->count--;
    }
    uint32_t at = (r->first + r->count++) % r->cap;
    return (char *)r->items + at * item_size;
}

const void *
ln_ex_ring_newest(const struct ln_ex_ring *r, uint32_t i, size_t item_size)
{
    uint32_t at = (r->first + r->count - 1 - i) % r->cap;
    return (const char *)r->items + at * item_size;
}

bool
ln_ex_accounting_start(struct ln_ex_client *c)
{
    c->books = calloc(1, sizeof(*c->books));
    return c->books != NULL;
}

void
ln_ex_accounting_free(struct ln_ex_accounting *books)
{
    if (!books)
        return;
    free(books->bills.items);
    free(books->closed.items);
    free(books);
}

const char *
ln_ex_bill_name(enum ln_ex_bill_kind kind)
{
    static const char *const names[LN_BILL_KINDS] = {
        [LN_BILL_DEPOSIT] = "trans_from_exchange",
        [LN_BILL_OPEN_LONG] = "open_long",
        [LN_BILL_OPEN_SHORT] = "open_short",
        [LN_BILL_CLOSE_LONG] = "close_long",
        [LN_BILL_CLOSE_SHORT] = "close_short",
        [LN_BILL_BUY] = "buy",
        [LN_BILL_SELL] = "sell",
        [LN_BILL_FORCE_CLOSE_LONG] = "force_close_long",
        [LN_BILL_FORCE_CLOSE_SHORT] = "force_close_short",
        [LN_BILL_FORCE_BUY] = "force_buy",
        [LN_BILL_FORCE_SELL] = "force_sell",
        [LN_BILL_BURST_LONG] = "burst_long_loss_query",
        [LN_BILL_BURST_SHORT] = "burst_short_loss_query",
        [LN_BILL_BURST_BUY] = "burst_buy",
        [LN_BILL_BURST_SELL] = "burst_sell",
        [LN_BILL_ADL_LONG] = "adl_close_long",
        [LN_BILL_ADL_SHORT] = "adl_close_short",
        [LN_BILL_ADL_BUY] = "adl_buy_in_single_side_mode",
        [LN_BILL_ADL_SELL] = "adl_sell_in_single_side_mode",
        [LN_BILL_FUNDING] = "contract_settle_fee",
        [LN_BILL_APPEND_MARGIN] = "append_margin",
        [LN_BILL_REDUCE_MARGIN] = "reduce_margin",
        [LN_BILL_AUTO_APPEND_MARGIN] = "auto_append_margin",
        [LN_BILL_LEVER_APPEND_MARGIN] = "adjust_down_lever_append_margin",
        /* Bitget's own spelling. */
        [LN_BILL_INSURANCE] = "risk_captital_user_transfer",
    };
    size_t i = (size_t)kind;
    return i < LN_COUNT(names) && names[i] ? names[i] : "unknown";
}

bool
ln_ex_bill_moves(enum ln_ex_bill_kind kind)
{
    return kind != LN_BILL_APPEND_MARGIN && kind != LN_BILL_REDUCE_MARGIN &&
           kind != LN_BILL_AUTO_APPEND_MARGIN &&
           kind != LN_BILL_LEVER_APPEND_MARGIN;
}

/* One-way names say what was bought or sold, hedge names which position. */
static enum ln_ex_bill_kind
choose(bool one_way, int which, enum ln_ex_bill_kind closes_long,
       enum ln_ex_bill_kind closes_short, enum ln_ex_bill_kind buys,
       enum ln_ex_bill_kind sells)
{
    if (one_way)
        return which == 0 ? sells : buys;
    return which == 0 ? closes_long : closes_short;
}

enum ln_ex_bill_kind
ln_ex_bill_kind_of(const struct ln_ex_client *c, uint8_t source, int which,
                   bool closing)
{
    bool one_way = c->pos_mode == LN_ONE_WAY;
    if (!closing)
        return one_way ? (which == 0 ? LN_BILL_BUY : LN_BILL_SELL)
                       : (which == 0 ? LN_BILL_OPEN_LONG : LN_BILL_OPEN_SHORT);
    switch (source) {
    case LN_EXS_REDUCE:
    case LN_EXS_OFFSET:
        return choose(one_way, which, LN_BILL_FORCE_CLOSE_LONG,
                      LN_BILL_FORCE_CLOSE_SHORT, LN_BILL_FORCE_BUY,
                      LN_BILL_FORCE_SELL);
    case LN_EXS_BURST:
        return choose(one_way, which, LN_BILL_BURST_LONG, LN_BILL_BURST_SHORT,
                      LN_BILL_BURST_BUY, LN_BILL_BURST_SELL);
    case LN_EXS_ADL:
        return choose(one_way, which, LN_BILL_ADL_LONG, LN_BILL_ADL_SHORT,
                      LN_BILL_ADL_BUY, LN_BILL_ADL_SELL);
    default:
        return choose(one_way, which, LN_BILL_CLOSE_LONG, LN_BILL_CLOSE_SHORT,
                      LN_BILL_BUY, LN_BILL_SELL);
    }
}

void
ln_ex_bill_add(struct ln_ex *ex, struct ln_ex_client *c,
               enum ln_ex_bill_kind kind, uint16_t inst, int64_t amount_e8,
               int64_t fee_e8, int64_t order_id)
{
    struct ln_ex_accounting *books = c->books;
    int64_t moved = fee_e8 + (ln_ex_bill_moves(kind) ? amount_e8 : 0);
    c->balance_e8 += moved;
    books->moved_e8 += moved;
    books->written++;
    struct ln_ex_bill *b =
        ln_ex_ring_push(&books->bills, LN_EX_BILLS_MAX, sizeof(*b));
    if (!b) {
        books->lost++; /* the money has moved all the same */
        return;
    }
    *b = (struct ln_ex_bill){.id = ex->next_bill_id++,
                             .instrument = inst,
                             .kind = (uint8_t)kind,
                             .amount_e8 = amount_e8,
                             .fee_e8 = fee_e8,
                             .balance_e8 = c->balance_e8,
                             .order_id = order_id,
                             .time_ms = ex->now_ms};
}

size_t
ln_ex_bills(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
            enum ln_ex_bill_kind kind, int64_t before_id,
            struct ln_ex_bill *out, size_t cap)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t n = 0;
    if (!c)
        return 0;
    const struct ln_ex_ring *r = &c->books->bills;
    for (uint32_t i = 0; i < r->count && n < cap; i++) {
        const struct ln_ex_bill *b = ln_ex_ring_newest(r, i, sizeof(*b));
        bool wanted = (inst == LN_INSTRUMENT_NONE || inst == b->instrument) &&
                      (kind == 0 || kind == b->kind) &&
                      (before_id == 0 || b->id < before_id);
        if (wanted)
            out[n++] = *b;
    }
    return n;
}
