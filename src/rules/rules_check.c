#include "rules/rules_internal.h"

bool rules_check(Arena *scratch, const RuleSet *set, const RulesInput *input, Findings *findings,
                 Err *err)
{
    HairlineMeasures line;
    const DesignLayout *layout = input->layout;
    bool drawn = layout->has_hairline && layout->design.hairline.drawn;
    if (drawn && !hairline_measure(scratch, layout, &line, err))
        return false;
    return rules_check_line(scratch, set, input, drawn ? &line : NULL, findings, err);
}
