#include "camera/sight_internal.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SIDE_PX = 32 };
/* A tag is found at half size from about 24 px on; smaller ones are looked for again at full size
 * around those that were found, and pictures below 4 Mpx are cheap enough to be searched whole. */
static const double SMALL_TAG_PX = 60.0;
enum { SMALL_PICTURE_PX = 4 << 20 };
/* What a print may be off: of an unmeasured one, desktop printers at 100 % [assumption]; of a
 * measured bar, a quarter of a millimetre of reading. */
static const double PRINT_UNKNOWN_SHARE = 0.005, READING_MM = 0.25, MOST_APART = 0.01;
static const double COARSE_STRIP = 1.0; /* px/mm */

typedef struct Search {
    Lens lens;
    SightGrey picture;
    uint8_t *half; /* room for a quarter of the pixels */
    int contrast, count;
    SightFound *found;
} Search;

/* ---- which tags make a marker ---- */

static void middle_of(const double corner[4][2], double middle[2])
{
    for (int i = 0; i < 2; i++)
        middle[i] = 0.25 * (corner[0][i] + corner[1][i] + corner[2][i] + corner[3][i]);
}

static bool is_print_tag(int id)
{
    return id >= MARKER_FIRST_PRINT_TAG && id < MARKER_FIRST_PRINT_TAG + 256;
}

static void take(Search *search, int found, int tag, MarkerSight *sight)
{
    SightTag *seen = &sight->tag[sight->tag_count++];
    *seen = (SightTag){.tag = tag, .id = search->found[found].id, .used = true};
    memcpy(seen->corner_px, search->found[found].corner_px, sizeof seen->corner_px);
    search->found[found].taken = true;
}

static bool has_tag(const MarkerSight *sight, int tag)
{
    for (int i = 0; i < sight->tag_count; i++)
        if (sight->tag[i].tag == tag)
            return true;
    return false;
}

/* The plane through what has been taken; true when it is one. */
static bool plane_of(const MarkerSight *sight, double h[9])
{
    double mm[4 * MARKER_MAX_TAGS][2], px[4 * MARKER_MAX_TAGS][2];
    Err ignored;
    for (int i = 0; i < sight->tag_count; i++) {
        marker_tag_corners(&sight->marker.tag[sight->tag[i].tag], mm + 4 * i);
        memcpy(px + 4 * i, sight->tag[i].corner_px, sizeof sight->tag[i].corner_px);
    }
    return camera_homography(4 * sight->tag_count, (const double(*)[2])mm, (const double(*)[2])px,
                             h, &ignored);
}

/* Where a tag should be, by a plane; its size there. */
static double expected(const Marker *marker, int tag, const double h[9], double middle[2])
{
    double corner[4][2], px[4][2];
    marker_tag_corners(&marker->tag[tag], corner);
    for (int k = 0; k < 4; k++)
        camera_plane_to_px(h, corner[k][0], corner[k][1], px[k]);
    middle_of((const double(*)[2])px, middle);
    return sight_side_px((const double(*)[2])px);
}

/* The free one with the right id that is nearest to where it should be, within reach; -1: none. */
static int nearest_found(const Search *search, const MarkerTag *tag, const double middle[2],
                         double reach_px)
{
    int best = -1;
    double least = reach_px;
    for (int i = 0; i < search->count; i++) {
        const SightFound *found = &search->found[i];
        double at[2];
        if (found->taken || (tag->carries_print ? !is_print_tag(found->id) : found->id != tag->id))
            continue;
        middle_of((const double(*)[2])found->corner_px, at);
        double off = hypot(at[0] - middle[0], at[1] - middle[1]);
        if (off < least)
            least = off, best = i;
    }
    return best;
}

static int largest_of(const Search *search, MarkerKind wanted, int *tag)
{
    int best = -1;
    double largest = 0;
    for (int i = 0; i < search->count; i++) {
        MarkerKind kind;
        int index;
        double side = sight_side_px((const double(*)[2])search->found[i].corner_px);
        if (!search->found[i].taken && side > largest &&
            marker_kind_of_tag(search->found[i].id, &kind, &index) && kind == wanted)
            largest = side, best = i, *tag = index;
    }
    return best;
}

/* Tags of one card lie where a plane through some of them says: first about (one tag tells little
 * of what is far from it), then to half a tag. So two cards of one kind are kept apart. */
static void gather_card(Search *search, MarkerSight *sight)
{
    const Marker *marker = &sight->marker;
    for (int round = 0; round < 3; round++) {
        double h[9], middle[2];
        if (!plane_of(sight, h))
            return;
        for (int i = 0; i < marker->tag_count; i++) {
            if (has_tag(sight, i))
                continue;
            double side = expected(marker, i, h, middle);
            double reach = sight->tag_count < 3 ? 1.0 : 0.5;
            int found = nearest_found(search, &marker->tag[i], middle, reach * side);
            if (found >= 0)
                take(search, found, i, sight);
        }
    }
}

/* Where a print tag of the strip should be, by the nearest tag that is known: a band is nearly
 * straight from one to the next. */
static double expected_on_strip(const MarkerSight *sight, int tag, double middle[2])
{
    const Marker *marker = &sight->marker;
    double h[9];
    int best = -1;
    for (int i = 0; i < sight->tag_count; i++)
        if (best < 0 || abs(sight->tag[i].tag - tag) < abs(sight->tag[best].tag - tag))
            best = i;
    if (best < 0 || abs(sight->tag[best].tag - tag) > 2)
        return 0;
    double corner[4][2];
    Err ignored;
    marker_tag_corners(&marker->tag[sight->tag[best].tag], corner);
    if (!camera_homography(4, (const double(*)[2])corner,
                           (const double(*)[2])sight->tag[best].corner_px, h, &ignored))
        return 0;
    return expected(marker, tag, h, middle);
}

static void gather_strip(Search *search, MarkerSight *sight)
{
    const Marker *marker = &sight->marker;
    for (int i = 0; i < search->count; i++) {
        MarkerKind kind;
        int tag;
        if (!search->found[i].taken && marker_kind_of_tag(search->found[i].id, &kind, &tag) &&
            kind == MARKER_STRIP && tag < marker->tag_count && !marker->tag[tag].carries_print &&
            !has_tag(sight, tag))
            take(search, i, tag, sight);
    }
    for (int round = 0; round < 2; round++) /* the second of a pair by the first, if need be */
        for (int i = 0; i < marker->tag_count; i++) {
            double middle[2], side;
            if (!marker->tag[i].carries_print || has_tag(sight, i) ||
                !((side = expected_on_strip(sight, i, middle)) > 0))
                continue;
            int found = nearest_found(search, &marker->tag[i], middle, 0.75 * side);
            if (found >= 0)
                take(search, found, i, sight);
        }
}

static void gather(Search *search, MarkerSight *sight)
{
    if (sight->marker.kind == MARKER_STRIP)
        gather_strip(search, sight);
    else
        gather_card(search, sight);
}

/* ---- the print's number ---- */

/* The tags of a pair stand one after the other, the high byte first. Pairs that contradict each
 * other tell nothing. */
static int read_print(const MarkerSight *sight)
{
    int byte[2] = {-1, -1};
    for (int i = 0; i < sight->tag_count; i++) {
        const MarkerTag *tag = &sight->marker.tag[sight->tag[i].tag];
        if (!tag->carries_print)
            continue;
        int before = 0, value = sight->tag[i].id - MARKER_FIRST_PRINT_TAG;
        for (int k = 0; k < sight->tag[i].tag; k++)
            before += sight->marker.tag[k].carries_print;
        int *half = &byte[before % 2];
        if (*half >= 0 && *half != value)
            return -1;
        *half = value;
    }
    return byte[0] >= 0 && byte[1] >= 0 ? 256 * byte[0] + byte[1] : -1;
}

/* Lays the marker out again with its number and stretches it to its print. */
static bool apply_print(const MarkerPrints *prints, MarkerSight *sight, double *print_share,
                        Err *err)
{
    sight->print_id = read_print(sight);
    if (sight->print_id >= 0 &&
        !marker_make(sight->marker.kind, sight->print_id, &sight->marker, err))
        return false;
    const MarkerPrint *print =
        sight->print_id >= 0 ? marker_prints_find(prints, sight->print_id) : NULL;
    *print_share = PRINT_UNKNOWN_SHARE;
    if (print == NULL) {
        sight->faults |= SIGHT_PRINT_UNKNOWN;
        return true;
    }
    if (!(fabs(print->factor_x / print->factor_y - 1) <= MOST_APART + 1e-12))
        return err_set(
            err, ERR_INPUT,
            "print %d is %.4f times as wide and %.4f times as high as designed, more than "
            "1 %% apart: measure its two bars again",
            print->print_id, print->factor_x, print->factor_y);
    *print_share = READING_MM / sight->marker.bar_x_mm / sqrt(2.0);
    marker_apply_print(&sight->marker, print);
    return true;
}

/* ---- one marker ---- */

static void order_tags(MarkerSight *sight)
{
    for (int i = 1; i < sight->tag_count; i++)
        for (int k = i; k > 0 && sight->tag[k].tag < sight->tag[k - 1].tag; k--) {
            SightTag swap = sight->tag[k];
            sight->tag[k] = sight->tag[k - 1];
            sight->tag[k - 1] = swap;
        }
}

/* Looks at full size in the box around the tags that were taken and, of a card, the whole of it. */
static void look_again(Search *search, MarkerSight *sight)
{
    double low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9}, smallest = 1e9, largest = 0, h[9];
    const Marker *marker = &sight->marker;
    bool card = marker->kind != MARKER_STRIP && plane_of(sight, h);
    for (int i = 0; i < sight->tag_count; i++) {
        const SightTag *seen = &sight->tag[i];
        double side = sight_side_px((const double(*)[2])seen->corner_px);
        smallest = fmin(smallest, side), largest = fmax(largest, side);
        for (int k = 0; k < 8; k++) {
            low[k % 2] = fmin(low[k % 2], seen->corner_px[k / 2][k % 2]);
            high[k % 2] = fmax(high[k % 2], seen->corner_px[k / 2][k % 2]);
        }
    }
    for (int i = 0; card && i < marker->tag_count; i++) {
        double middle[2], side = expected(marker, i, h, middle);
        smallest = fmin(smallest, side);
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], middle[k] - side);
            high[k] = fmax(high[k], middle[k] + side);
        }
    }
    if (smallest > SMALL_TAG_PX)
        return;
    double size[2] = {search->picture.width_px, search->picture.height_px};
    int from[2], to[2];
    for (int k = 0; k < 2; k++) {
        double margin = card ? largest : 3 * largest;
        from[k] = (int)fmin(fmax(floor(low[k] - margin), 0), size[k]);
        to[k] = (int)fmin(fmax(ceil(high[k] + margin), 0), size[k]);
    }
    if (to[0] - from[0] < LEAST_SIDE_PX || to[1] - from[1] < LEAST_SIDE_PX)
        return;
    SightPart part = {search->picture, from[0], from[1], 1, search->contrast};
    part.grey.width_px = to[0] - from[0], part.grey.height_px = to[1] - from[1];
    part.grey.grey += (ptrdiff_t)from[1] * part.grey.stride_px + from[0];
    int mirrored;
    search->count = sight_tags_find(&part, search->count, search->found, &mirrored);
    gather(search, sight);
}

/* A tag of the kind from which to start, and its marker; -1: none. Ids of the kind's range that no
 * marker has are put aside. */
static bool seed_of(Search *search, MarkerKind kind, Marker *marker, int *seed, int *tag, Err *err)
{
    while ((*seed = largest_of(search, kind, tag)) >= 0) {
        if (marker->tag_count == 0 && !marker_make(kind, 0, marker, err))
            return false;
        if (*tag < marker->tag_count && !marker->tag[*tag].carries_print)
            return true;
        search->found[*seed].taken = true;
    }
    return true;
}

static void measure_strip(MarkerSight *sight)
{
    double scale = 0;
    for (int i = 0; i < sight->tag_count; i++)
        scale += sight_side_px((const double(*)[2])sight->tag[i].corner_px) /
                 sight->marker.tag[sight->tag[i].tag].side_mm;
    sight->px_per_mm = scale / sight->tag_count;
    if (sight->px_per_mm < COARSE_STRIP)
        sight->faults |= SIGHT_COARSE;
}

/* A sight of `kind` of the free tags, if there is one: else tag_count stays 0. */
static bool next_sight(Arena *scratch, Search *search, MarkerKind kind, const MarkerPrints *prints,
                       MarkerSight *sight, Err *err)
{
    int tag = 0, seed = -1;
    double print_share = 0;
    if (!seed_of(search, kind, &sight->marker, &seed, &tag, err))
        return false;
    if (seed < 0)
        return true;
    take(search, seed, tag, sight);
    gather(search, sight);
    if (sight->tag_count < sight->marker.tag_count)
        look_again(search, sight);
    if (!apply_print(prints, sight, &print_share, err))
        return false;
    order_tags(sight);
    for (int i = 0; i < sight->tag_count; i++) {
        const MarkerTag *cells = &sight->marker.tag[sight->tag[i].tag];
        uint64_t black = cells->id == sight->tag[i].id ? cells->black : 0;
        sight_refine(&search->lens, search->picture, black, sight->tag[i].corner_px);
    }
    if (kind == MARKER_STRIP) {
        measure_strip(sight);
        return true;
    }
    bool ok = sight_fit_card(scratch, &search->lens, sight, err);
    sight->scale_error = hypot(sight->scale_error, print_share);
    return ok;
}

/* ---- mirrored pictures ---- */

static void flip_grey(int width_px, int height_px, const uint8_t grey[], uint8_t flipped[])
{
    for (int y = 0; y < height_px; y++) {
        const uint8_t *from = grey + (ptrdiff_t)y * width_px;
        uint8_t *to = flipped + (ptrdiff_t)y * width_px;
        for (int x = 0; x < width_px; x++)
            to[x] = from[width_px - 1 - x];
    }
}

/* From the pixels of the picture that was mirrored back to those of the picture itself. */
static void flip_sight(int width_px, MarkerSight *sight)
{
    sight->faults |= SIGHT_MIRRORED;
    for (int i = 0; i < sight->tag_count; i++)
        for (int k = 0; k < 4; k++)
            sight->tag[i].corner_px[k][0] = width_px - sight->tag[i].corner_px[k][0];
    double *h = sight->homography;
    for (int j = 0; j < 3; j++)
        h[j] = width_px * h[6 + j] - h[j];
}

/* ---- all of it ---- */

static void find_tags(Search *search, int *mirrored)
{
    SightGrey picture = search->picture;
    *mirrored = 0;
    if (picture.width_px < LEAST_SIDE_PX || picture.height_px < LEAST_SIDE_PX)
        return;
    SightPart half = {sight_halve(picture, search->half), 0, 0, 2, search->contrast};
    search->count = sight_tags_find(&half, 0, search->found, mirrored);
    SightPart whole = {picture, 0, 0, 1, search->contrast};
    bool small = (int64_t)picture.width_px * picture.height_px <= SMALL_PICTURE_PX;
    if (search->count == 0 && *mirrored == 0 && small)
        search->count = sight_tags_find(&whole, 0, search->found, mirrored);
}

/* True when tags are seen; of a mirrored picture the search goes on in the picture mirrored back.
 */
static bool find_either_way(Search *search, uint8_t flipped[], bool *mirrored)
{
    int in_mirror;
    find_tags(search, &in_mirror);
    *mirrored = search->count == 0 && in_mirror > 0;
    if (*mirrored) {
        flip_grey(search->picture.width_px, search->picture.height_px, search->picture.grey,
                  flipped);
        search->picture.grey = flipped;
        search->lens.centre_x_px = search->lens.width_px - search->lens.centre_x_px;
        find_tags(search, &in_mirror);
    }
    return search->count > 0;
}

static bool find_all(Arena *arena, Arena *scratch, Search *search, const MarkerPrints *prints,
                     MarkerSights *sights, Err *err)
{
    static const MarkerKind order[MARKER_KINDS] = {MARKER_CLOSE, MARKER_HEAD, MARKER_STRIP};
    sights->sight = ARENA_NEW(arena, MarkerSight, SIGHT_LIMIT);
    if (sights->sight == NULL)
        return err_set(err, ERR_LIMIT, "no room for markers in sight");
    for (int i = 0; i < MARKER_KINDS; i++)
        while (sights->count < SIGHT_LIMIT) {
            MarkerSight *sight = &sights->sight[sights->count];
            sight->print_id = -1;
            if (!next_sight(scratch, search, order[i], prints, sight, err))
                return false;
            if (sight->tag_count == 0)
                break;
            sights->count++;
        }
    return true;
}

bool sight_find(Arena *arena, Arena *scratch, const Lens *lens, const uint8_t grey[],
                const MarkerPrints *prints, MarkerSights *sights, Err *err)
{
    assert(lens->width_px > 0 && lens->height_px > 0);
    size_t mark = arena_mark(scratch), pixels = (size_t)lens->width_px * (size_t)lens->height_px;
    Search search = {.lens = *lens,
                     .picture = {lens->width_px, lens->height_px, lens->width_px, grey},
                     .found = ARENA_NEW(scratch, SightFound, SIGHT_MAX_FOUND)};
    uint8_t *flipped = ARENA_NEW(scratch, uint8_t, pixels);
    search.half = ARENA_NEW(scratch, uint8_t, pixels / 4 + 1);
    search.contrast = sight_contrast(search.picture);
    bool mirrored = false, ok = true;
    *sights = (MarkerSights){0};
    if (search.found == NULL || search.half == NULL || flipped == NULL)
        ok = err_set(err, ERR_LIMIT, "no room to look for markers in %d x %d px", lens->width_px,
                     lens->height_px);
    else if (find_either_way(&search, flipped, &mirrored))
        ok = find_all(arena, scratch, &search, prints, sights, err);
    for (int i = 0; mirrored && i < sights->count; i++)
        flip_sight(lens->width_px, &sights->sight[i]);
    arena_rewind(scratch, mark);
    return ok;
}

/* ---- what a sight tells ---- */

/* The lens of the picture itself; the sight's own is that of the picture mirrored back. */
static Lens own_lens(const MarkerSight *sight)
{
    Lens lens = sight->camera.lens;
    if (sight->faults & SIGHT_MIRRORED)
        lens.centre_x_px = lens.width_px - lens.centre_x_px;
    return lens;
}

bool sight_to_px(const MarkerSight *sight, double x_mm, double y_mm, double px[2])
{
    const double *h = sight->homography;
    double straight[2];
    if (!(h[6] * x_mm + h[7] * y_mm + h[8] > 0))
        return false;
    camera_plane_to_px(h, x_mm, y_mm, straight);
    Lens lens = own_lens(sight);
    camera_bend(&lens, straight, px);
    return true;
}

bool sight_to_mm(const MarkerSight *sight, double x_px, double y_px, double mm[2])
{
    double straight[2];
    Lens lens = own_lens(sight);
    camera_straighten(&lens, (const double[2]){x_px, y_px}, straight);
    return camera_px_to_plane(sight->homography, straight[0], straight[1], mm);
}

const char *sight_fault_text(SightFault fault)
{
    switch (fault) {
    case SIGHT_TAGS_MISSING:
        return "some of the card's tags are covered, cut off or unreadable: keep fingers and hair "
               "off them";
    case SIGHT_BENT:
        return "the card is bent: glue it on something stiff, lengths are less certain";
    case SIGHT_MIRRORED:
        return "the picture is mirrored, as selfie cameras do: left and right are exchanged";
    case SIGHT_PRINT_UNKNOWN:
        return "this print was never measured: lengths are as true as the printer; measure its two "
               "bars once";
    case SIGHT_TILTED:
        return "the card is tilted by more than 25 degrees: hold the camera straight above it";
    case SIGHT_COARSE:
        return "the marker is too small in the picture: go nearer, do not zoom digitally";
    case SIGHT_AMBIGUOUS:
        return "it cannot be told which way the card is tilted: go nearer or tilt the camera more";
    }
    return "";
}
