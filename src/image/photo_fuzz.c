/* Any bytes are a photograph or an error, decoded in this process; what decodes is light that can
 * be written and is finite where the file's own numbers are. */
#include "image/photo_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PX = 1 << 18 };

static bool plain(const char *text, size_t room)
{
    return memchr(text, '\0', room) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t room = photo_room(MAX_PX);
    PhotoRaw *raw = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    PhotoJob job = {.size = size, .bytes = data, .max_px = MAX_PX, .pixels = true};
    Arena arena = {0};
    Err err = {0};
    if (raw == MAP_FAILED || !arena_open(&arena, (size_t)16 << 20, &err))
        abort();
    if (photo_read(&job, raw, &err)) {
        PhotoTurn turn = photo_turn(raw->facts.orientation, raw->width_px, raw->height_px);
        Photo photo = {.facts = raw->facts};
        if (!plain(raw->facts.camera, sizeof raw->facts.camera) ||
            !plain(raw->facts.profile, sizeof raw->facts.profile) ||
            (int64_t)raw->width_px * raw->height_px > MAX_PX ||
            !image_new_f(&arena, turn.width_px, turn.height_px, &photo.light, &err))
            abort();
        photo.grey = ARENA_NEW(&arena, uint8_t, MAX_PX);
        photo_light(1, raw, &photo);
    } else if (err.code == ERR_NONE || err.text[0] == '\0') {
        abort();
    }
    arena_close(&arena);
    munmap(raw, room);
    return 0;
}
