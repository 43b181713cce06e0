/*
 * What goes wrong: one fault at a time for some seconds, then peace for some
 * seconds, all from the seed.
 */
#include "dst.h"

#include <string.h>

const char *const dst_fault_names[DST_FAULTS] = {
    "none",  "latency", "drop_request", "drop_response",
    "reset", "refuse",  "drop_push",    "dup_push",
    "cut",   "kill",    "power",        "disk_full"};

static void
calm(struct ln_net_faults *f)
{
    memset(f, 0, sizeof(*f));
    f->latency_min_ms = 1;
    f->latency_max_ms = 5;
}

void
dst_faults_off(struct dst_world *w)
{
    struct ln_net_faults f;
    calm(&f);
    ln_net_virtual_faults(w->net, &f);
    ln_disk_virtual_full(w->disk, false);
    w->fault = DST_NONE;
    w->fault_ends_ms = INT64_MAX;
    w->next_fault_ms = INT64_MAX;
}

static double
share(struct dst_world *w, int lo_permille, int hi_permille)
{
    return (double)ln_rng_between(&w->rng, lo_permille, hi_permille) / 1000;
}

static void
begin(struct dst_world *w, enum dst_fault fault)
{
    struct ln_net_faults f;
    calm(&f);
    w->fault = fault;
    w->faults[fault]++;
    dst_trace(w, "fault: %s", dst_fault_names[fault]);
    switch (fault) {
    case DST_LATENCY:
        f.latency_max_ms = ln_rng_between(&w->rng, 50, 4000);
        break;
    case DST_DROP_REQUEST:
        f.drop_request = share(w, 50, 600);
        break;
    case DST_DROP_RESPONSE:
        f.drop_response = share(w, 50, 600);
        break;
    case DST_RESET:
        f.reset = share(w, 5, 200);
        break;
    case DST_REFUSE:
        f.refuse = 1;
        ln_net_virtual_cut(w->net);
        break;
    case DST_DROP_PUSH:
        f.drop_message = share(w, 50, 900);
        break;
    case DST_DUP_PUSH:
        f.dup_message = share(w, 50, 900);
        break;
    case DST_CUT:
        ln_net_virtual_cut(w->net);
        break;
    case DST_KILL:
    case DST_POWER:
        dst_host_crash(w, fault == DST_POWER);
        w->restarts++;
        break;
    case DST_DISK_FULL:
        ln_disk_virtual_full(w->disk, true);
        break;
    case DST_NONE:
    case DST_FAULTS:
        break;
    }
    ln_net_virtual_faults(w->net, &f);
}

static void
end(struct dst_world *w)
{
    int64_t now = dst_now_ms(w);
    dst_faults_off(w);
    w->next_fault_ms = now + ln_rng_between(&w->rng, 500, 20000);
    if (!w->host) {
        /* The new one does not know what the dead one has just sent. */
        if (w->bunched_ms < now + 3000)
            w->bunched_ms = now + 3000;
        dst_host_start(w);
    }
}

void
dst_faults_step(struct dst_world *w)
{
    int64_t now = dst_now_ms(w);
    if (w->fault == DST_LATENCY)
        w->bunched_ms = now + 10000;
    if (w->next_fault_ms == 0) { /* the first steps are in peace */
        dst_faults_off(w);
        w->next_fault_ms = ln_rng_between(&w->rng, 3000, 20000);
    }
    if (w->fault != DST_NONE && now >= w->fault_ends_ms)
        end(w);
    else if (w->fault == DST_NONE && now >= w->next_fault_ms) {
        begin(w, (enum dst_fault)ln_rng_between(&w->rng, 1, DST_FAULTS - 1));
        w->fault_ends_ms = now + ln_rng_between(&w->rng, 50, 15000);
        /* Whoever starts a dead host again takes a second. */
        if (!w->host)
            w->fault_ends_ms += 1000;
    }
}
