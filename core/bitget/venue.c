/*
 * The Bitget client as a venue: its door (struct ln_venue_ops), its life,
 * and the telling of events. See bitget_int.h for the other files.
 */
#include "base/log.h"
#include "bitget/bitget_int.h"

#include <stdio.h>
#include <stdlib.h>

#define PARAMS_MAX 65536

void
ln_bv_emit(struct ln_bitget *v, const struct ln_venue_event *event)
{
    if (v->fn)
        v->fn(v->ctx, event);
}

static void
tell_connection(struct ln_bitget *v, enum ln_venue_part part, bool up,
                uint16_t instrument, const char *why, bool fatal)
{
    struct ln_venue_event e = {.type = LN_VE_CONNECTION,
                               .instrument = instrument,
                               .received_ns = ln_loop_now_ns(v->loop)};
    e.u.connection.part = part;
    e.u.connection.up = up;
    e.u.connection.fatal = fatal;
    e.u.connection.why = why;
    ln_bv_emit(v, &e);
}

void
ln_bv_part(struct ln_bitget *v, enum ln_venue_part part, bool up,
           const char *why, bool fatal)
{
    enum ln_bv_told now = up ? LN_BV_UP : LN_BV_DOWN;

    if (v->told[part] == now && !fatal)
        return;
    v->told[part] = now;
    tell_connection(v, part, up, LN_INSTRUMENT_NONE, why, fatal);
}

void
ln_bv_remark(struct ln_bitget *v, uint16_t instrument, const char *why)
{
    ln_warn("bitget", "%s", why);
    tell_connection(v, LN_PART_PUBLIC, v->told[LN_PART_PUBLIC] == LN_BV_UP,
                    instrument, why, false);
}

/* ---- start and stop ---- */

static void
add_stats(struct ln_venue_stats *sum, const struct ln_venue_stats *s)
{
    sum->requests += s->requests;
    sum->rate_limit_waits += s->rate_limit_waits;
    sum->rate_limit_hits += s->rate_limit_hits;
    sum->errors += s->errors;
    sum->clock_offset_ms = s->clock_offset_ms;
}

static void
venue_start(struct ln_venue *venue, ln_venue_fn fn, void *ctx)
{
    struct ln_bitget *v = ln_bv_of(venue);

    if (v->fn)
        return;
    v->fn = fn;
    v->ctx = ctx;
    memset(v->told, 0, sizeof v->told);
    v->transport_failures = 0;
    v->start_step = 0;
    v->pos_mode = 0;
    v->fills_since_ms = v->covers_ms;
    ln_backoff_reset(&v->start_backoff);
    ln_timer_start(v->start_timer, 0, 0);
}

static void
venue_cover_since(struct ln_venue *venue, int64_t since_ms)
{
    ln_bv_of(venue)->covers_ms = since_ms;
}

/* Records of answers that are on the stack while stop is called. */
static void
on_grave(void *ctx)
{
    ln_bv_free_dead(ctx);
}

static void
end_rest(struct ln_bitget *v)
{
    struct ln_venue_stats stats = {0};

    if (!v->rest)
        return;
    ln_rest_stats(v->rest, &stats);
    add_stats(&v->old_stats, &stats);
    ln_rest_free(v->rest); /* also from inside its own answers */
    v->rest = NULL;
}

static void
venue_stop(struct ln_venue *venue)
{
    struct ln_bitget *v = ln_bv_of(venue);

    v->fn = NULL;
    ln_timer_stop(v->outbox);
    ln_timer_stop(v->start_timer);
    ln_timer_stop(v->round_timer);
    ln_timer_stop(v->upkeep);
    ln_subs_stop(&v->pub);
    ln_subs_stop(&v->priv);
    v->round++; /* answers of the old one count no more */
    end_rest(v);
    ln_bv_drop_reqs(v);
    if (v->depth > 0)
        ln_timer_start(v->grave, 0, 0);
    ln_subs_forget(&v->pub); /* whoever starts again subscribes again */
}

static void
venue_free(struct ln_venue *venue)
{
    struct ln_bitget *v = ln_bv_of(venue);

    venue_stop(venue);
    ln_bv_free_dead(v);
    ln_timer_free(v->outbox);
    ln_timer_free(v->start_timer);
    ln_timer_free(v->round_timer);
    ln_timer_free(v->upkeep);
    ln_timer_free(v->grave);
    ln_subs_deinit(&v->pub);
    ln_subs_deinit(&v->priv);
    ln_bv_markets_free(v);
    ln_instruments_deinit(&v->instruments);
    ln_known_deinit(&v->known);
    ln_request_text_deinit(&v->text);
    ln_buf_deinit(&v->params);
    ln_json_deinit(&v->params_doc);
    free(v->funding);
    free(v->positions);
    free(v->trades);
    for (size_t i = 0; i < sizeof v->strings / sizeof v->strings[0]; i++)
        free(v->strings[i]);
    free(v);
}

/* ---- the rest of the door ---- */

static const struct ln_instruments *
venue_instruments(struct ln_venue *venue)
{
    return &ln_bv_of(venue)->instruments;
}

static void
venue_query_open_orders(struct ln_venue *venue)
{
    ln_bv_open_orders(ln_bv_of(venue), 0);
}

static void
venue_query_positions(struct ln_venue *venue)
{
    ln_bv_positions(ln_bv_of(venue), 0);
}

static void
venue_query_account(struct ln_venue *venue)
{
    ln_bv_account(ln_bv_of(venue), 0);
}

static void
venue_query_fills(struct ln_venue *venue, uint16_t instrument, int64_t since_ms)
{
    ln_bv_fills(ln_bv_of(venue), instrument, since_ms, 0);
}

static void
venue_stats(struct ln_venue *venue, struct ln_venue_stats *out)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_stream_counters pub, priv;
    struct ln_venue_stats rest = {0};

    *out = v->old_stats;
    if (v->rest) {
        ln_rest_stats(v->rest, &rest);
        add_stats(out, &rest);
    }
    ln_subs_counters(&v->pub, &pub);
    ln_subs_counters(&v->priv, &priv);
    out->messages = pub.messages + priv.messages;
    out->reconnects = pub.losses + priv.losses;
    out->book_gaps = v->book_gaps;
}

static const struct ln_venue_ops ops = {
    .start = venue_start,
    .cover_since = venue_cover_since,
    .stop = venue_stop,
    .free = venue_free,
    .instruments = venue_instruments,
    .subscribe = ln_bv_subscribe,
    .unsubscribe = ln_bv_unsubscribe,
    .submit = ln_bv_submit,
    .cancel = ln_bv_cancel,
    .amend = ln_bv_amend,
    .query_order = ln_bv_query_order,
    .query_open_orders = venue_query_open_orders,
    .query_positions = venue_query_positions,
    .query_account = venue_query_account,
    .query_fills = venue_query_fills,
    .fetch_candles = ln_bv_fetch_candles,
    .call = ln_bv_call,
    .stats = venue_stats,
};

/* ---- making one ---- */

static bool
own_string(struct ln_bitget *v, int slot, const char **at, const char *text)
{
    if (!text) {
        *at = NULL;
        return true;
    }
    v->strings[slot] = strdup(text);
    *at = v->strings[slot];
    return *at != NULL;
}

static bool
own_config(struct ln_bitget *v, const struct ln_bitget_config *cfg)
{
    const char *host = cfg->demo ? "wspap" : "ws";
    char pub[64], priv[64];

    (void)snprintf(pub, sizeof pub, "wss://%s.bitget.com/v2/ws/public", host);
    (void)snprintf(priv, sizeof priv, "wss://%s.bitget.com/v2/ws/private",
                   host);
    v->cfg = *cfg;
    return own_string(v, 0, &v->cfg.rest,
                      cfg->rest ? cfg->rest : "https://api.bitget.com") &&
           own_string(v, 1, &v->cfg.ws_public,
                      cfg->ws_public ? cfg->ws_public : pub) &&
           own_string(v, 2, &v->cfg.ws_private,
                      cfg->ws_private ? cfg->ws_private : priv) &&
           own_string(v, 3, &v->cfg.ca_file, cfg->ca_file) &&
           own_string(v, 4, &v->cfg.product,
                      cfg->product ? cfg->product : "USDT-FUTURES");
}

static void
init_streams(struct ln_bitget *v)
{
    struct ln_stream_opts opts = {.loop = v->loop,
                                  .net = v->net,
                                  .name = "public stream",
                                  .url = v->cfg.ws_public,
                                  .ca_file = v->cfg.ca_file,
                                  .inst_type = v->cfg.product,
                                  .seed = v->cfg.seed};

    ln_subs_init(&v->pub, &opts, &ln_bv_public_events, v);
    opts.name = "private stream";
    opts.url = v->cfg.ws_private;
    opts.credentials = v->cfg.credentials;
    opts.seed = v->cfg.seed + 1000;
    ln_subs_init(&v->priv, &opts, &ln_bv_private_events, v);
}

static bool
init_all(struct ln_bitget *v, const struct ln_bitget_config *cfg)
{
    if (!own_config(v, cfg) || ln_known_init(&v->known) != LN_OK)
        return false;
    init_streams(v);
    v->has_keys = cfg->credentials != NULL;
    v->outbox = ln_timer_new(v->loop, ln_bv_on_outbox, v);
    v->start_timer = ln_timer_new(v->loop, ln_bv_on_start, v);
    v->round_timer = ln_timer_new(v->loop, ln_bv_on_round, v);
    v->upkeep = ln_timer_new(v->loop, ln_bv_on_upkeep, v);
    v->grave = ln_timer_new(v->loop, on_grave, v);
    v->start_backoff = (struct ln_backoff){500, 30000, 0};
    v->round_backoff = (struct ln_backoff){500, 15000, 0};
    ln_rng_seed(&v->rng, cfg->seed + 1);
    return v->outbox && v->start_timer && v->round_timer && v->upkeep &&
           v->grave && (!v->has_keys || ln_bv_private_topics(v) == LN_OK);
}

struct ln_venue *
ln_bitget_new(struct ln_loop *loop, struct ln_net *net,
              const struct ln_bitget_config *cfg, struct ln_error *err)
{
    struct ln_bitget *v = calloc(1, sizeof *v);

    if (!v) {
        (void)ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                           "no memory for the Bitget client");
        return NULL;
    }
    v->venue.ops = &ops;
    v->loop = loop;
    v->net = net;
    ln_instruments_init(&v->instruments);
    ln_request_text_init(&v->text);
    ln_buf_init(&v->params, PARAMS_MAX);
    ln_json_init(&v->params_doc);
    if (!init_all(v, cfg)) {
        (void)ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                           "no memory for the Bitget client");
        venue_free(&v->venue);
        return NULL;
    }
    /* Made here once so that a bad configuration is told at once. */
    v->rest = ln_rest_new(loop, net, &v->cfg, err);
    if (!v->rest) {
        venue_free(&v->venue);
        return NULL;
    }
    return &v->venue;
}
