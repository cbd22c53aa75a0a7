/* Rules on the drawn hairline. */
#include "rules/rules_internal.h"

#define DEGREES 57.295779513082321

static const char *const side_name[2] = {"left", "right"};
static const char *const temple_name[2] = {"left temple", "right temple"};

static const DesignClient *client(const RulesJudge *judge)
{
    return &judge->input->layout->design.client;
}

static void at_middle(RulesJudge *judge, Finding *finding)
{
    rules_where(judge, finding, judge->line->middle_mm, "middle of the hairline");
}

static void at_temple(RulesJudge *judge, Finding *finding, int side)
{
    rules_where(judge, finding, judge->line->temple_mm[side], temple_name[side]);
}

/* ---- height ---- */

void rules_hairline_far_too_low(RulesJudge *judge, const Rule *rule)
{
    if (judge->line == NULL || !(judge->line->height_mm < rule->limit))
        return;
    double height_mm = judge->line->height_mm;
    Finding *finding = rules_say(
        judge, rule, "the hairline is %.1f mm above the glabella; below %g mm it lies on the face",
        height_mm, rule->limit);
    rules_value(finding, height_mm, rule->limit);
    at_middle(judge, finding);
}

void rules_hairline_too_low(RulesJudge *judge, const Rule *rule)
{
    if (judge->line == NULL || !(judge->line->height_mm < rule->limit) ||
        rules_found(judge, "hairline_far_too_low"))
        return;
    double height_mm = judge->line->height_mm;
    Finding *finding =
        rules_say(judge, rule, "the hairline is %.1f mm above the glabella; below %g mm is too low",
                  height_mm, rule->limit);
    rules_value(finding, height_mm, rule->limit);
    at_middle(judge, finding);
}

void rules_above_moving_forehead(RulesJudge *judge, const Rule *rule)
{
    double crease_mm = client(judge)->brow_crease_mm;
    if (judge->line == NULL || !(crease_mm > 0.0))
        return;
    double above_mm = judge->line->height_mm - crease_mm;
    if (!(above_mm < rule->limit))
        return;
    Finding *finding =
        above_mm < 0.0 ? rules_say(judge, rule,
                                   "the hairline is %.1f mm above the glabella, on the forehead "
                                   "that moves up to %.1f mm with the brows",
                                   judge->line->height_mm, crease_mm)
                       : rules_say(judge, rule,
                                   "the hairline is %.1f mm above the forehead that moves with the "
                                   "brows; at least %g mm are asked for",
                                   above_mm, rule->limit);
    rules_value(finding, above_mm, rule->limit);
    at_middle(judge, finding);
}

static bool is_low_already(const RulesJudge *judge)
{
    return rules_found(judge, "hairline_far_too_low") || rules_found(judge, "hairline_too_low");
}

void rules_hairline_low_for_age(RulesJudge *judge, const Rule *rule)
{
    double age = client(judge)->age_years;
    if (judge->line == NULL || client(judge)->sex != DESIGN_MALE || !(age > 0.0) ||
        is_low_already(judge))
        return;
    double limit = rules_limit(rule, age), height_mm = judge->line->height_mm;
    if (!(height_mm < limit))
        return;
    Finding *finding = rules_say(judge, rule,
                                 "the hairline is %.1f mm above the glabella; below %.1f mm is low "
                                 "for a man of %.0f years",
                                 height_mm, limit, age);
    rules_value(finding, height_mm, limit);
    at_middle(judge, finding);
}

void rules_hairline_low_for_women(RulesJudge *judge, const Rule *rule)
{
    if (judge->line == NULL || client(judge)->sex != DESIGN_FEMALE || is_low_already(judge) ||
        !(judge->line->height_mm < rule->limit))
        return;
    double height_mm = judge->line->height_mm;
    Finding *finding = rules_say(
        judge, rule, "the hairline is %.1f mm above the glabella; below %g mm is low for a woman",
        height_mm, rule->limit);
    rules_value(finding, height_mm, rule->limit);
    at_middle(judge, finding);
}

void rules_age_unknown(RulesJudge *judge, const Rule *rule)
{
    if (judge->line == NULL || client(judge)->age_years > 0.0)
        return;
    rules_say(judge, rule, "a hairline is drawn, and the age of the client is not known");
}

/* ---- temples ---- */

/* Women's lines are round or straight as often as not (1.6), so a filled temple is no mistake. */
static bool has_recesses(const RulesJudge *judge)
{
    return judge->line != NULL && client(judge)->sex != DESIGN_FEMALE;
}

/* Whoever may be a woman is only told. */
static void at_temple_of_man(RulesJudge *judge, Finding *finding, int side)
{
    at_temple(judge, finding, side);
    if (client(judge)->sex != DESIGN_MALE)
        finding->severity = RULE_WARN;
}

void rules_temple_filled(RulesJudge *judge, const Rule *rule)
{
    for (int side = 0; side < 2 && has_recesses(judge); side++) {
        double recess_mm = judge->line->recess_mm[side];
        if (!(recess_mm < rule->limit))
            continue;
        Finding *finding = rules_say(judge, rule,
                                     "the %s fronto-temporal point lies %.1f mm %s the level of "
                                     "the middle; less than %g mm behind it fills the recess",
                                     side_name[side], fabs(recess_mm),
                                     recess_mm < 0.0 ? "in front of" : "behind", rule->limit);
        rules_value(finding, recess_mm, rule->limit);
        at_temple_of_man(judge, finding, side);
    }
}

/* A filled recess is said for each side; a flat angle then adds nothing. */
void rules_temple_flattened(RulesJudge *judge, const Rule *rule)
{
    if (!has_recesses(judge) || rules_found(judge, "temple_filled"))
        return;
    for (int side = 0; side < 2; side++) {
        double angle_deg = DEGREES * judge->line->temple_angle_rad[side];
        if (!(angle_deg > rule->limit))
            continue;
        Finding *finding = rules_say(
            judge, rule, "the %s fronto-temporal angle is %.0f degrees; above %g it is flattened",
            side_name[side], angle_deg, rule->limit);
        rules_value(finding, angle_deg, rule->limit);
        at_temple_of_man(judge, finding, side);
    }
}

void rules_temple_off_canthus(RulesJudge *judge, const Rule *rule)
{
    for (int side = 0; side < 2 && judge->line != NULL; side++) {
        double off_mm = judge->line->temple_off_mm[side];
        if (!(fabs(off_mm) > rule->limit))
            continue;
        bool assumed = judge->line->canthus_assumed;
        Finding *finding =
            rules_say(judge, rule,
                      "the %s fronto-temporal point is %.1f mm %s the vertical through the lateral "
                      "canthus; more than %g mm is off%s",
                      side_name[side], fabs(off_mm), off_mm > 0.0 ? "outside" : "inside",
                      rule->limit, assumed ? " (the canthus is assumed: nobody marked it)" : "");
        rules_value(finding, fabs(off_mm), rule->limit);
        at_temple(judge, finding, side);
        if (assumed) /* of an average face: nothing that the client could be asked to agree to */
            finding->severity = RULE_WARN;
    }
}

/* ---- symmetry and edge ---- */

static bool is_straight(const RulesJudge *judge)
{
    const DesignHairline *line = &judge->input->layout->design.hairline;
    return judge->line != NULL &&
           (line->front == DESIGN_STRAIGHT ||
            judge->line->waver_mm < rules_named(judge->set, "straight_edge")->limit);
}

/* Whoever draws a straight edge draws it even; that is said once. */
void rules_too_symmetric(RulesJudge *judge, const Rule *rule)
{
    if (judge->line == NULL || !(judge->line->mirror_mm < rule->limit) || is_straight(judge))
        return;
    Finding *finding = rules_say(judge, rule,
                                 "left and right differ by %.2f mm; below %g mm the line is "
                                 "symmetric to the ruler",
                                 judge->line->mirror_mm, rule->limit);
    rules_value(finding, judge->line->mirror_mm, rule->limit);
    at_middle(judge, finding);
}

void rules_uneven(RulesJudge *judge, const Rule *rule)
{
    if (judge->line == NULL || !(judge->line->uneven_mm > rule->limit))
        return;
    const double *off_mm = judge->line->temple_off_mm;
    int worse = fabs(off_mm[1]) > fabs(off_mm[0]);
    Finding *finding = rules_say(judge, rule,
                                 "the fronto-temporal points are %.1f mm from mirroring each "
                                 "other; more than %g mm is seen",
                                 judge->line->uneven_mm, rule->limit);
    rules_value(finding, judge->line->uneven_mm, rule->limit);
    at_temple(judge, finding, worse);
}

void rules_straight_not_wanted(RulesJudge *judge, const Rule *rule)
{
    if (!is_straight(judge) || client(judge)->straight_wanted != DESIGN_NO)
        return;
    Finding *finding = rules_say(judge, rule,
                                 "the front edge is straight (it wavers by %.2f mm), and the "
                                 "client does not want that",
                                 judge->line->waver_mm);
    at_middle(judge, finding);
}

void rules_straight_edge(RulesJudge *judge, const Rule *rule)
{
    if (!is_straight(judge) || rules_found(judge, "straight_not_wanted"))
        return;
    const DesignHairline *line = &judge->input->layout->design.hairline;
    Finding *finding = rules_say(judge, rule,
                                 "the front edge is %s: it wavers by %.2f mm (below %g mm it reads "
                                 "as a ruler's) and fills up over %.1f mm",
                                 line->front == DESIGN_STRAIGHT ? "drawn straight" : "straight",
                                 judge->line->waver_mm, rule->limit, line->transition_mm);
    rules_value(finding, judge->line->waver_mm, rule->limit);
    at_middle(judge, finding);
}

/* Whoever agrees to a straight edge has been told how deep it is. */
void rules_thin_transition(RulesJudge *judge, const Rule *rule)
{
    double depth_mm = judge->input->layout->design.hairline.transition_mm;
    if (judge->line == NULL || !(depth_mm < rule->limit) || rules_found(judge, "straight_edge"))
        return;
    Finding *finding =
        rules_say(judge, rule, "the front fills up over %.1f mm; below %g mm it stands as an edge",
                  depth_mm, rule->limit);
    rules_value(finding, depth_mm, rule->limit);
    at_middle(judge, finding);
}

void rules_dark_front(RulesJudge *judge, const Rule *rule)
{
    double share = judge->input->layout->design.hairline.front_share;
    if (judge->line == NULL || !(share > rule->limit))
        return;
    Finding *finding = rules_say(judge, rule,
                                 "the very front has %.0f %% of the density behind it; more than "
                                 "%.0f %% reads as a wall",
                                 100.0 * share, 100.0 * rule->limit);
    rules_value(finding, share, rule->limit);
    at_middle(judge, finding);
}
