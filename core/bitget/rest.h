/*
 * Signed REST calls with rate limits: the queue between the venue (or the
 * command `lunette api`) and core/net.
 *
 * Requests wait for a token of their endpoint's bucket and of the per-IP
 * total (6000 a minute), in order of priority; a 429 slows its bucket down.
 * Timestamps are sent in server time (ln_rest_sync_clock).
 */
#ifndef LN_BITGET_REST_H
#define LN_BITGET_REST_H

#include "bitget/answer.h"
#include "bitget/bitget.h"
#include "bitget/endpoint.h"

struct ln_rest;

struct ln_rest *ln_rest_new(struct ln_loop *loop, struct ln_net *net,
                            const struct ln_bitget_config *cfg,
                            struct ln_error *err);
void ln_rest_free(struct ln_rest *rest);

/* data: LN_JSON_NONE on error. All valid during the call only. */
typedef void (*ln_rest_fn)(void *ctx, const struct ln_venue_error *error,
                           const struct ln_json *doc, ln_json_val data);

/*
 * Queue one request. target and body are copied. fn is called exactly once,
 * later. Never repeated by itself.
 */
void ln_rest_call(struct ln_rest *rest, const struct ln_endpoint *ep,
                  const struct ln_request_text *text, enum ln_priority prio,
                  ln_rest_fn fn, void *ctx);

/* GET the server time and set the offset from it; fn may be NULL. */
void ln_rest_sync_clock(struct ln_rest *rest, ln_rest_fn fn, void *ctx);

/* Now, in server time. */
int64_t ln_rest_server_ms(struct ln_rest *rest);

void ln_rest_stats(const struct ln_rest *rest, struct ln_venue_stats *out);

/*
 * The request as it would be sent now, for --dry-run: a JSON object
 * {"method","url","headers","body","prehash"} with secrets masked.
 */
enum ln_err ln_rest_dry_run(struct ln_rest *rest, const struct ln_endpoint *ep,
                            const struct ln_request_text *text,
                            struct ln_buf *out,
                            struct ln_error *err) LN_MUST_USE;

#endif
