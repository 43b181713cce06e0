/*
 * Views of text: comparing, copying, UTF-8, and "did you mean".
 */
#include "base/str.h"

#include <stdint.h>

#define NEAREST_WORD_MAX 64 /* longer words are not worth a proposal */

static char
lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return c;
}

bool
ln_str_eq(struct ln_str a, struct ln_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
ln_str_eqc(struct ln_str a, const char *cstr)
{
    return ln_str_eq(a, ln_str(cstr));
}

bool
ln_str_eqi(struct ln_str a, const char *cstr)
{
    struct ln_str b = ln_str(cstr);
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool
ln_str_starts(struct ln_str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && (len == 0 || memcmp(s.ptr, prefix, len) == 0);
}

bool
ln_str_copy(char *out, size_t cap, struct ln_str s)
{
    if (cap == 0)
        return false;
    size_t n = s.len < cap ? s.len : cap - 1;
    if (n > 0)
        memcpy(out, s.ptr, n);
    out[n] = '\0';
    return n == s.len;
}

size_t
ln_utf8_len(struct ln_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (s.len == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;

    /* The second byte's range excludes overlong forms, surrogates and what
     * lies beyond U+10FFFF (Unicode, table 3-7). */
    unsigned char lo = 0x80, hi = 0xBF;
    size_t n;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        n = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        n = 3;
        lo = p[0] == 0xE0 ? 0xA0 : lo;
        hi = p[0] == 0xED ? 0x9F : hi;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        n = 4;
        lo = p[0] == 0xF0 ? 0x90 : lo;
        hi = p[0] == 0xF4 ? 0x8F : hi;
    } else {
        return 0;
    }
    if (s.len < n || p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/*
 * Edit distance without case, where swapping two neighbours counts as one
 * edit (optimal string alignment). Both lengths <= NEAREST_WORD_MAX.
 */
static size_t
distance(struct ln_str a, struct ln_str b)
{
    size_t rows[3][NEAREST_WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b.len; j++) {
        before[j] = 0;
        above[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char ca = lower(a.ptr[i - 1]), cb = lower(b.ptr[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1,
                          above[j - 1] + (ca == cb ? 0U : 1U));
            if (i > 1 && j > 1 && ca == lower(b.ptr[j - 2]) &&
                cb == lower(a.ptr[i - 2]) && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.len];
}

const char *
ln_nearest(const char *word, const char *const *candidates, size_t count)
{
    struct ln_str w = ln_str(word);
    if (w.len == 0 || w.len > NEAREST_WORD_MAX)
        return NULL;

    /* One slip in a short word, one in three letters in a longer one. */
    size_t best = w.len == 1 ? 1 : w.len < 6 ? 2 : w.len / 3 + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        struct ln_str c = ln_str(candidates[i]);
        if (c.len == 0 || c.len > NEAREST_WORD_MAX)
            continue;
        size_t d = distance(w, c);
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}
