/*
 * Private to the two disks: what they have in common.
 */
#ifndef LN_LOOP_DISK_INT_H
#define LN_LOOP_DISK_INT_H

#include "loop/disk.h"

struct ln_disk_ops {
    enum ln_err (*open)(struct ln_disk *disk, const char *path,
                        struct ln_append **out, struct ln_error *err);
    enum ln_err (*write)(struct ln_append *file, const void *data, size_t len,
                         struct ln_error *err);
    enum ln_err (*sync)(struct ln_append *file, struct ln_error *err);
    int64_t (*size)(const struct ln_append *file);
    void (*close)(struct ln_append *file);
    enum ln_err (*read)(struct ln_disk *disk, const char *path,
                        struct ln_buf *out, struct ln_error *err);
    enum ln_err (*replace)(struct ln_disk *disk, const char *path,
                           const void *data, size_t len, struct ln_error *err);
    void (*free)(struct ln_disk *disk);
};

struct ln_disk {
    const struct ln_disk_ops *ops;
};

/* First member of both kinds of files. */
struct ln_append {
    const struct ln_disk_ops *ops;
};

#endif
