/*
 * What was held back: one queue, ordered by when it is due, one timer.
 */
#include "sim/trouble.h"

#include <stdlib.h>

#define LATE_BYTES_MAX (64U << 20)

static void on_due(void *ctx);

/* ---- the queue ---- */

static void
set_timer(struct ln_sim *sim)
{
    struct ln_sim_trouble *t = sim->trouble;
    int64_t in_ms;
    if (!t->first) {
        ln_timer_stop(t->timer);
        return;
    }
    in_ms = t->first->due_ms - ln_sim_loop_ms(sim);
    ln_timer_start(t->timer, in_ms > 0 ? in_ms : 0, 0);
}

static void
take_out(struct ln_sim_trouble *t, struct ln_sim_late *late)
{
    if (late->prev)
        late->prev->next = late->next;
    else
        t->first = late->next;
    if (late->next)
        late->next->prev = late->prev;
    else
        t->last = late->prev;
    t->late_bytes -= sizeof(*late) + late->len;
}

/* The one that is due first; there is one. */
static struct ln_sim_late *
take_first(struct ln_sim_trouble *t)
{
    struct ln_sim_late *late = t->first;
    t->first = late->next;
    if (t->first)
        t->first->prev = NULL;
    else
        t->last = NULL;
    t->late_bytes -= sizeof(*late) + late->len;
    late->next = late->prev = NULL;
    return late;
}

/* Behind all that are due no later. NULL: too much is held back. */
static struct ln_sim_late *
put_in(struct ln_sim *sim, enum ln_sim_late_kind kind, int64_t due_ms,
       size_t len)
{
    struct ln_sim_trouble *t = sim->trouble;
    size_t bytes = sizeof(struct ln_sim_late) + len;
    if (t->late_bytes + bytes > LATE_BYTES_MAX)
        return NULL;
    if (!t->timer && !(t->timer = ln_timer_new(sim->loop, on_due, sim)))
        return NULL;
    struct ln_sim_late *late = calloc(1, bytes);
    if (!late)
        return NULL;
    late->kind = kind;
    late->due_ms = due_ms;
    late->len = len;
    late->prev = t->last;
    while (late->prev && late->prev->due_ms > due_ms)
        late->prev = late->prev->prev;
    late->next = late->prev ? late->prev->next : t->first;
    if (late->prev)
        late->prev->next = late;
    else
        t->first = late;
    if (late->next)
        late->next->prev = late;
    else
        t->last = late;
    t->late_bytes += bytes;
    set_timer(sim);
    return late;
}

/* ---- what is due ---- */

static void
let_go(struct ln_sim *sim, struct ln_sim_late *late)
{
    struct ln_str data = ln_strn(late->data, late->len);
    if (late->req)
        ln_server_req_set_ctx(late->req, NULL);
    switch (late->kind) {
    case LN_SIM_LATE_REQUEST:
        ln_sim_troubled_request(sim, late->req, &late->request, true);
        ln_sim_private_flush(sim);
        break;
    case LN_SIM_LATE_ANSWER:
        late->answer.body = data;
        ln_sim_rest_send(sim, late->req, &late->answer);
        break;
    case LN_SIM_LATE_IN:
        if (!late->conn->closing && !late->conn->mute)
            ln_sim_ws_message(late->conn, data);
        break;
    case LN_SIM_LATE_OUT:
        ln_sim_conn_write(late->conn, data);
        break;
    }
}

static void
on_due(void *ctx)
{
    struct ln_sim *sim = ctx;
    struct ln_sim_trouble *t = sim->trouble;
    int64_t now_ms = ln_sim_loop_ms(sim);
    while (t->first && t->first->due_ms <= now_ms) {
        struct ln_sim_late *late = take_first(t);
        let_go(sim, late);
        free(late);
    }
    set_timer(sim);
}

/* ---- holding back ---- */

static char *
copy_text(char **at, struct ln_str s)
{
    char *out = *at;
    if (s.len > 0)
        memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
    *at += s.len + 1;
    return out;
}

bool
ln_sim_late_request(struct ln_sim *sim, int64_t due_ms,
                    struct ln_server_req *req,
                    const struct ln_server_request *r)
{
    size_t len = r->nheaders * sizeof(struct ln_header) + strlen(r->method) +
                 strlen(r->path) + strlen(r->query) + strlen(r->peer) +
                 r->body.len + 5 + _Alignof(struct ln_header);
    for (size_t i = 0; i < r->nheaders; i++)
        len += strlen(r->headers[i].name) + r->headers[i].value.len + 2;
    struct ln_sim_late *late = put_in(sim, LN_SIM_LATE_REQUEST, due_ms, len);
    if (!late)
        return false;
    struct ln_server_request *copy = &late->request;
    /* Headers first: <data> follows pointers and sizes, so it is aligned. */
    struct ln_header *headers = (struct ln_header *)(void *)late->data;
    char *at = late->data + r->nheaders * sizeof(struct ln_header);
    late->req = req;
    copy->method = copy_text(&at, ln_str(r->method));
    copy->path = copy_text(&at, ln_str(r->path));
    copy->query = copy_text(&at, ln_str(r->query));
    copy->peer = copy_text(&at, ln_str(r->peer));
    copy->body = ln_strn(copy_text(&at, r->body), r->body.len);
    for (size_t i = 0; i < r->nheaders; i++) {
        headers[i].name = copy_text(&at, ln_str(r->headers[i].name));
        headers[i].value = ln_strn(copy_text(&at, r->headers[i].value),
                                   r->headers[i].value.len);
    }
    copy->headers = headers;
    copy->nheaders = r->nheaders;
    ln_server_req_set_ctx(req, late);
    return true;
}

bool
ln_sim_late_answer(struct ln_sim *sim, int64_t due_ms,
                   struct ln_server_req *req,
                   const struct ln_sim_answer *answer)
{
    struct ln_sim_late *late =
        put_in(sim, LN_SIM_LATE_ANSWER, due_ms, answer->body.len);
    if (!late)
        return false;
    if (late->len > 0)
        memcpy(late->data, answer->body.ptr, late->len);
    late->req = req;
    late->answer = *answer;
    ln_server_req_set_ctx(req, late);
    return true;
}

bool
ln_sim_late_message(struct ln_sim *sim, int64_t due_ms,
                    enum ln_sim_late_kind kind, bool held,
                    struct ln_sim_conn *conn, struct ln_str text)
{
    struct ln_sim_late *late = put_in(sim, kind, due_ms, text.len);
    if (!late)
        return false;
    if (text.len > 0)
        memcpy(late->data, text.ptr, text.len);
    late->conn = conn;
    late->held = held;
    return true;
}

/* ---- sooner than planned ---- */

void
ln_sim_late_release(struct ln_sim *sim, const struct ln_sim_conn *conn)
{
    struct ln_sim_trouble *t = sim->trouble;
    for (struct ln_sim_late *at = t->first, *next; at; at = next) {
        next = at->next;
        if (at->conn != conn || !at->held)
            continue;
        take_out(t, at);
        let_go(sim, at);
        free(at);
    }
}

void
ln_sim_late_forget(struct ln_sim *sim, const struct ln_sim_conn *conn)
{
    struct ln_sim_trouble *t = sim->trouble;
    for (struct ln_sim_late *at = t->first, *next; at; at = next) {
        next = at->next;
        if (at->conn != conn)
            continue;
        take_out(t, at);
        free(at);
    }
}

void
ln_sim_late_abort(struct ln_sim *sim, struct ln_server_req *req)
{
    struct ln_sim_late *late = ln_server_req_ctx(req);
    if (!late)
        return;
    late->req = NULL;
    if (late->kind == LN_SIM_LATE_ANSWER) {
        take_out(sim->trouble, late);
        free(late);
    }
}

void
ln_sim_late_free(struct ln_sim *sim)
{
    struct ln_sim_trouble *t = sim->trouble;
    while (t->first) {
        struct ln_sim_late *late = take_first(t);
        free(late);
    }
    ln_timer_free(t->timer);
}
