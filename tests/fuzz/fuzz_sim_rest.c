/*
 * Requests to the simulator, signed as they must be, at all endpoints. An
 * input is lines; the first byte of each says what it is:
 *
 *   0 to |   a request at the endpoint of that row of the table (0: the
 *            first); the rest is the query of a GET, the body of a POST
 *   + N      N milliseconds pass (60 times as many for the market)
 *   @        from now on it is the other user who signs
 *   others   an unsigned request: METHOD PATH QUERY-OR-BODY
 *
 * Each answer must be an envelope of Bitget's, and each leaves the engine's
 * books balanced.
 */
#include "sim_world.h"

#define LINES_MAX 48

static void
expect_envelope(struct sim_world *w, const struct ln_sim_answer *a,
                const char *what)
{
    const struct ln_json *doc = &w->doc;
    struct ln_error err = {0};
    FUZZ_CHECK(a->status == 200 || a->status == 400 || a->status == 404 ||
                   a->status == 403 || a->status == 401,
               "%s: HTTP %d", what, a->status);
    FUZZ_CHECK(ln_json_parse(&w->doc, a->body.ptr, a->body.len, &err) == LN_OK,
               "%s: %s at %s in %.*s", what, err.what, err.where,
               LN_STR_ARG(a->body));
    struct ln_str code = ln_json_raw(doc, ln_json_get(doc, 0, "code"));
    FUZZ_CHECK(code.len > 0 && (a->status == 200) == ln_str_eqc(code, "00000"),
               "%s: HTTP %d with %.*s", what, a->status, LN_STR_ARG(a->body));
    FUZZ_CHECK(ln_json_get(doc, 0, "data") != LN_JSON_NONE &&
                   ln_json_type(doc, ln_json_get(doc, 0, "requestTime")) ==
                       LN_JSON_NUMBER,
               "%s: %.*s", what, LN_STR_ARG(a->body));
}

static void
serve(struct sim_world *w, const struct ln_server_request *r)
{
    struct ln_sim_answer answer;
    char what[160];
    snprintf(what, sizeof(what), "%s %s", r->method, r->path);
    ln_sim_rest_serve(w->sim, r, &answer);
    expect_envelope(w, &answer, what);
    ln_sim_private_flush(w->sim);
    world_check(w);
}

static void
signed_request(struct sim_world *w, const struct ln_endpoint *ep, size_t who,
               const char *text)
{
    const struct ln_sim_user *user = &w->sim->users[who];
    bool is_get = strcmp(ep->method, "GET") == 0;
    char timestamp[24], sign[LN_SIM_SIGN_CAP];
    snprintf(timestamp, sizeof(timestamp), "%lld",
             (long long)ln_loop_now_ms(w->loop));
    const struct ln_str parts[] = {
        ln_str(timestamp), ln_str(ep->method), ln_str(ep->path),
        ln_str(is_get && *text ? "?" : ""), ln_str(text)};
    FUZZ_CHECK(ln_sim_sign(user, parts, 5, sign), "no memory");
    const struct ln_header headers[] = {
        {"access-key", ln_str(user->auth.key)},
        {"access-passphrase", ln_str(user->auth.passphrase)},
        {"access-sign", ln_str(sign)},
        {"access-timestamp", ln_str(timestamp)},
        {"content-type", ln_str("application/json")}};
    const struct ln_server_request r = {.method = ep->method,
                                        .path = ep->path,
                                        .query = is_get ? text : "",
                                        .body = ln_str(is_get ? "" : text),
                                        .headers = headers,
                                        .nheaders = 5,
                                        .peer = "127.0.0.1"};
    serve(w, &r);
}

/* METHOD PATH REST; what a server of core/net would never hand on is cut. */
static void
unsigned_request(struct sim_world *w, char *text)
{
    char *path = strchr(text, ' ');
    if (!path || path == text)
        return;
    *path++ = '\0';
    char *rest = strchr(path, ' ');
    if (rest)
        *rest++ = '\0';
    if (*path != '/')
        return;
    const struct ln_server_request r = {.method = text,
                                        .path = path,
                                        .query = rest ? rest : "",
                                        .body = ln_str(rest ? rest : ""),
                                        .peer = "127.0.0.1"};
    serve(w, &r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines = {(const char *)data, (const char *)data + size};
    struct sim_world w;
    size_t len, n, who = 0;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);
    const char *line;
    world_make(&w);
    for (int i = 0; i < LINES_MAX && (line = fuzz_line(&lines, &len)); i++) {
        if (len == 0)
            continue;
        /* Texts of a request end with a 0 byte. */
        char *text = malloc(len);
        FUZZ_CHECK(text != NULL, "no memory");
        memcpy(text, line + 1, len - 1);
        text[len - 1] = '\0';
        if (line[0] >= '0' && line[0] <= '|') {
            signed_request(&w, &rows[(size_t)(line[0] - '0') % n], who, text);
        } else if (line[0] == '+') {
            ln_loop_run_for(w.loop, world_ms(text, len - 1));
            world_check(&w);
        } else if (line[0] == '@') {
            who = (who + 1) % w.sim->nusers;
        } else {
            unsigned_request(&w, text);
        }
        free(text);
    }
    world_end(&w);
    return 0;
}
