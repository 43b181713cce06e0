/*
 * The real disk. A file that is appended to is locked while it is open, so
 * that two hosts cannot write one journal.
 */
#include "loop/disk_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct posix_file {
    struct ln_append base;
    int fd;
    int64_t size;
    char path[PATH_MAX];
};

static enum ln_err
failed(struct ln_error *err, const char *path, const char *doing)
{
    int code = errno;
    const char *cure = code == ENOSPC ? "make room on the disk"
                       : code == EACCES || code == EPERM
                           ? "give a folder that may be written to"
                           : NULL;
    return ln_error_set(err, code == ENOENT ? LN_ERR_NOT_FOUND : LN_ERR_IO,
                        path, cure, "%s: %s", doing, strerror(code));
}

static enum ln_err
open_file(struct ln_disk *disk, const char *path, struct ln_append **out,
          struct ln_error *err)
{
    struct stat st;
    struct posix_file *f = calloc(1, sizeof(*f));
    if (!f)
        return ln_error_set(err, LN_ERR_NOMEM, path, NULL, "no memory");
    f->base.ops = disk->ops;
    ln_str_copy(f->path, sizeof(f->path), ln_str(path));
    f->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (f->fd < 0 || fstat(f->fd, &st) != 0) {
        enum ln_err code = failed(err, path, "the file cannot be opened");
        if (f->fd >= 0)
            close(f->fd);
        free(f);
        return code;
    }
    if (flock(f->fd, LOCK_EX | LOCK_NB) != 0) {
        close(f->fd);
        free(f);
        return ln_error_set(err, LN_ERR_STATE, path,
                            "end the other one, or give this one another "
                            "name and store",
                            "another process writes this file");
    }
    f->size = st.st_size;
    *out = &f->base;
    return LN_OK;
}

static enum ln_err
write_file(struct ln_append *file, const void *data, size_t len,
           struct ln_error *err)
{
    struct posix_file *f = (struct posix_file *)file;
    ssize_t n;
    do {
        n = write(f->fd, data, len);
    } while (n < 0 && errno == EINTR);
    if (n == (ssize_t)len) {
        f->size += n;
        return LN_OK;
    }
    if (n >= 0)
        errno = ENOSPC; /* a short write on a file means just that */
    enum ln_err code = failed(err, f->path, "the file cannot be written");
    /* No torn record may stand in the middle. */
    if (n > 0 && ftruncate(f->fd, f->size) != 0)
        f->size += n;
    return code;
}

static enum ln_err
sync_file(struct ln_append *file, struct ln_error *err)
{
    struct posix_file *f = (struct posix_file *)file;
    return fdatasync(f->fd) == 0
               ? LN_OK
               : failed(err, f->path, "the file cannot be synced");
}

static int64_t
size_of(const struct ln_append *file)
{
    return ((const struct posix_file *)file)->size;
}

static void
close_file(struct ln_append *file)
{
    struct posix_file *f = (struct posix_file *)file;
    close(f->fd);
    free(f);
}

static enum ln_err
read_file(struct ln_disk *disk, const char *path, struct ln_buf *out,
          struct ln_error *err)
{
    (void)disk;
    if (access(path, F_OK) != 0)
        return failed(err, path, "the file cannot be read");
    return ln_buf_read_file(out, path, err);
}

static bool
write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* The name itself must survive, too. */
static bool
sync_folder(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash)
        ln_str_copy(folder, sizeof(folder),
                    ln_strn(path, slash == path ? 1 : (size_t)(slash - path)));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static enum ln_err
replace_file(struct ln_disk *disk, const char *path, const void *data,
             size_t len, struct ln_error *err)
{
    char beside[PATH_MAX];
    (void)disk;
    snprintf(beside, sizeof(beside), "%s.new", path);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write_all(fd, data, len) && fdatasync(fd) == 0;
    enum ln_err code =
        ok ? LN_OK : failed(err, beside, "the file cannot be written");
    if (fd >= 0 && close(fd) != 0 && code == LN_OK)
        code = failed(err, beside, "the file cannot be written");
    if (code == LN_OK && (rename(beside, path) != 0 || !sync_folder(path)))
        code = failed(err, path, "the file cannot be replaced");
    return code;
}

static void
free_disk(struct ln_disk *disk)
{
    free(disk);
}

struct ln_disk *
ln_disk_posix_new(void)
{
    static const struct ln_disk_ops ops = {open_file,    write_file, sync_file,
                                           size_of,      close_file, read_file,
                                           replace_file, free_disk};
    struct ln_disk *disk = calloc(1, sizeof(*disk));
    if (disk)
        disk->ops = &ops;
    return disk;
}
