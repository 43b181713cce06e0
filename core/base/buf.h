/*
 * A growing byte buffer with a compulsory maximum. Once a write did not
 * fit, the buffer stays "failed" and ignores further writes, so that a
 * sequence of writes needs only one check at its end.
 */
#ifndef LN_BASE_BUF_H
#define LN_BASE_BUF_H

#include "base/error.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>

#define LN_BUF_WIPED_GROWTH 4096

struct ln_buf {
    char *data;  /* owned; NULL until the first write */
    size_t len;  /* bytes used; data[len] is always a 0 byte once allocated */
    size_t cap;  /* bytes allocated */
    size_t max;  /* the buffer never grows beyond this */
    bool failed; /* a write did not fit or memory ran out */
};

void ln_buf_init(struct ln_buf *buf, size_t max);
void ln_buf_deinit(struct ln_buf *buf);

/* Empties and clears the failure; keeps the memory. */
void ln_buf_reset(struct ln_buf *buf);

void ln_buf_add(struct ln_buf *buf, const void *bytes, size_t len);
void ln_buf_adds(struct ln_buf *buf, const char *cstr);
void ln_buf_addc(struct ln_buf *buf, char c);
void ln_buf_addf(struct ln_buf *buf, const char *fmt, ...) LN_PRINTF(2, 3);
void ln_buf_vaddf(struct ln_buf *buf, const char *fmt, va_list args);

/* Drops the first <len> bytes (len <= buf->len). */
void ln_buf_consume(struct ln_buf *buf, size_t len);

/*
 * Overwrites all memory with zeros, then empties: for secrets. (Growing up to
 * LN_BUF_WIPED_GROWTH leaves no copy behind either.)
 */
void ln_buf_wipe(struct ln_buf *buf);

static inline struct ln_str
ln_buf_str(const struct ln_buf *buf)
{
    return ln_strn(buf->data, buf->len);
}

/*
 * Reads a whole file into <buf> (appends; on error <buf> is as before). Errors:
 * LN_ERR_IO, LN_ERR_NOMEM when it is larger than the buffer's maximum.
 */
enum ln_err ln_buf_read_file(struct ln_buf *buf, const char *path,
                             struct ln_error *err) LN_MUST_USE;

#endif
