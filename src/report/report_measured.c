/* What was measured on the client, and what is expected of the plan: for the practitioner. */
#include "report/report_internal.h"

#include <math.h>

/* How far the surface can be trusted. */
static const char *known_to(Sheet *sheet, const CaseFit *fit)
{
    if (fit == NULL)
        return "from a scan";
    if (fit->is_patch)
        return sheet_format(sheet, "lengths %.1f %%, areas %.1f %%, within %.0f mm",
                            100.0 * fit->length_error, 100.0 * fit->area_error, fit->reach_mm);
    return sheet_format(sheet, "%.1f mm, at worst %.1f mm (standard deviation)", fit->sd_median_mm,
                        fit->sd_worst_mm);
}

static void assessment(Sheet *sheet, const Case *plan)
{
    static const double share[] = {0.5, 0.5};
    const HairSurvey *survey = plan->survey;
    const HeadMeasures *size = &plan->measures;
    bool is_patch = plan->fit != NULL && plan->fit->is_patch;
    const char *unknown = "not measured: one photograph";
    const char *cell[] = {
        "Circumference",
        is_patch ? unknown : sheet_format(sheet, "%.0f mm", size->circumference_mm),
        "Length, breadth",
        is_patch ? unknown
                 : sheet_format(sheet, "%.0f mm, %.0f mm", size->length_mm, size->breadth_mm),
        "Scalp",
        is_patch ? unknown : sheet_format(sheet, "%.0f cm\u00b2", size->scalp_mm2 / 100.0),
        "Known to",
        known_to(sheet, plan->fit),
        "Skin (CIE Lab, D65)",
        survey->has_color ? sheet_format(sheet, "L* %.0f, a* %.0f, b* %.0f", survey->tone.lab.L,
                                         survey->tone.lab.a, survey->tone.lab.b)
                          : "not seen: there is no colour",
        "Skin tone",
        survey->has_color ? sheet_format(sheet, "ITA %.0f\u00b0, %s", survey->tone.ita_deg,
                                         color_ita_class(survey->tone.ita_deg))
                          : "assumed",
        "Shaved hair",
        survey->has_stubble ? sheet_format(sheet, "%.0f cm\u00b2, %.0f %% darker than the skin",
                                           survey->stubble_mm2 / 100.0, 100.0 * survey->contrast)
                            : "none could be told from the skin",
        "Nearest two dots",
        sheet_format(sheet, "%.2f mm", plan->dots->nearest_mm),
        "Left out as too close",
        sheet_format(sheet, "%d dots", plan->dots->dropped)};
    sheet_heading(sheet, 20.0, "What was measured");
    sheet_table(sheet, &(SheetTable){.columns = 2, .share = share, .align = "ll"},
                (int)(sizeof cell / sizeof cell[0]) / 2, cell);
}

static void prediction(Sheet *sheet, const Case *plan)
{
    static const double share[] = {0.47, 0.2, 0.33};
    const char *head[] = {"State", "Darkening", "Dots seen to, m"};
    const char *cell[CASE_STATE_LIMIT * 3];
    int rows = 0;
    for (int i = 1; i < plan->state_count; i++, rows++) {
        const CaseState *state = &plan->state[i];
        cell[3 * rows] = state->caption;
        cell[3 * rows + 1] = sheet_format(sheet, "%.0f %%", 100.0 * state->mean_darkening);
        cell[3 * rows + 2] =
            state->fusing_distance_m < 0.05
                ? "under 0.1"
                : sheet_format(sheet, "%.1f (%.1f to %.1f)", state->fusing_distance_m,
                               state->fusing_band_m[0], state->fusing_band_m[1]);
    }
    sheet_heading(sheet, 20.0, "Expected appearance");
    sheet_table(sheet, &(SheetTable){.columns = 3, .share = share, .align = "lrr", .head = head},
                rows, cell);
    sheet_small(sheet,
                "Single dots can be told apart up to this distance at %.0f cd/m\u00b2 on the skin "
                "(a lit bathroom mirror). A model's figure, not validated on people; bands follow "
                "published ranges of fading and spreading.",
                plan->luminance_cd_m2);
}

void report_measured(Sheet *sheet, const Case *plan)
{
    sheet_need(sheet, 75.0);
    double top = sheet->y_mm, bottom;
    int page = sheet->page;
    sheet_column(sheet, 0, 2);
    assessment(sheet, plan);
    bottom = sheet->y_mm;
    if (page == sheet->page)
        sheet->y_mm = top;
    sheet_column(sheet, 1, 2);
    prediction(sheet, plan);
    sheet_column(sheet, 0, 1);
    sheet->y_mm = fmax(sheet->y_mm, page == sheet->page ? bottom : 0.0);
}
