/*
 * REST with faults about: what happens to a request before, instead of and
 * after its execution.
 *
 *   latency in -> dropped, unanswered, answered without execution
 *              -> executed -> lost, answered wrongly, spoilt -> latency out
 */
#include "sim/trouble.h"

#include <stdio.h>

/* An answer in Bitget's envelope, as sim->out. */
static void
say(struct ln_sim *sim, struct ln_sim_answer *a, int status, const char *code,
    const char *msg)
{
    ln_sim_envelope(sim, code, msg, ln_str("null"));
    *a = (struct ln_sim_answer){.status = status,
                                .type = LN_SIM_TYPE_JSON,
                                .body = ln_buf_str(&sim->out)};
}

static void
say_html(struct ln_sim *sim, struct ln_sim_answer *a, int status)
{
    ln_buf_reset(&sim->out);
    ln_buf_addf(&sim->out,
                "<html>\r\n<head><title>%d</title></head>\r\n<body>\r\n"
                "<center><h1>%d</h1></center>\r\n<hr><center>gateway</center>"
                "\r\n</body>\r\n</html>\r\n",
                status, status);
    *a = (struct ln_sim_answer){
        .status = status, .type = "text/html", .body = ln_buf_str(&sim->out)};
}

static const struct {
    const char *code, *msg;
} maintenance[] = {{"40200", "Server upgrade, please try again later"},
                   {"45001", "Unknown error"},
                   {"40725", "service return an error"},
                   {"40808", "Parameter verification exception"},
                   {"40015", "System is abnormal, please try again later"}};
#define NMAINTENANCE (sizeof(maintenance) / sizeof(maintenance[0]))

static void
say_maintenance(struct ln_sim *sim, struct ln_sim_answer *a,
                const struct ln_sim_fault_rule *rule)
{
    size_t which = 0;
    if (!rule->code[0])
        which = (size_t)ln_rng_below(&sim->trouble->faults.rng, NMAINTENANCE);
    while (rule->code[0] && strcmp(maintenance[which].code, rule->code) != 0)
        which++; /* the SPEC's reader lets no other code through */
    say(sim, a, rule->status, maintenance[which].code, maintenance[which].msg);
}

/* An answer that saves the execution. */
static bool
instead(struct ln_sim *sim, const struct ln_sim_spot *spot,
        struct ln_sim_answer *a)
{
    const struct ln_sim_fault_rule *rule;
    if (ln_sim_strikes(sim, LN_SIM_FK_429, spot)) {
        say(sim, a, 429, "429", "Too Many Requests");
        sim->stats.rate_limited++;
    } else if ((rule = ln_sim_strikes(sim, LN_SIM_FK_5XX, spot)) != NULL) {
        say(sim, a, rule->status, "40015",
            "System is abnormal, please try again later");
    } else if ((rule = ln_sim_strikes(sim, LN_SIM_FK_HTML, spot)) != NULL) {
        say_html(sim, a, rule->status);
    } else if ((rule = ln_sim_strikes(sim, LN_SIM_FK_MAINTENANCE, spot)) !=
               NULL) {
        say_maintenance(sim, a, rule);
    } else {
        return false;
    }
    sim->stats.rest_requests++;
    sim->stats.rest_errors++;
    return true;
}

/* False: the answer is lost. */
static bool
afterwards(struct ln_sim *sim, struct ln_server_req *req,
           struct ln_sim_spot *spot, struct ln_sim_answer *a)
{
    const struct ln_sim_fault_rule *rule;
    if ((rule = ln_sim_strikes(sim, LN_SIM_FK_UNANSWERED, spot)) != NULL) {
        if (rule->how != LN_SIM_HOW_SILENT)
            ln_server_drop(req);
        return false;
    }
    rule = ln_sim_strikes(sim, LN_SIM_FK_EXECUTED_ERROR, spot);
    if (rule)
        say(sim, a, rule->status, "40015",
            "System is abnormal, please try again later");
    a->body = ln_sim_damaged(sim, spot, a->body);
    spot->dir = LN_SIM_DIR_OUT;
    rule = ln_sim_strikes(sim, LN_SIM_FK_LATENCY, spot);
    if (!rule)
        return true;
    int64_t due_ms =
        ln_sim_loop_ms(sim) + ln_sim_fault_delay(&sim->trouble->faults, rule);
    if (!ln_sim_late_answer(sim, due_ms, req, a))
        ln_server_drop(req);
    return false;
}

void
ln_sim_troubled_request(struct ln_sim *sim, struct ln_server_req *req,
                        const struct ln_server_request *r, bool delayed)
{
    struct ln_sim_spot spot = {
        .on = LN_SIM_ON_REST, .dir = LN_SIM_DIR_IN, .name = ln_str(r->path)};
    struct ln_sim_answer answer;
    const struct ln_sim_fault_rule *rule =
        delayed ? NULL : ln_sim_strikes(sim, LN_SIM_FK_LATENCY, &spot);
    if (rule) {
        int64_t due_ms = ln_sim_loop_ms(sim) +
                         ln_sim_fault_delay(&sim->trouble->faults, rule);
        if (!ln_sim_late_request(sim, due_ms, req, r))
            ln_server_drop(req);
        return;
    }
    if (!req) { /* gone while it was under way: it counts all the same */
        ln_sim_rest_serve(sim, r, &answer);
        return;
    }
    if (ln_sim_strikes(sim, LN_SIM_FK_DISCONNECT, &spot)) {
        ln_server_drop(req);
        return;
    }
    if (ln_sim_strikes(sim, LN_SIM_FK_HALF_OPEN, &spot) ||
        ln_sim_strikes(sim, LN_SIM_FK_NO_ANSWER, &spot))
        return; /* the handle waits until the client gives up */
    if (!instead(sim, &spot, &answer))
        ln_sim_rest_serve(sim, r, &answer);
    if (afterwards(sim, req, &spot, &answer))
        ln_sim_rest_send(sim, req, &answer);
}
