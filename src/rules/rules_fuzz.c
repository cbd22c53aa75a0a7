#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

/* Any bytes: refused, or a complete set of rules in their ranges. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static RuleSet set, builtin;
    Err err;
    if (!rules_from_json(size, (const char *)data, &set, &err))
        return 0;
    if (!rules_builtin(&builtin, &err) || set.count != builtin.count)
        abort();
    for (int i = 0; i < set.count; i++)
        if (strcmp(set.rule[i].id, builtin.rule[i].id) != 0 ||
            strcmp(set.rule[i].unit, builtin.rule[i].unit) != 0 || set.rule[i].title[0] == '\0' ||
            (builtin.rule[i].severity == RULE_REFUSE && set.rule[i].severity == RULE_WARN))
            abort();
    return 0;
}
