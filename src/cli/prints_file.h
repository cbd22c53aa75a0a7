/* prints_file.h - where the measured prints of this machine's user stand.
 *
 * $XDG_DATA_HOME/follicle/prints.json, or ~/.local/share/follicle/prints.json.
 */
#ifndef CLI_PRINTS_FILE_H
#define CLI_PRINTS_FILE_H

#include "base/io.h"
#include "camera/marker.h"

/* given: of --prints; NULL: the user's own. ERR_INPUT: no home is known. */
MUST_CHECK bool prints_file_path(const char *given, char path[IO_PATH_LIMIT], Err *err);
/* No file: no prints, unless it was given by name and must_exist. The list has room for one more.
 */
MUST_CHECK bool prints_file_read(Arena *arena, const char *given, bool must_exist,
                                 MarkerPrints *prints, Err *err);
/* Writes in one step; makes the user's own folder where it is missing. */
MUST_CHECK bool prints_file_write(Arena *arena, const char *given, const MarkerPrints *prints,
                                  Err *err);

#endif
