/*
 * The door of both disks. See disk.h.
 */
#include "loop/disk_int.h"

void
ln_disk_free(struct ln_disk *disk)
{
    if (disk)
        disk->ops->free(disk);
}

enum ln_err
ln_append_open(struct ln_disk *disk, const char *path, struct ln_append **out,
               struct ln_error *err)
{
    *out = NULL;
    return disk->ops->open(disk, path, out, err);
}

enum ln_err
ln_append_write(struct ln_append *file, const void *data, size_t len,
                struct ln_error *err)
{
    return file->ops->write(file, data, len, err);
}

enum ln_err
ln_append_sync(struct ln_append *file, struct ln_error *err)
{
    return file->ops->sync(file, err);
}

int64_t
ln_append_size(const struct ln_append *file)
{
    return file->ops->size(file);
}

void
ln_append_close(struct ln_append *file)
{
    if (file)
        file->ops->close(file);
}

enum ln_err
ln_disk_read(struct ln_disk *disk, const char *path, struct ln_buf *out,
             struct ln_error *err)
{
    return disk->ops->read(disk, path, out, err);
}

enum ln_err
ln_disk_replace(struct ln_disk *disk, const char *path, const void *data,
                size_t len, struct ln_error *err)
{
    return disk->ops->replace(disk, path, data, len, err);
}
