/*
 * What the fuzz targets share. A target is one function over bytes, in the
 * form libFuzzer calls; it starts from nothing each time, so that one input
 * is all it takes to see a failure again. Bytes that break a promise end the
 * process.
 *
 *   fuzz_<target>.c + libFuzzer      ./dev fuzz: finds new inputs, for long
 *   fuzz_<target>.c + replay_main.c  a test: the corpus and fixed mutations
 */
#ifndef LN_TESTS_FUZZ_H
#define LN_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that must hold whatever the bytes are. */
#define FUZZ_CHECK(cond, ...)                                                  \
    do {                                                                       \
        if (!(cond)) {                                                         \
            fprintf(stderr, "%s:%d: %s does not hold: ", __FILE__, __LINE__,   \
                    #cond);                                                    \
            fprintf(stderr, __VA_ARGS__);                                      \
            fputc('\n', stderr);                                               \
            abort();                                                           \
        }                                                                      \
    } while (0)

/* A copy that ends where it ends: a read beyond it is seen. */
static inline char *
fuzz_copy(const void *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    FUZZ_CHECK(copy != NULL, "no memory");
    if (size)
        memcpy(copy, data, size);
    return copy;
}

/* The input line by line; NULL at its end. Lines are not terminated. */
struct fuzz_lines {
    const char *at, *end;
};

static inline const char *
fuzz_line(struct fuzz_lines *lines, size_t *len)
{
    const char *line = lines->at;
    if (line >= lines->end)
        return NULL;
    const char *eol = memchr(line, '\n', (size_t)(lines->end - line));
    *len = (size_t)((eol ? eol : lines->end) - line);
    lines->at = eol ? eol + 1 : lines->end;
    return line;
}

#endif
