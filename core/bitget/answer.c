/*
 * Decoding answers: see answer.h.
 *
 *   transport failed ............ by <sent>: nothing happened, or unknown
 *   JSON with "code" ............ the table of codes, whatever the status
 *   anything else (a gateway's
 *   page, a cut or empty body) .. the status
 */
#include "bitget/answer.h"

#include "base/assert.h"

#include <stdio.h>

#define HTTP_TIMEOUT  408
#define HTTP_TOO_MANY 429
#define CODE_TOO_MANY 429

static const struct ln_error_code codes[] = {
#define CODE(code, verdict, meaning) {code, LN_VERDICT_##verdict, meaning},
#include "bitget/error_codes.def"
#undef CODE
};

const struct ln_error_code *
ln_error_code(int32_t code)
{
    static const struct ln_error_code ok = {0, LN_VERDICT_OK, "success"};
    static const struct ln_error_code unlisted = {-1, LN_VERDICT_ASK,
                                                  "not a known code"};
    size_t lo = 0, hi = LN_COUNT(codes);

    if (code == 0)
        return &ok;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (codes[mid].code == code)
            return &codes[mid];
        if (codes[mid].code < code)
            lo = mid + 1;
        else
            hi = mid;
    }
    return &unlisted;
}

/* A read that may have failed can simply be made again. */
static enum ln_verdict
unknown_outcome(bool is_write)
{
    return is_write ? LN_VERDICT_ASK : LN_VERDICT_RETRY;
}

static void
set_message(struct ln_venue_error *err, struct ln_str text)
{
    (void)ln_str_copy(err->message, sizeof err->message, text);
    /* A foreign text must not steer a terminal. */
    for (char *c = err->message; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = ' ';
    }
}

static void
transport_failed(const struct ln_http_response *resp, bool is_write,
                 struct ln_venue_error *err)
{
    err->code = resp->code;
    err->sent = resp->sent;
    err->verdict = resp->sent ? unknown_outcome(is_write) : LN_VERDICT_RETRY;
    if (resp->err.what[0])
        set_message(err, ln_str(resp->err.what));
    else
        set_message(err, ln_str(ln_err_name(resp->code)));
}

/* No envelope: all that is known is the status. */
static void
status_only(const struct ln_http_response *resp, bool is_write,
            struct ln_venue_error *err)
{
    int status = resp->status;
    char text[128];

    err->code = LN_ERR_VENUE;
    if (status == HTTP_TOO_MANY) {
        err->code = LN_ERR_LIMIT;
        err->verdict = LN_VERDICT_RETRY;
    } else if (status >= 300 && status < 500 && status != HTTP_TIMEOUT) {
        err->verdict = LN_VERDICT_NO; /* turned away at the door */
    } else {
        /* Trouble behind the door; or "done", but not in words we know. */
        err->verdict = unknown_outcome(is_write);
    }
    if (resp->body.len)
        (void)snprintf(text, sizeof text,
                       "the answer (%zu bytes) is not the exchange's JSON",
                       resp->body.len);
    else
        (void)snprintf(text, sizeof text, "the answer is empty");
    set_message(err, ln_str(text));
}

static void
refused(const struct ln_json *doc, int32_t code, bool is_write,
        struct ln_venue_error *err)
{
    const struct ln_error_code *row = ln_error_code(code);
    char text[sizeof err->message];
    ln_json_val msg = ln_json_get(doc, 0, "msg");

    err->code = code == CODE_TOO_MANY ? LN_ERR_LIMIT : LN_ERR_VENUE;
    err->exchange_code = code;
    err->verdict = row->verdict == LN_VERDICT_ASK ? unknown_outcome(is_write)
                                                  : row->verdict;
    if (ln_json_string(doc, msg, text, sizeof text) && text[0])
        set_message(err, ln_str(text));
    else if (ln_json_scalar(doc, msg).len > 0)
        set_message(err, ln_json_scalar(doc, msg)); /* long: its start */
    else
        set_message(err, ln_str(row->meaning));
}

void
ln_answer_decode(const struct ln_http_response *resp, bool is_write,
                 struct ln_json *doc, ln_json_val *data,
                 int64_t *request_time_ms, struct ln_venue_error *err)
{
    int64_t code = -1;

    memset(err, 0, sizeof *err);
    *data = LN_JSON_NONE;
    if (request_time_ms)
        *request_time_ms = 0;
    if (resp->code) {
        doc->count = 0; /* nothing of the last answer is left */
        transport_failed(resp, is_write, err);
        return;
    }
    err->sent = true;
    err->http_status = resp->status;
    if (ln_json_parse(doc, resp->body.ptr ? resp->body.ptr : "", resp->body.len,
                      NULL) ||
        !ln_json_i64(doc, ln_json_get(doc, 0, "code"), &code) || code < 0 ||
        code > INT32_MAX) {
        status_only(resp, is_write, err);
        return;
    }
    if (request_time_ms)
        (void)ln_json_i64(doc, ln_json_get(doc, 0, "requestTime"),
                          request_time_ms);
    if (code != 0) {
        refused(doc, (int32_t)code, is_write, err);
        return;
    }
    *data = ln_json_get(doc, 0, "data");
}

static const char *
advice(const struct ln_venue_error *e)
{
    switch (e->verdict) {
    case LN_VERDICT_RETRY:
        return "it may be tried again";
    case LN_VERDICT_ASK:
        return "the outcome is unknown; query before repeating it";
    case LN_VERDICT_STATE:
        return "read account, positions and orders again first";
    default:
        return "";
    }
}

void
ln_venue_error_text(const struct ln_venue_error *e, struct ln_error *out)
{
    const char *meaning = ln_error_code(e->exchange_code)->meaning;

    if (e->code == LN_OK)
        (void)ln_error_set(out, LN_OK, NULL, NULL, "no error");
    else if (e->exchange_code > 0)
        /* The codes of success and time ranges have five digits as well. */
        (void)ln_error_set(out, e->code, NULL,
                           e->verdict == LN_VERDICT_NO ? meaning : advice(e),
                           "Bitget answers %05d (HTTP %d): %s",
                           (int)e->exchange_code, (int)e->http_status,
                           e->message);
    else if (e->http_status > 0)
        (void)ln_error_set(out, e->code, NULL, advice(e),
                           "Bitget answers HTTP %d: %s", (int)e->http_status,
                           e->message);
    else
        (void)ln_error_set(out, e->code, NULL, advice(e), "%s", e->message);
}
