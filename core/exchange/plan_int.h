/*
 * Plans inside: what plan.c (commands), plan_store.c (kept and found),
 * plan_fire.c (watching and firing) and presets.c (plans that follow a
 * position) share.
 *
 * A live plan is in two lists: its market's, in which prices look for due
 * ones, oldest first, and its account's. A plan that has ended stays in its
 * account's list of all, until LN_EX_PLAN_HISTORY_MAX newer ones have ended.
 */
#ifndef LN_EXCHANGE_PLAN_INT_H
#define LN_EXCHANGE_PLAN_INT_H

#include "exchange/exchange_int.h"

struct ln_ex_plan_node {
    struct ln_ex_plan p; /* what others see */
    bool up;             /* reached from below: at its trigger or higher */
    bool due;            /* to be fired as soon as possible */
    int64_t since_trade; /* id of the first trade that it looks at */
    int64_t extreme_e8;  /* TRACK, MOVING: exactly */
    struct ln_ex_plan_node *older, *newer;           /* account's, by id */
    struct ln_ex_plan_node *live_older, *live_newer; /* account's live ones */
    struct ln_ex_plan_node *market_older, *market_newer;
    struct ln_ex_plan_node *next_done; /* as they ended */
};

struct ln_ex_planbook {
    struct ln_ex_plan_node *newest, *oldest;
    struct ln_ex_plan_node *live_newest, *live_oldest;
    struct ln_ex_plan_node *done_first, *done_last;
    uint32_t live, done;
    struct ln_map by_id;  /* 8 bytes of the id -> node */
    struct ln_map by_oid; /* newest plan of each clientOid */
};

/* ---- plan_store.c ---- */

/* A live plan, without an event; NULL: no memory. */
struct ln_ex_plan_node *ln_ex_plan_new(struct ln_ex *ex, struct ln_ex_client *c,
                                       const struct ln_ex_plan_request *req);
/* It is live no longer; without an event. */
void ln_ex_plan_end(struct ln_ex *ex, struct ln_ex_plan_node *n,
                    enum ln_ex_plan_state state);
void ln_ex_plan_emit(struct ln_ex *ex, const struct ln_ex_plan_node *n);
struct ln_ex_plan_node *ln_ex_plan_node_find(const struct ln_ex_client *c,
                                             int64_t id,
                                             const char *client_oid);
/* Another clientOid; false: no memory, and nothing has changed. */
bool ln_ex_plan_rename(struct ln_ex_client *c, struct ln_ex_plan_node *n,
                       const char *client_oid);

/* ---- plan_fire.c ---- */

/* Watch from now on, after it was made or its prices were changed. */
void ln_ex_plan_watch(const struct ln_ex *ex, struct ln_ex_plan_node *n);
/* Price that a kind watches, in 1e-8. */
int64_t ln_ex_watched_e8(const struct ln_ex_market *m, uint8_t watch);

/* ---- small helpers ---- */

/* Part of a position, or all of it: TP, SL, trailing stop. */
static inline bool
ln_ex_plan_guards(uint8_t kind)
{
    return kind >= LN_PLAN_PROFIT && kind <= LN_PLAN_MOVING;
}

static inline bool
ln_ex_plan_trails(uint8_t kind)
{
    return kind == LN_PLAN_TRACK || kind == LN_PLAN_MOVING;
}

static inline bool
ln_ex_plan_whole(uint8_t kind)
{
    return kind == LN_PLAN_POS_PROFIT || kind == LN_PLAN_POS_LOSS;
}

/* The position that a closing order of this side closes: 0 long, 1 short. */
static inline int
ln_ex_plan_which(const struct ln_ex_plan_request *q)
{
    return q->side == LN_SELL ? 0 : 1;
}

#endif
