/*
 * Times as text and back, in UTC and the Gregorian calendar, without the C
 * library's time functions (which know a time zone and a locale).
 *
 * Days and dates convert by counting years from March, so that the leap day
 * is the last of its year; an era is 400 years, 146097 days (the method of
 * Howard Hinnant's "chrono-compatible low-level date algorithms").
 */
#include "base/timefmt.h"

#include <stdio.h>

#define DAY_MS     86400000LL
#define ERA_DAYS   146097LL
#define EPOCH_DAYS 719468LL /* from 0000-03-01 to 1970-01-01 */

struct date {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static struct date
date_of_days(int64_t days)
{
    days += EPOCH_DAYS;
    int64_t era = floor_div(days, ERA_DAYS);
    int64_t doe = days - era * ERA_DAYS;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t from_march = (5 * doy + 2) / 153;
    int month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    return (struct date){
        .year = yoe + era * 400 + (month <= 2 ? 1 : 0),
        .month = month,
        .day = (int)(doy - (153 * from_march + 2) / 5 + 1),
    };
}

static int64_t
days_of_date(struct date d)
{
    int64_t year = d.year - (d.month <= 2 ? 1 : 0);
    int64_t era = floor_div(year, 400);
    int64_t yoe = year - era * 400;
    int64_t from_march = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t doy = (153 * from_march + 2) / 5 + d.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * ERA_DAYS + doe - EPOCH_DAYS;
}

size_t
ln_time_clock(int64_t time_ms, char *out)
{
    int64_t ms = time_ms % DAY_MS;
    ms += ms < 0 ? DAY_MS : 0;
    int n = snprintf(out, LN_TIME_CAP, "%02d:%02d:%02d.%03d",
                     (int)(ms / 3600000), (int)(ms / 60000 % 60),
                     (int)(ms / 1000 % 60), (int)(ms % 1000));
    return n < 0 ? 0 : (size_t)n;
}

size_t
ln_time_iso(int64_t time_ms, char *out)
{
    struct date d = date_of_days(floor_div(time_ms, DAY_MS));
    char clock[LN_TIME_CAP];
    ln_time_clock(time_ms, clock);
    int n = snprintf(out, LN_TIME_CAP, "%04lld-%02d-%02dT%.12sZ",
                     (long long)d.year, d.month, d.day, clock);
    return n < 0 ? 0 : (size_t)n;
}

/* ---- reading ---- */

/* Reads from the front of a text; <ok> falls once and stays so. */
struct cursor {
    const char *p, *end;
    bool ok;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
peek(const struct cursor *c, char want)
{
    return c->p < c->end && *c->p == want;
}

static void
expect(struct cursor *c, char want)
{
    if (c->ok && peek(c, want))
        c->p++;
    else
        c->ok = false;
}

/* Exactly <digits> digits, value within [lo, hi]. */
static int
number(struct cursor *c, int digits, int lo, int hi)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (!c->ok || c->p == c->end || !is_digit(*c->p)) {
            c->ok = false;
            return lo;
        }
        value = value * 10 + (*c->p++ - '0');
    }
    if (value < lo || value > hi)
        c->ok = false;
    return value;
}

static int
days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* ".123456": milliseconds; what is finer is dropped. */
static int
fraction_ms(struct cursor *c)
{
    int ms = 0, weight = 100;
    c->p++;
    if (c->p == c->end || !is_digit(*c->p))
        c->ok = false;
    for (; c->p < c->end && is_digit(*c->p); c->p++) {
        ms += (*c->p - '0') * weight;
        weight /= 10;
    }
    return ms;
}

/* "23:59:59[.frac][Z|+hh:mm]" in ms; an offset is taken off. */
static int64_t
read_clock(struct cursor *c)
{
    int64_t ms = number(c, 2, 0, 23) * 3600000LL;
    expect(c, ':');
    ms += number(c, 2, 0, 59) * 60000LL;
    expect(c, ':');
    ms += number(c, 2, 0, 59) * 1000LL;
    if (c->ok && peek(c, '.'))
        ms += fraction_ms(c);
    if (c->ok && peek(c, 'Z')) {
        c->p++;
    } else if (c->ok && (peek(c, '+') || peek(c, '-'))) {
        int64_t sign = *c->p++ == '-' ? -1 : 1;
        int64_t offset = number(c, 2, 0, 23) * 3600000LL;
        expect(c, ':');
        offset += number(c, 2, 0, 59) * 60000LL;
        ms -= sign * offset;
    }
    return ms;
}

static enum ln_err
parse_calendar(struct ln_str text, int64_t *out_ms)
{
    struct cursor c = {text.ptr, text.ptr + text.len, true};
    struct date d;
    d.year = number(&c, 4, 0, 9999);
    expect(&c, '-');
    d.month = number(&c, 2, 1, 12);
    if (!c.ok)
        return LN_ERR_PARSE;
    expect(&c, '-');
    d.day = number(&c, 2, 1, days_in_month(d.year, d.month));

    int64_t clock = 0;
    if (c.ok && c.p < c.end) {
        expect(&c, peek(&c, 'T') ? 'T' : ' ');
        clock = read_clock(&c);
    }
    if (!c.ok || c.p != c.end)
        return LN_ERR_PARSE;
    *out_ms = days_of_date(d) * DAY_MS + clock;
    return LN_OK;
}

enum ln_err
ln_time_parse(struct ln_str text, int64_t *out_ms)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return parse_calendar(text, out_ms);
        if (i >= 19)
            return LN_ERR_PARSE;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    /* The number of digits tells the unit for all times from 2001 to 2286. */
    switch (text.len) {
    case 10:
        *out_ms = (int64_t)value * 1000;
        return LN_OK;
    case 13:
        *out_ms = (int64_t)value;
        return LN_OK;
    case 16:
        *out_ms = (int64_t)(value / 1000);
        return LN_OK;
    case 19:
        *out_ms = (int64_t)(value / 1000000);
        return LN_OK;
    default:
        return LN_ERR_PARSE;
    }
}
