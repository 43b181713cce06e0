/*
 * What clients say on a WebSocket: ping, login, subscribe, unsubscribe; and
 * the answers, one per argument.
 */
#include "sim/ws.h"

#include "market/timeframe.h"

#include <stdio.h>

#define MESSAGES_MILLI  10000LL /* per 1000 s: ten a second */
#define FRAMES_PER_HOUR 240
#define ARGS_MAX        4096 /* bytes of a frame's arguments */
#define HOUR_MS         3600000
#define SUBS_MAX        1000
#define MESSAGE_MAX     65536
#define WINDOW_MS       30000
#define POLICY          1008 /* WebSocket close code: you broke a rule */

/* {"event":"error","code":..,"msg":..} */
static void
say_error(struct ln_sim_conn *conn, int code, const char *msg)
{
    struct ln_sim *sim = conn->sim;
    struct ln_json_writer w;
    ln_buf_reset(&sim->push);
    ln_jw_init(&w, &sim->push);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "event", "error");
    ln_jw_kint(&w, "code", code);
    ln_jw_kcstr(&w, "msg", msg);
    ln_jw_obj_end(&w);
    ln_sim_conn_send(conn, ln_buf_str(&sim->push));
}

/* ---- login ---- */

/* 10 digits are seconds, 13 milliseconds, as string or number. */
static bool
login_time(struct ln_str text, int64_t *ms)
{
    int64_t v = 0;
    if (text.len != 10 && text.len != 13)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        v = v * 10 + (text.ptr[i] - '0');
    }
    *ms = text.len == 10 ? v * 1000 : v;
    return true;
}

/* 0, or the code of what is wrong with it. */
static int
check_login(const struct ln_sim *sim, const struct ln_json *doc,
            ln_json_val arg, struct ln_sim_user **who, const char **msg)
{
    char want[LN_SIM_SIGN_CAP];
    struct ln_str time_text =
        ln_json_scalar(doc, ln_json_get(doc, arg, "timestamp"));
    struct ln_str parts[] = {time_text, ln_str("GET"), ln_str("/user/verify")};
    int64_t at_ms, now_ms = ln_sim_server_ms(sim);
    *msg = "Invalid ACCESS_KEY";
    struct ln_sim_user *user = ln_sim_user_of_key(
        sim, ln_json_scalar(doc, ln_json_get(doc, arg, "apiKey")));
    if (!user)
        return 30011;
    *msg = "Invalid ACCESS_PASSPHRASE";
    if (!ln_sim_equal(ln_json_scalar(doc, ln_json_get(doc, arg, "passphrase")),
                      ln_str(user->auth.passphrase)))
        return 30012;
    *msg = "Invalid ACCESS_TIMESTAMP";
    if (!login_time(time_text, &at_ms))
        return 30013;
    *msg = "Request timestamp expired";
    if (at_ms < now_ms - WINDOW_MS || at_ms > now_ms + WINDOW_MS)
        return 30014;
    *msg = "Invalid sign";
    if (!ln_sim_sign(user, parts, 3, want))
        return 30015;
    /* base64 may come with an escaped slash */
    char plain[LN_SIM_SIGN_CAP];
    if (!ln_json_string(doc, ln_json_get(doc, arg, "sign"), plain,
                        sizeof(plain)))
        return 30015;
    *who = user;
    return ln_sim_equal(ln_str(plain), ln_str(want)) ? 0 : 30015;
}

static void
login(struct ln_sim_conn *conn, const struct ln_json *doc, ln_json_val args)
{
    struct ln_sim *sim = conn->sim;
    struct ln_json_writer w;
    struct ln_sim_user *user = NULL;
    const char *msg;
    char id[32];
    if (!conn->is_private) {
        say_error(conn, 30003, "login belongs to the private address");
        return;
    }
    int code = check_login(sim, doc, ln_json_at(doc, args, 0), &user, &msg);
    if (code) {
        say_error(conn, code, msg);
        ln_sim_conn_close(conn, POLICY, msg);
        return;
    }
    if (conn->user && conn->user != user) {
        say_error(conn, 30005, "already logged in as somebody else");
        return;
    }
    conn->user = user;
    snprintf(id, sizeof(id), "sim%08llx",
             (unsigned long long)++sim->hub->next_conn);
    ln_buf_reset(&sim->push);
    ln_jw_init(&w, &sim->push);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "event", "login");
    ln_jw_kint(&w, "code", 0);
    ln_jw_kcstr(&w, "connId", id);
    ln_jw_obj_end(&w);
    ln_sim_conn_send(conn, ln_buf_str(&sim->push));
}

/* ---- subscriptions ---- */

/* One argument of a request. */
struct wanted {
    struct ln_str inst_type, channel, inst_id, coin;
    struct ln_sim_topic *topic; /* NULL: acked and silent (another line) */
};

static int
private_channel(struct ln_str name)
{
    for (int i = 0; i < LN_SIM_CH_PRIVATE; i++)
        if (ln_str_eqc(name, ln_sim_private_names[i]))
            return i;
    return -1;
}

static int
public_channel(struct ln_str name)
{
    for (int i = 0; i < LN_SIM_CH_CANDLE; i++)
        if (ln_str_eqc(name, ln_sim_public_names[i]))
            return i;
    if (!ln_str_starts(name, "candle"))
        return -1;
    struct ln_str tail = ln_strn(name.ptr + 6, name.len - 6);
    for (int tf = LN_TF_1M; tf < LN_TF_COUNT; tf++)
        if (ln_str_eqc(tail, ln_timeframe_name((enum ln_timeframe)tf)))
            return LN_SIM_CH_CANDLE + tf;
    return -1;
}

/* The topic of an argument; 0 or the code of the error. */
static int
resolve(struct ln_sim_conn *conn, struct wanted *want)
{
    struct ln_sim *sim = conn->sim;
    int channel = private_channel(want->channel);
    bool own_line = ln_str_eqi(want->inst_type, LN_SIM_PRODUCT);
    if (!own_line && !ln_str_eqi(want->inst_type, "COIN-FUTURES") &&
        !ln_str_eqi(want->inst_type, "USDC-FUTURES") &&
        !ln_str_eqi(want->inst_type, "SPOT"))
        return 30001;
    if (channel >= 0) {
        if (!conn->user)
            return 30004;
        struct ln_str which = want->coin.len > 0 ? want->coin : want->inst_id;
        bool all = which.len == 0 ? channel == LN_SIM_CH_EQUITY ||
                                        channel == LN_SIM_CH_ACCOUNT
                                  : ln_str_eqi(which, "default") ||
                                        (channel == LN_SIM_CH_ACCOUNT &&
                                         ln_str_eqi(which, LN_SIM_COIN));
        want->topic = all && own_line ? &conn->user->topics[channel] : NULL;
        return all ? 0 : 30001;
    }
    channel = public_channel(want->channel);
    if (channel < 0)
        return 30016;
    if (conn->is_private)
        return 30001;
    uint16_t inst =
        ln_instruments_find(ln_ex_instruments(sim->ex), want->inst_id);
    if (inst == LN_INSTRUMENT_NONE)
        return 30001;
    want->topic = own_line ? ln_sim_topic(sim, inst, channel) : NULL;
    return 0;
}

static void
echo_arg(struct ln_json_writer *w, const struct wanted *want)
{
    ln_jw_key(w, "arg");
    ln_jw_obj(w);
    ln_jw_kstr(w, "instType", want->inst_type);
    ln_jw_kstr(w, "channel", want->channel);
    if (want->coin.len > 0)
        ln_jw_kstr(w, "coin", want->coin);
    if (want->inst_id.len > 0)
        ln_jw_kstr(w, "instId", want->inst_id);
    if (want->inst_id.len == 0 && ln_str_eqc(want->channel, "equity"))
        ln_jw_kcstr(w, "instId", "default");
    ln_jw_obj_end(w);
}

/* Bytes of a client's text that are repeated to it. */
static int
shown(struct ln_str s)
{
    return (int)(s.len < 32 ? s.len : 32);
}

static void
answer_arg(struct ln_sim_conn *conn, const char *op, const struct wanted *want,
           int code)
{
    struct ln_sim *sim = conn->sim;
    struct ln_json_writer w;
    char msg[256] = "Param error";
    ln_buf_reset(&sim->push);
    ln_jw_init(&w, &sim->push);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "event", code ? "error" : op);
    echo_arg(&w, want);
    if (code) {
        if (code == 30001)
            snprintf(msg, sizeof(msg),
                     "instType:%.*s,channel:%.*s,instId:%.*s,precision:null "
                     "doesn't exist",
                     shown(want->inst_type), want->inst_type.ptr,
                     shown(want->channel), want->channel.ptr,
                     shown(want->inst_id), want->inst_id.ptr);
        else if (code == 30004)
            snprintf(msg, sizeof(msg),
                     "User not logged in/User must be logged in");
        else if (code == 30007)
            snprintf(msg, sizeof(msg), "more than %d channels", SUBS_MAX);
        ln_jw_kint(&w, "code", code);
        ln_jw_kcstr(&w, "msg", msg);
        ln_jw_kcstr(&w, "op", op);
    }
    ln_jw_obj_end(&w);
    ln_sim_conn_send(conn, ln_buf_str(&sim->push));
}

static struct wanted
read_arg(const struct ln_json *doc, ln_json_val v)
{
    return (struct wanted){
        .inst_type = ln_json_scalar(doc, ln_json_get(doc, v, "instType")),
        .channel = ln_json_scalar(doc, ln_json_get(doc, v, "channel")),
        .inst_id = ln_json_scalar(doc, ln_json_get(doc, v, "instId")),
        .coin = ln_json_scalar(doc, ln_json_get(doc, v, "coin"))};
}

static void
subscribe_one(struct ln_sim_conn *conn, struct wanted *want)
{
    struct ln_sim *sim = conn->sim;
    int code = resolve(conn, want);
    if (!code && conn->nsubs + conn->silent >= SUBS_MAX)
        code = 30007;
    if (!code && want->topic && !ln_sim_topic_add(want->topic, conn))
        code = 30007;
    answer_arg(conn, "subscribe", want, code);
    if (code == 30007)
        ln_sim_conn_close(conn, POLICY, "too many channels");
    if (code)
        return;
    if (!want->topic) {
        conn->silent++;
        return;
    }
    if (want->topic->inst == LN_INSTRUMENT_NONE)
        ln_sim_private_greet(sim, want->topic, conn);
    else
        ln_sim_feed_greet(sim, want->topic, conn);
}

static void
unsubscribe_one(struct ln_sim_conn *conn, struct wanted *want)
{
    int code = resolve(conn, want);
    if (!code && want->topic)
        ln_sim_topic_remove(want->topic, conn);
    else if (!code && conn->silent > 0)
        conn->silent--;
    answer_arg(conn, "unsubscribe", want, code);
}

/* 240 subscribe frames an hour, 4096 bytes of arguments each; false: refused.
 */
static bool
frame_allowed(struct ln_sim_conn *conn, size_t bytes)
{
    int64_t now_ms = ln_sim_loop_ms(conn->sim);
    if (!conn->sim->limits)
        return true;
    if (bytes > ARGS_MAX) {
        say_error(conn, 30016, "Param error: args of more than 4096 bytes");
        return false;
    }
    if (now_ms - conn->hour_ms >= HOUR_MS) {
        conn->hour_ms = now_ms;
        conn->subscribe_frames = 0;
    }
    if (++conn->subscribe_frames <= FRAMES_PER_HOUR)
        return true;
    say_error(conn, 30006, "Too many requests");
    return false;
}

/* Of the arguments' text, from the bracket to the last scalar. */
static size_t
args_bytes(const struct ln_json *doc, ln_json_val args)
{
    const struct ln_json_tok *list = &doc->toks[args];
    const struct ln_json_tok *last = &doc->toks[list->next - 1];
    return last->start + last->len - list->start;
}

/* ---- one message ---- */

static void
unrecognised(struct ln_sim_conn *conn, struct ln_str text)
{
    char msg[160];
    snprintf(msg, sizeof(msg), "Unrecognized request: %.*s",
             (int)(text.len < 100 ? text.len : 100), text.ptr);
    say_error(conn, 30002, msg);
}

static void
request(struct ln_sim_conn *conn, struct ln_str text)
{
    struct ln_json *doc = &conn->sim->hub->doc;
    if (text.len > MESSAGE_MAX ||
        ln_json_parse(doc, text.ptr, text.len, NULL) != LN_OK ||
        ln_json_type(doc, 0) != LN_JSON_OBJECT) {
        unrecognised(conn, text);
        return;
    }
    struct ln_str op = ln_json_scalar(doc, ln_json_get(doc, 0, "op"));
    ln_json_val args = ln_json_get(doc, 0, "args");
    bool subscribe = ln_str_eqc(op, "subscribe");
    if (op.len == 0 || ln_json_type(doc, args) != LN_JSON_ARRAY) {
        unrecognised(conn, text);
        return;
    }
    if (ln_str_eqc(op, "login")) {
        login(conn, doc, args);
        return;
    }
    if (ln_str_eqc(op, "trade")) {
        ln_sim_ws_trade(conn, doc, args);
        return;
    }
    if (!subscribe && !ln_str_eqc(op, "unsubscribe")) {
        say_error(conn, 30003, "Invalid op");
        return;
    }
    if (subscribe && !frame_allowed(conn, args_bytes(doc, args)))
        return;
    for (ln_json_val v = ln_json_first(doc, args);
         v != LN_JSON_NONE && !conn->closing; v = ln_json_next(doc, args, v)) {
        struct wanted want = read_arg(doc, v);
        if (subscribe)
            subscribe_one(conn, &want);
        else
            unsubscribe_one(conn, &want);
    }
}

void
ln_sim_ws_message(struct ln_sim_conn *conn, struct ln_str text)
{
    struct ln_sim *sim = conn->sim;
    int64_t left;
    if (sim->limits && !ln_sim_bucket_take(&conn->messages, MESSAGES_MILLI,
                                           ln_sim_loop_ms(sim), &left)) {
        ln_sim_conn_close(conn, POLICY, "more than 10 messages a second");
        return;
    }
    if (ln_str_eqc(text, "ping")) {
        conn->last_ping_ms = ln_sim_loop_ms(sim);
        ln_sim_conn_send(conn, ln_str("pong"));
        return;
    }
    conn->idle_since_ms = ln_sim_loop_ms(sim);
    request(conn, text);
}
