#include "design/layout_internal.h"

#include <math.h>

/* Within this of the line the field rises from 0: an edge of the mesh, so that no dot stands in
 * front of the line by more than that. */
static const double front_rise_mm = 1.5;
/* The crown is seen from above in hard light and looks smaller than its skin (field/practice
 * 1.7): softer around the whorl, over this radius [assumption]. */
static const double crown_radius_mm = 60.0;
/* Smaller gaps in the hair are not planned: about a thumb's print [assumption]. */
static const double island_mm2 = 400.0;
/* Scar tissue loses pigment, but more dots than this merge (field/practice 1.3: about 220/cm2 at
 * 0.6 mm). */
static const double uptake_most = 1.5;
/* Where the hair is seen, a crown or a temple that was drawn only says which place is meant: it may
 * grow by this much to meet the hair, as stages do [assumption]. */
static const double part_meets_mm = 12.0;
static const double scalp_rim_mm = 4.0; /* towards ears and face */
/* Hair of at least this share of the full density makes a place part of the fringe [assumption]. */
static const double fringe_share = 0.25;
/* An exact line cuts keep-outs out of the agreed plan (DotsEdge); the field is only emptied where
 * that line is a mesh edge away, so that it is not thinned outside. */
static const double keep_out_mm = 2.0;

bool design_zone_counts_hair(DesignZone zone)
{
    return zone != DESIGN_DIFFUSE && zone != DESIGN_SCAR && zone != DESIGN_PUNCH &&
           zone != DESIGN_BURN;
}

bool design_zone_is_part(DesignZone zone)
{
    return zone == DESIGN_NONE || zone == DESIGN_HAIRLINE || zone == DESIGN_FRONTAL ||
           zone == DESIGN_MIDSCALP || zone == DESIGN_CROWN || zone == DESIGN_TEMPLE ||
           zone == DESIGN_FRINGE;
}

/* 0 in front of the hairline, front_share on it, 1 behind the transition zone. */
static double front_ramp(const DesignHairline *line, double behind_mm)
{
    if (behind_mm <= 0.0)
        return 0.0;
    double rise = fmin(behind_mm / front_rise_mm, 1.0);
    if (line->transition_mm <= 0.0)
        return rise;
    return rise * (line->front_share +
                   (1.0 - line->front_share) * design_smoothstep(behind_mm / line->transition_mm));
}

static double softer(const DesignLayout *layout, int v)
{
    const DesignLayers *layers = layout->layers;
    const DesignDensity *density = &layout->design.density;
    double t = layers->tape.whorl_mm[v] / (crown_radius_mm * layers->tape.scale);
    return (1.0 - density->crown_softer * (1.0 - design_smoothstep(t))) *
           (1.0 - density->highlight_softer * (double)layers->highlight[v]);
}

double layout_rim(const DesignLayout *layout, int v)
{
    return fmin(fmax(layout->layers->tape.margin_mm[v] / scalp_rim_mm, 0.0), 1.0);
}

double layout_full_share(const DesignLayout *layout, int v)
{
    double share = layout_rim(layout, v) * softer(layout, v);
    if (layout->design.hairline.drawn)
        share *= front_ramp(&layout->design.hairline, (double)layout->behind_mm[v]);
    return share;
}

double layout_region_share(const DesignLayout *layout, const DesignRegion *region, int v)
{
    double inside_mm = layout_region_mm(layout, region, v);
    if (layout->survey->has_stubble && region->zone != DESIGN_NONE &&
        design_zone_is_part(region->zone))
        inside_mm += part_meets_mm;
    double weight = region->blend_mm > 0.0 ? design_smoothstep(inside_mm / region->blend_mm + 0.5)
                                           : (inside_mm > 0.0 ? 1.0 : 0.0);
    if (!(weight > 0.0))
        return 0.0;
    weight *= region->share * fmin(1.0 / region->uptake, uptake_most) * layout_rim(layout, v);
    if (!design_zone_is_part(region->zone))
        return weight;
    if (layout->design.hairline.drawn)
        weight *= front_ramp(&layout->design.hairline, (double)layout->behind_mm[v]);
    return weight * softer(layout, v);
}

static double full_per_mm2(const Design *design, const DesignRegion *region)
{
    double per_cm2 =
        region->density_per_cm2 > 0.0 ? region->density_per_cm2 : design->density.full_per_cm2;
    return per_cm2 / 100.0;
}

/* The part of the head that a place belongs to. Bands of field/canvas 1.4: 60 mm of front, midscalp
 * to 185 mm, then the crown. */
static DesignZone part_at(const DesignLayout *layout, int v)
{
    const double front_band_mm = 60.0, temple_band_mm = 85.0, crown_from_mm = 185.0,
                 thinnest_line_mm = 5.0;
    const DesignTape *tape = &layout->layers->tape;
    const DesignStageFrame *frame = &layout->layers->frame[0];
    double behind =
        layout->design.hairline.drawn ? (double)layout->behind_mm[v] : frame->front_mm[v];
    if (behind <= fmax(layout->design.hairline.transition_mm, thinnest_line_mm))
        return DESIGN_HAIRLINE;
    double along = tape->along_mm[v], side = fabs(tape->lateral_mm[v]);
    if (side > 0.72 * frame->temple_mm && along < frame->height_mm + temple_band_mm)
        return DESIGN_TEMPLE;
    if (along < frame->height_mm + front_band_mm)
        return DESIGN_FRONTAL;
    return along < crown_from_mm * tape->scale ? DESIGN_MIDSCALP : DESIGN_CROWN;
}

static DesignZone zone_at(const DesignLayout *layout, DesignZone named, int v)
{
    if (named != DESIGN_NONE)
        return named;
    double full = layout->design.density.full_per_cm2 / 100.0;
    return layout->existing_per_mm2[v] >= fringe_share * full ? DESIGN_FRINGE : part_at(layout, v);
}

/* What a brush stroke adds to or takes from what is wanted. */
static double brushed(const DesignLayout *layout, int v, double wanted)
{
    double amount = (double)layout->layers->amount[v];
    if (amount < 0.0)
        return wanted * fmax(1.0 + amount, 0.0);
    double more = amount * layout->design.density.full_per_cm2 / 100.0 * layout_rim(layout, v);
    if (layout->design.hairline.drawn)
        more *= front_ramp(&layout->design.hairline, (double)layout->behind_mm[v]);
    return wanted + more;
}

void layout_mix(DesignLayout *layout, int v)
{
    const Design *design = &layout->design;
    double existing = layout->existing_per_mm2[v], target = 0.0;
    DesignZone named = DESIGN_NONE;
    bool kept_out = false;
    for (int r = 0; r < design->region_count; r++) {
        const DesignRegion *region = &design->region[r];
        if (region->zone == DESIGN_KEEP_OUT) {
            kept_out = kept_out || layout_region_mm(layout, region, v) > keep_out_mm;
            continue;
        }
        double wanted = full_per_mm2(design, region) * layout_region_share(layout, region, v);
        if (design_zone_counts_hair(region->zone))
            wanted -= existing;
        if (wanted > target) {
            target = wanted;
            named = region->zone;
        }
    }
    if (layout->layers->amount[v] != 0.0F) {
        double grows = design_zone_counts_hair(named) ? existing : 0.0;
        target = fmax(brushed(layout, v, target + grows) - grows, 0.0);
    }
    layout->layers->raw_per_mm2[v] = kept_out ? 0.0 : target;
    layout->layers->raw_zone[v] = (uint8_t)(kept_out       ? DESIGN_KEEP_OUT
                                            : target > 0.0 ? zone_at(layout, named, v)
                                                           : DESIGN_NONE);
    double size = design->marks.zone_size[layout->layers->raw_zone[v]];
    if (design->hairline.drawn && design->hairline.transition_mm > 0.0)
        size *= 1.0 - design->marks.hairline_finer *
                          (1.0 - design_smoothstep((double)layout->behind_mm[v] /
                                                   design->hairline.transition_mm));
    layout->size[v] = (float)size;
}

/* Grows one connected part of what is wanted from `seed` and returns its area. */
static double part_of(DesignLayout *layout, int seed, int part)
{
    const HeadTopology *topology = layout->head->topology;
    DesignLayers *layers = layout->layers;
    int depth = 0;
    double area_mm2 = 0.0;
    layers->stack[depth++] = seed;
    layers->part[seed] = part;
    while (depth > 0) {
        int v = layers->stack[--depth];
        area_mm2 += layout->head->area_mm2[v];
        for (int k = topology->neighbor_start[v]; k < topology->neighbor_start[v + 1]; k++) {
            int next = topology->neighbor[k];
            if (layers->part[next] == 0 && layers->raw_per_mm2[next] > 0.0) {
                layers->part[next] = part;
                layers->stack[depth++] = next;
            }
        }
    }
    return area_mm2;
}

/* Gaps of a few cm2 in the hair that a survey sees are its own noise: nobody treats them alone.
 * What was drawn by hand is wanted however small it is. */
void layout_drop_islands(DesignLayout *layout)
{
    DesignLayers *layers = layout->layers;
    int n = layout->head->topology->vertex_count, parts = 0;
    bool drop = layout->survey->has_stubble;
    for (int v = 0; v < n; v++) {
        layout->target_per_mm2[v] = layers->raw_per_mm2[v];
        layout->zone[v] = layers->raw_zone[v];
        layers->part[v] = 0;
    }
    for (int v = 0; drop && v < n; v++) {
        if (layers->part[v] != 0 || !(layers->raw_per_mm2[v] > 0.0))
            continue;
        if (part_of(layout, v, ++parts) >= island_mm2)
            continue;
        for (int w = v; w < n; w++)
            if (layers->part[w] == parts && (design_zone_is_part((DesignZone)layout->zone[w]))) {
                layout->target_per_mm2[w] = 0.0;
                layout->zone[w] = DESIGN_NONE;
            }
    }
}

void layout_sum(DesignLayout *layout)
{
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        layout->sum[zone] = (DesignZoneSum){0.0, 0.0};
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        if (!(layout->target_per_mm2[v] > 0.0))
            continue;
        DesignZoneSum *sum = &layout->sum[layout->zone[v]];
        sum->area_mm2 += layout->head->area_mm2[v];
        sum->dots += layout->head->area_mm2[v] * layout->target_per_mm2[v];
    }
    layout->area_mm2 = layout->dots = 0.0;
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        layout->area_mm2 += layout->sum[zone].area_mm2;
        layout->dots += layout->sum[zone].dots;
    }
}
