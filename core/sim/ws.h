/*
 * WebSocket connections and what they subscribe to.
 *
 *   conn --subscribes--> topic <--pushes-- feed.c, private.c
 *
 * A topic is a channel of one instrument, or a private channel. What is
 * pushed is written once and sent to every connection of its topic.
 */
#ifndef LN_SIM_WS_H
#define LN_SIM_WS_H

#include "sim/sim_int.h"

enum ln_sim_channel {
    LN_SIM_CH_TICKER,
    LN_SIM_CH_TRADE,
    LN_SIM_CH_BOOKS,
    LN_SIM_CH_BOOKS1,
    LN_SIM_CH_BOOKS5,
    LN_SIM_CH_BOOKS15,
    LN_SIM_CH_CANDLE, /* + enum ln_timeframe */
    LN_SIM_CH_PUBLIC = LN_SIM_CH_CANDLE + LN_TF_COUNT,

    LN_SIM_CH_ACCOUNT = 0, /* private ones are counted by themselves */
    LN_SIM_CH_POSITIONS,
    LN_SIM_CH_ORDERS,
    LN_SIM_CH_FILL,
    LN_SIM_CH_ORDERS_ALGO,
    LN_SIM_CH_POSITIONS_HISTORY,
    LN_SIM_CH_EQUITY,
    LN_SIM_CH_ADL,
    LN_SIM_CH_PRIVATE
};

/* Names of the channels above, candles excepted. */
extern const char *const ln_sim_private_names[LN_SIM_CH_PRIVATE];
extern const char *const ln_sim_public_names[LN_SIM_CH_CANDLE];

struct ln_sim_conn;

/* Who gets what is pushed. */
struct ln_sim_topic {
    struct ln_sim_conn **conns; /* owned array of the hub's connections */
    size_t count, cap;
    uint16_t inst;            /* NONE: private */
    struct ln_sim_user *user; /* private: whose */
    int channel;              /* enum ln_sim_channel */
};

struct ln_sim_conn {
    struct ln_sim_conn *prev, *next;
    struct ln_sim *sim;
    struct ln_ws *ws;
    bool is_private;          /* by its path */
    struct ln_sim_user *user; /* logged in as; NULL: not yet */
    bool closing;             /* asked to close: nothing more is sent or read */
    bool mute;                /* a fault: open, and that is all */
    int64_t opened_ms, last_ping_ms;
    int64_t idle_since_ms;           /* without a subscription */
    int64_t last_in_ms, last_out_ms; /* of what a fault holds back */
    char peer[64];
    size_t nsubs;  /* channels that push */
    size_t silent; /* channels of other product lines: acked, no more */
    struct ln_sim_bucket messages; /* of the client, per second */
    int64_t hour_ms;               /* start of the hour that is counted */
    int subscribe_frames;          /* in it */
};

struct ln_sim_hub {
    struct ln_sim_conn *conns;          /* list */
    struct ln_sim_topic *public_topics; /* [inst * PUBLIC + channel] */
    size_t ninsts;
    struct ln_json doc; /* of the message under way */
    int64_t checked_ms; /* when idle ones were looked for */
    uint64_t next_conn; /* for connId */
};

/* ---- ws.c ---- */
struct ln_sim_hub *ln_sim_hub_new(size_t ninsts);
void ln_sim_hub_free(struct ln_sim_hub *hub);
void ln_sim_ws_events(struct ln_server_events *events);
/* Close who has not pinged. */
void ln_sim_hub_check(struct ln_sim *sim);
struct ln_sim_topic *ln_sim_topic(struct ln_sim *sim, uint16_t inst,
                                  int channel);
/* The private topics of a user; false: no memory. */
bool ln_sim_user_topics(struct ln_sim_user *user);
/* To one connection; a peer that does not read is dropped. */
void ln_sim_conn_send(struct ln_sim_conn *conn, struct ln_str text);
/* The same past all faults. */
void ln_sim_conn_write(struct ln_sim_conn *conn, struct ln_str text);
/* To all of a topic. */
void ln_sim_topic_send(struct ln_sim_topic *topic, struct ln_str text);
void ln_sim_conn_close(struct ln_sim_conn *conn, int code, const char *reason);
/* False: no memory. Subscribing twice is subscribing once. */
bool ln_sim_topic_add(struct ln_sim_topic *topic, struct ln_sim_conn *conn);
void ln_sim_topic_remove(struct ln_sim_topic *topic,
                         const struct ln_sim_conn *conn);

/* The channel's name. */
#define LN_SIM_CHANNEL_CAP 32
void ln_sim_topic_name(const struct ln_sim_topic *topic,
                       char out[LN_SIM_CHANNEL_CAP]);

/* ---- ws_request.c ---- */
void ln_sim_ws_message(struct ln_sim_conn *conn, struct ln_str text);

/* ---- ws_trade.c: place-order and cancel-order ---- */
void ln_sim_ws_trade(struct ln_sim_conn *conn, const struct ln_json *doc,
                     ln_json_val args);

/* ---- pushes: the envelope around "data" ---- */
/*
 * Begins {"action":..,"arg":{..},"data":[ in sim->push.
 */
void ln_sim_push_begin(struct ln_sim *sim, struct ln_json_writer *w,
                       const struct ln_sim_topic *topic, const char *action);
/* Ends it; the text is valid until the next push. */
struct ln_str ln_sim_push_end(struct ln_sim *sim, struct ln_json_writer *w);
/* {"instType":..,"channel":..,"instId":..} of a topic. */
void ln_sim_topic_arg(struct ln_json_writer *w, const struct ln_sim *sim,
                      const struct ln_sim_topic *topic);

/* ---- feed.c ---- */
struct ln_sim_feed *ln_sim_feed_new(uint16_t ninsts);
void ln_sim_feed_free(struct ln_sim_feed *feed);
void ln_sim_feed_event(struct ln_sim *sim, const struct ln_ex_event *e);
/* Push what is due. */
void ln_sim_feed_flush(struct ln_sim *sim);
/* What a new subscriber gets first. */
void ln_sim_feed_greet(struct ln_sim *sim, struct ln_sim_topic *topic,
                       struct ln_sim_conn *conn);

/* ---- private.c ---- */
void ln_sim_private_event(struct ln_sim *sim, struct ln_sim_user *user,
                          const struct ln_ex_event *e);
void ln_sim_private_flush(struct ln_sim *sim);
void ln_sim_private_greet(struct ln_sim *sim, struct ln_sim_topic *topic,
                          struct ln_sim_conn *conn);

#endif
