/*
 * Faults set, striking, logged; and those that are states of the server.
 */
#include "sim/trouble.h"

#include "base/log.h"

#include <stdlib.h>

#define SEED_OF_FAULTS 0x6c6e2d6661756c74 /* a stream of its own */
#define LINES_A_SECOND 20                 /* of the log, per rule */

/* ---- setting ---- */

static bool
make(struct ln_sim *sim)
{
    size_t n = ln_sim_instruments(sim);
    struct ln_sim_trouble *t = calloc(1, sizeof(*t));
    if (!t)
        return false;
    ln_json_init(&t->doc);
    ln_buf_init(&t->text, LN_SIM_OUT_MAX);
    t->status_before = calloc(n, sizeof(*t->status_before));
    t->offline = calloc(n, sizeof(*t->offline));
    if (!t->status_before || !t->offline) {
        free(t->status_before);
        free(t->offline);
        free(t);
        return false;
    }
    sim->trouble = t;
    return true;
}

void
ln_sim_trouble_free(struct ln_sim *sim)
{
    struct ln_sim_trouble *t = sim->trouble;
    if (!t)
        return;
    ln_sim_late_free(sim);
    ln_json_deinit(&t->doc);
    ln_buf_deinit(&t->text);
    free(t->status_before);
    free(t->offline);
    free(t);
    sim->trouble = NULL;
}

enum ln_err
ln_sim_set_faults(struct ln_sim *sim, const char *spec, struct ln_error *err)
{
    struct ln_str text = ln_str(spec ? spec : "");
    if (!sim->trouble && text.len == 0)
        return LN_OK;
    if (!sim->trouble && !make(sim))
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "no memory for faults");
    enum ln_err code =
        ln_sim_faults_set(&sim->trouble->faults, text,
                          sim->seed ^ SEED_OF_FAULTS, ln_sim_loop_ms(sim), err);
    if (code != LN_OK)
        return code;
    const struct ln_sim_faults *f = &sim->trouble->faults;
    if (f->count == 0)
        ln_info("sim", "fault: none from now on");
    for (size_t i = 0; i < f->count; i++) {
        struct ln_buf line;
        ln_buf_init(&line, 1024);
        ln_sim_fault_spec(&f->rules[i], &line);
        ln_info("sim", "fault: set %s", line.data ? line.data : "");
        ln_buf_deinit(&line);
    }
    ln_sim_trouble_tick(sim);
    return LN_OK;
}

/* ---- striking ---- */

static void
log_hit(struct ln_sim_fault_rule *rule, const struct ln_sim_spot *spot,
        int64_t now_ms)
{
    if (now_ms - rule->logged_ms >= 1000) {
        rule->logged_ms = now_ms;
        rule->logged = 0;
        if (rule->unlogged > 0)
            ln_info("sim", "fault: %s, %u more times",
                    ln_sim_fault_kinds()[rule->kind].name, rule->unlogged);
        rule->unlogged = 0;
    }
    if (rule->logged == LINES_A_SECOND) {
        rule->unlogged++;
        return;
    }
    rule->logged++;
    ln_info("sim", "fault: %s %.*s%s%.*s",
            ln_sim_fault_kinds()[rule->kind].name, LN_STR_ARG(spot->name),
            spot->symbol.len ? " " : "", LN_STR_ARG(spot->symbol));
}

const struct ln_sim_fault_rule *
ln_sim_strikes(struct ln_sim *sim, enum ln_sim_fault_kind kind,
               const struct ln_sim_spot *spot)
{
    int64_t now_ms;
    if (!sim->trouble || !(sim->trouble->faults.kinds & 1U << kind))
        return NULL;
    now_ms = ln_sim_loop_ms(sim);
    struct ln_sim_fault_rule *rule =
        ln_sim_faults_hit(&sim->trouble->faults, kind, spot, now_ms);
    if (!rule)
        return NULL;
    sim->stats.faults++;
    log_hit(rule, spot, now_ms);
    return rule;
}

bool
ln_sim_strikes_topic(struct ln_sim *sim, enum ln_sim_fault_kind kind,
                     const struct ln_sim_topic *topic)
{
    char name[LN_SIM_CHANNEL_CAP];
    if (!sim->trouble)
        return false;
    ln_sim_topic_name(topic, name);
    struct ln_sim_spot spot = {
        .on = LN_SIM_ON_WS,
        .dir = LN_SIM_DIR_OUT,
        .name = ln_str(name),
        .symbol = ln_str(ln_sim_instrument(sim, topic->inst)->symbol)};
    return ln_sim_strikes(sim, kind, &spot) != NULL;
}

/* ---- states ---- */

/* The status that faults want for an instrument; -1: none. */
static int
wanted_status(const struct ln_sim_faults *f, const char *symbol, int64_t now_ms)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct ln_sim_fault_rule *rule = &f->rules[i];
        if (rule->kind == LN_SIM_FK_OFFLINE &&
            (!rule->symbol[0] || ln_str_eqi(ln_str(symbol), rule->symbol)) &&
            ln_sim_fault_active(f, rule, now_ms))
            return rule->inst_status;
    }
    return -1;
}

static void
tick_instrument(struct ln_sim *sim, uint16_t inst, int64_t now_ms)
{
    struct ln_sim_trouble *t = sim->trouble;
    const struct ln_instrument *in = ln_sim_instrument(sim, inst);
    int want = wanted_status(&t->faults, in->symbol, now_ms);
    if (want < 0 && !t->offline[inst])
        return;
    if (want >= 0 && !t->offline[inst])
        t->status_before[inst] = in->status;
    if (want >= 0 && t->offline[inst] && in->status == want)
        return;
    ln_info("sim", "fault: offline %s %s", in->symbol,
            want < 0 ? "ends" : "begins");
    sim->stats.faults += want >= 0;
    t->offline[inst] = want >= 0;
    ln_ex_set_status(sim->ex, inst,
                     want < 0
                         ? (enum ln_instrument_status)t->status_before[inst]
                         : (enum ln_instrument_status)want);
}

void
ln_sim_trouble_tick(struct ln_sim *sim)
{
    const struct ln_sim_trouble *t = sim->trouble;
    if (!t)
        return;
    int64_t now_ms = ln_sim_loop_ms(sim);
    int64_t skew_ms = ln_sim_faults_skew(&t->faults, now_ms);
    if (skew_ms != sim->skew_ms) {
        ln_info("sim", "fault: skew %lld ms", (long long)skew_ms);
        sim->stats.faults += skew_ms != 0;
        sim->skew_ms = skew_ms;
    }
    for (uint16_t i = 0; i < ln_sim_instruments(sim); i++)
        tick_instrument(sim, i, now_ms);
}
