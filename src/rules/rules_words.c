/* Findings as a document, and as lines for people. */
#include "base/doc.h"
#include "rules/rules_internal.h"

#include <stdarg.h>
#include <stdio.h>

enum { FINDINGS_FORMAT = 1 };

static void put_finding(Doc *doc, json_t *list, const Finding *finding)
{
    const Rule *rule = finding->rule;
    json_t *entry = doc_entry(doc, list, "findings");
    doc_put(doc, entry, "rule", doc_text(rule->id));
    doc_put(doc, entry, "severity", json_string(rule_severity_name(finding->severity)));
    doc_put(doc, entry, "confirmed", json_boolean(finding->confirmed));
    doc_put(doc, entry, "title", doc_text(rule->title));
    doc_put(doc, entry, "text", doc_text(finding->text));
    if (finding->has_value) {
        doc_put(doc, entry, "value", doc_number(finding->value, 4));
        doc_put(doc, entry, "limit", doc_number(finding->limit, 4));
        doc_put(doc, entry, "unit", doc_text(rule->unit));
    }
    if (finding->has_where)
        doc_put(doc, entry, "where_mm", doc_point(finding->where_mm, 3));
    if (finding->place[0] != '\0')
        doc_put(doc, entry, "place", doc_text(finding->place));
    doc_put(doc, entry, "advice", doc_text(rule->advice));
    doc_put(doc, entry, "source", doc_text(rule->source));
    doc_put(doc, entry, "trust", doc_text(rule->trust));
}

bool rules_to_json(Arena *arena, const RuleSet *set, const Findings *findings, size_t *size,
                   char **text, Err *err)
{
    Doc doc;
    if (!doc_start(&doc, "findings", FINDINGS_FORMAT, err))
        return false;
    doc_put(&doc, doc.root, "rules_version", doc_text(set->version));
    doc_put(&doc, doc.root, "rules", json_integer(set->count));
    doc_put(&doc, doc.root, "refused", json_integer(findings->refused));
    doc_put(&doc, doc.root, "open", json_integer(findings->open));
    json_t *list = doc_list(&doc, doc.root, "findings");
    for (int i = 0; i < findings->count; i++)
        put_finding(&doc, list, &findings->finding[i]);
    return doc_render(arena, &doc, "findings", size, text, err);
}

/* ---- lines ---- */

typedef struct Lines {
    size_t used, capacity;
    char *text;
} Lines;

static void add(Lines *lines, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(Lines *lines, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    int wrote = vsnprintf(lines->text + lines->used, lines->capacity - lines->used, fmt, list);
    va_end(list);
    size_t left = lines->capacity - lines->used;
    lines->used += wrote < 0 ? 0 : (size_t)wrote < left ? (size_t)wrote : left - 1;
}

static const char *heading(const Finding *finding)
{
    switch (finding->severity) {
    case RULE_WARN:
        return "warning";
    case RULE_CONFIRM:
        return finding->confirmed ? "confirmed" : "to be confirmed";
    case RULE_REFUSE:
        return "refused";
    }
    return "";
}

static void add_finding(Lines *lines, const Finding *finding)
{
    Vec3 at = finding->where_mm;
    add(lines, "%s: %s\n", heading(finding), finding->text);
    if (finding->place[0] != '\0')
        add(lines, "    where:  %s", finding->place);
    if (finding->has_where)
        add(lines, " (%.1f, %.1f, %.1f mm)", at.x, at.y, at.z);
    if (finding->place[0] != '\0')
        add(lines, "\n");
    add(lines, "    advice: %s\n", finding->rule->advice);
    add(lines, "    rule:   %s; %s [%s]\n", finding->rule->id, finding->rule->source,
        finding->rule->trust);
}

bool rules_to_text(Arena *arena, const Findings *findings, size_t *size, char **text, Err *err)
{
    /* A finding is at most the texts that it is made of and the words between them. */
    size_t each = sizeof(Finding) + sizeof(Rule) + 160;
    Lines lines = {.capacity = 160 + (size_t)findings->count * each};
    lines.text = ARENA_NEW(arena, char, lines.capacity);
    if (lines.text == NULL)
        return err_set(err, ERR_LIMIT, "no room for %zu bytes of findings", lines.capacity);
    for (int i = 0; i < findings->count; i++)
        add_finding(&lines, &findings->finding[i]);
    if (findings->count == 0)
        add(&lines, "no rule is broken\n");
    else
        add(&lines, "%d refused, %d to be confirmed, %d findings in all\n", findings->refused,
            findings->open, findings->count);
    *size = lines.used;
    *text = lines.text;
    return true;
}
