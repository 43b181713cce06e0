/*
 * One HTTP request: the checks in the order of the wire, the handler of its
 * endpoint, and the envelope around what the handler wrote.
 *
 *   address total -> path -> key, signature, time -> endpoint's limit
 *   -> content type -> JSON -> parameters -> handler
 */
#include "base/log.h"
#include "sim/trouble.h"

#include <stdio.h>

#define BODY_MAX (1U << 20)

/* ---- answering ---- */

void
ln_sim_rest_send(struct ln_sim *sim, struct ln_server_req *req,
                 const struct ln_sim_answer *answer)
{
    char remain[24];
    struct ln_header headers[2] = {{"content-type", ln_str(answer->type)},
                                   {"x-mbx-used-remain-limit", {NULL, 0}}};
    if (!req)
        return; /* it was carried out for somebody who went away */
    snprintf(remain, sizeof(remain), "%lld", (long long)answer->remain);
    headers[1].value = ln_str(remain);
    ln_server_respond(req, answer->status, headers, sim->limits ? 2 : 1,
                      answer->body);
}

void
ln_sim_envelope(struct ln_sim *sim, const char *code, const char *msg,
                struct ln_str data)
{
    struct ln_json_writer w;
    ln_buf_reset(&sim->out);
    ln_jw_init(&w, &sim->out);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "code", code);
    ln_jw_kcstr(&w, "msg", msg);
    ln_jw_kint(&w, "requestTime", ln_sim_server_ms(sim));
    ln_jw_key(&w, "data");
    ln_jw_raw(&w, data);
    ln_jw_obj_end(&w);
}

static void
answer_fault(struct ln_sim *sim, const struct ln_sim_fault *f)
{
    sim->stats.rest_errors++;
    if (f->status == 429)
        sim->stats.rate_limited++;
    ln_sim_envelope(sim, f->code, f->msg, ln_str("null"));
}

/* Replaces <from> behind a list's name by <to>. */
static void
rewrite_lists(struct ln_buf *buf, const char *from, const char *to)
{
    static const char *const names[] = {"List\":", "\"list\":", "\"bills\":"};
    struct ln_buf out;
    size_t done = 0;
    ln_buf_init(&out, buf->max);
    for (size_t i = 0; i < buf->len; i++) {
        struct ln_str rest = ln_strn(buf->data + i, buf->len - i);
        for (size_t n = 0; n < 3; n++) {
            size_t len = strlen(names[n]);
            if (!ln_str_starts(rest, names[n]) ||
                !ln_str_starts(ln_strn(rest.ptr + len, rest.len - len), from))
                continue;
            ln_buf_add(&out, buf->data + done, i + len - done);
            ln_buf_adds(&out, to);
            done = i + len + strlen(from);
        }
    }
    if (done > 0 && !out.failed) {
        ln_buf_add(&out, buf->data + done, buf->len - done);
        ln_buf_reset(buf);
        ln_buf_add(buf, out.data, out.len);
    }
    ln_buf_deinit(&out);
}

/* ---- parameters ---- */

static struct ln_str
content_type_of(const struct ln_server_request *r)
{
    struct ln_str type = ln_sim_header(r, "content-type");
    for (size_t i = 0; i < type.len; i++)
        if (type.ptr[i] == ';' || type.ptr[i] == ' ')
            type.len = i;
    return type;
}

/* The query of a GET, the body of a POST. */
static bool
read_params(struct ln_sim *sim, const struct ln_server_request *r,
            struct ln_sim_fault *f)
{
    struct ln_error err;
    if (strcmp(r->method, "GET") == 0) {
        if (!ln_sim_params_query(&sim->params, r->query))
            return ln_sim_fail(f, "40017",
                               "Parameter verification failed: "
                               "the query cannot be read");
        return true;
    }
    if (!ln_str_eqi(content_type_of(r), "application/json"))
        return ln_sim_fail(f, "40007",
                           "Invalid Content-Type, please use "
                           "application/json format");
    if (r->body.len > BODY_MAX)
        return ln_sim_fail(f, "40017",
                           "Parameter verification failed: "
                           "the body is too long");
    if (ln_json_parse(&sim->body, r->body.ptr, r->body.len, &err) != LN_OK)
        return ln_sim_fail(f, "40017",
                           "Parameter verification failed: the body is no "
                           "JSON (%s)",
                           err.where);
    if (ln_json_type(&sim->body, 0) != LN_JSON_OBJECT)
        return ln_sim_fail(f, "40017",
                           "Parameter verification failed: "
                           "the body is no object");
    ln_sim_params_object(&sim->params, &sim->body, 0);
    return true;
}

/* ---- checks before the handler ---- */

/* The row of the request; NULL with the fault filled in. */
static const struct ln_endpoint *
find_row(const struct ln_sim *sim, const struct ln_server_request *r,
         ln_sim_handler *handler, struct ln_sim_fault *f)
{
    const struct ln_endpoint *ep =
        ln_sim_routes_find(sim->table, r->method, r->path, handler);
    if (ep)
        return ep;
    if (strncmp(r->path, "/api/", 5) == 0 && strstr(r->path, "/v1/")) {
        ln_sim_fail(f, "30032",
                    "The V1 API has been decommissioned. Please "
                    "migrate to a newer version.");
        return NULL;
    }
    ln_sim_fail(f, "40404", "Request URL NOT FOUND");
    f->status = 404;
    return NULL;
}

static bool
run(struct ln_sim *sim, struct ln_sim_call *call,
    const struct ln_server_request *r, ln_sim_handler handler)
{
    if (!read_params(sim, r, &call->fault))
        return false;
    if (!handler)
        return ln_sim_fail(&call->fault, "40404",
                           "%s is not served by this simulator yet", r->path);
    if (!ln_sim_check_params(call))
        return false;
    if (call->other_line)
        handler = ln_sim_other_line;
    ln_buf_reset(&sim->detail);
    ln_jw_init(&call->w, &sim->detail);
    if (!handler(call))
        return false;
    if (sim->detail.failed)
        return ln_sim_fail(&call->fault, "40015", "the answer is too long");
    return true;
}

void
ln_sim_rest_serve(struct ln_sim *sim, const struct ln_server_request *r,
                  struct ln_sim_answer *answer)
{
    int64_t now_ms = ln_sim_loop_ms(sim), remain = 0;
    ln_sim_handler handler = NULL;
    struct ln_sim_call call = {.sim = sim,
                               .params = &sim->params,
                               .inst = LN_INSTRUMENT_NONE,
                               .fault = {.status = 200}};
    bool ok = true;
    sim->stats.rest_requests++;
    if (sim->limits && !ln_sim_limits_total(sim->limits, r->peer, now_ms))
        ok = ln_sim_fail(&call.fault, "429", "Too Many Requests");
    if (ok && ln_sim_answer_spot(sim, r, answer))
        return;
    if (ok)
        ok = (call.ep = find_row(sim, r, &handler, &call.fault)) != NULL;
    if (ok && call.ep->auth) {
        call.user = ln_sim_auth_rest(sim, r, &call.fault);
        call.account = call.user ? call.user->account : 0;
        ok = call.user != NULL;
    }
    if (ok && sim->limits &&
        !ln_sim_limits_take(sim->limits, call.ep, r->peer,
                            call.user ? call.user->index : 0, now_ms, &remain))
        ok = ln_sim_fail(&call.fault, "429", "Too Many Requests");
    if (ok)
        ok = run(sim, &call, r, handler);
    if (!ok) {
        ln_debug("sim", "%s %s: %s %s", r->method, r->path, call.fault.code,
                 call.fault.msg);
        answer_fault(sim, &call.fault);
    } else {
        if (sim->empty_lists == LN_SIM_LISTS_NULL)
            rewrite_lists(&sim->detail, "[]", "null");
        else if (sim->empty_lists == LN_SIM_LISTS_ARRAY)
            rewrite_lists(&sim->detail, "null", "[]");
        ln_sim_envelope(sim, "00000", "success", ln_buf_str(&sim->detail));
    }
    *answer = (struct ln_sim_answer){.status = ok ? 200 : call.fault.status,
                                     .type = LN_SIM_TYPE_JSON,
                                     .remain = remain,
                                     .body = ln_buf_str(&sim->out)};
}

void
ln_sim_rest_request(void *ctx, struct ln_server_req *req,
                    const struct ln_server_request *r)
{
    struct ln_sim *sim = ctx;
    struct ln_sim_answer answer;
    if (sim->trouble) {
        ln_sim_troubled_request(sim, req, r, false);
        return;
    }
    ln_sim_rest_serve(sim, r, &answer);
    ln_sim_rest_send(sim, req, &answer);
}
