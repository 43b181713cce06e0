/*
 * The ring of the log's last lines (control_log.h).
 */
#include "host/control_log.h"

#include <stdlib.h>

struct kept {
    enum ln_log_level level;
    size_t len;
    char text[LN_LOG_LINE_MAX];
};

struct ln_log_tail {
    uint64_t count;
    void (*fn)(void *ctx);
    void *ctx;
    bool telling; /* inside fn */
    struct kept lines[LN_LOG_TAIL_LINES];
};

struct ln_log_tail *
ln_log_tail_new(void)
{
    return calloc(1, sizeof(struct ln_log_tail));
}

void
ln_log_tail_free(struct ln_log_tail *tail)
{
    free(tail);
}

void
ln_log_tail_add(struct ln_log_tail *tail, enum ln_log_level level,
                const char *line, size_t len)
{
    struct kept *k = &tail->lines[++tail->count % LN_LOG_TAIL_LINES];
    k->level = level;
    k->len = len < sizeof(k->text) ? len : sizeof(k->text);
    memcpy(k->text, line, k->len);
    if (!tail->fn || tail->telling)
        return;
    tail->telling = true;
    tail->fn(tail->ctx);
    tail->telling = false;
}

uint64_t
ln_log_tail_count(const struct ln_log_tail *tail)
{
    return tail->count;
}

bool
ln_log_tail_at(const struct ln_log_tail *tail, uint64_t number,
               enum ln_log_level *level, struct ln_str *line)
{
    if (number == 0 || number > tail->count ||
        tail->count - number >= LN_LOG_TAIL_LINES)
        return false;
    const struct kept *k = &tail->lines[number % LN_LOG_TAIL_LINES];
    *level = k->level;
    *line = ln_strn(k->text, k->len);
    return true;
}

void
ln_log_tail_follow(struct ln_log_tail *tail, void (*fn)(void *ctx), void *ctx)
{
    tail->fn = fn;
    tail->ctx = ctx;
}
