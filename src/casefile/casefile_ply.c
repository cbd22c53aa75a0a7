/* dots.ply: what point viewers open (Turk, "The PLY polygon file format", Stanford 1994). MeshLab
 * takes `radius` for the size of a point; `diameter` is what the plan says. */
#include "casefile/casefile_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Blue, orange, green, purple of Okabe and Ito, "Color universal design" (2008): apart for every
 * kind of colour vision. */
static const uint8_t session_color[DOTS_MAX_SESSIONS][3] = {
    {0, 114, 178}, {230, 159, 0}, {0, 158, 115}, {204, 121, 167}};

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
    for (int k = 0; k < 4; k++)
        *to++ = (uint8_t)(value >> (8 * k));
    return to;
}

static uint8_t *put_float(uint8_t *to, double value)
{
    float narrow = (float)value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    return put_u32(to, bits);
}

static uint8_t *put_point(uint8_t *to, const CaseDot *dot)
{
    const double number[] = {dot->position_mm.x, dot->position_mm.y, dot->position_mm.z,
                             dot->normal.x,      dot->normal.y,      dot->normal.z};
    for (int k = 0; k < 6; k++)
        to = put_float(to, number[k]);
    for (int k = 0; k < 3; k++)
        *to++ = session_color[dot->session][k];
    to = put_float(to, 0.5 * dot->diameter_mm);
    to = put_float(to, dot->diameter_mm);
    return put_u32(to, (uint32_t)dot->session + 1);
}

bool casefile_dots_to_ply(Arena *arena, const CaseDots *dots, size_t *size, uint8_t **bytes,
                          Err *err)
{
    enum { HEADER = 512, POINT = 6 * 4 + 3 + 2 * 4 + 4 };
    char header[HEADER];
    int length = snprintf(header, sizeof header,
                          "ply\nformat binary_little_endian 1.0\n"
                          "comment Follicle: dots in mm in the head frame, coloured by session\n"
                          "element vertex %d\n"
                          "property float x\nproperty float y\nproperty float z\n"
                          "property float nx\nproperty float ny\nproperty float nz\n"
                          "property uchar red\nproperty uchar green\nproperty uchar blue\n"
                          "property float radius\nproperty float diameter\n"
                          "property int session\nend_header\n",
                          dots->count);
    assert(length > 0 && length < HEADER);
    *size = (size_t)length + (size_t)dots->count * POINT;
    *bytes = ARENA_NEW(arena, uint8_t, *size);
    if (*bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d points", dots->count);
    memcpy(*bytes, header, (size_t)length);
    uint8_t *to = *bytes + length;
    for (int i = 0; i < dots->count; i++) {
        assert(dots->dot[i].session >= 0 && dots->dot[i].session < DOTS_MAX_SESSIONS);
        to = put_point(to, &dots->dot[i]);
    }
    return true;
}
