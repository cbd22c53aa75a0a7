/* Rules on what the client has said, and on what shows if the loss goes on. The program shows the
 * answers that a clinic wants to see before it starts; what follows from them a person decides. */
#include "rules/rules_internal.h"

#include <stdio.h>

static const DesignClient *client(const RulesJudge *judge)
{
    return &judge->input->layout->design.client;
}

/* ---- loss ---- */

static void stage_words(const DesignLoss *loss, char text[32])
{
    snprintf(text, 32, "%s stage %d", loss->ludwig ? "Ludwig" : "Norwood", loss->pattern_stage);
}

static void at_gap(RulesJudge *judge, Finding *finding, const DesignLoss *loss)
{
    rules_where(judge, finding, loss->widest_at_mm, "widest gap between dots and hair");
}

void rules_active_loss_exposes_edge(RulesJudge *judge, const Rule *rule)
{
    const DesignLoss *worst = NULL;
    for (int i = 0; i < judge->input->loss_count; i++)
        if (worst == NULL || judge->input->loss[i].edge_mm > worst->edge_mm)
            worst = &judge->input->loss[i];
    if (client(judge)->active_loss != DESIGN_YES || worst == NULL ||
        !(worst->edge_mm > rule->limit))
        return;
    char stage[32];
    stage_words(worst, stage);
    Finding *finding = rules_say(judge, rule,
                                 "the loss is active; at %s the edge of the dots would stand free "
                                 "over %.0f mm (limit %g mm), with %.1f cm2 bare and a gap of "
                                 "%.0f mm; covering it takes %.0f more dots",
                                 stage, worst->edge_mm, rule->limit, worst->bare_mm2 / 100.0,
                                 worst->widest_mm, worst->extra_dots);
    rules_value(finding, worst->edge_mm, rule->limit);
    at_gap(judge, finding, worst);
}

void rules_active_loss(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->active_loss != DESIGN_YES || rules_found(judge, "active_loss_exposes_edge"))
        return;
    rules_say(judge, rule, "the client says that hair is being lost at present");
}

void rules_loss_next_stage(RulesJudge *judge, const Rule *rule)
{
    double limit_cm2 = rules_limit(rule, client(judge)->age_years);
    const DesignLoss *worst = NULL;
    for (int i = 0; i < judge->input->loss_count; i++)
        if (worst == NULL || judge->input->loss[i].bare_mm2 > worst->bare_mm2)
            worst = &judge->input->loss[i];
    if (worst == NULL || rules_found(judge, "active_loss_exposes_edge") ||
        !(worst->bare_mm2 / 100.0 > limit_cm2))
        return;
    char stage[32];
    stage_words(worst, stage);
    Finding *finding = rules_say(judge, rule,
                                 "if the loss goes on to %s, %.1f cm2 beside the dots would be "
                                 "bare (limit %.1f cm2) and %.0f more dots be wanted",
                                 stage, worst->bare_mm2 / 100.0, limit_cm2, worst->extra_dots);
    rules_value(finding, worst->bare_mm2 / 100.0, limit_cm2);
    at_gap(judge, finding, worst);
}

/* ---- answers ---- */

void rules_minor(RulesJudge *judge, const Rule *rule)
{
    double age = client(judge)->age_years;
    if (!(age > 0.0 && age < rule->limit))
        return;
    Finding *finding = rules_say(judge, rule, "the client is %.1f years old; at least %g are asked",
                                 age, rule->limit);
    rules_value(finding, age, rule->limit);
}

void rules_patch_test_reacted(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->patch_test_passed == DESIGN_NO)
        rules_say(judge, rule, "the skin reacted to the patch test");
}

void rules_patch_test_missing(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->patch_test_passed == DESIGN_UNKNOWN)
        rules_say(judge, rule, "no result of a patch test is on record");
}

void rules_keloid(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->keloid == DESIGN_YES)
        rules_say(judge, rule, "asked about raised scars (keloid), the client answered yes");
}

void rules_keloid_unknown(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->keloid == DESIGN_UNKNOWN)
        rules_say(judge, rule, "the client has not been asked about raised scars (keloid)");
}

void rules_skin_disease(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->skin_disease == DESIGN_YES)
        rules_say(judge, rule, "asked about diseases of the scalp's skin, the client answered yes");
}

void rules_skin_unknown(RulesJudge *judge, const Rule *rule)
{
    if (client(judge)->skin_disease == DESIGN_UNKNOWN)
        rules_say(judge, rule, "the client has not been asked about diseases of the scalp's skin");
}
