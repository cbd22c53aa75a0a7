#include "camera/card_internal.h"
#include "camera/photo_internal.h"

#include <math.h>
#include <string.h>

/* ---- reading ---- */

static const double inner_share = 0.6;

/* Mean without the lowest and highest tenth: a hair or a speck of shine on a patch. */
static double trimmed_mean(int count, float value[])
{
    camera_sort(count, value);
    int cut = count / 10;
    double sum = 0.0;
    for (int i = cut; i < count - cut; i++)
        sum += (double)value[i];
    return sum / (count - 2 * cut);
}

bool card_to_px(CardPlane plane, double x_mm, double y_mm, double px[2])
{
    if (plane.sight != NULL)
        return sight_to_px(plane.sight, x_mm, y_mm, px);
    const double *h = plane.homography;
    camera_plane_to_px(h, x_mm, y_mm, px);
    return h[6] * x_mm + h[7] * y_mm + h[8] > 0.0;
}

/* At shares (0..1) of a box's width and height. */
static bool box_to_px(CardPlane plane, CardBox box, double across, double down, double px[2])
{
    return card_to_px(plane, box.x_mm + across * box.width_mm, box.y_mm + down * box.height_mm, px);
}

/* Samples along a side: about one per pixel. */
static int samples_along(const double a[2], const double b[2])
{
    double side = inner_share * hypot(b[0] - a[0], b[1] - a[1]) / sqrt(2.0);
    return side < 3.0 ? 3 : side > CARD_SAMPLE_SIDE ? CARD_SAMPLE_SIDE : (int)side;
}

bool card_sample(const ImageF *light, CardPlane plane, CardBox box, float *buffer,
                 CardSample *sample)
{
    double middle[2], corner[2][2];
    if (!box_to_px(plane, box, 0.0, 0.0, corner[0]) ||
        !box_to_px(plane, box, 1.0, 1.0, corner[1]) || !box_to_px(plane, box, 0.5, 0.5, middle))
        return false;
    int side = samples_along(corner[0], corner[1]), count = side * side, clipped = 0;
    sample->x = middle[0] / light->width_px, sample->y = middle[1] / light->width_px;
    for (int i = 0; i < count; i++) {
        double across = 0.5 + inner_share * ((i % side + 0.5) / side - 0.5), px[2];
        double down = 0.5 + inner_share * ((i / side + 0.5) / side - 0.5);
        if (!box_to_px(plane, box, across, down, px) || !(px[0] >= 0.0) ||
            !(px[0] < light->width_px) || !(px[1] >= 0.0) || !(px[1] < light->height_px))
            return false;
        const float *rgb = light->rgb + 3 * ((ptrdiff_t)(int)px[1] * light->width_px + (int)px[0]);
        clipped += rgb[0] > PHOTO_CLIPPED || rgb[1] > PHOTO_CLIPPED || rgb[2] > PHOTO_CLIPPED;
        for (int c = 0; c < 3; c++)
            buffer[c * count + i] = rgb[c];
    }
    sample->clipped_share = (double)clipped / count;
    for (int c = 0; c < 3; c++)
        sample->mean[c] = trimmed_mean(count, buffer + (ptrdiff_t)c * count);
    return isfinite(sample->mean[0] + sample->mean[1] + sample->mean[2]);
}

/* ---- a marker ---- */

static bool set_box(const MarkerSight *sight, int width_px, double box[4])
{
    const Marker *marker = &sight->marker;
    box[0] = box[1] = HUGE_VAL, box[2] = box[3] = -HUGE_VAL;
    for (int corner = 0; corner < 4; corner++) {
        double px[2];
        if (!sight_to_px(sight, corner % 2 == 0 ? marker->left_mm : marker->right_mm,
                         corner < 2 ? marker->top_mm : marker->bottom_mm, px))
            return false;
        box[0] = fmin(box[0], px[0] / width_px), box[1] = fmin(box[1], px[1] / width_px);
        box[2] = fmax(box[2], px[0] / width_px), box[3] = fmax(box[3], px[1] / width_px);
    }
    return true;
}

/* What the patch measured on this print; else what was sent to the printer. */
static Lab target_of(const MarkerPatch *patch, const MarkerPrint *print)
{
    for (int i = 0; print != NULL && i < print->patch_count; i++)
        if (strcmp(print->patch_name[i], patch->name) == 0)
            return print->patch[i];
    return patch->design;
}

/* More than this share of a patch at the top of a channel: its mean is no longer its colour. */
static const double most_clipped = 0.02;

static bool refuse_clipped(double share, Err *err)
{
    return err_set(err, ERR_INPUT,
                   "the white of the card is overexposed (%.0f %% of it has no colour left): take "
                   "the photograph again, darker; touch the card on the screen to set the light",
                   100.0 * share);
}

static bool read_patches(const ImageF *light, const MarkerSight *sight, const MarkerPrint *print,
                         float *buffer, CardReading *reading, Err *err)
{
    double brightest = -1.0;
    for (int i = 0; i < sight->marker.patch_count; i++) {
        const MarkerPatch *patch = &sight->marker.patch[i];
        brightest = patch->grey ? fmax(brightest, patch->design.L) : brightest;
    }
    for (int i = 0; i < sight->marker.patch_count; i++) {
        const MarkerPatch *patch = &sight->marker.patch[i];
        CardSample sample;
        CardBox box = {patch->x_mm, patch->y_mm, patch->width_mm, patch->height_mm};
        if (!card_sample(light, (CardPlane){sight, NULL}, box, buffer, &sample))
            continue;
        bool white = patch->grey && patch->design.L >= brightest;
        if (white && sample.clipped_share > most_clipped)
            return refuse_clipped(sample.clipped_share, err);
        if (sample.clipped_share > most_clipped)
            continue;
        int at = reading->count++;
        memcpy(reading->name[at], patch->name, sizeof reading->name[at]);
        memcpy(reading->seen[at], sample.mean, sizeof sample.mean);
        reading->target[at] = target_of(patch, print);
        reading->weight[at] = patch->weight;
        reading->grey[at] = patch->grey;
        reading->x[at] = sample.x, reading->y[at] = sample.y;
    }
    return true;
}

/* A square of the white rim's width, side 0 (top) .. 3 (left), share 0..1 along the side. */
static CardBox rim_box(const Marker *marker, int side, double share)
{
    double wide = marker->right_mm - marker->left_mm, tall = marker->bottom_mm - marker->top_mm;
    double deep_x = marker->rim_mm[0] - marker->left_mm,
           deep_y = marker->rim_mm[1] - marker->top_mm;
    if (side % 2 == 0)
        return (CardBox){marker->left_mm + share * (wide - deep_x),
                         side == 0 ? marker->top_mm : marker->bottom_mm - deep_y, deep_x, deep_y};
    return (CardBox){side == 3 ? marker->left_mm : marker->right_mm - deep_x,
                     marker->top_mm + share * (tall - deep_y), deep_x, deep_y};
}

static bool read_rim(const ImageF *light, const MarkerSight *sight, float *buffer,
                     CardReading *reading, Err *err)
{
    enum { ALONG = CARD_RIM / 4 };
    double clipped = 0.0;
    for (int i = 0; i < CARD_RIM; i++) {
        CardBox box = rim_box(&sight->marker, i / ALONG, (i % ALONG + 0.5) / ALONG);
        CardSample sample;
        if (!card_sample(light, (CardPlane){sight, NULL}, box, buffer, &sample))
            continue;
        int at = reading->rim_count++;
        memcpy(reading->rim[at], sample.mean, sizeof sample.mean);
        reading->rim_x[at] = sample.x, reading->rim_y[at] = sample.y;
        clipped += sample.clipped_share;
    }
    if (reading->rim_count > 0 && clipped / reading->rim_count > most_clipped)
        return refuse_clipped(clipped / reading->rim_count, err);
    return true;
}

static bool read_marker(const ImageF *light, const MarkerSight *sight, const MarkerPrint *print,
                        float *buffer, CardReading *reading, Err *err)
{
    reading->width_px = light->width_px;
    if (!set_box(sight, light->width_px, reading->box))
        return err_set(err, ERR_INPUT, "the card is partly behind the camera");
    return read_patches(light, sight, print, buffer, reading, err) &&
           read_rim(light, sight, buffer, reading, err);
}

bool card_color_fit(Arena *scratch, const ImageF *light, const MarkerSight *sight,
                    const MarkerPrints *prints, CardColor *color, Err *err)
{
    if (sight->marker.kind == MARKER_STRIP || sight->marker.patch_count == 0)
        return err_set(err, ERR_INPUT,
                       "a marker of the kind '%s' has no patches of colour: show a "
                       "card",
                       marker_kind_name(sight->marker.kind));
    size_t mark = arena_mark(scratch);
    CardReading *reading = ARENA_NEW(scratch, CardReading, 1);
    float *buffer = ARENA_NEW(scratch, float, CARD_SAMPLE_FLOATS);
    if (reading == NULL || buffer == NULL)
        return err_set(err, ERR_LIMIT, "no room for the colours of a card");
    const MarkerPrint *print = prints == NULL ? NULL : marker_prints_find(prints, sight->print_id);
    bool measured = print != NULL && print->patch_count > 0;
    memset(color, 0, sizeof *color);
    color->trust = measured ? CARD_MEASURED : CARD_DESIGNED;
    bool ok =
        read_marker(light, sight, print, buffer, reading, err) && card_solve(reading, color, err);
    arena_rewind(scratch, mark);
    return ok;
}
