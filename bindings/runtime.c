/*
 * The runtime's life: made, loaded by HELLO, fed with messages, freed. What
 * a message changes is taken over here first; then the callback is called.
 */
#include "bindings/runtime_int.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- new and free ---- */

static int
open_all(lua_State *L)
{
    open_sandbox(L);
    open_require(L);
    open_strategy(L);
    open_views(L);
    open_orders(L);
    open_trade(L);
    open_market(L);
    open_api(L);
    open_timers(L);
    open_say(L);
    lua_newtable(L);
    lua_setglobal(L, "state");
    return 0;
}

/* Strings that fields are made of stay in memory, so that reading a field
 * finds them there and allocates nothing. */
static int
anchor(lua_State *L)
{
    const char *text = lua_touserdata(L, 1);
    lua_pushstring(L, text);
    luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static void
anchor_string(struct ln_runtime *rt, const char *text)
{
    lua_pushcfunction(rt->L, anchor);
    lua_pushlightuserdata(rt->L, (void *)(uintptr_t)text);
    if (lua_pcall(rt->L, 1, 0, 0) != LUA_OK)
        lua_settop(rt->L, 0); /* then it costs an allocation now and then */
}

static void
anchor_words(struct ln_runtime *rt)
{
    for (int i = LN_TF_NONE + 1; i < LN_TF_COUNT; i++)
        anchor_string(rt, ln_timeframe_name((enum ln_timeframe)i));
    for (int i = LN_ORDER_PLANNED; i <= LN_ORDER_EXPIRED; i++)
        anchor_string(rt, ln_order_state_name((enum ln_order_state)i));
    static const char *const words[] = {
        "buy",  "sell",  "limit", "market", "maker",   "taker",
        "long", "short", "flat",  "net",    "crossed", "isolated"};
    for (size_t i = 0; i < LN_COUNT(words); i++)
        anchor_string(rt, words[i]);
}

struct ln_runtime *
ln_runtime_new(const struct ln_runtime_opts *opts, struct ln_error *err)
{
    struct ln_runtime *rt = calloc(1, sizeof(*rt));
    if (!rt)
        goto nomem;
    rt->opts = *opts;
    rt->heap.limit = MEMORY_BYTES;
    ln_instruments_init(&rt->instruments);
    ln_json_init(&rt->params);
    ln_json_init(&rt->doc);
    ln_buf_init(&rt->scratch, 2U << 20);
    for (int i = 0; i < CALLBACKS; i++)
        rt->callback_refs[i] = LUA_NOREF;
    rt->scripts_dir = strdup(opts->scripts_dir ? opts->scripts_dir : ".");
    rt->L = lua_newstate(heap_alloc, &rt->heap);
    if (!rt->scripts_dir || !rt->L)
        goto nomem;
    *(struct ln_runtime **)lua_getextraspace(rt->L) = rt;
    rt->heap.rt = rt;
    rt->running = rt->L;
    /* Collect early: what is refused at the limit should not be garbage. */
    lua_gc(rt->L, LUA_GCINC, 150, 0, 0);
    lua_pushcfunction(rt->L, open_all);
    if (lua_pcall(rt->L, 0, 0, 0) != LUA_OK)
        goto nomem;
    anchor_words(rt);
    return rt;
nomem:
    ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for a Lua state");
    ln_runtime_free(rt);
    return NULL;
}

void
ln_runtime_free(struct ln_runtime *rt)
{
    if (!rt)
        return;
    if (rt->L) {
        rt->heap.rt = NULL;
        lua_sethook(rt->L, NULL, 0, 0);
        lua_close(rt->L);
    }
    for (uint32_t i = 0; i < rt->nmarket; i++) {
        free(rt->market[i].book);
        free(rt->market[i].position);
    }
    for (uint32_t i = 0; i < rt->nstreams; i++)
        free(rt->streams[i].items);
    for (int i = 0; i < rt->ntasks; i++)
        free(rt->tasks[i]);
    free(rt->market);
    free(rt->streams);
    free(rt->open);
    free(rt->timers);
    free(rt->scripts_dir);
    ln_instruments_deinit(&rt->instruments);
    ln_json_deinit(&rt->params);
    ln_json_deinit(&rt->doc);
    ln_buf_deinit(&rt->scratch);
    free(rt);
}

static void
give_up(struct ln_runtime *rt, const char *why)
{
    rt->ended = true;
    if (!rt->end_why[0])
        snprintf(rt->end_why, sizeof(rt->end_why), "%s", why);
}

const char *
ln_runtime_why_ended(const struct ln_runtime *rt)
{
    return rt->end_why;
}

/* ---- HELLO ---- */

/* on_candel: not called by anybody, so it is a mistake. */
static void
check_callback_name(lua_State *L, const char *name)
{
    static const char *const later[] = {"on_save", "on_reload"};
    const char *names[CALLBACKS + 2];
    for (size_t i = 0; i < CALLBACKS; i++)
        names[i] = callback_names[i];
    names[CALLBACKS] = later[0];
    names[CALLBACKS + 1] = later[1];
    for (size_t i = 0; i < LN_COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return;
    unknown_name(L, "Lunette", name, names, LN_COUNT(names));
}

static void
check_callback_names(lua_State *L)
{
    lua_pushglobaltable(L);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -2) == LUA_TSTRING && lua_isfunction(L, -1) &&
            strncmp(lua_tostring(L, -2), "on_", 3) == 0)
            check_callback_name(L, lua_tostring(L, -2));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void
take_callbacks(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    lua_pushglobaltable(L);
    for (int i = 0; i < CALLBACKS; i++) {
        lua_pushstring(L, callback_names[i]);
        int type = lua_rawget(L, -2);
        if (type == LUA_TFUNCTION) {
            rt->callback_refs[i] = luaL_ref(L, LUA_REGISTRYINDEX);
            rt->callbacks |= 1U << i;
            continue;
        }
        if (type != LUA_TNIL)
            luaL_error(L, "%s is a %s; a callback is a function",
                       callback_names[i], luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* sizing is there without require, as trade and market are. */
static void
open_sizing(lua_State *L)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "sizing");
    lua_call(L, 1, 1);
    lua_setglobal(L, "sizing");
}

static int
load_body(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    const char *path = lua_touserdata(L, 1);
    const char *slash = strrchr(path, '/');
    snprintf(rt->script_dir, sizeof(rt->script_dir), "%.*s",
             slash ? (int)(slash - path) : 1, slash ? path : ".");
    open_sizing(L);
    lua_settop(L, 1);
    call_loader(L);
    if (!rt->declared)
        luaL_error(L, "the script never calls strategy{...}, which says what "
                      "it trades");
    check_callback_names(L);
    take_callbacks(L);
    return 0;
}

static void
say_ready(struct ln_runtime *rt)
{
    struct ln_msg_ready m;
    memset(&m, 0, sizeof(m));
    m.version = LN_PORT_VERSION;
    m.callbacks = rt->callbacks;
    m.timeframe = (uint8_t)rt->timeframe;
    m.warmup = rt->warmup;
    m.nsymbols = rt->nsymbols;
    memcpy(m.symbols, rt->symbols, sizeof(m.symbols));
    say(rt, &m.h, LN_MSG_READY, LN_INSTRUMENT_NONE, sizeof(m));
}

static void
say_failed(struct ln_runtime *rt, struct ln_msg_error *m)
{
    m->fatal = true;
    say(rt, &m->h, LN_MSG_FAILED, LN_INSTRUMENT_NONE, sizeof(*m));
    give_up(rt, "the script does not load");
}

static bool
parse_params(struct ln_runtime *rt, const char *json, struct ln_msg_error *m)
{
    if (!*json)
        json = "{}";
    if (ln_json_parse(&rt->params, json, strlen(json), NULL) == LN_OK &&
        ln_json_type(&rt->params, 0) == LN_JSON_OBJECT)
        return true;
    ln_str_copy(m->message, sizeof(m->message),
                ln_str("the parameters are no JSON object"));
    return false;
}

static void
on_hello(struct ln_runtime *rt, const struct ln_msg_hello *hello)
{
    struct ln_msg_error m;
    const char *script = ln_msg_tail(hello, sizeof(*hello));
    memset(&m, 0, sizeof(m));
    if (rt->loaded)
        return;
    rt->loaded = true;
    if (hello->version != LN_PORT_VERSION) {
        snprintf(m.message, sizeof(m.message),
                 "the host speaks version %u of the protocol, this program %u",
                 hello->version, LN_PORT_VERSION);
        say_failed(rt, &m);
        return;
    }
    ln_rng_seed(&rt->rng, hello->seed);
    rt->start_ms = hello->h.now_ms;
    rt->pos_mode = hello->pos_mode;
    rt->callback_budget_ms =
        hello->budget_ms > 0 ? hello->budget_ms : BUDGET_MS;
    if (hello->memory_bytes > 0)
        rt->heap.limit = hello->memory_bytes;
    if (!parse_params(rt, script + strlen(script) + 1, &m)) {
        say_failed(rt, &m);
        return;
    }
    int64_t budget = rt->callback_budget_ms > LOAD_BUDGET_MS
                         ? rt->callback_budget_ms
                         : LOAD_BUDGET_MS;
    rt->loading = true;
    bool ok =
        enter_protected(rt, load_body, (void *)(uintptr_t)script, budget, &m);
    rt->loading = false;
    if (!ok) {
        say_failed(rt, &m);
        return;
    }
    if (rt->opts.loaded)
        rt->opts.loaded(rt->opts.ctx);
    say_ready(rt);
}

/* ---- INSTRUMENT ---- */

static void
on_instrument(struct ln_runtime *rt, const struct ln_msg_instrument *m)
{
    uint16_t index;
    if (ln_instruments_put(&rt->instruments, &m->instrument, &index) != LN_OK ||
        index != m->h.instrument) {
        give_up(rt, "the host numbers its instruments wrongly");
        return;
    }
    if (index < rt->nmarket)
        return;
    struct market *p = realloc(rt->market, (index + 1U) * sizeof(*p));
    if (!p) {
        give_up(rt, "no memory for the instruments");
        return;
    }
    memset(&p[index], 0, sizeof(*p));
    rt->market = p;
    rt->nmarket = index + 1U;
    anchor_string(rt, m->instrument.symbol);
}

/* ---- arguments of callbacks ---- */

static int
push_event(lua_State *L)
{
    static const enum view kinds[LN_MSG_HOST_END] = {
        [LN_MSG_TICKER] = VIEW_TICKER,     [LN_MSG_CANDLE] = VIEW_CANDLE,
        [LN_MSG_TRADE] = VIEW_TRADE,       [LN_MSG_BOOK] = VIEW_BOOK,
        [LN_MSG_ORDER] = VIEW_ORDER,       [LN_MSG_FILL] = VIEW_FILL,
        [LN_MSG_POSITION] = VIEW_POSITION, [LN_MSG_ACCOUNT] = VIEW_ACCOUNT,
        [LN_MSG_FUNDING] = VIEW_FUNDING,
    };
    const struct ln_msg *m = runtime_of(L)->event;
    enum view kind = kinds[m->type];
    push_view(L, kind, kind == VIEW_ACCOUNT ? 0 : m->instrument);
    return 1;
}

static int
push_connection(lua_State *L)
{
    const struct ln_msg_connection *m = (const void *)runtime_of(L)->event;
    lua_pushboolean(L, m->up);
    lua_pushstring(L, m->what);
    return 2;
}

static int
push_reason(lua_State *L)
{
    const struct ln_msg_stop *m = (const void *)runtime_of(L)->event;
    lua_pushstring(L, m->reason);
    return 1;
}

/* ---- events ---- */

static void
on_book(struct ln_runtime *rt, const struct ln_msg_book *m)
{
    struct market *k = market_at(rt, m->h.instrument);
    if (!k->book)
        k->book = malloc(sizeof(*k->book));
    if (!k->book) {
        give_up(rt, "no memory for a book");
        return;
    }
    *k->book = *m;
    enter_callback(rt, CALL_BOOK, push_event);
}

static void
on_position(struct ln_runtime *rt, const struct ln_msg_position *m)
{
    struct market *k = market_at(rt, m->h.instrument);
    if (!k->position)
        k->position = malloc(sizeof(*k->position));
    if (!k->position) {
        give_up(rt, "no memory for a position");
        return;
    }
    *k->position = *m;
    if (rt->started)
        enter_callback(rt, CALL_POSITION, push_event);
}

static void
on_order(struct ln_runtime *rt, const struct ln_msg_order *m)
{
    struct ln_msg_error error;
    /* Looked up first: a final order leaves the list, its waiters stay. */
    const struct order *o = order_find(rt, m->handle, m->req.client_oid);
    memset(&error, 0, sizeof(error));
    if (!enter_protected(rt, order_news, NULL, rt->callback_budget_ms,
                         &error)) {
        say(rt, &error.h, LN_MSG_ERROR, LN_INSTRUMENT_NONE, sizeof(error));
        return;
    }
    if (!rt->started)
        return;
    enter_callback(rt, CALL_ORDER, push_event);
    if (o && ln_order_state_final((enum ln_order_state)m->state))
        enter_resume(rt, WAIT_ORDER, 0, o);
}

static void
on_stop(struct ln_runtime *rt)
{
    rt->stopping = true;
    if (rt->started)
        enter_callback(rt, CALL_STOP, push_reason);
}

static void
dispatch(struct ln_runtime *rt, const struct ln_msg *msg)
{
    const void *m = msg;
    switch ((enum ln_msg_type)msg->type) {
    case LN_MSG_HELLO:
        on_hello(rt, m);
        return;
    case LN_MSG_INSTRUMENT:
        on_instrument(rt, m);
        return;
    case LN_MSG_START:
        rt->started = true;
        enter_callback(rt, CALL_START, NULL);
        return;
    case LN_MSG_TICKER:
        market_at(rt, msg->instrument)->has_ticker = true;
        market_at(rt, msg->instrument)->ticker =
            ((const struct ln_msg_ticker *)m)->ticker;
        enter_callback(rt, CALL_TICKER, push_event);
        return;
    case LN_MSG_CANDLE:
        market_candle(rt, m);
        if (!((const struct ln_msg_candle *)m)->warmup)
            enter_callback(rt, CALL_CANDLE, push_event);
        return;
    case LN_MSG_TRADE:
        enter_callback(rt, CALL_TRADE, push_event);
        return;
    case LN_MSG_BOOK:
        on_book(rt, m);
        return;
    case LN_MSG_ORDER:
        on_order(rt, m);
        return;
    case LN_MSG_FILL:
        enter_callback(rt, CALL_FILL, push_event);
        return;
    case LN_MSG_POSITION:
        on_position(rt, m);
        return;
    case LN_MSG_ACCOUNT:
        rt->account = ((const struct ln_msg_account *)m)->account;
        if (rt->started)
            enter_callback(rt, CALL_ACCOUNT, push_event);
        return;
    case LN_MSG_FUNDING:
        enter_callback(rt, CALL_FUNDING, push_event);
        return;
    case LN_MSG_TIMER:
        enter_timer(rt, ((const struct ln_msg_timer *)m)->id);
        return;
    case LN_MSG_REPLY:
        enter_resume(rt, WAIT_REPLY, ((const struct ln_msg_reply *)m)->tag,
                     NULL);
        return;
    case LN_MSG_CONNECTION:
        enter_callback(rt, CALL_CONNECTION, push_connection);
        return;
    case LN_MSG_STOP:
        on_stop(rt);
        return;
    default: /* what the strategy says itself */
        return;
    }
}

static void
say_done(struct ln_runtime *rt, int64_t started_ns)
{
    struct ln_msg_done m;
    memset(&m, 0, sizeof(m));
    if (rt->opts.cpu_ns)
        m.cpu_ns = rt->opts.cpu_ns() - started_ns;
    m.memory_bytes = rt->heap.used;
    say(rt, &m.h, LN_MSG_DONE, LN_INSTRUMENT_NONE, sizeof(m));
}

bool
ln_runtime_handle(struct ln_runtime *rt, const struct ln_msg *msg)
{
    if (rt->ended)
        return false;
    int64_t started_ns = rt->opts.cpu_ns ? rt->opts.cpu_ns() : 0;
    if (!ln_msg_valid(msg, msg->size, true, rt->nmarket)) {
        give_up(rt, "the host broke the protocol");
        return false;
    }
    rt->event = msg;
    rt->seq = msg->seq;
    rt->now_ms = msg->now_ms;
    rt->generation++;
    rt->said = 0;
    dispatch(rt, msg);
    if (rt->ended)
        return false;
    say_done(rt, started_ns);
    rt->event = NULL;
    /* on_stop may wait for its last orders; then the end waits for it. */
    if (rt->stopping && !enter_waiting(rt, CALL_STOP))
        give_up(rt, "stopped");
    return !rt->ended;
}
