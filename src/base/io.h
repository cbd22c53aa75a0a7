/* io.h - whole files in, whole files out, whole folders out.
 *
 * Nothing half-written ever stands under its final name: a file is written beside its place and
 * renamed; a folder is filled under a partial name and moved in one step by io_folder_commit.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

enum { IO_PATH_LIMIT = 4096 };

/* Reads a regular file of at most limit_bytes. */
MUST_CHECK bool io_read_file(Arena *arena, const char *path, size_t limit_bytes, size_t *size,
                             uint8_t **bytes, Err *err);
/* Joins folder and name into path; fails when it does not fit. */
MUST_CHECK bool io_join(char path[IO_PATH_LIMIT], const char *folder, const char *name, Err *err);
/* Writes, flushes to disk and renames. */
MUST_CHECK bool io_write_file(const char *path, size_t size, const void *bytes, Err *err);

/* A folder being filled. The partial folder stands beside `final` as .NAME.partial and is locked;
 * what an interrupted run left there is removed when the next one opens it. */
typedef struct IoFolder {
    char final[IO_PATH_LIMIT], partial[IO_PATH_LIMIT];
    int lock;
    bool replace;
} IoFolder;

/* Refuses when `path` exists and replace is false, or when another run is filling it. */
MUST_CHECK bool io_folder_open(IoFolder *folder, const char *path, bool replace, Err *err);
/* Fills it with what stands at its final place (links to the same bytes, or copies of them), so
 * that some files can be replaced and the others stay. ERR_INPUT when nothing stands there. */
MUST_CHECK bool io_folder_clone(IoFolder *folder, Err *err);
/* Puts the filled folder in its place in one step; an old one is exchanged, then removed. */
MUST_CHECK bool io_folder_commit(IoFolder *folder, Err *err);
/* Removes the partial folder; after a commit it does nothing. */
void io_folder_abandon(IoFolder *folder);

#endif
