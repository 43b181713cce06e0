/*
 * The growing byte buffer: doubles up to its maximum, then fails for good
 * (until reset), so that a run of writes is checked once.
 */
#include "base/buf.h"

#include "base/assert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAP 64

void
ln_buf_init(struct ln_buf *buf, size_t max)
{
    LN_ASSERT(max < SIZE_MAX / 2);
    *buf = (struct ln_buf){.max = max};
}

void
ln_buf_deinit(struct ln_buf *buf)
{
    free(buf->data);
    *buf = (struct ln_buf){.max = buf->max};
}

void
ln_buf_reset(struct ln_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

/*
 * While the buffer is small its old memory is wiped: buffers that hold
 * secrets are small, and realloc() would leave a copy in the heap.
 */
static char *
grow_memory(const struct ln_buf *buf, size_t cap)
{
    if (buf->cap > LN_BUF_WIPED_GROWTH)
        return realloc(buf->data, cap);

    char *data = malloc(cap);
    if (data && buf->data) {
        memcpy(data, buf->data, buf->len);
        explicit_bzero(buf->data, buf->cap);
        free(buf->data);
    }
    return data;
}

/* Makes room for <extra> bytes and the terminator. */
static bool
reserve(struct ln_buf *buf, size_t extra)
{
    if (buf->failed)
        return false;
    if (extra > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + extra + 1;
    if (need <= buf->cap)
        return true;

    size_t cap = buf->cap ? buf->cap : FIRST_CAP;
    while (cap < need)
        cap *= 2;
    if (cap > buf->max + 1)
        cap = buf->max + 1;
    char *data = grow_memory(buf, cap);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void
ln_buf_add(struct ln_buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void
ln_buf_adds(struct ln_buf *buf, const char *cstr)
{
    ln_buf_add(buf, cstr, strlen(cstr));
}

void
ln_buf_addc(struct ln_buf *buf, char c)
{
    ln_buf_add(buf, &c, 1);
}

void
ln_buf_addf(struct ln_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    ln_buf_vaddf(buf, fmt, args);
    va_end(args);
}

void
ln_buf_vaddf(struct ln_buf *buf, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    if (n < 0) {
        buf->failed = true;
    } else if (reserve(buf, (size_t)n)) {
        vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, again);
        buf->len += (size_t)n;
    }
    va_end(again);
}

void
ln_buf_consume(struct ln_buf *buf, size_t len)
{
    LN_ASSERT_CMP(len, <=, buf->len);
    if (len == 0)
        return;
    buf->len -= len;
    memmove(buf->data, buf->data + len, buf->len + 1);
}

void
ln_buf_wipe(struct ln_buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf->len = 0;
    buf->failed = false;
}

/* Appends all of <file>; the cases of failure are told apart by the caller. */
static bool
read_all(struct ln_buf *buf, FILE *file)
{
    char chunk[16384];
    size_t n;
    do {
        n = fread(chunk, 1, sizeof chunk, file);
        ln_buf_add(buf, chunk, n);
    } while (n == sizeof chunk && !buf->failed);
    bool ok = !ferror(file) && !buf->failed;
    explicit_bzero(chunk, sizeof chunk);
    return ok;
}

enum ln_err
ln_buf_read_file(struct ln_buf *buf, const char *path, struct ln_error *err)
{
    if (buf->failed)
        return ln_error_set(err, LN_ERR_NOMEM, path, NULL,
                            "the buffer to read the file into is full");
    FILE *file = fopen(path, "rb");
    if (!file)
        return ln_error_set(err, LN_ERR_IO, path, NULL,
                            "cannot open the file: %s", strerror(errno));

    size_t start = buf->len;
    setvbuf(file, NULL, _IONBF, 0);
    errno = 0;
    bool ok = read_all(buf, file);
    int why = errno;
    fclose(file);
    if (ok)
        return LN_OK;

    bool full = buf->failed;
    buf->failed = false;
    buf->len = start;
    if (buf->data)
        buf->data[start] = '\0';
    if (full)
        return ln_error_set(err, LN_ERR_NOMEM, path, NULL,
                            "the file is larger than %zu bytes",
                            buf->max - start);
    return ln_error_set(err, LN_ERR_IO, path, NULL, "cannot read the file: %s",
                        strerror(why));
}
