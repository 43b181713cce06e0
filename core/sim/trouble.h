/*
 * Faults at work: what faults.h decides, done to requests, answers, sockets
 * and pushes. There is no struct ln_sim_trouble before faults are asked for
 * for the first time: a server without them allocates and looks up nothing.
 *
 *   rest_faults.c  requests and answers     trouble.c  striking, states
 *   ws_faults.c    messages either way      damage.c   spoilt texts
 *   late.c         what was held back
 */
#ifndef LN_SIM_TROUBLE_H
#define LN_SIM_TROUBLE_H

#include "sim/faults.h"
#include "sim/ws.h"

enum ln_sim_late_kind {
    LN_SIM_LATE_REQUEST,
    LN_SIM_LATE_ANSWER,
    LN_SIM_LATE_IN, /* a message of a client */
    LN_SIM_LATE_OUT
};

/* Something whose time comes later. */
struct ln_sim_late {
    struct ln_sim_late *prev, *next; /* ascending by due_ms */
    int64_t due_ms;
    enum ln_sim_late_kind kind;
    bool held;                        /* OUT: until another one was sent */
    struct ln_sim_conn *conn;         /* IN, OUT */
    struct ln_server_req *req;        /* REQUEST, ANSWER; NULL: gone away */
    struct ln_server_request request; /* REQUEST: points into data */
    struct ln_sim_answer answer;      /* ANSWER: body is data */
    size_t len;                       /* of data */
    char data[];
};

struct ln_sim_trouble {
    struct ln_sim_faults faults;
    struct ln_sim_late *first, *last;
    size_t late_bytes;      /* all that is held back */
    struct ln_timer *timer; /* at first->due_ms */
    struct ln_json doc;     /* of a text that is spoilt */
    struct ln_buf text;     /* what it became */
    uint8_t *status_before; /* owned; of each instrument, while offline */
    bool *offline;          /* owned */
};

/* ---- trouble.c ---- */

/* The rule that strikes here and now, logged and counted; NULL: none. */
const struct ln_sim_fault_rule *ln_sim_strikes(struct ln_sim *sim,
                                               enum ln_sim_fault_kind kind,
                                               const struct ln_sim_spot *spot);
/* The same for a push of a public topic. */
bool ln_sim_strikes_topic(struct ln_sim *sim, enum ln_sim_fault_kind kind,
                          const struct ln_sim_topic *topic);
/* Faults that are states: the clock's skew, instruments offline. */
void ln_sim_trouble_tick(struct ln_sim *sim);
void ln_sim_trouble_free(struct ln_sim *sim);

/* ---- damage.c: each returns <text>, or what it became in trouble->text ----
 */

struct ln_str ln_sim_truncated(struct ln_sim_trouble *t, struct ln_str text);
struct ln_str ln_sim_malformed(struct ln_sim_trouble *t, struct ln_str text);
/* "0.5" -> 0.5 within "data", ids excepted. */
struct ln_str ln_sim_numbers(struct ln_sim_trouble *t, struct ln_str text);
/* The members of every object the other way round. */
struct ln_str ln_sim_turned_keys(struct ln_sim_trouble *t, struct ln_str text);
/* "code":0 -> "code":"0" */
struct ln_str ln_sim_string_code(struct ln_sim_trouble *t, struct ln_str text);
/* Those of the above that strike at this spot. */
struct ln_str ln_sim_damaged(struct ln_sim *sim, const struct ln_sim_spot *spot,
                             struct ln_str text);

/* ---- late.c: false when too much is held back already ---- */

bool ln_sim_late_request(struct ln_sim *sim, int64_t due_ms,
                         struct ln_server_req *req,
                         const struct ln_server_request *r);
bool ln_sim_late_answer(struct ln_sim *sim, int64_t due_ms,
                        struct ln_server_req *req,
                        const struct ln_sim_answer *answer);
bool ln_sim_late_message(struct ln_sim *sim, int64_t due_ms,
                         enum ln_sim_late_kind kind, bool held,
                         struct ln_sim_conn *conn, struct ln_str text);
/* What was held for a successor on this connection. */
void ln_sim_late_release(struct ln_sim *sim, const struct ln_sim_conn *conn);
/* The connection is no more. */
void ln_sim_late_forget(struct ln_sim *sim, const struct ln_sim_conn *conn);
/* The client of a request is no more: it is carried out, unanswered. */
void ln_sim_late_abort(struct ln_sim *sim, struct ln_server_req *req);
void ln_sim_late_free(struct ln_sim *sim);

/* ---- rest_faults.c ---- */

/* A request with faults about; later again without the latency. */
void ln_sim_troubled_request(struct ln_sim *sim, struct ln_server_req *req,
                             const struct ln_server_request *r, bool delayed);

/* ---- ws_faults.c ---- */

/* False: the client is to be refused. */
bool ln_sim_troubled_accept(struct ln_sim *sim, struct ln_sim_conn *conn);
/* False: the message goes no further, or comes later. */
bool ln_sim_troubled_message(struct ln_sim_conn *conn, struct ln_str text);
void ln_sim_troubled_send(struct ln_sim_conn *conn, struct ln_str text);

#endif
