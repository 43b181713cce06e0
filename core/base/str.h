/*
 * A view of text that somebody else owns: pointer and length, not
 * necessarily terminated. The "no text" value is {NULL, 0}.
 */
#ifndef LN_BASE_STR_H
#define LN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ln_str {
    const char *ptr;
    size_t len;
};

#define LN_STR_ARG(s) (int)(s).len, (s).ptr /* for "%.*s" */

static inline struct ln_str
ln_str(const char *cstr)
{
    return (struct ln_str){cstr, cstr ? strlen(cstr) : 0};
}

static inline struct ln_str
ln_strn(const char *ptr, size_t len)
{
    return (struct ln_str){ptr, len};
}

bool ln_str_eq(struct ln_str a, struct ln_str b);
bool ln_str_eqc(struct ln_str a, const char *cstr);

/* ASCII case is ignored; other bytes compare as they are. */
bool ln_str_eqi(struct ln_str a, const char *cstr);
bool ln_str_starts(struct ln_str s, const char *prefix);

/*
 * Copy into a fixed array, always terminated. Returns false when it had to
 * be cut (the array then holds the cut text).
 */
bool ln_str_copy(char *out, size_t cap, struct ln_str s);

/*
 * Bytes of the well-formed UTF-8 character that <s> starts with (1 to 4); 0
 * when <s> is empty or starts with anything else (overlong forms,
 * surrogates, cut sequences).
 */
size_t ln_utf8_len(struct ln_str s);

/*
 * The candidate nearest to <word> by edit distance, or NULL when none is
 * near enough to be worth proposing. For "did you mean".
 */
const char *ln_nearest(const char *word, const char *const *candidates,
                       size_t count);

#endif
