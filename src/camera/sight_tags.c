#include "camera/sight_internal.h"

#include <apriltag/apriltag.h>
#include <apriltag/tag36h11.h>
#include <stdlib.h>
#include <string.h>

/* One wrong bit of 36 is repaired: with two, one quad of any kind in about 20,000 is a tag
 * (Olson, ICRA 2011, table I); with one, in 800,000. The library's margin of a tag that is well in
 * sight is above 50; noise that happens to decode has 10 to 25 [assumption from our renders]. */
enum { BITS_REPAIRED = 1 };
static const float LEAST_MARGIN = 30.0F;

double sight_side_px(const double corner_px[4][2])
{
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        const double *a = corner_px[k], *b = corner_px[(k + 1) % 4];
        sum += hypot(b[0] - a[0], b[1] - a[1]);
    }
    return sum / 4;
}

static void middle_px(const double corner_px[4][2], double middle[2])
{
    for (int i = 0; i < 2; i++)
        middle[i] = 0.25 * (corner_px[0][i] + corner_px[1][i] + corner_px[2][i] + corner_px[3][i]);
}

static bool known(int count, const SightFound found[], const SightFound *tag)
{
    double here[2], there[2];
    middle_px((const double(*)[2])tag->corner_px, here);
    for (int i = 0; i < count; i++) {
        middle_px((const double(*)[2])found[i].corner_px, there);
        if (found[i].id == tag->id && hypot(here[0] - there[0], here[1] - there[1]) <
                                          0.5 * sight_side_px((const double(*)[2])tag->corner_px))
            return true;
    }
    return false;
}

static int by_id_and_place(const void *first, const void *second)
{
    const SightFound *a = first, *b = second;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->corner_px[0][1] != b->corner_px[0][1])
        return a->corner_px[0][1] < b->corner_px[0][1] ? -1 : 1;
    return (a->corner_px[0][0] > b->corner_px[0][0]) - (a->corner_px[0][0] < b->corner_px[0][0]);
}

/* The library counts corners from the lower left, against the clock; ours start at the upper left,
 * with it. Its pixel centres are at .5, as ours. */
static SightFound from_detection(const apriltag_detection_t *seen, const SightPart *part)
{
    SightFound tag = {.id = seen->id};
    for (int k = 0; k < 4; k++) {
        tag.corner_px[k][0] = part->scale * (seen->p[3 - k][0] + part->left_px);
        tag.corner_px[k][1] = part->scale * (seen->p[3 - k][1] + part->top_px);
    }
    return tag;
}

SightGrey sight_halve(SightGrey picture, uint8_t half[])
{
    int width = picture.width_px / 2, height = picture.height_px / 2;
    for (int y = 0; y < height; y++) {
        const uint8_t *a = picture.grey + (ptrdiff_t)2 * y * picture.stride_px;
        const uint8_t *b = a + picture.stride_px;
        uint8_t *to = half + (ptrdiff_t)y * width;
        for (int x = 0; x < width; x++)
            to[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2);
    }
    return (SightGrey){width, height, width, half};
}

int sight_contrast(SightGrey picture)
{
    /* The level that one pixel in 500 reaches: a highlight is smaller, white paper larger. Tags of
     * our renders are found up to 90 codes; glare, shade and blur may take half. */
    static const double top = 0.002, share = 0.25;
    enum { LEAST = 10, MOST = 45, STEP = 5 };
    int grey[256] = {0}, count = 0, level = 255;
    for (int y = 0; y < picture.height_px; y += STEP)
        for (int x = 0; x < picture.width_px; x += STEP, count++)
            grey[picture.grey[(ptrdiff_t)y * picture.stride_px + x]]++;
    for (int above = grey[level]; above < top * count && level > 0; above += grey[level])
        level--;
    int contrast = (int)(share * level);
    return contrast < LEAST ? LEAST : contrast > MOST ? MOST : contrast;
}

/* The same tags as a mirror shows them: each bit at the place across. Only whether one is there can
 * be taken from it: the library turns codes the other way round, so its corners may be exchanged.
 */
static apriltag_family_t *mirrored_family(void)
{
    apriltag_family_t *family = tag36h11_create();
    for (uint32_t i = 0; i < family->nbits; i++)
        family->bit_x[i] = (uint32_t)family->width_at_border - 1 - family->bit_x[i];
    return family;
}

int sight_tags_find(const SightPart *part, int count, SightFound found[SIGHT_MAX_FOUND],
                    int *mirrored)
{
    /* The library only reads the picture, but its type has no const. */
    uint8_t *grey = (uint8_t *)(uintptr_t)part->grey.grey;
    image_u8_t picture = {.width = part->grey.width_px,
                          .height = part->grey.height_px,
                          .stride = part->grey.stride_px,
                          .buf = grey};
    apriltag_family_t *family = tag36h11_create(), *mirror = mirrored_family();
    apriltag_detector_t *detector = apriltag_detector_create();
    apriltag_detector_add_family_bits(detector, family, BITS_REPAIRED);
    apriltag_detector_add_family_bits(detector, mirror, BITS_REPAIRED);
    detector->quad_decimate = 1;
    detector->refine_edges = true;
    detector->qtp.min_white_black_diff = part->contrast;
    detector->nthreads = 1; /* with more the corners depend on their number, slightly */
    zarray_t *list = apriltag_detector_detect(detector, &picture);
    int start = count;
    *mirrored = 0;
    for (int i = 0; i < zarray_size(list); i++) {
        apriltag_detection_t *seen = NULL;
        zarray_get(list, i, &seen);
        SightFound tag = from_detection(seen, part);
        if (seen->hamming > BITS_REPAIRED || seen->decision_margin < LEAST_MARGIN)
            continue;
        if (seen->family == mirror)
            (*mirrored)++;
        else if (count < SIGHT_MAX_FOUND && !known(count, found, &tag))
            found[count++] = tag;
    }
    apriltag_detections_destroy(list);
    apriltag_detector_destroy(detector);
    tag36h11_destroy(family);
    tag36h11_destroy(mirror);
    qsort(found + start, (size_t)(count - start), sizeof *found, by_id_and_place);
    return count;
}
