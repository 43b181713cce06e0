/*
 * The intent log as a file. See journal.h; one line is in journal_line.c.
 */
#include "host/journal.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

struct ln_journal {
    struct ln_disk *disk;
    char *path; /* owned */
    struct ln_append *file;
    struct ln_buf line;  /* the one that is being written */
    struct ln_buf fresh; /* what replaces the whole */
    int64_t newest_ms;
    uint32_t bad_lines;
};

static void
read_lines(struct ln_journal *j, struct ln_str text, ln_journal_fn each,
           void *ctx)
{
    struct ln_journal_record r;
    for (size_t i = 0; i < text.len;) {
        const char *end = memchr(text.ptr + i, '\n', text.len - i);
        bool torn = !end;
        size_t len = torn ? text.len - i : (size_t)(end - (text.ptr + i));
        if (ln_journal_parse(ln_strn(text.ptr + i, len), &r)) {
            if (r.time_ms > j->newest_ms)
                j->newest_ms = r.time_ms;
            if (each)
                each(ctx, &r);
        } else if (!torn && len > 0) {
            j->bad_lines++;
        }
        i += len + 1;
    }
}

/* A torn last line must not swallow the next one. */
static enum ln_err
end_torn_line(struct ln_journal *j, struct ln_str text, struct ln_error *err)
{
    if (text.len == 0 || text.ptr[text.len - 1] == '\n')
        return LN_OK;
    return ln_append_write(j->file, "\n", 1, err);
}

static enum ln_err
open_and_read(struct ln_journal *j, ln_journal_fn each, void *ctx,
              struct ln_error *err)
{
    struct ln_buf text;
    enum ln_err code = ln_append_open(j->disk, j->path, &j->file, err);
    if (code != LN_OK)
        return code;
    ln_buf_init(&text, LN_JOURNAL_MAX);
    code = ln_disk_read(j->disk, j->path, &text, err);
    if (code == LN_OK)
        code = end_torn_line(j, ln_buf_str(&text), err);
    if (code == LN_OK)
        read_lines(j, ln_buf_str(&text), each, ctx);
    ln_buf_deinit(&text);
    if (j->bad_lines)
        ln_warn("journal", "%u lines of %s are damaged and were passed over",
                j->bad_lines, j->path);
    return code;
}

enum ln_err
ln_journal_open(struct ln_disk *disk, const char *path, ln_journal_fn each,
                void *ctx, struct ln_journal **out, struct ln_error *err)
{
    struct ln_journal *j = calloc(1, sizeof(*j));
    *out = NULL;
    if (!j || !(j->path = strdup(path))) {
        free(j);
        return ln_error_set(err, LN_ERR_NOMEM, path, NULL, "no memory");
    }
    j->disk = disk;
    ln_buf_init(&j->line, 4096);
    ln_buf_init(&j->fresh, LN_JOURNAL_MAX);
    enum ln_err code = open_and_read(j, each, ctx, err);
    if (code == LN_OK)
        *out = j;
    else
        ln_journal_close(j);
    return code;
}

void
ln_journal_close(struct ln_journal *j)
{
    if (!j)
        return;
    ln_append_close(j->file);
    ln_buf_deinit(&j->line);
    ln_buf_deinit(&j->fresh);
    free(j->path);
    free(j);
}

enum ln_err
ln_journal_put(struct ln_journal *j, const struct ln_journal_record *r,
               struct ln_error *err)
{
    ln_buf_reset(&j->line);
    ln_journal_format(r, &j->line);
    if (j->line.failed)
        return ln_error_set(err, LN_ERR_NOMEM, j->path, NULL,
                            "a line of the intent log is too long");
    return ln_append_write(j->file, j->line.data, j->line.len, err);
}

void
ln_journal_rewrite_begin(struct ln_journal *j)
{
    ln_buf_reset(&j->fresh);
}

void
ln_journal_rewrite_add(struct ln_journal *j, const struct ln_journal_record *r)
{
    ln_journal_format(r, &j->fresh);
}

enum ln_err
ln_journal_rewrite_end(struct ln_journal *j, struct ln_error *err)
{
    if (j->fresh.failed)
        return ln_error_set(err, LN_ERR_NOMEM, j->path, NULL,
                            "the intent log does not fit into memory");
    enum ln_err code =
        ln_disk_replace(j->disk, j->path, j->fresh.data, j->fresh.len, err);
    if (code != LN_OK)
        return code;
    /* The open file may be the old one under a name that is gone. */
    struct ln_append *old = j->file;
    ln_append_close(old);
    return ln_append_open(j->disk, j->path, &j->file, err);
}

int64_t
ln_journal_newest_ms(const struct ln_journal *j)
{
    return j->newest_ms;
}

uint32_t
ln_journal_bad_lines(const struct ln_journal *j)
{
    return j->bad_lines;
}
