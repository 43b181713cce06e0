/*
 * Which fault strikes when. See faults.h; faults_spec.c reads the texts.
 */
#include "sim/faults.h"

#define ALWAYS_PPM 1000000

static const struct ln_sim_fault_info infos[LN_SIM_FK_COUNT] = {
    [LN_SIM_FK_LATENCY] = {"latency", LN_SIM_ON_BOTH, "ms jitter dir",
                           "requests (dir=in), answers and pushes (dir=out) "
                           "are ms late, and up to jitter more"},
    [LN_SIM_FK_DISCONNECT] = {"disconnect", LN_SIM_ON_BOTH, "how",
                              "the connection drops (WebSocket how=close: "
                              "with a Close frame); REST: before execution"},
    [LN_SIM_FK_HALF_OPEN] = {"half-open", LN_SIM_ON_BOTH, "",
                             "the socket stays open, but nothing that "
                             "arrives is acted upon, nothing is sent"},
    [LN_SIM_FK_NO_ANSWER] = {"no-answer", LN_SIM_ON_BOTH, "",
                             "WebSockets are accepted, then mute from the "
                             "start; REST: read, not executed, unanswered"},
    [LN_SIM_FK_REFUSE] = {"refuse", LN_SIM_ON_WS, "",
                          "WebSocket connects are refused"},
    [LN_SIM_FK_UNANSWERED] = {"unanswered", LN_SIM_ON_REST, "how",
                              "executed, then the connection drops "
                              "(how=silent: nothing comes)"},
    [LN_SIM_FK_EXECUTED_ERROR] = {"executed-error", LN_SIM_ON_REST, "status",
                                  "executed, but answered with an error "
                                  "(status=502)"},
    [LN_SIM_FK_429] = {"429", LN_SIM_ON_REST, "",
                       "Too Many Requests, not executed"},
    [LN_SIM_FK_5XX] = {"5xx", LN_SIM_ON_REST, "status",
                       "an error of the server (status=500), not executed"},
    [LN_SIM_FK_HTML] = {"html", LN_SIM_ON_REST, "status",
                        "a page of HTML (status=502), not executed"},
    [LN_SIM_FK_TRUNCATED] = {"truncated", LN_SIM_ON_BOTH, "",
                             "JSON that ends too early (executed)"},
    [LN_SIM_FK_MALFORMED] = {"malformed", LN_SIM_ON_BOTH, "",
                             "JSON with a wrong character (executed)"},
    [LN_SIM_FK_MAINTENANCE] = {"maintenance", LN_SIM_ON_REST, "code status",
                               "code=40200, 45001, 40725, 40808 or 40015 "
                               "(default: any), not executed"},
    [LN_SIM_FK_DROP_PUSH] = {"drop-push", LN_SIM_ON_WS, "",
                             "private pushes (or channel=) are lost"},
    [LN_SIM_FK_DUP_PUSH] = {"dup-push", LN_SIM_ON_WS, "",
                            "private pushes (or channel=) come twice"},
    [LN_SIM_FK_DELAY_PUSH] = {"delay-push", LN_SIM_ON_WS, "ms jitter",
                              "private pushes (or channel=) come ms=500 "
                              "late, others overtake them"},
    [LN_SIM_FK_REORDER_PUSH] = {"reorder-push", LN_SIM_ON_WS, "ms",
                                "a private push (or channel=) comes behind "
                                "the next one, or ms=500 late"},
    [LN_SIM_FK_SILENT] = {"silent", LN_SIM_ON_WS, "",
                          "a subscribed channel sends nothing"},
    [LN_SIM_FK_GAP] = {"gap", LN_SIM_ON_WS, "",
                       "an update of books is lost: pseq does not follow"},
    [LN_SIM_FK_PSEQ0] = {"pseq0", LN_SIM_ON_WS, "",
                         "an update of books has pseq 0"},
    [LN_SIM_FK_DUP_TRADE] = {"dup-trade", LN_SIM_ON_WS, "",
                             "public trades come twice"},
    [LN_SIM_FK_SKEW] = {"skew", LN_SIM_ON_BOTH, "ms",
                        "the server's clock is ms off (may be negative)"},
    [LN_SIM_FK_OFFLINE] = {"offline", LN_SIM_ON_BOTH, "status",
                           "symbol= (default: all) has status=maintain, off, "
                           "limit_open or restrictedAPI"},
    [LN_SIM_FK_STRING_CODE] = {"string-code", LN_SIM_ON_WS, "",
                               "code is a string in WebSocket events"},
    [LN_SIM_FK_NUMBERS] = {"numbers", LN_SIM_ON_BOTH, "",
                           "numeric fields are JSON numbers, not strings"},
    [LN_SIM_FK_KEYS] = {"keys", LN_SIM_ON_BOTH, "",
                        "members of objects come in another order"},
};

const struct ln_sim_fault_info *
ln_sim_fault_kinds(void)
{
    return infos;
}

bool
ln_sim_fault_active(const struct ln_sim_faults *f,
                    const struct ln_sim_fault_rule *rule, int64_t now_ms)
{
    int64_t at_ms = now_ms - f->set_ms - rule->after_ms;
    if (at_ms < 0 || rule->count == 0)
        return false;
    if (rule->for_ms == 0)
        return true;
    return (rule->every_ms > 0 ? at_ms % rule->every_ms : at_ms) < rule->for_ms;
}

static bool
contains(struct ln_str text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, part, len) == 0)
            return true;
    return false;
}

static bool
fits(const struct ln_sim_fault_rule *rule, const struct ln_sim_spot *spot)
{
    if (!(rule->on & spot->on) || !(rule->dir & spot->dir))
        return false;
    if (rule->path[0] && !contains(spot->name, rule->path))
        return false;
    if (rule->channel[0] && !ln_str_eqc(spot->name, rule->channel))
        return false;
    bool pushes = rule->kind >= LN_SIM_FK_DROP_PUSH &&
                  rule->kind <= LN_SIM_FK_REORDER_PUSH;
    if (pushes && !rule->channel[0] && !spot->is_private)
        return false;
    return !rule->symbol[0] || ln_str_eqi(spot->symbol, rule->symbol);
}

struct ln_sim_fault_rule *
ln_sim_faults_hit(struct ln_sim_faults *f, enum ln_sim_fault_kind kind,
                  const struct ln_sim_spot *spot, int64_t now_ms)
{
    if (!(f->kinds & 1U << kind))
        return NULL;
    for (size_t i = 0; i < f->count; i++) {
        struct ln_sim_fault_rule *rule = &f->rules[i];
        if (rule->kind != kind || !fits(rule, spot) ||
            !ln_sim_fault_active(f, rule, now_ms))
            continue;
        if (rule->p_ppm < ALWAYS_PPM &&
            (int64_t)ln_rng_below(&f->rng, ALWAYS_PPM) >= rule->p_ppm)
            continue;
        if (rule->count > 0)
            rule->count--;
        rule->hits++;
        return rule;
    }
    return NULL;
}

int64_t
ln_sim_faults_skew(const struct ln_sim_faults *f, int64_t now_ms)
{
    int64_t sum = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->rules[i].kind == LN_SIM_FK_SKEW &&
            ln_sim_fault_active(f, &f->rules[i], now_ms))
            sum += f->rules[i].ms;
    return sum;
}

int64_t
ln_sim_fault_delay(struct ln_sim_faults *f,
                   const struct ln_sim_fault_rule *rule)
{
    if (rule->jitter_ms == 0)
        return rule->ms;
    return rule->ms + ln_rng_between(&f->rng, 0, rule->jitter_ms);
}

void
ln_sim_faults_write(const struct ln_sim_faults *f, int64_t now_ms,
                    struct ln_json_writer *w)
{
    struct ln_buf spec;
    ln_buf_init(&spec, 1024);
    ln_jw_arr(w);
    for (size_t i = 0; i < f->count; i++) {
        const struct ln_sim_fault_rule *rule = &f->rules[i];
        ln_buf_reset(&spec);
        ln_sim_fault_spec(rule, &spec);
        ln_jw_obj(w);
        ln_jw_kcstr(w, "kind", infos[rule->kind].name);
        ln_jw_kstr(w, "spec", ln_buf_str(&spec));
        ln_jw_kint(w, "hits", (int64_t)rule->hits);
        ln_jw_kbool(w, "active", ln_sim_fault_active(f, rule, now_ms));
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    ln_buf_deinit(&spec);
}
