/* rules_internal.h - how one rule is measured, and what the file may say about it. */
#ifndef RULES_RULES_INTERNAL_H
#define RULES_RULES_INTERNAL_H

#include "rules/rules.h"

/* A check under way. line: NULL when the design draws no hairline. */
typedef struct RulesJudge {
    const RuleSet *set;
    const RulesInput *input;
    const HairlineMeasures *line;
    SkinAgeing ageing;
    int densest;           /* vertex where grown dots come together first; -1: no dots */
    double *low_per_mm2;   /* [vertex_count] working space */
    double *sweep_per_mm2; /* [vertex_count] the same */
    Findings *findings;
} RulesJudge;

typedef void RuleMeasure(RulesJudge *judge, const Rule *rule);

typedef struct RuleCode {
    const char *id, *unit; /* unit "": an answer, without a limit */
    double least, most;    /* that a file may say as the limit */
    bool aged;             /* the limit moves with the client's age */
    RuleSeverity mildest;  /* that a file may say */
    RuleMeasure *measure;
} RuleCode;

/* In the order in which they are measured: a strict rule before the mild one that it replaces. */
extern const RuleCode rules_code[];
int rules_code_count(void);
int rules_code_find(const char *id); /* -1: no rule of that name */

/* What a measure says. rules_say: a new finding, with its sentence. */
Finding *rules_say(RulesJudge *judge, const Rule *rule, const char *fmt, ...) PRINTF_LIKE(3, 4);
void rules_value(Finding *finding, double value, double limit);
/* The place is laid on the surface; without one below the canvas. */
void rules_where(const RulesJudge *judge, Finding *finding, Vec3 position_mm, const char *place);
void rules_where_vertex(const RulesJudge *judge, Finding *finding, int vertex);
void rules_where_region(const RulesJudge *judge, Finding *finding, const DesignRegion *region);
/* A region as people call it: its name, else what it is. */
const char *rules_region_words(const DesignRegion *region);
bool rules_found(const RulesJudge *judge, const char *id);
double rules_limit(const Rule *rule, double age_years);
const Rule *rules_named(const RuleSet *set, const char *id);

/* Everything but the measures of the line, which are given. */
MUST_CHECK bool rules_check_line(Arena *scratch, const RuleSet *set, const RulesInput *input,
                                 const HairlineMeasures *line, Findings *findings, Err *err);

RuleMeasure rules_hairline_far_too_low, rules_hairline_too_low, rules_above_moving_forehead,
    rules_hairline_low_for_age, rules_hairline_low_for_women, rules_age_unknown,
    rules_temple_filled, rules_temple_flattened, rules_temple_off_canthus, rules_too_symmetric,
    rules_uneven, rules_straight_not_wanted, rules_straight_edge, rules_thin_transition,
    rules_dark_front;
RuleMeasure rules_too_dense_now, rules_too_dense, rules_helmet, rules_too_dense_next_to_hair,
    rules_space_budget, rules_dots_too_large, rules_long_hair_with_full_density,
    rules_too_little_to_see, rules_mild_thinning, rules_stands_out;
RuleMeasure rules_keep_out_narrow, rules_scar_too_young, rules_scar_young, rules_scar_age_unknown,
    rules_hard_border;
RuleMeasure rules_active_loss_exposes_edge, rules_active_loss, rules_loss_next_stage, rules_minor,
    rules_patch_test_reacted, rules_patch_test_missing, rules_keloid, rules_keloid_unknown,
    rules_skin_disease, rules_skin_unknown;

#endif
