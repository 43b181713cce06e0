/*
 * Answers: the envelope {"code","msg","requestTime","data"}, HTTP statuses
 * and error codes, all decoded into the one error type of the venue door.
 */
#ifndef LN_BITGET_ANSWER_H
#define LN_BITGET_ANSWER_H

#include "base/json.h"
#include "net/net.h"
#include "venue.h"

struct ln_error_code {
    int32_t code;
    enum ln_verdict verdict;
    const char *meaning;
};

/* The row of a code; an unlisted code gives one with LN_VERDICT_ASK. */
const struct ln_error_code *ln_error_code(int32_t code);

/*
 * Decode an HTTP response. A JSON body with "code" decides, whatever the
 * status; otherwise the status; without an answer the transport error.
 * *data is the value of "data" (LN_JSON_NONE on errors). is_write: an
 * unlisted or 5xx answer means ASK instead of RETRY.
 */
void ln_answer_decode(const struct ln_http_response *resp, bool is_write,
                      struct ln_json *doc, ln_json_val *data,
                      int64_t *request_time_ms, struct ln_venue_error *err);

/* "Bitget answers 40034 (HTTP 400): ...": for people. */
void ln_venue_error_text(const struct ln_venue_error *e, struct ln_error *out);

#endif
