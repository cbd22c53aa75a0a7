#include "rules/rules_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *rule_severity_name(RuleSeverity severity)
{
    switch (severity) {
    case RULE_WARN:
        return "warn";
    case RULE_CONFIRM:
        return "confirm";
    case RULE_REFUSE:
        return "refuse";
    }
    return "unknown";
}

const Rule *rules_named(const RuleSet *set, const char *id)
{
    int index = rules_code_find(id);
    assert(index >= 0 && index < set->count && strcmp(set->rule[index].id, id) == 0);
    return &set->rule[index];
}

double rules_limit(const Rule *rule, double age_years)
{
    double decades = age_years > rule->from_years ? (age_years - rule->from_years) / 10.0 : 0.0;
    return rule->limit + rule->slope * decades;
}

bool rules_found(const RulesJudge *judge, const char *id)
{
    for (int i = 0; i < judge->findings->count; i++)
        if (strcmp(judge->findings->finding[i].rule->id, id) == 0)
            return true;
    return false;
}

static bool is_confirmed(const Design *design, const char *id)
{
    for (int i = 0; i < design->confirmed_count; i++)
        if (strcmp(design->confirmed[i], id) == 0)
            return true;
    return false;
}

Finding *rules_say(RulesJudge *judge, const Rule *rule, const char *fmt, ...)
{
    assert(judge->findings->count < RULE_FINDINGS);
    Finding *finding = &judge->findings->finding[judge->findings->count++];
    *finding = (Finding){.rule = rule,
                         .severity = rule->severity,
                         .confirmed = is_confirmed(&judge->input->layout->design, rule->id)};
    va_list list;
    va_start(list, fmt);
    vsnprintf(finding->text, sizeof finding->text, fmt, list);
    va_end(list);
    return finding;
}

void rules_value(Finding *finding, double value, double limit)
{
    finding->has_value = true;
    finding->value = value;
    finding->limit = limit;
}

void rules_where(const RulesJudge *judge, Finding *finding, Vec3 position_mm, const char *place)
{
    const Head *head = judge->input->layout->head;
    HeadPoint point = head_nearest(head, position_mm);
    snprintf(finding->place, sizeof finding->place, "%s", place);
    finding->has_where = point.triangle >= 0;
    if (finding->has_where)
        finding->where_mm = head_position_mm(head, point);
}

static const char *zone_words(int zone)
{
    static const char *const words[DESIGN_ZONES] = {
        "scalp", "hairline",  "front",       "mid-scalp", "crown",  "temple",       "patch",
        "scar",  "thin area", "punch scars", "burn",      "fringe", "keep-out area"};
    return zone >= 0 && zone < DESIGN_ZONES ? words[zone] : words[0];
}

/* The client's left and right; what lies within a centimetre of the midline is the middle. */
static const char *side_words(double x_mm)
{
    return x_mm > 10.0 ? ", left" : x_mm < -10.0 ? ", right" : "";
}

void rules_where_vertex(const RulesJudge *judge, Finding *finding, int vertex)
{
    char place[64];
    Vec3 at = judge->input->layout->head->position_mm[vertex];
    snprintf(place, sizeof place, "%s%s", zone_words(judge->input->layout->zone[vertex]),
             side_words(at.x));
    rules_where(judge, finding, at, place);
}

const char *rules_region_words(const DesignRegion *region)
{
    return region->name[0] != '\0' ? region->name : zone_words(region->zone);
}

/* A point that stands for a shape: the middle of a band or an outline, the first of the discs. */
static bool shape_middle(const Design *design, const DesignShape *shape, DesignPlace *middle)
{
    const DesignPlace *point = &design->point[shape->first_point];
    if (shape->point_count == 0)
        return false;
    *middle = point[shape->kind == DESIGN_BAND ? shape->point_count / 2 : 0];
    if (shape->kind != DESIGN_OUTLINE)
        return true;
    *middle = (DesignPlace){0.0, 0.0};
    for (int i = 0; i < shape->point_count; i++) {
        middle->u += point[i].u / shape->point_count;
        middle->v += point[i].v / shape->point_count;
    }
    return true;
}

static int densest_of_zone(const DesignLayout *layout, int zone)
{
    int densest = -1;
    for (int v = 0; v < layout->head->topology->vertex_count; v++)
        if (layout->zone[v] == zone && layout->target_per_mm2[v] > 0.0 &&
            (densest < 0 || layout->target_per_mm2[v] > layout->target_per_mm2[densest]))
            densest = v;
    return densest;
}

void rules_where_region(const RulesJudge *judge, Finding *finding, const DesignRegion *region)
{
    const DesignLayout *layout = judge->input->layout;
    const Head *head = layout->head;
    DesignPlace middle;
    Vec3 at = {0};
    bool known = false;
    for (int i = 0; i < region->shape_count && !known; i++) {
        const DesignShape *shape = &layout->design.shape[region->first_shape + i];
        if (shape->join != DESIGN_ADD || !shape_middle(&layout->design, shape, &middle))
            continue;
        Vec3 direction = head_chart_direction((const double[2]){middle.u, middle.v});
        HeadPoint point = head_locate(head, direction);
        known = point.triangle >= 0;
        if (known)
            at = head_position_mm(head, point);
    }
    int vertex = known ? -1 : densest_of_zone(layout, region->zone);
    if (vertex >= 0)
        at = head->position_mm[vertex];
    char place[64];
    bool any = known || vertex >= 0;
    snprintf(place, sizeof place, "%s%s", rules_region_words(region), any ? side_words(at.x) : "");
    if (any)
        rules_where(judge, finding, at, place);
    else
        snprintf(finding->place, sizeof finding->place, "%s", place);
}

/* ---- the check ---- */

static bool comes_before(const Finding *a, const Finding *b)
{
    if (a->severity != b->severity)
        return a->severity > b->severity;
    return strcmp(a->rule->id, b->rule->id) < 0;
}

/* By insertion, which keeps the order of findings of the same rule: left before right. */
static void sort_findings(Findings *findings)
{
    for (int i = 1; i < findings->count; i++) {
        Finding moved = findings->finding[i];
        int at = i;
        for (; at > 0 && comes_before(&moved, &findings->finding[at - 1]); at--)
            findings->finding[at] = findings->finding[at - 1];
        findings->finding[at] = moved;
    }
}

static void count_findings(Findings *findings)
{
    for (int i = 0; i < findings->count; i++) {
        const Finding *finding = &findings->finding[i];
        findings->refused += finding->severity == RULE_REFUSE;
        findings->open += finding->severity == RULE_CONFIRM && !finding->confirmed;
    }
}

static bool input_is_sound(const RulesInput *input, Err *err)
{
    if (!(input->healed_diameter_mm > 0.0 && input->healed_diameter_mm <= 5.0))
        return err_set(err, ERR_INPUT, "a healed dot of %g mm is not within 0..5",
                       input->healed_diameter_mm);
    if (input->has_dots && !(input->densest_per_mm2 >= 0.0 && input->densest_per_mm2 <= 1e3))
        return err_set(err, ERR_INPUT, "%g dots per mm2 are not within 0..1000",
                       input->densest_per_mm2);
    if (!(input->touch_up_share >= 0.0 && input->touch_up_share <= 1.0))
        return err_set(err, ERR_INPUT, "a touch-up of %g is not within 0..1",
                       input->touch_up_share);
    if (!isfinite(input->treated_darkening) || !isfinite(input->visible_darkening) ||
        !isfinite(input->step_distance_m))
        return err_set(err, ERR_INPUT, "a predicted darkening or distance is not finite");
    return true;
}

/* Where dots of that size fill the skin most: density times the square of the diameter. */
static int fullest_vertex(const DesignLayout *layout)
{
    int fullest = -1;
    double most = 0.0;
    for (int v = 0; v < layout->head->topology->vertex_count; v++) {
        double size = (double)layout->size[v];
        double fill = layout->target_per_mm2[v] * size * size;
        if (fill > most) {
            most = fill;
            fullest = v;
        }
    }
    return fullest;
}

bool rules_check_line(Arena *scratch, const RuleSet *set, const RulesInput *input,
                      const HairlineMeasures *line, Findings *findings, Err *err)
{
    assert(set->count == rules_code_count());
    findings->count = findings->refused = findings->open = 0;
    if (!input_is_sound(input, err))
        return false;
    size_t mark = arena_mark(scratch), count = (size_t)input->layout->head->topology->vertex_count;
    RulesJudge judge = {.set = set,
                        .input = input,
                        .line = line,
                        .ageing = input->ageing != NULL ? *input->ageing : skin_ageing_default(),
                        .densest = fullest_vertex(input->layout),
                        .low_per_mm2 = ARENA_NEW(scratch, double, count),
                        .sweep_per_mm2 = ARENA_NEW(scratch, double, count),
                        .findings = findings};
    if (judge.low_per_mm2 == NULL || judge.sweep_per_mm2 == NULL)
        return err_set(err, ERR_LIMIT, "no room to check a design on %zu vertices", count);
    for (int i = 0; i < set->count; i++) {
        assert(strcmp(set->rule[i].id, rules_code[i].id) == 0);
        rules_code[i].measure(&judge, &set->rule[i]);
    }
    arena_rewind(scratch, mark);
    sort_findings(findings);
    count_findings(findings);
    return true;
}
