/* rules.h - the guard-rails: mistakes that only show years later, found before the first dot.
 *
 * Limits, severities, sources and advice are data (rules/guard_rails.json, or a clinic's own file);
 * how a value is measured is code here, one function for each rule. A finding says which number,
 * where on the head, and what to do. Nothing here diagnoses.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "course/budget.h"
#include "design/propose.h"
#include "design/recede.h"

#include <stddef.h>

typedef enum RuleSeverity {
    RULE_WARN,    /* worth saying */
    RULE_CONFIRM, /* client and practitioner agree to it by name before work starts */
    RULE_REFUSE   /* not to be carried out */
} RuleSeverity;
const char *rule_severity_name(RuleSeverity severity); /* "warn", "confirm", "refuse" */

enum { RULES_LIMIT = 40, RULE_FINDINGS = 64, RULE_ID = 48 };

typedef struct Rule {
    char id[RULE_ID]; /* "hairline_too_low" */
    RuleSeverity severity;
    double limit, slope; /* slope: of limits that move with age, per decade after from_years */
    double from_years;
    char unit[16]; /* "mm", "deg", "years", ...; empty for answers */
    char title[96];
    char advice[400]; /* what to do */
    char source[240]; /* where the number comes from */
    char trust[4];    /* P, B, PT, C, F, A, D, K of field/practice; "D": derived by us */
} Rule;

typedef struct RuleSet {
    int count;
    char version[24];
    Rule rule[RULES_LIMIT];
} RuleSet;

/* "follicle/rules". Every rule of the program once, none that it does not know; limits in their
 * ranges; a refuse may be softened by a clinic, never left out. */
MUST_CHECK bool rules_from_json(size_t size, const char *text, RuleSet *set, Err *err);
MUST_CHECK bool rules_builtin(RuleSet *set, Err *err);

typedef struct RulesInput {
    const DesignLayout *layout;
    int loss_count; /* the next stages, if the loss goes on: 0..2 */
    const DesignLoss *loss;
    const SkinAgeing *ageing; /* NULL: average, permanent */
    double healed_diameter_mm;
    double treated_darkening; /* relative, green, healed; < 0: not predicted */
    double visible_darkening; /* least that a person sees beside bare skin; <= 0: not predicted */
    double step_distance_m;   /* see CaseState; <= 0: not predicted */
    double touch_up_share;    /* of the plan's dots, for the space budget over the years */
    bool has_dots;            /* the plan's own densest place; else the layout's */
    double densest_per_mm2;
} RulesInput;

typedef struct Finding {
    const Rule *rule;
    RuleSeverity severity;
    bool has_value, has_where, confirmed;
    double value, limit;
    Vec3 where_mm;
    char place[64]; /* in words: "left temple" */
    char text[320]; /* the sentence: what is, against what limit */
} Finding;

typedef struct Findings {
    int count;
    Finding finding[RULE_FINDINGS]; /* refusals first, then confirmations, then warnings; by id */
    int refused, open;              /* refusals; confirmations that nobody gave */
} Findings;

MUST_CHECK bool rules_check(Arena *scratch, const RuleSet *set, const RulesInput *input,
                            Findings *findings, Err *err);
/* "follicle/findings", and lines for people. */
MUST_CHECK bool rules_to_json(Arena *arena, const RuleSet *set, const Findings *findings,
                              size_t *size, char **text, Err *err);
MUST_CHECK bool rules_to_text(Arena *arena, const Findings *findings, size_t *size, char **text,
                              Err *err);

#endif
