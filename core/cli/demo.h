/*
 * The demo's parts: what cmd_demo.c starts, demo_view.c shows while it runs
 * and demo_summary.c says at its end.
 */
#ifndef LN_CLI_DEMO_H
#define LN_CLI_DEMO_H

#include "cli/session.h"
#include "sim/sim.h"

#define DEMO_LOG_LINES 200
#define DEMO_LOG_WIDTH 240

struct ln_demo {
    struct ln_session session;
    struct ln_sim *sim;
    struct ln_host_config config;
    int64_t seconds; /* 0: until it is stopped */
    int64_t started_ns;
    bool live; /* draw the live view */
    bool json;
    const char *data; /* recorded candles, or NULL */
    int speed;
    struct ln_timer *end_timer, *view_timer, *settle_timer;
    int settle_tries;
    bool agreed; /* the host's positions equal the exchange's */
    char log[DEMO_LOG_LINES][DEMO_LOG_WIDTH]; /* latest lines, a ring */
    unsigned log_next;
};

/* ---- demo_view.c ---- */
void ln_demo_view_open(struct ln_demo *d); /* alternate screen, log captured */
void ln_demo_view_draw(void *demo);
void ln_demo_view_close(struct ln_demo *d); /* the terminal as it was */
/* One plain line of state, for when there is no terminal. */
void ln_demo_plain_line(void *demo);

/* ---- demo_summary.c ---- */
/* True when every instrument's net position is the same on both sides. */
bool ln_demo_positions_agree(struct ln_demo *d);
/* Prints the summary; returns whether the demo succeeded. */
bool ln_demo_summary(struct ln_demo *d);

#endif
