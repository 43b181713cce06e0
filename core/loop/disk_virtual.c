/*
 * A disk in memory that can fail and lose what was not synced.
 */
#include "loop/disk_int.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256U << 20)

struct content {
    struct content *next;
    char *path; /* owned */
    struct ln_buf data;
    size_t synced; /* bytes that survive the machine */
};

struct virtual_disk {
    struct ln_disk base;
    struct content *files; /* owned list */
    struct ln_rng rng;
    bool full;
    unsigned crashes; /* handles of an earlier life are dead */
};

struct virtual_file {
    struct ln_append base;
    struct virtual_disk *disk;
    struct content *content;
    unsigned life;
};

static struct content *
find(struct virtual_disk *d, const char *path)
{
    struct content *c = d->files;
    while (c && strcmp(c->path, path) != 0)
        c = c->next;
    return c;
}

static struct content *
make(struct virtual_disk *d, const char *path)
{
    struct content *c = calloc(1, sizeof(*c));
    char *copy = strdup(path);
    if (!c || !copy) {
        free(c);
        free(copy);
        return NULL;
    }
    c->path = copy;
    ln_buf_init(&c->data, FILE_MAX);
    c->next = d->files;
    d->files = c;
    return c;
}

static enum ln_err
no_memory(struct ln_error *err, const char *path)
{
    return ln_error_set(err, LN_ERR_NOMEM, path, NULL, "no memory");
}

static enum ln_err
no_space(struct ln_error *err, const char *path)
{
    return ln_error_set(err, LN_ERR_IO, path, "make room on the disk",
                        "the file cannot be written: no space left");
}

static enum ln_err
open_file(struct ln_disk *disk, const char *path, struct ln_append **out,
          struct ln_error *err)
{
    struct virtual_disk *d = (struct virtual_disk *)disk;
    struct virtual_file *f = calloc(1, sizeof(*f));
    struct content *c = find(d, path);
    if (f && !c)
        c = make(d, path);
    if (!f || !c) {
        free(f);
        return no_memory(err, path);
    }
    f->base.ops = disk->ops;
    f->disk = d;
    f->content = c;
    f->life = d->crashes;
    *out = &f->base;
    return LN_OK;
}

static enum ln_err
write_file(struct ln_append *file, const void *data, size_t len,
           struct ln_error *err)
{
    struct virtual_file *f = (struct virtual_file *)file;
    struct content *c = f->content;
    if (f->life != f->disk->crashes)
        return ln_error_set(err, LN_ERR_STATE, c->path, NULL,
                            "the machine was stopped");
    if (f->disk->full)
        return no_space(err, c->path);
    size_t before = c->data.len;
    ln_buf_add(&c->data, data, len);
    if (!c->data.failed)
        return LN_OK;
    c->data.len = before;
    c->data.failed = false;
    return no_space(err, c->path);
}

static enum ln_err
sync_file(struct ln_append *file, struct ln_error *err)
{
    struct virtual_file *f = (struct virtual_file *)file;
    if (f->life != f->disk->crashes)
        return ln_error_set(err, LN_ERR_STATE, f->content->path, NULL,
                            "the machine was stopped");
    f->content->synced = f->content->data.len;
    return LN_OK;
}

static int64_t
size_of(const struct ln_append *file)
{
    return (int64_t)((const struct virtual_file *)file)->content->data.len;
}

static void
close_file(struct ln_append *file)
{
    free(file);
}

static enum ln_err
read_file(struct ln_disk *disk, const char *path, struct ln_buf *out,
          struct ln_error *err)
{
    struct content *c = find((struct virtual_disk *)disk, path);
    if (!c)
        return ln_error_set(err, LN_ERR_NOT_FOUND, path, NULL,
                            "there is no such file");
    ln_buf_add(out, c->data.data, c->data.len);
    return out->failed ? no_memory(err, path) : LN_OK;
}

static enum ln_err
replace_file(struct ln_disk *disk, const char *path, const void *data,
             size_t len, struct ln_error *err)
{
    struct virtual_disk *d = (struct virtual_disk *)disk;
    struct content *c = find(d, path);
    if (d->full)
        return no_space(err, path);
    if (!c && !(c = make(d, path)))
        return no_memory(err, path);
    ln_buf_reset(&c->data);
    ln_buf_add(&c->data, data, len);
    c->synced = c->data.len;
    return c->data.failed ? no_memory(err, path) : LN_OK;
}

static void
free_disk(struct ln_disk *disk)
{
    struct virtual_disk *d = (struct virtual_disk *)disk;
    while (d->files) {
        struct content *c = d->files;
        d->files = c->next;
        ln_buf_deinit(&c->data);
        free(c->path);
        free(c);
    }
    free(d);
}

struct ln_disk *
ln_disk_virtual_new(uint64_t seed)
{
    static const struct ln_disk_ops ops = {open_file,    write_file, sync_file,
                                           size_of,      close_file, read_file,
                                           replace_file, free_disk};
    struct virtual_disk *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->base.ops = &ops;
    ln_rng_seed(&d->rng, seed);
    return &d->base;
}

void
ln_disk_virtual_crash(struct ln_disk *disk, bool power)
{
    struct virtual_disk *d = (struct virtual_disk *)disk;
    d->crashes++;
    for (struct content *c = d->files; power && c; c = c->next) {
        size_t loose = c->data.len - c->synced;
        if (loose > 0)
            c->data.len = c->synced + (size_t)ln_rng_below(&d->rng, loose + 1);
        c->synced = c->data.len;
    }
}

void
ln_disk_virtual_full(struct ln_disk *disk, bool full)
{
    ((struct virtual_disk *)disk)->full = full;
}
