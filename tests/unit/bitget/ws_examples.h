/*
 * Shared by the tests of decode_ws.c, decode_market.c and decode_private.c:
 * the file of examples, and the walk over it. Each test has a table of
 * checks; together they must cover every frame of the file.
 */
#ifndef LN_TEST_BITGET_WS_EXAMPLES_H
#define LN_TEST_BITGET_WS_EXAMPLES_H

#include "examples.h"

#include "bitget/v2/decode_ws.h"
#include "bitget/v2/encode.h"

static struct ln_instruments reg;
static struct ln_buf file;
static struct ln_json examples;
static struct ln_v2_decoder dec;

static inline const struct ln_instrument *
btc(void)
{
    return ln_instruments_at(&reg, 0);
}

/* One decoded example. */
static inline struct ln_v2_message
decode(struct ln_str text)
{
    struct ln_v2_message m;
    struct ln_error err = {0};
    if (ln_v2_decode(&dec, text.ptr, text.len, &m, &err))
        fail_msg("%s (%s): %.*s", err.what, err.where, (int)text.len, text.ptr);
    return m;
}

static inline void
is(struct ln_str got, const char *want)
{
    if (!ln_str_eqc(got, want))
        fail_msg("'%.*s' is not '%s'", (int)got.len, got.ptr, want);
}

static inline void
is_push(const struct ln_v2_message *m, enum ln_v2_channel kind, uint32_t rows,
        bool snapshot, int64_t ts)
{
    assert_int_equal(m->kind, LN_V2_DATA);
    assert_int_equal(m->arg.kind, kind);
    is(m->arg.inst_type, "USDT-FUTURES");
    assert_int_equal(m->rows, rows);
    assert_int_equal(m->snapshot, snapshot);
    assert_int_equal(m->ts_ms, ts);
}

#define ARG(channel)                                                           \
    "\"arg\":{\"instType\":\"USDT-FUTURES\",\"channel\":\"" channel            \
    "\",\"instId\":\"BTCUSDT\"}"

/* What one frame of the file must decode to. */
struct example_check {
    const char *entry, *member;
    void (*check)(const struct ln_v2_message *m);
};

/* Text of any value of the file, containers included. */
static inline struct ln_str
text_of(ln_json_val v)
{
    const struct ln_json_tok *tok = &examples.toks[v];
    return ln_strn(examples.text + tok->start, tok->len);
}

/* An acknowledgement repeats the arg of the entry's own subscription. */
static inline void
check_ack(struct ln_str entry, ln_json_val frame)
{
    struct ln_v2_message m = decode(text_of(frame));
    ln_json_val arg = ln_json_get(&examples, frame, "arg");

    assert_int_equal(m.kind, ln_str_eqc(entry, "unsubscribe")
                                 ? LN_V2_UNSUBSCRIBED
                                 : LN_V2_SUBSCRIBED);
    assert_true(m.has_arg);
    assert_true(m.arg.kind != LN_V2_CH_NONE);
    assert_true(ln_str_eq(
        m.arg.channel,
        ln_json_scalar(&examples, ln_json_get(&examples, arg, "channel"))));
    assert_true(ln_str_eq(
        m.arg.inst_id,
        ln_json_scalar(&examples, ln_json_get(&examples, arg, "instId"))));
    assert_true(ln_str_eq(
        m.arg.coin,
        ln_json_scalar(&examples, ln_json_get(&examples, arg, "coin"))));
}

/* Our encoder writes the subscription of the example, byte for byte. */
static inline void
check_request(ln_json_val frame)
{
    ln_json_val args = ln_json_get(&examples, frame, "args");
    char texts[8][3][32] = {{{0}}};
    struct ln_v2_topic topics[8];
    struct ln_str op =
        ln_json_scalar(&examples, ln_json_get(&examples, frame, "op"));
    struct ln_buf out;
    char op_text[16];
    size_t n = 0;

    for (ln_json_val a = ln_json_first(&examples, args); a != LN_JSON_NONE;
         a = ln_json_next(&examples, args, a), n++) {
        bool coin = ln_json_get(&examples, a, "coin") != LN_JSON_NONE;
        bool id = ln_json_get(&examples, a, "instId") != LN_JSON_NONE;
        const char *key = coin ? "coin" : id ? "instId" : NULL;
        ln_str_copy(
            texts[n][0], 32,
            ln_json_scalar(&examples, ln_json_get(&examples, a, "instType")));
        ln_str_copy(
            texts[n][1], 32,
            ln_json_scalar(&examples, ln_json_get(&examples, a, "channel")));
        if (key)
            ln_str_copy(
                texts[n][2], 32,
                ln_json_scalar(&examples, ln_json_get(&examples, a, key)));
        topics[n] =
            (struct ln_v2_topic){texts[n][0], texts[n][1], key, texts[n][2]};
    }
    ln_str_copy(op_text, sizeof op_text, op);
    ln_buf_init(&out, 4096);
    assert_int_equal(ln_v2_encode_topics(&out, op_text, topics, n), n);
    is(text_of(frame), out.data);
    ln_buf_deinit(&out);
}

/* Who has to check an entry. */
enum example_part { PART_ENVELOPE, PART_MARKET, PART_PRIVATE };

static inline enum example_part
part_of(struct ln_str entry)
{
    static const char *const market[] = {
        "ticker", "candle1m", "trade",  "books", "books_legacy_checksum",
        "books1", "books5",   "books15"};
    static const char *const private[] = {
        "account", "equity", "positions",   "positions-history",
        "fill",    "orders", "orders-algo", "adl-noti"};

    for (size_t i = 0; i < sizeof market / sizeof market[0]; i++) {
        if (ln_str_eqc(entry, market[i]))
            return PART_MARKET;
    }
    for (size_t i = 0; i < sizeof private / sizeof private[0]; i++) {
        if (ln_str_eqc(entry, private[i]))
            return PART_PRIVATE;
    }
    return PART_ENVELOPE; /* also whatever is new in the file */
}

static inline bool
run_check(const struct example_check *checks, size_t count, struct ln_str entry,
          struct ln_str member, ln_json_val frame)
{
    for (size_t i = 0; i < count; i++) {
        if (ln_str_eqc(entry, checks[i].entry) &&
            ln_str_eqc(member, checks[i].member)) {
            struct ln_v2_message m = decode(text_of(frame));
            checks[i].check(&m);
            return true;
        }
    }
    return false;
}

/* Frames that every entry has: requests and confirmations. False: others. */
static inline bool
check_common(struct ln_str entry, struct ln_str name, ln_json_val v)
{
    bool subscription =
        ln_str_eqc(name, "subscribe") ||
        (ln_str_eqc(name, "request") && (ln_str_starts(entry, "subscribe") ||
                                         ln_str_eqc(entry, "unsubscribe")));

    if (ln_str_eqc(name, "_notes") ||
        ln_json_type(&examples, v) == LN_JSON_NULL)
        return true;
    if (subscription) {
        check_request(v);
        return true;
    }
    if (ln_str_eqc(name, "ack")) {
        check_ack(entry, v);
        return true;
    }
    if (ln_str_eqc(name, "acks")) {
        for (ln_json_val a = ln_json_first(&examples, v); a != LN_JSON_NONE;
             a = ln_json_next(&examples, v, a))
            check_ack(entry, a);
        return true;
    }
    /* What only the client says is not decoded; it must not hurt either. */
    if (ln_str_starts(name, "request")) {
        if (!ln_str_eqc(entry, "ping")) {
            struct ln_v2_message m = decode(text_of(v));
            assert_int_equal(m.kind, LN_V2_OTHER);
        }
        return true;
    }
    return false;
}

/* Every frame of this part is checked, and every check is used. */
static inline void
check_examples(enum example_part part, const struct example_check *checks,
               size_t count)
{
    size_t done = 0;

    for (ln_json_val k = ln_json_first(&examples, 0); k != LN_JSON_NONE;
         k = ln_json_next(&examples, 0, k)) {
        struct ln_str entry = ln_json_raw(&examples, k);
        if (ln_str_eqc(entry, "_notes") || part_of(entry) != part)
            continue;
        for (ln_json_val m = ln_json_first(&examples, k + 1); m != LN_JSON_NONE;
             m = ln_json_next(&examples, k + 1, m)) {
            struct ln_str name = ln_json_raw(&examples, m);
            if (check_common(entry, name, m + 1))
                continue;
            if (!run_check(checks, count, entry, name, m + 1))
                fail_msg("the example %.*s/%.*s has no check", (int)entry.len,
                         entry.ptr, (int)name.len, name.ptr);
            done++;
        }
    }
    assert_int_equal(done, count);
}

static inline int
setup(void **state)
{
    struct ln_error err = {0};

    (void)state;
    example_registry(&reg);
    ln_v2_decoder_init(&dec);
    ln_json_init(&examples);
    ln_buf_init(&file, 1U << 20);
    if (ln_buf_read_file(&file, LN_TEST_DATA "/bitget/websocket-examples.json",
                         &err) ||
        ln_json_parse(&examples, file.data, file.len, &err)) {
        print_error("%s (%s)\n", err.what, err.where);
        return 1;
    }
    return 0;
}

static inline int
teardown(void **state)
{
    (void)state;
    ln_json_deinit(&examples);
    ln_buf_deinit(&file);
    ln_v2_decoder_deinit(&dec);
    ln_instruments_deinit(&reg);
    return 0;
}

#endif
