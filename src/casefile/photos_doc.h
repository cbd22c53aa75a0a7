/* photos_doc.h - photos.json: what a user clicked in photographs (docs/formats.md).
 */
#ifndef CASEFILE_PHOTOS_DOC_H
#define CASEFILE_PHOTOS_DOC_H

#include "design/propose.h"
#include "head/fit.h"
#include "head/views.h"

enum { PHOTOS_MAX = FIT_MAX_PHOTOS, PHOTOS_MAX_SHUT = 8, PHOTOS_MAX_DRAWN = 4 };

typedef struct PhotosOutline {
    int count;
    double (*px)[2];
} PhotosOutline;

typedef struct PhotosEntry { /* pixels of the upright photograph */
    char file[256];          /* a name beside photos.json or beside the given photographs */
    char view[32];           /* its name in the case: "front" */
    FitPhoto fit;            /* clicks, outline and ties; its lens is left empty */
    bool has_scale;
    PatchScale scale;
    PatchPlace place;
    bool has_checker;
    double checker_px[4][2];
    int shut_count;
    PhotosOutline shut[PHOTOS_MAX_SHUT]; /* glasses, hands, cloth: outlines */
    int patch_count;
    PhotosOutline patch[PHOTOS_MAX_DRAWN]; /* wanted: outlines to fill */
} PhotosEntry;

typedef struct PhotosDoc {
    int count;
    PhotosEntry entry[PHOTOS_MAX];
    double strip_front_mm; /* 0: not said */
    bool woman;
} PhotosDoc;

/* ERR_INPUT names the key. The outlines stand in the arena. */
MUST_CHECK bool casefile_photos_from_json(Arena *arena, size_t size, const char *bytes,
                                          PhotosDoc *doc, Err *err);
/* The entry of a file by its name without folders; NULL: none. */
const PhotosEntry *photos_entry(const PhotosDoc *doc, const char *path);

#endif
