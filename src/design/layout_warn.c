#include "design/layout_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void design_warn(DesignLayout *layout, const char *fmt, ...)
{
    if (layout->warning_count >= DESIGN_WARNING_LIMIT)
        return;
    char *text = layout->warning[layout->warning_count++];
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(text, sizeof layout->warning[0], fmt, arguments);
    va_end(arguments);
}

/* The stage that the design fills, NULL without one. */
static const DesignShape *stage_of(const DesignLayout *layout, DesignShapeKind kind,
                                   const DesignRegion **region)
{
    for (int r = 0; r < layout->design.region_count; r++) {
        const DesignRegion *candidate = &layout->design.region[r];
        for (int i = 0; i < candidate->shape_count; i++)
            if (layout->design.shape[candidate->first_shape + i].kind == kind) {
                *region = candidate;
                return &layout->design.shape[candidate->first_shape + i];
            }
    }
    return NULL;
}

/* Area of a stage and the hair on it. Most edits leave both: kept. */
static const LayoutJudged *judge_stage(DesignLayout *layout, const DesignShape *stage)
{
    const DesignLayers *layers = layout->layers;
    const DesignStageFrame *frame = layout_frame(layout, stage->height_mm);
    LayoutJudged *judged = &layout->layers->judged;
    if (judged->known && judged->stage == stage->stage &&
        memcmp(&judged->height_mm, &stage->height_mm, sizeof judged->height_mm) == 0)
        return judged;
    *judged = (LayoutJudged){.known = true, .stage = stage->stage, .height_mm = stage->height_mm};
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        if (frame->front_mm[v] < 0.0 || layers->tape.margin_mm[v] < 0.0 ||
            design_norwood_mm(&layers->tape, frame, stage->stage, v) < 0.0)
            continue;
        judged->stage_mm2 += layout->head->area_mm2[v];
        judged->hair_mm2 += layout->head->area_mm2[v] * layout->survey->cover[v];
    }
    return judged;
}

/* A stage that the scan contradicts: most of what it calls bald bears hair. */
static void warn_hair_inside(DesignLayout *layout, const DesignShape *stage)
{
    const LayoutJudged *judged = judge_stage(layout, stage);
    if (judged->hair_mm2 > 0.5 * judged->stage_mm2)
        design_warn(layout,
                    "shaved hair seems to grow on %.0f %% of what stage %d calls bald: only the "
                    "gaps are planned; check the stage, or plan without regard to the stubble",
                    100.0 * judged->hair_mm2 / judged->stage_mm2, stage->stage);
}

/* Bare scalp behind the hairline that the chosen stage leaves alone. */
static void warn_left_bare(DesignLayout *layout, const DesignShape *stage)
{
    const DesignLayers *layers = layout->layers;
    const DesignStageFrame *frame = layout_frame(layout, stage->height_mm);
    double left_mm2 = 0.0;
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        double behind =
            layout->design.hairline.drawn ? (double)layout->behind_mm[v] : frame->front_mm[v];
        if (behind > 5.0 && layers->tape.margin_mm[v] > 10.0 && layout->survey->cover[v] < 0.2 &&
            !(layout->target_per_mm2[v] > 0.0))
            left_mm2 += layout->head->area_mm2[v];
    }
    if (left_mm2 > 1000.0)
        design_warn(layout,
                    "%.0f cm2 of bare scalp behind the hairline lie outside stage %d and stay bare",
                    left_mm2 / 100.0, stage->stage);
}

static void warn_surface(DesignLayout *layout)
{
    double unseen_mm2 = 0.0;
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        if (layout->target_per_mm2[v] > 0.0 && layout->head->source[v] != HEAD_MEASURED)
            unseen_mm2 += layout->head->area_mm2[v];
    }
    if (unseen_mm2 > 0.05 * layout->area_mm2)
        design_warn(layout, "%.0f %% of the designed area was not seen but filled in",
                    100.0 * unseen_mm2 / layout->area_mm2);
}

static void warn_uptake(DesignLayout *layout)
{
    const double raised_most = 1.5;
    for (int r = 0; r < layout->design.region_count; r++) {
        const DesignRegion *region = &layout->design.region[r];
        if (region->uptake >= 1.0 / raised_most)
            continue;
        design_warn(layout,
                    "scar tissue that keeps %.0f %% of the pigment would need more dots than the "
                    "skin takes: raised by half, plan another session",
                    100.0 * region->uptake);
        return;
    }
}

void layout_warn(DesignLayout *layout)
{
    layout->warning_count = 0;
    const DesignRegion *region = NULL;
    const DesignShape *norwood = stage_of(layout, DESIGN_NORWOOD_STAGE, &region);
    if (norwood != NULL && !layout->survey->has_stubble)
        design_warn(layout,
                    "no shaved hair could be told from the skin: the area is the average of "
                    "Norwood stage %d, to be checked on the head",
                    norwood->stage);
    const DesignShape *ludwig = stage_of(layout, DESIGN_LUDWIG_STAGE, &region);
    if (ludwig != NULL)
        design_warn(layout,
                    "the missing share of hair (%.0f %%) is assumed from Ludwig stage %d: count a "
                    "field to replace it%s",
                    100.0 * region->share, ludwig->stage,
                    ludwig->stage == 1 ? "; in mild thinning the effect is weakest" : "");
    warn_uptake(layout);
    if (layout->survey->has_stubble && norwood != NULL) {
        warn_left_bare(layout, norwood);
        warn_hair_inside(layout, norwood);
    }
    if (layout->head->source != NULL && layout->area_mm2 > 0.0)
        warn_surface(layout);
    if (!(layout->area_mm2 > 0.0))
        design_warn(layout, "nothing is left to do: hair grows wherever the design wants dots");
}
