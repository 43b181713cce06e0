/*
 * Requests of the control socket: one line in, one object out. Everything
 * from outside is checked here; what is wrong is an answer that says what is
 * right.
 */
#include "host/control_int.h"

#include "base/assert.h"
#include "base/log.h"

#include <stdio.h>

struct call {
    struct ln_host *h;
    struct ln_log_tail *tail;
    struct ln_control_request req;
    struct ln_json_writer *w;
    struct ln_error err; /* set: it is the answer */
};

/* ---- which strategies ---- */

static struct strategy *
find(struct ln_host *h, const char *name)
{
    for (int i = 0; i < h->nstrategies; i++)
        if (strcmp(h->strategies[i].cfg->name, name) == 0)
            return &h->strategies[i];
    return NULL;
}

static void
no_such_strategy(struct call *c)
{
    const char *names[LN_STRATEGIES_MAX] = {0};
    char cure[256] = "";
    size_t n = 0, used = 0;
    for (int i = 0; i < c->h->nstrategies && n < LN_STRATEGIES_MAX; i++)
        names[n++] = c->h->strategies[i].cfg->name;
    const char *near = ln_nearest(c->req.name, names, n);
    if (near)
        snprintf(cure, sizeof(cure), "did you mean %s?", near);
    for (size_t i = 0; !near && i < n && used < sizeof(cure); i++)
        used += (size_t)snprintf(cure + used, sizeof(cure) - used, "%s%s",
                                 i ? ", " : "it has ", names[i]);
    ln_error_set(&c->err, LN_ERR_CONFIG, NULL, cure, "%s has no strategy '%s'",
                 c->h->cfg->name, c->req.name);
}

/* <act> on the named one or on all of them; the answer lists them. */
static void
act(struct call *c, void (*fn)(struct strategy *s), bool ghosts)
{
    struct ln_host *h = c->h;
    struct strategy *one = NULL;
    if (!c->req.name[0] && !c->req.all) {
        ln_error_set(&c->err, LN_ERR_CONFIG, NULL,
                     "name a strategy, or say --all",
                     "%s: which strategy is meant?", c->req.cmd);
        return;
    }
    if (c->req.name[0]) {
        one = find(h, c->req.name);
        if (!one) {
            no_such_strategy(c);
            return;
        }
    }
    ln_info("host", "%s %s (control socket)", c->req.cmd,
            one ? one->cfg->name : "all");
    ln_jw_key(c->w, "strategies");
    ln_jw_arr(c->w);
    for (int i = 0; i < h->nstrategies; i++) {
        struct strategy *s = &h->strategies[i];
        if (one ? s != one : s->ghost && !ghosts)
            continue;
        fn(s);
        ln_jw_obj(c->w);
        ln_jw_kcstr(c->w, "name", s->cfg->name);
        ln_jw_kcstr(c->w, "state", ln_strategy_state_name(s->state));
        ln_jw_kint(c->w, "open_orders", ln_orders_open(h, s->number));
        ln_jw_obj_end(c->w);
    }
    ln_jw_arr_end(c->w);
}

/* ---- the commands ---- */

static void
do_status(struct call *c)
{
    control_view_status(c->h, c->w);
}

static void
do_orders(struct call *c)
{
    control_view_orders(c->h, c->req.all, c->req.before, c->w);
}

static void
do_positions(struct call *c)
{
    control_view_positions(c->h, c->w);
}

static void
do_pause(struct call *c)
{
    act(c, ln_act_pause, false);
}

static void
do_resume(struct call *c)
{
    act(c, ln_act_resume, false);
}

/* Also what strategies of an earlier configuration have left. */
static void
do_flatten(struct call *c)
{
    act(c, ln_act_flatten, true);
}

static void
do_stop(struct call *c)
{
    if (c->req.name[0]) {
        act(c, ln_act_stop, false);
        return;
    }
    ln_jw_kcstr(c->w, "name", c->h->cfg->name);
    ln_jw_kbool(c->w, "stopping", true);
    if (!c->h->stopping) /* a second stop would end it at once */
        ln_host_stop(c->h, "lunette ctl stop");
}

static void
do_logs(struct call *c)
{
    uint64_t count, n = (uint64_t)c->req.n;
    if (!c->tail) {
        ln_error_set(&c->err, LN_ERR_STATE, NULL, NULL,
                     "this host keeps no log in memory");
        return;
    }
    count = ln_log_tail_count(c->tail);
    control_view_lines(c->tail, count > n ? count - n + 1 : 1, c->w);
}

static void
do_reload(struct call *c)
{
    ln_error_set(&c->err, LN_ERR_STATE, NULL,
                 "stop the host and run it again with the changed script",
                 "a strategy cannot be reloaded in this version");
}

static const struct {
    const char *name;
    void (*run)(struct call *c);
} commands[] = {
    {"status", do_status},   {"orders", do_orders}, {"positions", do_positions},
    {"pause", do_pause},     {"resume", do_resume}, {"stop", do_stop},
    {"flatten", do_flatten}, {"logs", do_logs},     {"reload", do_reload},
};

static void
run(struct call *c)
{
    const char *names[LN_COUNT(commands)];
    char cure[64] = "";
    for (size_t i = 0; i < LN_COUNT(commands); i++) {
        names[i] = commands[i].name;
        if (strcmp(c->req.cmd, names[i]) != 0)
            continue;
        if (c->h)
            commands[i].run(c);
        else
            ln_error_set(&c->err, LN_ERR_STATE, NULL, "try again",
                         "the host is just starting or ending");
        return;
    }
    const char *near = ln_nearest(c->req.cmd, names, LN_COUNT(commands));
    if (near)
        snprintf(cure, sizeof(cure), "did you mean '%s'?", near);
    ln_error_set(&c->err, LN_ERR_CONFIG, NULL, cure, "there is no command '%s'",
                 c->req.cmd);
}

/* ---- reading ---- */

static bool
take_text(const struct ln_json *doc, const char *key, char *out, size_t cap)
{
    ln_json_val v = ln_json_get(doc, 0, key);
    return v == LN_JSON_NONE || ln_json_string(doc, v, out, cap);
}

static bool
take_bool(const struct ln_json *doc, const char *key, bool *out)
{
    enum ln_json_type t = ln_json_type(doc, ln_json_get(doc, 0, key));
    *out = t == LN_JSON_TRUE;
    return t == LN_JSON_ABSENT || t == LN_JSON_TRUE || t == LN_JSON_FALSE;
}

static bool
take_int(const struct ln_json *doc, const char *key, int64_t max, int64_t *out)
{
    ln_json_val v = ln_json_get(doc, 0, key);
    return v == LN_JSON_NONE ||
           (ln_json_type(doc, v) == LN_JSON_NUMBER &&
            ln_json_i64(doc, v, out) && *out >= 0 && *out <= max);
}

static bool
read_request(const struct ln_json *doc, struct ln_control_request *r)
{
    r->n = 20;
    return ln_json_type(doc, 0) == LN_JSON_OBJECT &&
           take_text(doc, "cmd", r->cmd, sizeof(r->cmd)) &&
           take_text(doc, "name", r->name, sizeof(r->name)) &&
           take_bool(doc, "all", &r->all) &&
           take_bool(doc, "follow", &r->follow) &&
           take_int(doc, "n", LN_LOG_TAIL_LINES, &r->n) &&
           take_int(doc, "before", UINT32_MAX, &r->before);
}

void
ln_control_write_error(struct ln_buf *answer, const struct ln_error *err)
{
    struct ln_json_writer w;
    ln_buf_reset(answer);
    ln_jw_init(&w, answer);
    ln_jw_obj(&w);
    ln_jw_key(&w, "error");
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "code", ln_err_name(err->code));
    ln_jw_kcstr(&w, "what", err->what);
    ln_jw_kcstr(&w, "where", err->where);
    ln_jw_kcstr(&w, "cure", err->cure);
    ln_jw_obj_end(&w);
    ln_jw_obj_end(&w);
}

struct ln_control_request
ln_control_answer(struct ln_host *host, struct ln_log_tail *tail,
                  struct ln_str line, struct ln_buf *answer)
{
    struct ln_json_writer w;
    struct ln_json doc;
    struct call c = {.h = host, .tail = tail, .w = &w};
    ln_buf_reset(answer);
    ln_jw_init(&w, answer);
    ln_json_init(&doc);
    ln_jw_obj(&w);
    if (ln_json_parse(&doc, line.ptr, line.len, &c.err) != LN_OK ||
        !read_request(&doc, &c.req)) {
        memset(&c.req, 0, sizeof(c.req));
        ln_error_set(&c.err, LN_ERR_PARSE, NULL,
                     "send one object per line, such as {\"cmd\":\"status\"}",
                     "this is no request");
    } else {
        run(&c);
    }
    ln_jw_obj_end(&w);
    if (answer->failed && c.err.code == LN_OK)
        ln_error_set(&c.err, LN_ERR_NOMEM, NULL, NULL,
                     "the answer is too large");
    if (c.err.code != LN_OK) {
        c.req.follow = false;
        ln_control_write_error(answer, &c.err);
    }
    ln_json_deinit(&doc);
    return c.req;
}
