/*
 * The control endpoint. See control.h.
 */
#include "sim/control.h"

#include "base/log.h"
#include "sim/trouble.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#define TOKEN_BYTES 16
#define TOKEN_CAP   128
#define SPEED_MAX   3600

struct ln_sim_control {
    struct ln_sim *sim;
    struct ln_server *server;
    char host[64];
    char token[TOKEN_CAP];
    struct ln_json body;
    struct ln_buf out;
    int status;
};

/* Writes the answer's members; false: it wrote an error. */
typedef bool (*route_fn)(struct ln_sim_control *c,
                         const struct ln_server_request *r,
                         struct ln_json_writer *w);

static bool
fail(struct ln_sim_control *c, struct ln_json_writer *w, int status,
     const char *what, const char *where, const char *cure)
{
    c->status = status;
    ln_jw_kcstr(w, "error", what);
    if (where && *where)
        ln_jw_kcstr(w, "where", where);
    if (cure && *cure)
        ln_jw_kcstr(w, "cure", cure);
    return false;
}

/* ---- faults ---- */

static bool
show_faults(struct ln_sim_control *c, const struct ln_server_request *r,
            struct ln_json_writer *w)
{
    const struct ln_sim *sim = c->sim;
    static const struct ln_sim_faults none;
    (void)r;
    ln_jw_key(w, "faults");
    ln_sim_faults_write(sim->trouble ? &sim->trouble->faults : &none,
                        ln_sim_loop_ms(sim), w);
    return true;
}

static bool
set_faults(struct ln_sim_control *c, const struct ln_server_request *r,
           struct ln_json_writer *w)
{
    struct ln_error err = {0};
    char spec[LN_SIM_SPEC_MAX];
    if (!ln_str_copy(spec, sizeof(spec), r->body))
        return fail(c, w, 413, "the faults are too long", NULL, NULL);
    if (ln_sim_set_faults(c->sim, spec, &err) != LN_OK)
        return fail(c, w, 400, err.what, err.where, err.cure);
    return show_faults(c, r, w);
}

static bool
clear_faults(struct ln_sim_control *c, const struct ln_server_request *r,
             struct ln_json_writer *w)
{
    struct ln_error err = {0};
    if (ln_sim_set_faults(c->sim, "", &err) != LN_OK)
        return fail(c, w, 500, err.what, err.where, err.cure);
    return show_faults(c, r, w);
}

static bool
show_index(struct ln_sim_control *c, const struct ln_server_request *r,
           struct ln_json_writer *w)
{
    static const char *const paths[] = {"GET /faults",        "POST /faults",
                                        "POST /faults/clear", "GET /stats",
                                        "POST /symbol",       "POST /speed"};
    const struct ln_sim_fault_info *kinds = ln_sim_fault_kinds();
    (void)c;
    (void)r;
    ln_jw_key(w, "paths");
    ln_jw_arr(w);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        ln_jw_cstr(w, paths[i]);
    ln_jw_arr_end(w);
    ln_jw_key(w, "kinds");
    ln_jw_obj(w);
    for (int i = 0; i < LN_SIM_FK_COUNT; i++)
        ln_jw_kcstr(w, kinds[i].name, kinds[i].help);
    ln_jw_obj_end(w);
    return true;
}

/* ---- the market ---- */

static bool
show_stats(struct ln_sim_control *c, const struct ln_server_request *r,
           struct ln_json_writer *w)
{
    const struct ln_sim *sim = c->sim;
    const struct ln_sim_stats *s = &sim->stats;
    (void)r;
    ln_jw_kint(w, "restRequests", (int64_t)s->rest_requests);
    ln_jw_kint(w, "restErrors", (int64_t)s->rest_errors);
    ln_jw_kint(w, "rateLimited", (int64_t)s->rate_limited);
    ln_jw_kint(w, "wsClients", (int64_t)s->ws_clients);
    ln_jw_kint(w, "wsMessagesOut", (int64_t)s->ws_messages_out);
    ln_jw_kint(w, "faults", (int64_t)s->faults);
    ln_jw_kint(w, "behindMs", s->behind_ms);
    ln_jw_kint(w, "behindWorstMs", s->behind_worst_ms);
    ln_jw_kint(w, "behindTicks", (int64_t)s->behind_ticks);
    ln_jw_kbool(w, "dataFinished", s->data_finished);
    ln_jw_kint(w, "serverTime", ln_sim_server_ms(sim));
    ln_jw_kint(w, "marketTime", ln_ex_now(sim->ex));
    ln_jw_key(w, "speed");
    if (sim->clock.speed == LN_SIM_SPEED_MAX)
        ln_jw_cstr(w, "max");
    else
        ln_jw_int(w, sim->clock.speed);
    return true;
}

static bool
read_body(struct ln_sim_control *c, const struct ln_server_request *r,
          struct ln_json_writer *w)
{
    if (ln_json_parse(&c->body, r->body.ptr, r->body.len, NULL) == LN_OK &&
        ln_json_type(&c->body, 0) == LN_JSON_OBJECT)
        return true;
    return fail(c, w, 400, "the body is no JSON object", NULL, NULL);
}

static bool
set_symbol(struct ln_sim_control *c, const struct ln_server_request *r,
           struct ln_json_writer *w)
{
    struct ln_sim *sim = c->sim;
    uint8_t status;
    if (!read_body(c, r, w))
        return false;
    uint16_t inst = ln_instruments_find(
        ln_ex_instruments(sim->ex),
        ln_json_scalar(&c->body, ln_json_get(&c->body, 0, "symbol")));
    if (inst == LN_INSTRUMENT_NONE)
        return fail(c, w, 400, "the symbol is not known", NULL,
                    "{\"symbol\":\"BTCUSDT\",\"status\":\"maintain\"}");
    struct ln_str word =
        ln_json_scalar(&c->body, ln_json_get(&c->body, 0, "status"));
    if (!ln_sim_status_word(word, &status))
        return fail(c, w, 400, "the status is not known", NULL,
                    "normal, maintain, off, limit_open or restrictedAPI");
    const char *symbol = ln_sim_instrument(sim, inst)->symbol;
    ln_info("sim", "fault: %s is %.*s from now on", symbol, LN_STR_ARG(word));
    ln_ex_set_status(sim->ex, inst, (enum ln_instrument_status)status);
    ln_jw_kcstr(w, "symbol", symbol);
    ln_jw_kstr(w, "status", word);
    return true;
}

static bool
set_speed(struct ln_sim_control *c, const struct ln_server_request *r,
          struct ln_json_writer *w)
{
    int64_t speed;
    if (!read_body(c, r, w))
        return false;
    ln_json_val v = ln_json_get(&c->body, 0, "speed");
    if (ln_str_eqc(ln_json_scalar(&c->body, v), "max"))
        speed = LN_SIM_SPEED_MAX;
    else if (!ln_json_i64(&c->body, v, &speed) || speed < 0 ||
             speed > SPEED_MAX)
        return fail(c, w, 400, "the speed is 0 to 3600, or max", NULL,
                    "{\"speed\":60}");
    ln_info("sim", "speed %lld from now on", (long long)speed);
    ln_sim_set_speed(c->sim, (int32_t)speed);
    return show_stats(c, r, w);
}

/* ---- requests ---- */

static const struct {
    const char *method, *path;
    route_fn fn;
} routes[] = {
    {"GET", "/", show_index},        {"GET", "/faults", show_faults},
    {"POST", "/faults", set_faults}, {"POST", "/faults/clear", clear_faults},
    {"GET", "/stats", show_stats},   {"POST", "/symbol", set_symbol},
    {"POST", "/speed", set_speed}};
#define NROUTES (sizeof(routes) / sizeof(routes[0]))

static bool
has_token(const struct ln_sim_control *c, const struct ln_server_request *r)
{
    struct ln_str bearer = ln_sim_header(r, "authorization");
    for (const char *at = r->query; *at;) {
        size_t len = strcspn(at, "&");
        if (strncmp(at, "token=", 6) == 0 && len >= 6 &&
            ln_sim_equal(ln_strn(at + 6, len - 6), ln_str(c->token)))
            return true;
        at += len + (at[len] == '&');
    }
    return ln_str_starts(bearer, "Bearer ") &&
           ln_sim_equal(ln_strn(bearer.ptr + 7, bearer.len - 7),
                        ln_str(c->token));
}

static void
answer(struct ln_sim_control *c, const struct ln_server_request *r,
       struct ln_json_writer *w)
{
    bool path = false;
    if (!has_token(c, r)) {
        fail(c, w, 401, "the token is missing or wrong", NULL,
             "it is in the simulator's ready line");
        return;
    }
    for (size_t i = 0; i < NROUTES; i++) {
        if (strcmp(routes[i].path, r->path) != 0)
            continue;
        path = true;
        if (strcmp(routes[i].method, r->method) == 0) {
            routes[i].fn(c, r, w);
            return;
        }
    }
    fail(c, w, path ? 405 : 404, path ? "wrong method" : "no such path", NULL,
         "GET / lists what there is");
}

static void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct ln_sim_control *c = ctx;
    struct ln_json_writer w;
    const struct ln_header type = {"content-type", ln_str("application/json")};
    c->status = 200;
    ln_buf_reset(&c->out);
    ln_jw_init(&w, &c->out);
    ln_jw_obj(&w);
    answer(c, r, &w);
    ln_jw_obj_end(&w);
    ln_server_respond(req, c->status, &type, 1, ln_buf_str(&c->out));
}

/* ---- life ---- */

static bool
is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool
make_token(struct ln_sim_control *c, const char *given)
{
    unsigned char bytes[TOKEN_BYTES];
    if (given)
        return *given && ln_str_copy(c->token, TOKEN_CAP, ln_str(given));
    if (RAND_bytes(bytes, TOKEN_BYTES) != 1)
        return false;
    for (size_t i = 0; i < TOKEN_BYTES; i++)
        snprintf(c->token + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

enum ln_err
ln_sim_control_start(struct ln_sim *sim, const struct ln_sim_config *cfg,
                     struct ln_error *err)
{
    const struct ln_server_events events = {.request = on_request};
    if (!cfg->control_host)
        return LN_OK;
    if (!is_loopback(cfg->control_host))
        return ln_error_set(err, LN_ERR_CONFIG, cfg->control_host,
                            "use 127.0.0.1",
                            "the control endpoint is for this machine only");
    struct ln_sim_control *c = calloc(1, sizeof(*c));
    if (!c)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "no memory for the control endpoint");
    sim->control = c;
    c->sim = sim;
    ln_json_init(&c->body);
    ln_buf_init(&c->out, LN_SIM_OUT_MAX);
    ln_str_copy(c->host, sizeof(c->host), ln_str(cfg->control_host));
    if (!make_token(c, cfg->control_token))
        return ln_error_set(err, LN_ERR_CONFIG, NULL, NULL,
                            "no token for the control endpoint");
    const struct ln_server_opts opts = {.host = c->host,
                                        .port = cfg->control_port};
    c->server = ln_server_listen(sim->net, &opts, &events, c, err);
    return c->server ? LN_OK : err && err->code ? err->code : LN_ERR_NET;
}

void
ln_sim_control_stop(struct ln_sim *sim)
{
    struct ln_sim_control *c = sim->control;
    if (!c)
        return;
    if (c->server)
        ln_server_close(c->server);
    ln_json_deinit(&c->body);
    ln_buf_deinit(&c->out);
    free(c);
    sim->control = NULL;
}

int
ln_sim_control_port(const struct ln_sim *sim)
{
    return sim->control ? ln_server_port(sim->control->server) : 0;
}

const char *
ln_sim_control_token(const struct ln_sim *sim)
{
    return sim->control ? sim->control->token : "";
}

void
ln_sim_control_ready(const struct ln_sim *sim, struct ln_json_writer *w)
{
    const struct ln_sim_control *c = sim->control;
    char text[64 + 64 + TOKEN_CAP];
    if (!c)
        return;
    bool v6 = strchr(c->host, ':') != NULL;
    snprintf(text, sizeof(text), "http://%s%s%s:%d/?token=%s", v6 ? "[" : "",
             c->host, v6 ? "]" : "", ln_server_port(c->server), c->token);
    ln_jw_kcstr(w, "control", text);
}
