/*
 * Candle lengths. Months are calendar months; everything else is a fixed
 * span counted from an anchor.
 */
#include "market/timeframe.h"

#include "base/assert.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define UTC8   (8 * HOUR)
#define MONDAY (4 * DAY) /* 1970-01-05: the epoch was a Thursday */
#define MONTH  (30 * DAY)

/* +-100 million days, as far as dates go elsewhere: a time from the network
 * that lies beyond is treated as that, so that no sum can overflow. */
#define TIME_MAX (100000000 * DAY)

struct row {
    const char *name;
    int64_t span_ms;
    int64_t offset_ms; /* the zone: a candle opens at local midnight */
    int64_t anchor_ms; /* local time of one opening */
};

static const struct row rows[LN_TF_COUNT] = {
    [LN_TF_NONE] = {"", 1, 0, 0},
    [LN_TF_1M] = {"1m", MINUTE, 0, 0},
    [LN_TF_3M] = {"3m", 3 * MINUTE, 0, 0},
    [LN_TF_5M] = {"5m", 5 * MINUTE, 0, 0},
    [LN_TF_15M] = {"15m", 15 * MINUTE, 0, 0},
    [LN_TF_30M] = {"30m", 30 * MINUTE, 0, 0},
    [LN_TF_1H] = {"1H", HOUR, 0, 0},
    [LN_TF_2H] = {"2H", 2 * HOUR, 0, 0},
    [LN_TF_4H] = {"4H", 4 * HOUR, 0, 0},
    [LN_TF_6H] = {"6H", 6 * HOUR, UTC8, 0},
    [LN_TF_12H] = {"12H", 12 * HOUR, UTC8, 0},
    [LN_TF_1D] = {"1D", DAY, UTC8, 0},
    [LN_TF_3D] = {"3D", 3 * DAY, UTC8, 0},
    [LN_TF_1W] = {"1W", WEEK, UTC8, MONDAY},
    [LN_TF_1MON] = {"1M", MONTH, UTC8, 0},
    [LN_TF_6HUTC] = {"6Hutc", 6 * HOUR, 0, 0},
    [LN_TF_12HUTC] = {"12Hutc", 12 * HOUR, 0, 0},
    [LN_TF_1DUTC] = {"1Dutc", DAY, 0, 0},
    [LN_TF_3DUTC] = {"3Dutc", 3 * DAY, 0, 0},
    [LN_TF_1WUTC] = {"1Wutc", WEEK, 0, MONDAY},
    [LN_TF_1MUTC] = {"1Mutc", MONTH, 0, 0},
};

static bool
known(enum ln_timeframe tf)
{
    return tf > LN_TF_NONE && tf < LN_TF_COUNT;
}

static bool
is_month(enum ln_timeframe tf)
{
    return tf == LN_TF_1MON || tf == LN_TF_1MUTC;
}

const char *
ln_timeframe_name(enum ln_timeframe tf)
{
    return known(tf) ? rows[tf].name : "";
}

enum ln_timeframe
ln_timeframe_parse(struct ln_str text)
{
    static const struct {
        const char *name;
        enum ln_timeframe tf;
    } people[] = {
        {"1h", LN_TF_1H}, {"2h", LN_TF_2H},   {"4h", LN_TF_4H},
        {"6h", LN_TF_6H}, {"12h", LN_TF_12H}, {"1d", LN_TF_1D},
        {"3d", LN_TF_3D}, {"1w", LN_TF_1W},
    };
    for (int tf = 1; tf < LN_TF_COUNT; tf++)
        if (ln_str_eqc(text, rows[tf].name))
            return (enum ln_timeframe)tf;
    for (size_t i = 0; i < LN_COUNT(people); i++)
        if (ln_str_eqc(text, people[i].name))
            return people[i].tf;
    return LN_TF_NONE;
}

int64_t
ln_timeframe_ms(enum ln_timeframe tf)
{
    return known(tf) ? rows[tf].span_ms : 0;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/*
 * Days since 1970 of the first of the month that is <months> after January
 * 1970 (days_from_civil of H. Hinnant's "chrono-compatible low-level date
 * algorithms", for day 1).
 */
static int64_t
first_of_month(int64_t months)
{
    int64_t y = 1970 + floor_div(months, 12);
    int64_t m = months - floor_div(months, 12) * 12 + 1;
    y -= m <= 2;
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

/* The month (since January 1970) that contains a day (since 1970). */
static int64_t
month_of_day(int64_t day)
{
    /* 400 years are 146097 days: the estimate is never too large by more
     * than one month, nor too small. */
    int64_t month = floor_div(day * 4800, 146097) + 1;
    while (first_of_month(month) > day)
        month--;
    return month;
}

static int64_t
within(int64_t time_ms)
{
    if (time_ms > TIME_MAX)
        return TIME_MAX;
    return time_ms < -TIME_MAX ? -TIME_MAX : time_ms;
}

int64_t
ln_timeframe_open(enum ln_timeframe tf, int64_t time_ms)
{
    if (!known(tf))
        return time_ms;
    const struct row *r = &rows[tf];
    int64_t local = within(time_ms) + r->offset_ms;
    if (is_month(tf))
        return first_of_month(month_of_day(floor_div(local, DAY))) * DAY -
               r->offset_ms;
    return floor_div(local - r->anchor_ms, r->span_ms) * r->span_ms +
           r->anchor_ms - r->offset_ms;
}

int64_t
ln_timeframe_next(enum ln_timeframe tf, int64_t open_ms)
{
    if (!known(tf))
        return open_ms;
    if (is_month(tf)) {
        int64_t local = within(open_ms) + rows[tf].offset_ms;
        return first_of_month(month_of_day(floor_div(local, DAY)) + 1) * DAY -
               rows[tf].offset_ms;
    }
    return within(open_ms) + rows[tf].span_ms;
}
