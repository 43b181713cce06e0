/*
 * Files that are only appended to, and whole small files: all that the
 * trading thread does with a disk. On the real disk (disk_posix.c) and in
 * memory with crashes and faults (disk_virtual.c), so that what survives a
 * power cut can be simulated.
 *
 * Nothing here waits for the platter but ln_append_sync, which is for the
 * worker thread and for start and end.
 */
#ifndef LN_LOOP_DISK_H
#define LN_LOOP_DISK_H

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

struct ln_disk;
struct ln_append;

struct ln_disk *ln_disk_posix_new(void);
/* In memory. Files live as long as the disk. */
struct ln_disk *ln_disk_virtual_new(uint64_t seed);
/* Every file must be closed. NULL is allowed. */
void ln_disk_free(struct ln_disk *disk);

/*
 * Open (created with mode 0600) for appending at its end. Errors: IO; the
 * file is locked by another process: STATE.
 */
enum ln_err ln_append_open(struct ln_disk *disk, const char *path,
                           struct ln_append **out,
                           struct ln_error *err) LN_MUST_USE;
/*
 * One write. All of it, or an error and the file as it was. What was written
 * survives the process, not the machine.
 */
enum ln_err ln_append_write(struct ln_append *file, const void *data,
                            size_t len, struct ln_error *err) LN_MUST_USE;
/* What was written survives the machine. */
enum ln_err ln_append_sync(struct ln_append *file,
                           struct ln_error *err) LN_MUST_USE;
int64_t ln_append_size(const struct ln_append *file);
void ln_append_close(struct ln_append *file);

/* A whole file, appended to <out>. NOT_FOUND, IO, NOMEM (larger than max). */
enum ln_err ln_disk_read(struct ln_disk *disk, const char *path,
                         struct ln_buf *out, struct ln_error *err) LN_MUST_USE;
/*
 * Put <data> in the place of <path>: written beside it, synced, renamed.
 * After a crash there is the old or the new content, whole.
 */
enum ln_err ln_disk_replace(struct ln_disk *disk, const char *path,
                            const void *data, size_t len,
                            struct ln_error *err) LN_MUST_USE;

/* ---- of the virtual one ---- */

/*
 * The machine stops: of each file's bytes since its last sync, a random part
 * of the tail is lost. power false: only the process died, all stays. Open
 * handles are dead (writes fail) and must still be closed.
 */
void ln_disk_virtual_crash(struct ln_disk *disk, bool power);
/* From now on writes fail with "no space left" (true), or work (false). */
void ln_disk_virtual_full(struct ln_disk *disk, bool full);

#endif
