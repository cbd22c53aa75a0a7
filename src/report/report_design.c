/* The guard-rails, and the loss that may go on, on paper. */
#include "report/report_internal.h"

#include <math.h>

static int of_severity(const Findings *findings, RuleSeverity severity)
{
    int count = 0;
    for (int i = 0; i < findings->count; i++)
        count += findings->finding[i].severity == severity;
    return count;
}

static void list_findings(Sheet *sheet, const Findings *findings, RuleSeverity severity,
                          const char *heading)
{
    if (of_severity(findings, severity) == 0)
        return;
    sheet_heading(sheet, 14.0, heading);
    for (int i = 0; i < findings->count; i++) {
        const Finding *finding = &findings->finding[i];
        if (finding->severity != severity)
            continue;
        const char *text = sheet_format(sheet, "%s%s", sheet_sentence(sheet, finding->text),
                                        severity != RULE_CONFIRM ? "."
                                        : finding->confirmed     ? " (confirmed)."
                                                                 : " (open).");
        sheet_list(sheet, "\u2022", 1, &text);
        sheet_small(sheet, "    %s", finding->rule->advice);
    }
}

void report_findings(Sheet *sheet, const Case *plan)
{
    const Findings *findings = plan->findings;
    if (findings == NULL || findings->count == 0)
        return;
    list_findings(sheet, findings, RULE_REFUSE, "Not to be carried out like this");
    list_findings(sheet, findings, RULE_CONFIRM, "To be agreed with the client by name");
    list_findings(sheet, findings, RULE_WARN, "Worth a thought before you start");
}

static const char *scale_name(const DesignLoss *loss)
{
    return loss->ludwig ? "Ludwig" : "Norwood";
}

void report_loss(Sheet *sheet, const Case *plan, const ReportPictures *pictures)
{
    const Image *picture[3] = {pictures->turned_healed, pictures->loss[0], pictures->loss[1]};
    const char *caption[3] = {"Healed, with today's hair", NULL, NULL};
    if (plan->loss_count == 0 || pictures->loss[0] == NULL)
        return;
    for (int i = 0; i < plan->loss_count; i++)
        caption[1 + i] = sheet_format(sheet, "The same dots at %s %d", scale_name(&plan->loss[i]),
                                      plan->loss[i].pattern_stage);
    sheet_heading(sheet, 54.0, "If the hair loss goes on");
    sheet_pictures(sheet, 1 + plan->loss_count, picture, caption, 40.0, 7);
    for (int i = 0; i < plan->loss_count; i++) {
        const DesignLoss *loss = &plan->loss[i];
        const char *text = sheet_format(
            sheet,
            "%s %d: about %.0f cm\u00b2 beside the dots would be bare; some %s more dots would be "
            "wanted.",
            scale_name(loss), loss->pattern_stage, loss->bare_mm2 / 100.0,
            sheet_count(sheet, lround(loss->extra_dots / 100.0) * 100));
        sheet_list(sheet, "\u2022", 1, &text);
    }
    sheet_small(sheet, "Nobody can say whether and when this comes. The pictures take the average "
                       "course of the stages; a higher line and a softer border age better.");
}
