/*
 * The log: builds each line in a fixed array (no allocation, so it works when
 * memory has run out) and hands it to standard error or to the sink.
 */
#include "base/log.h"

#include "base/assert.h"
#include "base/str.h"
#include "base/timefmt.h"

#include <stdarg.h>
#include <stdio.h>

struct level {
    const char *name;  /* in configuration and JSON */
    const char *label; /* in text, five wide */
    const char *color; /* of the label, on a terminal */
};

static const struct level levels[] = {
    [LN_LOG_DEBUG] = {"debug", "DEBUG", "\033[90m"},
    [LN_LOG_INFO] = {"info", "INFO ", "\033[32m"},
    [LN_LOG_WARN] = {"warn", "WARN ", "\033[33m"},
    [LN_LOG_ERROR] = {"error", "ERROR", "\033[31m"},
    [LN_LOG_OFF] = {"off", "OFF  ", ""},
};

static struct {
    enum ln_log_level level;
    enum ln_log_format format;
    ln_log_clock_fn clock;
    void *clock_ctx;
    ln_log_sink_fn sink;
    void *sink_ctx;
    bool color;
} state = {.level = LN_LOG_INFO};

void
ln_log_set_level(enum ln_log_level level)
{
    state.level = level;
}

void
ln_log_set_format(enum ln_log_format format)
{
    state.format = format;
}

void
ln_log_set_clock(ln_log_clock_fn clock, void *ctx)
{
    state.clock = clock;
    state.clock_ctx = ctx;
}

void
ln_log_set_sink(ln_log_sink_fn sink, void *ctx)
{
    state.sink = sink;
    state.sink_ctx = ctx;
}

void
ln_log_set_color(bool on)
{
    state.color = on;
}

enum ln_log_level
ln_log_get_level(void)
{
    return state.level;
}

bool
ln_log_level_parse(const char *text, enum ln_log_level *out)
{
    for (size_t i = 0; i < LN_COUNT(levels); i++) {
        if (ln_str_eqc(ln_str(text), levels[i].name)) {
            *out = (enum ln_log_level)i;
            return true;
        }
    }
    return false;
}

/* ---- the line ---- */

#define CUT "..."

struct line {
    char text[LN_LOG_LINE_MAX + 1]; /* and the newline, on stderr */
    size_t len;
    size_t max; /* less than the array: room for what must close the line */
};

static bool
line_add(struct line *line, const char *bytes, size_t n)
{
    if (n > line->max - line->len)
        return false;
    memcpy(line->text + line->len, bytes, n);
    line->len += n;
    return true;
}

static void
line_adds(struct line *line, const char *text)
{
    line_add(line, text, strlen(text));
}

/*
 * Characters that would move the cursor, end the line or reorder it: C1
 * controls (U+0080 to U+009F), line and paragraph separator and the marks and
 * overrides of direction (U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069).
 */
static bool
is_dangerous(const unsigned char *p, size_t n)
{
    if (n == 2)
        return p[0] == 0xC2 && p[1] < 0xA0;
    if (n != 3 || p[0] != 0xE2)
        return false;
    if (p[1] == 0x80)
        return p[2] == 0x8E || p[2] == 0x8F || (p[2] >= 0xA8 && p[2] <= 0xAE);
    return p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9;
}

/*
 * One character from the front of <s>, made harmless; returns how much of
 * <s> it was, and in *out what to write instead.
 */
static size_t
harmless(struct ln_str s, struct ln_str *out)
{
    size_t n = ln_utf8_len(s);
    *out = ln_str("?");
    if (n == 0)
        return 1;
    char c = s.ptr[0];
    if (c == '\n' || c == '\t' || c == '\r')
        *out = ln_str(" ");
    else if ((n > 1 && !is_dangerous((const unsigned char *)s.ptr, n)) ||
             (n == 1 && c >= 0x20 && c != 0x7F))
        *out = ln_strn(s.ptr, n);
    return n;
}

/* Adds text from outside; escapes it for JSON; cuts it with dots. */
static void
line_add_safe(struct line *line, struct ln_str s, bool json)
{
    line->max -= strlen(CUT);
    while (s.len > 0) {
        struct ln_str c;
        size_t used = harmless(s, &c);
        char escaped[2] = {'\\', c.ptr[0]};
        if (json && (c.ptr[0] == '"' || c.ptr[0] == '\\'))
            c = ln_strn(escaped, 2);
        if (!line_add(line, c.ptr, c.len))
            break;
        s = ln_strn(s.ptr + used, s.len - used);
    }
    line->max += strlen(CUT);
    if (s.len > 0)
        line_adds(line, CUT);
}

/* 12:00:01.123 INFO  host    message */
static void
build_text(struct line *line, enum ln_log_level level, struct ln_str component,
           struct ln_str message)
{
    bool color = state.color && !state.sink;
    line->max = LN_LOG_LINE_MAX;
    if (state.clock) {
        char clock[LN_TIME_CAP];
        ln_time_clock(state.clock(state.clock_ctx), clock);
        line_adds(line, clock);
        line_adds(line, " ");
    }
    line_adds(line, color ? levels[level].color : "");
    line_adds(line, levels[level].label);
    line_adds(line, color ? "\033[0m " : " ");

    size_t start = line->len;
    line_add_safe(line, component, false);
    do
        line_adds(line, " ");
    while (line->len - start < 8);
    line_add_safe(line, message, false);
}

/* {"time":1,"level":"info","component":"host","message":"..."} */
static void
build_json(struct line *line, enum ln_log_level level, struct ln_str component,
           struct ln_str message)
{
    line->max = LN_LOG_LINE_MAX - 2;
    line_adds(line, "{");
    if (state.clock) {
        char time[40];
        snprintf(time, sizeof time, "\"time\":%lld,",
                 (long long)state.clock(state.clock_ctx));
        line_adds(line, time);
    }
    line_adds(line, "\"level\":\"");
    line_adds(line, levels[level].name);
    line_adds(line, "\",\"component\":\"");
    line_add_safe(line, component, true);
    line_adds(line, "\",\"message\":\"");
    line_add_safe(line, message, true);
    line->max = LN_LOG_LINE_MAX;
    line_adds(line, "\"}");
}

/* A component longer than this is cut, so that a message remains. */
#define COMPONENT_MAX 64

static void
emit(enum ln_log_level level, const char *component, const char *message)
{
    struct line line = {.len = 0};
    struct ln_str name = ln_str(component);
    name.len = name.len > COMPONENT_MAX ? COMPONENT_MAX : name.len;
    if (state.format == LN_LOG_JSON)
        build_json(&line, level, name, ln_str(message));
    else
        build_text(&line, level, name, ln_str(message));

    if (state.sink) {
        line.text[line.len] = '\0';
        state.sink(state.sink_ctx, level, line.text, line.len);
        return;
    }
    /* One write for all of it: lines of several processes do not mix. */
    line.text[line.len] = '\n';
    fwrite(line.text, 1, line.len + 1, stderr);
}

static bool
is_wanted(enum ln_log_level level)
{
    return level >= state.level && level < LN_LOG_OFF;
}

void
ln_log(enum ln_log_level level, const char *component, const char *fmt, ...)
{
    if (!is_wanted(level))
        return;
    /* Longer than a line may be, so that the cut is seen and marked. */
    char message[LN_LOG_LINE_MAX + 1];
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(message, sizeof message, fmt, args) < 0)
        message[0] = '\0';
    va_end(args);
    emit(level, component, message);
}

void
ln_log_error(const char *component, const struct ln_error *err)
{
    const char *what = err->what[0] ? err->what : ln_err_name(err->code);
    ln_log(LN_LOG_ERROR, component, "%s%s%s%s%s%s", what,
           err->where[0] ? " (" : "", err->where, err->where[0] ? ")" : "",
           err->cure[0] ? ": " : "", err->cure);
}
