#define _GNU_SOURCE /* renameat2, O_TMPFILE-free exchange of two folders */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(Err *err, const char *what, const char *path)
{
    return err_set(err, ERR_IO, "cannot %s '%s': %s", what, path, strerror(errno));
}

bool io_read_file(Arena *arena, const char *path, size_t limit_bytes, size_t *size, uint8_t **bytes,
                  Err *err)
{
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(err, "open", path);
    struct stat info;
    if (fstat(fd, &info) != 0) {
        fail(err, "read", path);
        goto out;
    }
    if (!S_ISREG(info.st_mode)) {
        err_set(err, ERR_INPUT, "'%s' is not a file", path);
        goto out;
    }
    if (info.st_size < 0 || (size_t)info.st_size > limit_bytes) {
        err_set(err, ERR_LIMIT, "'%s' has %lld bytes, more than the limit of %zu", path,
                (long long)info.st_size, limit_bytes);
        goto out;
    }
    *size = (size_t)info.st_size;
    *bytes = ARENA_NEW(arena, uint8_t, *size + 1); /* a zero behind the last byte */
    if (*bytes == NULL) {
        err_set(err, ERR_LIMIT, "no room for the %zu bytes of '%s' within the memory limit", *size,
                path);
        goto out;
    }
    size_t done = 0;
    while (done < *size) {
        ssize_t got = read(fd, *bytes + done, *size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            err_set(err, ERR_IO, "'%s' ended after %zu of %zu bytes", path, done, *size);
            goto out;
        }
        done += (size_t)got;
    }
    ok = true;
out:
    close(fd);
    return ok;
}

bool io_join(char path[IO_PATH_LIMIT], const char *folder, const char *name, Err *err)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    int wrote = snprintf(path, IO_PATH_LIMIT, "%s%s%s", folder, slash, name);
    if (wrote < 0 || wrote >= IO_PATH_LIMIT)
        return err_set(err, ERR_INPUT, "the path of '%s' is longer than %d bytes", name,
                       IO_PATH_LIMIT - 1);
    return true;
}

static bool write_all(int fd, size_t size, const uint8_t bytes[])
{
    size_t done = 0;
    while (done < size) {
        ssize_t put = write(fd, bytes + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

bool io_write_file(const char *path, size_t size, const void *bytes, Err *err)
{
    char part[IO_PATH_LIMIT];
    int wrote = snprintf(part, sizeof part, "%s.part", path);
    if (wrote < 0 || wrote >= IO_PATH_LIMIT)
        return err_set(err, ERR_INPUT, "the path '%.80s...' is too long", path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(err, "write", path);
    bool ok = write_all(fd, size, bytes) && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(part, path) == 0)
        return true;
    if (ok)
        error = errno;
    unlink(part);
    errno = error;
    return fail(err, "write", path);
}

/* Removes a folder and what is in it; does not follow links. */
static bool remove_folder(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || unlinkat(parent, name, 0) == 0;
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        close(fd);
        return false;
    }
    bool ok = true;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) != 0)
            ok = remove_folder(fd, entry->d_name) && ok;
    }
    closedir(folder);
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 && ok;
}

/* Splits "a/b/c" into "a/b" (or ".") and "c". */
static bool split(const char *path, char folder[IO_PATH_LIMIT], const char **name, size_t *length)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    *name = path + start;
    *length = end - start;
    size_t keep = start > 1 ? start - 1 : start;
    if (start == 0)
        return snprintf(folder, IO_PATH_LIMIT, ".") > 0;
    return snprintf(folder, IO_PATH_LIMIT, "%.*s", (int)keep, path) < IO_PATH_LIMIT;
}

bool io_folder_open(IoFolder *folder, const char *path, bool replace, Err *err)
{
    char parent[IO_PATH_LIMIT];
    const char *name;
    size_t length;
    *folder = (IoFolder){.lock = -1, .replace = replace};
    if (strlen(path) > IO_PATH_LIMIT - 64 || !split(path, parent, &name, &length))
        return err_set(err, ERR_INPUT, "the path '%.80s...' is too long", path);
    if (length == 0 || (length == 1 && name[0] == '.') ||
        (length == 2 && memcmp(name, "..", 2) == 0))
        return err_set(err, ERR_INPUT, "'%s' cannot be a new folder: give it a name of its own",
                       path);
    struct stat info;
    if (stat(parent, &info) != 0)
        return fail(err, "use the folder", parent);
    int longest = snprintf(folder->partial, sizeof folder->partial, "%s/.%.*s.partial", parent,
                           (int)length, name);
    int shorter =
        snprintf(folder->final, sizeof folder->final, "%s/%.*s", parent, (int)length, name);
    if (longest < 0 || longest >= IO_PATH_LIMIT || shorter < 0 || shorter >= IO_PATH_LIMIT)
        return err_set(err, ERR_INPUT, "the path '%.80s...' is too long", path);
    if (lstat(folder->final, &info) == 0) {
        if (!replace)
            return err_set(err, ERR_INPUT,
                           "'%s' exists already: choose another name, or --force to replace it",
                           path);
        if (!S_ISDIR(info.st_mode))
            return err_set(err, ERR_INPUT, "'%s' exists and is not a folder", path);
    }
    char lock[IO_PATH_LIMIT + 8];
    snprintf(lock, sizeof lock, "%s.lock", folder->partial);
    folder->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (folder->lock < 0)
        return fail(err, "write beside", path);
    if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0) {
        close(folder->lock);
        folder->lock = -1;
        return err_set(err, ERR_IO, "another run is writing '%s'", path);
    }
    if (!remove_folder(AT_FDCWD, folder->partial) || mkdir(folder->partial, 0755) != 0) {
        fail(err, "make", folder->partial);
        io_folder_abandon(folder);
        return false;
    }
    return true;
}

static bool copy_bytes(int from, int to)
{
    uint8_t buffer[1 << 14];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && fsync(to) == 0;
        if (!write_all(to, (size_t)got, buffer))
            return false;
    }
}

/* For file systems without links. */
static bool copy_file(int from_folder, int to_folder, const char *name)
{
    int from = openat(from_folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0)
        return false;
    int to = openat(to_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = to >= 0 && copy_bytes(from, to);
    int error = errno;
    if (to >= 0 && close(to) != 0 && ok) {
        ok = false;
        error = errno;
    }
    close(from);
    errno = error;
    return ok;
}

static bool clone_into(int from, int to);

static bool clone_entry(int from, int to, const char *name)
{
    struct stat info;
    if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (!S_ISDIR(info.st_mode))
        return linkat(from, name, to, name, 0) == 0 || copy_file(from, to, name);
    if (mkdirat(to, name, 0755) != 0)
        return false;
    int inner_from = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int inner_to = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = inner_from >= 0 && inner_to >= 0 && clone_into(inner_from, inner_to);
    int error = errno;
    if (inner_from >= 0)
        close(inner_from);
    if (inner_to >= 0)
        close(inner_to);
    errno = error;
    return ok;
}

/* Leaves both open. */
static bool clone_into(int from, int to)
{
    int own = dup(from);
    DIR *folder = own >= 0 ? fdopendir(own) : NULL;
    if (folder == NULL) {
        if (own >= 0)
            close(own);
        return false;
    }
    bool ok = true;
    struct dirent *entry;
    while (ok && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ok = clone_entry(from, to, entry->d_name);
    int error = errno;
    closedir(folder);
    errno = error;
    return ok;
}

bool io_folder_clone(IoFolder *folder, Err *err)
{
    int from = open(folder->final, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0)
        return fail(err, "open the folder", folder->final);
    int to = open(folder->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = to >= 0 && clone_into(from, to);
    if (!ok)
        fail(err, "copy the folder", folder->final);
    if (to >= 0)
        close(to);
    close(from);
    return ok;
}

static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool io_folder_commit(IoFolder *folder, Err *err)
{
    struct stat info;
    bool exists = lstat(folder->final, &info) == 0;
    sync_folder(folder->partial);
    unsigned flags = exists && folder->replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, folder->partial, AT_FDCWD, folder->final, flags) != 0) {
        /* A file system without these flags: the plain rename, after moving the old one away. */
        if (errno != EINVAL || exists || rename(folder->partial, folder->final) != 0)
            return fail(err, "put into place", folder->final);
    }
    io_folder_abandon(folder); /* the partial name now holds the old folder, or nothing */
    return true;
}

void io_folder_abandon(IoFolder *folder)
{
    if (folder->lock < 0)
        return;
    char lock[IO_PATH_LIMIT + 8];
    remove_folder(AT_FDCWD, folder->partial);
    snprintf(lock, sizeof lock, "%s.lock", folder->partial);
    unlink(lock);
    close(folder->lock);
    folder->lock = -1;
}
