/*
 * The market's clock: how far the engine is advanced at each tick of the
 * server, and what is said when it cannot keep up.
 *
 *   speed X     market time = start + X * (server time - start)
 *   speed max   a second of the market after another, as long as this tick
 *               has time left and every client has taken what it was sent
 */
#include "sim/trouble.h"

#include "base/log.h"

#define CATCH_UP_MS  1000  /* server time that one tick makes up for at most */
#define BEHIND_MS    1000  /* more is worth a word */
#define WARN_MS      10000 /* between two of them */
#define STEP_MS      1000  /* at speed max: market time, then pushes */
#define STEPS_MAX    50    /* at speed max: per tick */
#define BUDGET_NS    6000000LL /* at speed max: of a tick's 10 ms */
#define QUEUED_BYTES 65536     /* a client that has more waiting holds it up */

static int64_t
market_ms(const struct ln_sim *sim)
{
    const struct ln_sim_clock *c = &sim->clock;
    return c->market_base_ms +
           (ln_sim_loop_ms(sim) - c->server_base_ms) * c->speed;
}

void
ln_sim_set_speed(struct ln_sim *sim, int32_t speed)
{
    sim->clock.market_base_ms = ln_ex_now(sim->ex);
    sim->clock.server_base_ms = ln_sim_loop_ms(sim);
    sim->clock.speed = speed > 0 || speed == LN_SIM_SPEED_MAX ? speed : 0;
}

/* Not beyond the end of recorded data. */
static void
advance_to(struct ln_sim *sim, int64_t to_ms)
{
    const struct ln_sim_clock *c = &sim->clock;
    if (c->end_ms != 0 && to_ms >= c->end_ms) {
        to_ms = c->end_ms;
        sim->stats.data_finished = true;
        ln_info("sim", "the recorded data have ended; the market stands still");
    }
    if (to_ms > ln_ex_now(sim->ex))
        ln_ex_advance(sim->ex, to_ms);
}

/* What the start took is made up for without a word. */
static void
judge(struct ln_sim *sim, int64_t behind_ms)
{
    int64_t now_ms = ln_sim_loop_ms(sim);
    if (behind_ms <= BEHIND_MS)
        sim->caught_up = true;
    if (!sim->caught_up)
        return;
    sim->stats.behind_ms = behind_ms;
    if (behind_ms > sim->stats.behind_worst_ms)
        sim->stats.behind_worst_ms = behind_ms;
    if (behind_ms <= BEHIND_MS)
        return;
    sim->stats.behind_ticks++;
    if (now_ms - sim->warned_ms < WARN_MS)
        return;
    sim->warned_ms = now_ms;
    ln_warn("sim",
            "the market is %lld ms behind its clock: fewer clients, fewer "
            "symbols or a lower speed would let it keep up",
            (long long)behind_ms);
}

static bool
clients_keep_up(const struct ln_sim *sim)
{
    if (sim->trouble && sim->trouble->first)
        return false; /* an answer or a push is still on its way */
    for (const struct ln_sim_conn *c = sim->hub->conns; c; c = c->next)
        if (!c->closing && ln_ws_queued(c->ws) > QUEUED_BYTES)
            return false;
    return true;
}

static void
advance_freely(struct ln_sim *sim)
{
    int64_t begin_ns = ln_loop_now_ns(sim->loop);
    sim->stats.behind_ms = 0;
    for (int i = 0; i < STEPS_MAX && !sim->stats.data_finished; i++) {
        if (!clients_keep_up(sim))
            return;
        advance_to(sim, ln_ex_now(sim->ex) + STEP_MS);
        ln_sim_private_flush(sim);
        ln_sim_feed_flush(sim);
        if (ln_loop_now_ns(sim->loop) - begin_ns > BUDGET_NS)
            return;
    }
}

void
ln_sim_advance(struct ln_sim *sim)
{
    const struct ln_sim_clock *c = &sim->clock;
    int64_t now_ms = ln_ex_now(sim->ex), to_ms;
    if (c->speed == 0 || sim->stats.data_finished)
        return;
    if (c->speed == LN_SIM_SPEED_MAX) {
        advance_freely(sim);
        return;
    }
    to_ms = market_ms(sim);
    judge(sim, (to_ms - now_ms) / c->speed);
    if (to_ms > now_ms + (int64_t)CATCH_UP_MS * c->speed)
        to_ms = now_ms + (int64_t)CATCH_UP_MS * c->speed; /* clients wait */
    advance_to(sim, to_ms);
}
