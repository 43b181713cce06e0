/*
 * What the files of bindings/ share.
 *
 *   runtime.c       messages in, by type; life of the runtime
 *   enter.c         the one way into Lua: tasks (coroutines), errors
 *   heap.c          memory, counted and limited
 *   sandbox.c       which libraries there are; sandbox_*.c: our versions
 *   load.c          the script file, require
 *   strategy.c      strategy{...}, params
 *   view.c          events as read-only views; view_fields.c: their fields
 *   handle.c        orders of the script
 *   trade.c market.c api.c timer.c say.c   the modules of the same name
 *   options.c       tables of options with their mistakes
 *   json.c          JSON to Lua and back
 */
#ifndef LN_BINDINGS_RUNTIME_INT_H
#define LN_BINDINGS_RUNTIME_INT_H

#include "base/json.h"
#include "base/log.h"
#include "base/rng.h"
#include "bindings/runtime.h"
#include "market/timeframe.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdatomic.h>

#define TASKS_MAX        256 /* callbacks that wait at the same time */
#define TIMERS_MAX       1024
#define CANDLES_MAX      2000 /* kept per symbol and timeframe */
#define STREAMS_MAX      512  /* candle rings */
#define OPEN_ORDERS_MAX  4096
#define SAY_PER_EVENT    200 /* log lines of one callback */
#define LOAD_BUDGET_MS   500
#define BUDGET_MS        50
#define MEMORY_BYTES     (64LL << 20)
#define MEMORY_REPORTING (1LL << 20) /* beyond the limit, to tell of it */
#define CALLBACKS        13          /* bits of enum ln_callback */

/* enum ln_channel of core/venue.h, which this room may not know. */
enum {
    CHANNEL_TICKER = 1,
    CHANNEL_TRADE = 2,
    CHANNEL_BOOK = 4,
    CHANNEL_CANDLE = 8
};

/* ---- heap.c ---- */

struct heap {
    int64_t used, limit;
    bool refused;          /* the last growth was refused (then Lua collects) */
    struct ln_runtime *rt; /* NULL: none to condemn */
};

void *heap_alloc(void *ud, void *ptr, size_t osize, size_t nsize);

/* ---- tasks ---- */

enum wait { WAIT_NOTHING, WAIT_REPLY, WAIT_ORDER };

/* One coroutine that runs callbacks, one after the other. */
struct task {
    lua_State *co;
    int ref;   /* keeps co alive */
    bool busy; /* runs, or waits */
    enum wait wait;
    uint64_t tag;              /* WAIT_REPLY */
    const struct order *order; /* WAIT_ORDER */
    const char *callback;      /* "on_candle" */
    char event[256];           /* its event as text, once it has waited */
};

/* ---- candles of one stream, oldest overwritten ---- */

struct candles {
    uint16_t instrument;
    uint8_t tf;
    struct ln_candle *items; /* owned, cap of them */
    uint32_t cap, count, first;
};

/* What is known of an instrument besides its record. */
struct market {
    bool has_ticker;
    struct ln_ticker ticker;
    struct ln_msg_book *book;         /* owned; NULL: none yet */
    struct ln_msg_position *position; /* owned; NULL: never told */
};

struct timer {
    uint64_t id;
    bool repeat;
    int ref; /* in the registry: a function, or a name */
};

enum doom { DOOM_NONE, DOOM_BUDGET, DOOM_MEMORY };

struct ln_runtime {
    lua_State *L;
    struct ln_runtime_opts opts;
    struct heap heap;
    struct ln_rng rng;
    char *scripts_dir; /* owned */
    char script_dir[512];

    /* written here, read by the watchdog's signal handler */
    lua_State *volatile running;
    _Atomic int doom; /* enum doom */
    _Atomic uint64_t busy;
    _Atomic int64_t budget_ms; /* of what runs now */

    uint64_t callbacks_run;
    bool loading, loaded, started, stopping, ended;
    char end_why[160];
    int callback_refs[CALLBACKS]; /* LUA_NOREF: not defined */
    uint32_t callbacks;
    int64_t callback_budget_ms;

    /* the message that is worked off */
    const struct ln_msg *event;
    uint64_t seq;
    int64_t now_ms, start_ms;
    uint64_t generation; /* of views: grows with each message */
    int said;            /* log lines during it */

    struct task *tasks[TASKS_MAX]; /* owned */
    int ntasks;
    struct task *task; /* that runs now; NULL: the script is loading */
    bool suspending;   /* a host function, not the script, has just yielded */
    int co_depth;      /* coroutines of the script around what runs */
    uint64_t next_tag;

    /* what strategy{} said */
    bool declared;
    uint16_t symbols[LN_MSG_SYMBOLS_MAX];
    uint32_t nsymbols;
    enum ln_timeframe timeframe;
    uint32_t warmup;
    struct ln_json params;     /* of HELLO; its text is in the message */
    struct ln_json doc;        /* of replies, reused */
    struct ln_buf scratch;     /* texts under way: an error leaks nothing */
    int (*push)(lua_State *L); /* arguments of the callback that starts */

    struct ln_instruments instruments;
    struct market *market; /* owned; by instrument */
    uint32_t nmarket;
    struct candles *streams; /* owned */
    uint32_t nstreams;
    struct ln_account_update account;
    uint8_t pos_mode;

    uint64_t next_handle;
    struct order **open; /* owned; the records belong to Lua */
    uint32_t nopen, cap_open;

    struct timer *timers; /* owned */
    uint32_t ntimers, cap_timers;
    uint64_t next_timer;
};

static inline struct ln_runtime *
runtime_of(lua_State *L)
{
    return *(struct ln_runtime **)lua_getextraspace(L);
}

/* Keys of what lives in the registry (their addresses). */
extern const char key_modules, key_orders, key_params;

/* ---- enter.c ---- */

/* Positions of the bits of enum ln_callback. */
enum callback {
    CALL_START,
    CALL_CANDLE,
    CALL_TICKER,
    CALL_TRADE,
    CALL_BOOK,
    CALL_ORDER,
    CALL_FILL,
    CALL_POSITION,
    CALL_ACCOUNT,
    CALL_FUNDING,
    CALL_TIMER,
    CALL_CONNECTION,
    CALL_STOP
};

extern const char *const callback_names[CALLBACKS];

/* Call fn(L) in protected mode on the main thread; false: it failed and the
 * error is in <m> (where, message, fatal), except memory for it. */
bool enter_protected(struct ln_runtime *rt, lua_CFunction fn, void *arg,
                     int64_t budget_ms, struct ln_msg_error *m);
/* Run a callback as a task; push(L) pushes the arguments, returns how many. */
void enter_callback(struct ln_runtime *rt, enum callback callback,
                    int (*push)(lua_State *L));
void enter_timer(struct ln_runtime *rt, uint64_t id);
/* Go on with every task that waits for this. */
void enter_resume(struct ln_runtime *rt, enum wait wait, uint64_t tag,
                  const struct order *order);
bool enter_waiting(const struct ln_runtime *rt, enum callback callback);
/* Raises where a callback cannot be suspended. */
void need_yieldable(lua_State *L, const char *what);
/*
 * Suspend the callback until enter_resume; then k continues. Raises an error
 * where that is not possible. <what> is the function's name.
 */
int task_suspend(lua_State *L, enum wait wait, uint64_t tag,
                 const struct order *order, lua_KFunction k, const char *what);
/* Before any call that talks to the host: raises while loading. */
void need_callback(lua_State *L, const char *what);
/* Raise again when condemned; called wherever an error was caught. */
void check_doom(lua_State *L);
void doom_set(struct ln_runtime *rt, enum doom doom);

/* ---- sandbox.c, sandbox_co.c, load.c, strategy.c ---- */

void open_sandbox(lua_State *L);
void open_coroutines(lua_State *L);
void open_require(lua_State *L);
void open_os(lua_State *L);
int call_loader(lua_State *L); /* arg: path; runs the script file */
void open_strategy(lua_State *L);
/* Like tostring, but without addresses. Pushes a string. */
const char *plain_tostring(lua_State *L, int idx);

/* ---- view.c ---- */

enum view {
    VIEW_TICKER = 1,
    VIEW_CANDLE,
    VIEW_TRADE,
    VIEW_BOOK,
    VIEW_BIDS,
    VIEW_ASKS,
    VIEW_BID,
    VIEW_ASK,
    VIEW_ORDER,
    VIEW_FILL,
    VIEW_POSITION, /* these two are always valid: they show what is so now */
    VIEW_ACCOUNT,
    VIEW_FUNDING,
    VIEW_COUNT
};

void open_views(lua_State *L);
void push_view(lua_State *L, enum view kind, uint16_t instrument);
/* The event of the current message as text; "" without one. */
void push_event_text(lua_State *L);

/* ---- handle.c ---- */

struct order {
    uint64_t handle; /* 0: made by the host */
    uint16_t instrument;
    uint8_t side, type, state;
    bool reduce_only, listed;
    int64_t price_ticks, size_lots, filled_lots, average_e8;
    char order_id[24], client_oid[LN_OID_CAP], tag[24], reason[LN_REASON_CAP];
};

void open_orders(lua_State *L);
/* Pushes a new handle that is in the list of open orders. */
struct order *order_new(lua_State *L);
/* NULL if it is not among the open ones. */
struct order *order_find(struct ln_runtime *rt, uint64_t handle,
                         const char *client_oid);
void order_push(lua_State *L, const struct order *o);
struct order *order_check(lua_State *L, int idx);
/* Take over the state that ORDER tells; may push nothing. Protected. */
int order_news(lua_State *L);

/* ---- modules ---- */

void open_trade(lua_State *L);
void open_market(lua_State *L);
void open_api(lua_State *L);
void open_timers(lua_State *L);
void open_say(lua_State *L);

int trade_amend(lua_State *L); /* (handle, options) */
int trade_cancel(lua_State *L);

void market_candle(struct ln_runtime *rt, const struct ln_msg_candle *m);
struct market *market_at(struct ln_runtime *rt, uint16_t instrument);
uint16_t check_symbol(lua_State *L, int idx); /* raises with the nearest */
uint16_t check_symbol_value(lua_State *L, int idx, const char *what);
/* Last known price in ticks; 0: none. */
int64_t market_last_ticks(struct ln_runtime *rt, uint16_t instrument);

struct timer *timer_find(struct ln_runtime *rt, uint64_t id);
void timer_drop(lua_State *L, uint64_t id);

/* ---- options.c ---- */

/* The argument is a table whose keys are all among <names>, or it raises. */
void check_options(lua_State *L, int idx, const char *what,
                   const char *const *names, size_t count);
bool option_bool(lua_State *L, int idx, const char *what, const char *name);
const char *option_string(lua_State *L, int idx, const char *what,
                          const char *name); /* NULL: absent */
/* Raises naming the nearest of <names>. */
int unknown_name(lua_State *L, const char *what, const char *name,
                 const char *const *names, size_t count);
/* Index of the text among <names>, or it raises. */
int choose(lua_State *L, const char *what, const char *text,
           const char *const *names, size_t count);
/* Pushes nil and {code, message, retryable}; returns 2. */
int push_failure(lua_State *L, const char *code, bool retryable,
                 const char *fmt, ...) LN_PRINTF(4, 5);

/*
 * A global table of functions; a name that is not in it is an error with the
 * nearest one.
 */
void open_module(lua_State *L, const char *name, const luaL_Reg *functions);

/* ---- json.c ---- */

/* Appends the value as JSON; raises on functions, cycles, depth. */
void json_from_lua(lua_State *L, int idx, struct ln_buf *out);
void json_to_lua(lua_State *L, const struct ln_json *doc, ln_json_val v);

/* ---- talking to the host ---- */

/* Fills in the head and says it. */
void say(struct ln_runtime *rt, struct ln_msg *msg, uint16_t type,
         uint16_t instrument, size_t size);
void say_log(struct ln_runtime *rt, int level, const char *text, size_t len);

#endif
