/*
 * Questions to the control socket's front, without the socket: the answer
 * parsed, and a few situations of the host that several tests want. Include
 * cmocka.h first.
 */
#ifndef LN_TESTS_HOST_CONTROL_FIXTURE_H
#define LN_TESTS_HOST_CONTROL_FIXTURE_H

#include "base/json.h"
#include "host/control.h"
#include "trade/order.h"
#include "unit/host/fake.h"

/* One answer, parsed. */
struct talk {
    struct ln_buf text;
    struct ln_json doc;
    struct ln_log_tail *tail;
};

static inline void
talk_init(struct talk *t)
{
    memset(t, 0, sizeof(*t));
    ln_buf_init(&t->text, 8U << 20);
    ln_json_init(&t->doc);
}

static inline void
talk_deinit(struct talk *t)
{
    ln_log_tail_free(t->tail);
    ln_json_deinit(&t->doc);
    ln_buf_deinit(&t->text);
}

/* Every answer is exactly one JSON object. */
static inline void
ask_bytes(struct talk *t, struct ln_host *host, const char *line, size_t len)
{
    struct ln_error err;
    ln_control_answer(host, t->tail, ln_strn(line, len), &t->text);
    assert_int_equal(ln_json_parse(&t->doc, t->text.data, t->text.len, &err),
                     LN_OK);
    assert_int_equal(ln_json_type(&t->doc, 0), LN_JSON_OBJECT);
    assert_null(memchr(t->text.data, '\n', t->text.len));
}

static inline void
ask(struct talk *t, struct ln_host *host, const char *line)
{
    ask_bytes(t, host, line, strlen(line));
}

static inline ln_json_val
get(const struct talk *t, ln_json_val obj, const char *key)
{
    ln_json_val v = ln_json_get(&t->doc, obj, key);
    assert_int_not_equal(v, LN_JSON_NONE);
    return v;
}

static inline const char *
text(const struct talk *t, ln_json_val v)
{
    static char out[1024];
    if (!ln_json_string(&t->doc, v, out, sizeof(out)))
        ln_str_copy(out, sizeof(out), ln_json_raw(&t->doc, v));
    return out;
}

static inline const char *
error_of(const struct talk *t, const char *key)
{
    return text(t, get(t, get(t, 0, "error"), key));
}

/* The names of an object's members, in order. */
static inline const char *
keys_of(const struct talk *t, ln_json_val obj)
{
    static char out[512];
    size_t n = 0;
    out[0] = 0;
    for (ln_json_val k = ln_json_first(&t->doc, obj); k != LN_JSON_NONE;
         k = ln_json_next(&t->doc, obj, k)) {
        struct ln_str name = {t->doc.text + t->doc.toks[k].start,
                              t->doc.toks[k].len};
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n ? " " : "",
                              LN_STR_ARG(name));
    }
    return out;
}

/* The only strategy of the last answer. */
static inline ln_json_val
strategy(const struct talk *t)
{
    ln_json_val list = get(t, 0, "strategies");
    assert_int_equal(ln_json_count(&t->doc, list), 1);
    return ln_json_at(&t->doc, list, 0);
}

static inline const char *
state_of(struct talk *t, struct fixture *fx)
{
    ask(t, fx->host, "{\"cmd\":\"status\"}");
    return text(t, get(t, strategy(t), "state"));
}

static inline void
submit(struct fixture *fx, uint64_t handle, enum ln_side side,
       enum ln_order_type type, int64_t price, int64_t lots, bool reduce)
{
    struct ln_msg_submit m = {.handle = handle};
    m.req.side = (uint8_t)side;
    m.req.type = (uint8_t)type;
    m.req.tif = LN_GTC;
    m.req.price_ticks = price;
    m.req.size_lots = lots;
    m.req.reduce_only = reduce;
    fake_say(fx, &m.h, LN_MSG_SUBMIT, 0, sizeof(m));
}

/* An order that rests in the book. */
static inline struct fake_call
rest(struct fixture *fx, uint64_t handle, const char *id)
{
    fake_buy(fx, handle, 490000, 10);
    struct fake_call c = *fake_last(fx, "submit");
    fake_result(fx, LN_OP_SUBMIT, c.oid, id, LN_OK, LN_VERDICT_OK);
    fake_order(fx, &c, c.oid, id, LN_ORDER_LIVE, 0);
    return c;
}

/* The strategy holds <lots>. */
static inline void
hold(struct fixture *fx, uint64_t handle, int64_t lots)
{
    fake_buy(fx, handle, 500000, lots);
    struct fake_call c = *fake_last(fx, "submit");
    fake_order(fx, &c, c.oid, "70", LN_ORDER_FILLED, lots);
    fake_fill(fx, c.oid, "70", "first", LN_BUY, 500000, lots);
    fake_net(fx, lots);
}

/* The last submitted order is filled at once. */
static inline void
fill_last(struct fixture *fx, const char *id, const char *trade)
{
    struct fake_call c = *fake_last(fx, "submit");
    fake_result(fx, LN_OP_SUBMIT, c.oid, id, LN_OK, LN_VERDICT_OK);
    fake_order(fx, &c, c.oid, id, LN_ORDER_FILLED, c.req.size_lots);
    fake_fill(fx, c.oid, id, trade, (enum ln_side)c.req.side, 500000,
              c.req.size_lots);
}

#endif
