/*
 * WebSockets with faults about: connects, messages of clients, and what is
 * sent to them.
 */
#include "sim/trouble.h"

/* The socket goes on to exist, and that is all it does. */
static bool
falls_silent(struct ln_sim_conn *conn, const struct ln_sim_spot *spot)
{
    const struct ln_sim_fault_rule *rule;
    if (ln_sim_strikes(conn->sim, LN_SIM_FK_HALF_OPEN, spot)) {
        conn->mute = true;
        return true;
    }
    rule = ln_sim_strikes(conn->sim, LN_SIM_FK_DISCONNECT, spot);
    if (!rule)
        return false;
    ln_sim_conn_close(conn, rule->how == LN_SIM_HOW_CLOSE ? 1001 : 0,
                      "a fault on request");
    return true;
}

bool
ln_sim_troubled_accept(struct ln_sim *sim, struct ln_sim_conn *conn)
{
    struct ln_sim_spot spot = {
        .on = LN_SIM_ON_WS, .dir = LN_SIM_DIR_IN, .name = ln_str("connect")};
    if (ln_sim_strikes(sim, LN_SIM_FK_REFUSE, &spot))
        return false;
    conn->mute = ln_sim_strikes(sim, LN_SIM_FK_NO_ANSWER, &spot) != NULL;
    return true;
}

/*
 * When a message that is late by <rule> (or not at all: NULL) is due: never
 * before what was sent earlier. 0: now.
 */
static int64_t
due_at(struct ln_sim *sim, const struct ln_sim_fault_rule *rule,
       int64_t *last_ms)
{
    int64_t now_ms = ln_sim_loop_ms(sim), due_ms = now_ms;
    if (rule)
        due_ms += ln_sim_fault_delay(&sim->trouble->faults, rule);
    if (due_ms < *last_ms)
        due_ms = *last_ms;
    *last_ms = due_ms;
    return due_ms > now_ms ? due_ms : 0;
}

static void
hold_back(struct ln_sim_conn *conn, enum ln_sim_late_kind kind, bool held,
          int64_t due_ms, struct ln_str text)
{
    if (!ln_sim_late_message(conn->sim, due_ms, kind, held, conn, text))
        ln_sim_conn_close(conn, 0, "too much is held back");
}

bool
ln_sim_troubled_message(struct ln_sim_conn *conn, struct ln_str text)
{
    struct ln_sim *sim = conn->sim;
    struct ln_sim_spot spot = {
        .on = LN_SIM_ON_WS, .dir = LN_SIM_DIR_IN, .name = ln_str("message")};
    if (conn->mute || falls_silent(conn, &spot))
        return false;
    int64_t due_ms = due_at(sim, ln_sim_strikes(sim, LN_SIM_FK_LATENCY, &spot),
                            &conn->last_in_ms);
    if (due_ms == 0)
        return true;
    hold_back(conn, LN_SIM_LATE_IN, false, due_ms, text);
    return false;
}

/* Private pushes lost, held back, or sent twice (true: once more). */
static bool
mistreat_push(struct ln_sim_conn *conn, const struct ln_sim_spot *spot,
              struct ln_str text, bool *twice)
{
    struct ln_sim *sim = conn->sim;
    const struct ln_sim_fault_rule *rule;
    int64_t now_ms = ln_sim_loop_ms(sim);
    *twice = false;
    if (ln_sim_strikes(sim, LN_SIM_FK_SILENT, spot) ||
        ln_sim_strikes(sim, LN_SIM_FK_DROP_PUSH, spot))
        return true;
    if ((rule = ln_sim_strikes(sim, LN_SIM_FK_DELAY_PUSH, spot)) != NULL) {
        hold_back(conn, LN_SIM_LATE_OUT, false,
                  now_ms + ln_sim_fault_delay(&sim->trouble->faults, rule),
                  text);
        return true;
    }
    if ((rule = ln_sim_strikes(sim, LN_SIM_FK_REORDER_PUSH, spot)) != NULL) {
        hold_back(conn, LN_SIM_LATE_OUT, true, now_ms + rule->ms, text);
        return true;
    }
    *twice = ln_sim_strikes(sim, LN_SIM_FK_DUP_PUSH, spot) != NULL;
    return false;
}

void
ln_sim_troubled_send(struct ln_sim_conn *conn, struct ln_str text)
{
    struct ln_sim *sim = conn->sim;
    char name[LN_SIM_CHANNEL_CAP];
    struct ln_sim_spot spot = {
        .on = LN_SIM_ON_WS, .dir = LN_SIM_DIR_OUT, .name = ln_str("reply")};
    const struct ln_sim_topic *topic =
        ln_str_starts(text, "{\"action\"") ? sim->pushing : NULL;
    bool twice = false;
    if (topic) {
        ln_sim_topic_name(topic, name);
        spot.name = ln_str(name);
        spot.is_private = topic->inst == LN_INSTRUMENT_NONE;
        if (!spot.is_private)
            spot.symbol = ln_str(ln_sim_instrument(sim, topic->inst)->symbol);
    }
    if (falls_silent(conn, &spot))
        return;
    struct ln_str sent = ln_sim_damaged(sim, &spot, text);
    if (topic && mistreat_push(conn, &spot, sent, &twice))
        return;
    int64_t due_ms = due_at(sim, ln_sim_strikes(sim, LN_SIM_FK_LATENCY, &spot),
                            &conn->last_out_ms);
    for (int i = 0; i < (twice ? 2 : 1); i++) {
        if (due_ms == 0)
            ln_sim_conn_write(conn, sent);
        else
            hold_back(conn, LN_SIM_LATE_OUT, false, due_ms, sent);
    }
    if (topic)
        ln_sim_late_release(sim, conn);
}
