/*
 * Faults on request: what goes wrong at this exchange, when, and to whom.
 * A pure unit: given a SPEC, a seed and a time it decides; the hooks in
 * rest*.c, ws*.c and feed.c act on the decision.
 *
 *   SPEC   item[,item...]                       "" is none
 *   item   kind[:key=value...]
 *
 *   drop-push:channel=orders:p=0.05,429:every=60:for=5,unanswered:count=1
 *
 * When a fault strikes:
 *   p=0.05        with that probability at each occasion (default: always)
 *   every=S for=S in bursts: the first <for> seconds of each <every>; <for>
 *                 alone is one burst
 *   after=S       not in the first seconds after it was set
 *   count=N       at most that often
 * What it strikes (all that are given must fit):
 *   path=TEXT     REST requests whose path contains it
 *   channel=NAME  WebSocket messages of this channel; "reply" and "message" are
 *                 answers to requests and the requests themselves
 *   symbol=S      pushes of this symbol
 *   on=rest|ws    one of the two
 * The kinds and the keys of their own are in ln_sim_fault_kinds(). The same
 * may be given as JSON: [{"kind":"drop-push","channel":"orders","p":0.05}].
 *
 * Same SPEC, seed and occasions: same decisions.
 */
#ifndef LN_SIM_FAULTS_H
#define LN_SIM_FAULTS_H

#include "base/decimal.h"
#include "base/error.h"
#include "base/json.h"
#include "base/rng.h"
#include "market/instrument.h"

#define LN_SIM_FAULTS_MAX 32
#define LN_SIM_SPEC_MAX   8192

enum ln_sim_fault_kind {
    LN_SIM_FK_LATENCY,
    LN_SIM_FK_DISCONNECT,
    LN_SIM_FK_HALF_OPEN,
    LN_SIM_FK_NO_ANSWER,
    LN_SIM_FK_REFUSE,
    LN_SIM_FK_UNANSWERED,
    LN_SIM_FK_EXECUTED_ERROR,
    LN_SIM_FK_429,
    LN_SIM_FK_5XX,
    LN_SIM_FK_HTML,
    LN_SIM_FK_TRUNCATED,
    LN_SIM_FK_MALFORMED,
    LN_SIM_FK_MAINTENANCE,
    LN_SIM_FK_DROP_PUSH,
    LN_SIM_FK_DUP_PUSH,
    LN_SIM_FK_DELAY_PUSH,
    LN_SIM_FK_REORDER_PUSH,
    LN_SIM_FK_SILENT,
    LN_SIM_FK_GAP,
    LN_SIM_FK_PSEQ0,
    LN_SIM_FK_DUP_TRADE,
    LN_SIM_FK_SKEW,
    LN_SIM_FK_OFFLINE,
    LN_SIM_FK_STRING_CODE,
    LN_SIM_FK_NUMBERS,
    LN_SIM_FK_KEYS,
    LN_SIM_FK_COUNT
};

/* Where something happens. */
enum { LN_SIM_ON_REST = 1, LN_SIM_ON_WS = 2, LN_SIM_ON_BOTH = 3 };
enum { LN_SIM_DIR_IN = 1, LN_SIM_DIR_OUT = 2, LN_SIM_DIR_BOTH = 3 };
enum ln_sim_how { LN_SIM_HOW_DROP, LN_SIM_HOW_CLOSE, LN_SIM_HOW_SILENT };

/* One item of a SPEC. */
struct ln_sim_fault_rule {
    enum ln_sim_fault_kind kind;
    int64_t p_ppm;                      /* per million */
    int64_t every_ms, for_ms, after_ms; /* for_ms 0: no bursts */
    int64_t count;                      /* times that are left; -1: any */
    int64_t ms, jitter_ms;              /* of delays; of the skew */
    uint8_t dir, on;                    /* enums above */
    uint8_t how;                        /* enum ln_sim_how */
    uint8_t inst_status;                /* enum ln_instrument_status */
    int status;                         /* of HTTP */
    char code[8];                       /* of Bitget; "": any of them */
    char path[64], channel[32];         /* "": any */
    char symbol[LN_SYMBOL_CAP];         /* "": any */
    uint64_t hits;                      /* times that it struck */
    int64_t logged_ms;                  /* second whose lines are counted */
    uint32_t logged, unlogged;          /* in it; since the last line */
};

struct ln_sim_faults {
    struct ln_sim_fault_rule rules[LN_SIM_FAULTS_MAX];
    size_t count;
    uint32_t kinds; /* bit set of those that have a rule */
    int64_t set_ms; /* when bursts begin to count */
    struct ln_rng rng;
};

/* One occasion for a fault. */
struct ln_sim_spot {
    uint8_t on, dir;      /* one of each */
    struct ln_str name;   /* path or channel */
    struct ln_str symbol; /* empty: none */
    bool is_private;      /* a private push */
};

struct ln_sim_fault_info {
    const char *name;
    uint8_t on;       /* where it can strike */
    const char *keys; /* of its own, "ms jitter dir" */
    const char *help;
};
/* By enum ln_sim_fault_kind. */
const struct ln_sim_fault_info *ln_sim_fault_kinds(void);

/*
 * Replaces all rules. <text> is a SPEC, or JSON as above (also
 * {"faults":[..]} and {"spec":".."}). On error *f is as before; err->where is
 * the item.
 */
enum ln_err ln_sim_faults_set(struct ln_sim_faults *f, struct ln_str text,
                              uint64_t seed, int64_t now_ms,
                              struct ln_error *err) LN_MUST_USE;

/*
 * The rule of this kind that strikes at this spot now, or NULL. It is
 * counted.
 */
struct ln_sim_fault_rule *ln_sim_faults_hit(struct ln_sim_faults *f,
                                            enum ln_sim_fault_kind kind,
                                            const struct ln_sim_spot *spot,
                                            int64_t now_ms);
/* Is the time one of its bursts? (The kinds that are states: skew, offline.) */
bool ln_sim_fault_active(const struct ln_sim_faults *f,
                         const struct ln_sim_fault_rule *rule, int64_t now_ms);
/* Server time off by: the sum of what is active. */
int64_t ln_sim_faults_skew(const struct ln_sim_faults *f, int64_t now_ms);
/* ms, and up to <jitter> more. */
int64_t ln_sim_fault_delay(struct ln_sim_faults *f,
                           const struct ln_sim_fault_rule *rule);

/* "kind:key=value..." of one rule, as it is now. */
void ln_sim_fault_spec(const struct ln_sim_fault_rule *rule,
                       struct ln_buf *out);
/* [{"kind":..,"spec":..,"hits":..,"active":..}] */
void ln_sim_faults_write(const struct ln_sim_faults *f, int64_t now_ms,
                         struct ln_json_writer *w);

/* normal, maintain, off, limit_open, restrictedAPI; false: another word. */
bool ln_sim_status_word(struct ln_str word, uint8_t *status);

#endif
