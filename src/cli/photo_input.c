#include "cli/photo_input.h"

#include "base/io.h"
#include "base/sha256.h"
#include "base/text.h"
#include "cli/prints_file.h"

#include <stdio.h>
#include <string.h>

enum { CLICKS_LIMIT = 8 << 20, OUTLINE_POINTS = DESIGN_OUTLINE_POINTS };

/* "X,Y X,Y ..." */
static bool read_points(const char *text, int capacity, double px[][2], int *count)
{
    const char *at = text;
    for (*count = 0; *at != '\0';) {
        const char *end = at + strcspn(at, " "), *comma = memchr(at, ',', (size_t)(end - at));
        if (comma == NULL || *count == capacity ||
            !text_to_double((TextSpan){at, (size_t)(comma - at)}, &px[*count][0]) ||
            !text_to_double((TextSpan){comma + 1, (size_t)(end - comma - 1)}, &px[*count][1]))
            return false;
        (*count)++;
        at = end + strspn(end, " ");
    }
    return *count > 0;
}

static int read_outlines(Arena *arena, const CliArgs *args, PhotosEntry *entry, Err *err)
{
    const char *text;
    for (int i = 0; (text = cli_repeated(args, "outline-px", i)) != NULL; i++) {
        PhotosOutline *outline = &entry->patch[entry->patch_count];
        if (entry->patch_count == PHOTOS_MAX_DRAWN)
            return cli_misuse("plan", "more than %d --outline-px", PHOTOS_MAX_DRAWN);
        outline->px = arena_alloc(arena, OUTLINE_POINTS, sizeof outline->px[0]);
        if (outline->px == NULL) {
            err_set(err, ERR_LIMIT, "no room for an outline");
            return CLI_FAILED;
        }
        if (!read_points(text, OUTLINE_POINTS, outline->px, &outline->count) || outline->count < 3)
            return cli_misuse("plan", "--outline-px=%s is no list of 3 to %d points X,Y", text,
                              OUTLINE_POINTS);
        entry->patch_count++;
    }
    return CLI_DONE;
}

static int read_place(const CliArgs *args, PatchPlace *place)
{
    const char *text = cli_text(args, "place", "top");
    for (int i = 0; i < PATCH_PLACES; i++)
        if (strcmp(text, patch_place_name((PatchPlace)i)) == 0) {
            *place = (PatchPlace)i;
            return CLI_DONE;
        }
    return cli_misuse("plan", "--place=%s is none of top, crown, front, left, right, back", text);
}

static bool is_one(const CliArgs *args)
{
    return cli_has(args, "two-points") || cli_has(args, "outline-px") || cli_has(args, "place");
}

/* One photograph, told by options instead of a document. */
static int read_one(Arena *arena, const CliArgs *args, PhotosDoc *doc, Err *err)
{
    PhotosEntry *entry = &doc->entry[0];
    const char *path = args->operand[0], *slash = strrchr(path, '/');
    const char *points = cli_text(args, "two-points", NULL);
    int count;
    if (args->operand_count != 1)
        return cli_misuse("plan", "--two-points, --place and --outline-px are for one photograph");
    if ((points != NULL) != cli_has(args, "distance-mm"))
        return cli_misuse("plan", "--two-points and --distance-mm belong together");
    doc->count = 1;
    snprintf(entry->file, sizeof entry->file, "%.255s", slash != NULL ? slash + 1 : path);
    snprintf(entry->view, sizeof entry->view, "photo");
    entry->has_scale = points != NULL;
    entry->scale.distance_mm = cli_number(args, "distance-mm", 0.0);
    if (points != NULL && (!read_points(points, 2, entry->scale.px, &count) || count != 2))
        return cli_misuse("plan", "--two-points=%s is not 'X,Y X,Y'", points);
    int status = read_place(args, &entry->place);
    return status == CLI_DONE ? read_outlines(arena, args, entry, err) : status;
}

static bool read_document(Arena *arena, const char *path, PhotosDoc *doc, Err *err)
{
    size_t size;
    uint8_t *bytes;
    return io_read_file(arena, path, CLICKS_LIMIT, &size, &bytes, err) &&
           casefile_photos_from_json(arena, size, (const char *)bytes, doc, err);
}

/* Beside the photographs, for the record: the case can be made again from its inputs. */
static bool add_input(Arena *arena, const char *path, PlanRequest *request, Err *err)
{
    CaseInputFile *file = &request->beside[request->beside_count];
    const char *slash = strrchr(path, '/');
    size_t mark = arena_mark(arena);
    uint8_t *bytes;
    if (!io_read_file(arena, path, CLICKS_LIMIT, &file->size, &bytes, err))
        return false;
    snprintf(file->name, sizeof file->name, "%.255s", slash != NULL ? slash + 1 : path);
    sha256_hex(file->size, bytes, file->sha256);
    arena_rewind(arena, mark);
    request->beside_count++;
    return true;
}

/* The clinic's measured prints: a file that was named must be there, its own need not. */
static bool read_prints(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err)
{
    const char *given = cli_text(args, "prints", NULL);
    char path[IO_PATH_LIMIT];
    Err no_home;
    MarkerPrints *prints = ARENA_NEW(arena, MarkerPrints, 1);
    if (prints == NULL)
        return err_set(err, ERR_LIMIT, "no room for the prints");
    if (given == NULL && !prints_file_path(NULL, path, &no_home))
        return true;
    if (!prints_file_read(arena, given, true, prints, err))
        return false;
    request->prints = prints;
    return prints->count == 0 ||
           (prints_file_path(given, path, err) && add_input(arena, path, request, err));
}

int photo_input(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err)
{
    const char *clicks = cli_text(args, "clicks", NULL);
    if (!read_prints(arena, args, request, err))
        return CLI_FAILED;
    if (clicks == NULL && !is_one(args))
        return cli_has(args, "distance-mm")
                   ? cli_misuse("plan", "--two-points and --distance-mm belong together")
                   : CLI_DONE;
    if (clicks != NULL && is_one(args))
        return cli_misuse("plan", "--clicks excludes --two-points, --place and --outline-px");
    PhotosDoc *doc = ARENA_NEW(arena, PhotosDoc, 1);
    if (doc == NULL) {
        err_set(err, ERR_LIMIT, "no room for the clicks");
        return CLI_FAILED;
    }
    request->photos = doc;
    if (clicks == NULL)
        return read_one(arena, args, doc, err);
    return read_document(arena, clicks, doc, err) && add_input(arena, clicks, request, err)
               ? CLI_DONE
               : CLI_FAILED;
}
