#include "cli/prints_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRINTS_LIMIT = 1 << 20 };

bool prints_file_path(const char *given, char path[IO_PATH_LIMIT], Err *err)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int length;
    if (given != NULL)
        length = snprintf(path, IO_PATH_LIMIT, "%s", given);
    else if (data != NULL && data[0] == '/') /* others are to be ignored: XDG base directories */
        length = snprintf(path, IO_PATH_LIMIT, "%s/follicle/prints.json", data);
    else if (home != NULL && home[0] == '/')
        length = snprintf(path, IO_PATH_LIMIT, "%s/.local/share/follicle/prints.json", home);
    else
        return err_set(err, ERR_INPUT,
                       "no home folder is known for the measured prints: name a file with "
                       "--prints=FILE");
    return length < IO_PATH_LIMIT ||
           err_set(err, ERR_INPUT, "the path of the measured prints is too long");
}

bool prints_file_read(Arena *arena, const char *given, bool must_exist, MarkerPrints *prints,
                      Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size;
    uint8_t *bytes;
    Err cause = {0};
    *prints = (MarkerPrints){0};
    if (!prints_file_path(given, path, err))
        return false;
    if (access(path, F_OK) != 0 && errno == ENOENT && !(must_exist && given != NULL))
        return true;
    if (!io_read_file(arena, path, PRINTS_LIMIT, &size, &bytes, err))
        return false;
    return marker_prints_from_json(arena, size, (const char *)bytes, prints, &cause) ||
           err_set(err, cause.code, "%.200s: %.280s", path, cause.text);
}

/* The folders of a path, one after the other; what stands there already is left alone. */
static void make_folders(const char *path)
{
    char part[IO_PATH_LIMIT];
    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        mkdir(part, 0700); /* a failure shows when the file is written */
    }
}

bool prints_file_write(Arena *arena, const char *given, const MarkerPrints *prints, Err *err)
{
    char path[IO_PATH_LIMIT], *text;
    size_t size;
    if (!prints_file_path(given, path, err) ||
        !marker_prints_to_json(arena, prints, &size, &text, err))
        return false;
    if (given == NULL)
        make_folders(path);
    return io_write_file(path, size, text, err);
}
