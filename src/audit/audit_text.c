#include "audit/audit_internal.h"
#include "base/doc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- for people ---- */

typedef struct Page {
    char *text;
    size_t used, room;
    bool full;
} Page;

static void put(Page *page, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void put(Page *page, const char *fmt, ...)
{
    va_list list;
    size_t left = page->room - page->used;
    va_start(list, fmt);
    int wrote = vsnprintf(page->text + page->used, left, fmt, list);
    va_end(list);
    if (wrote < 0 || (size_t)wrote >= left)
        page->full = true;
    else
        page->used += (size_t)wrote;
}

/* Right-aligned; a dash where it was not measured. */
static void put_number(Page *page, int width, int decimals, double value)
{
    if (isfinite(value))
        put(page, "%*.*f", width, decimals, value);
    else
        put(page, "%*s", width, "-");
}

static const char *zone_name(int zone)
{
    return zone == DESIGN_NONE ? "all" : design_zone_name((DesignZone)zone);
}

static void put_part(Page *page, const AuditPart *part)
{
    const Pattern *p = &part->pattern;
    const double nan = (double)NAN;
    bool measured = p->inner > 0;
    put(page, "%5d  %-9s%8d%8d", part->session, zone_name(part->zone), part->found, part->wanted);
    put_number(page, 8, 2, part->nearest_mm > 0.0 ? part->nearest_mm : nan);
    put_number(page, 7, 2, part->gap > 0.0 ? part->gap_mm : nan);
    put_number(page, 7, 2, part->gap > 0.0 ? part->gap : nan);
    put_number(page, 7, 3, measured ? p->alpha : nan);
    put_number(page, 7, 3, measured ? p->p1 : nan);
    put_number(page, 7, 3, measured ? p->nn_cv : nan);
    put_number(page, 6, 2, measured ? p->psi6 : nan);
    put_number(page, 7, 3, measured ? p->hex_share : nan);
    put_number(page, 7, 3, measured ? p->f50 : nan);
    put_number(page, 7, 3, measured ? p->f200 : nan);
    put_number(page, 7, 2, part->fixed_least);
    put(page, "\n");
}

static void put_parts(Page *page, const Audit *audit)
{
    put(page, "After  zone         dots  wanted nearest gap mm     gap  alpha     p1  nn cv  psi6"
              "    hex    F50   F200   hair\n");
    for (int i = 0; i < audit->part_count; i++)
        put_part(page, &audit->part[i]);
}

static void put_budget(Page *page, const Audit *audit)
{
    put(page, "\nRoom, dots per cm2    most  densest     left  touch-ups  crowded  touching   "
              "hair\n");
    for (int zone = 0; zone < DESIGN_ZONES; zone++) {
        const BudgetZone *budget = &audit->budget[zone];
        if (!(budget->area_mm2 > 0.0))
            continue;
        put(page, "  %-16s", zone_name(zone));
        put_number(page, 8, 0, 100.0 * budget->most_per_mm2);
        put_number(page, 9, 0, 100.0 * budget->densest_per_mm2);
        put_number(page, 9, 0, 100.0 * budget->left_per_mm2);
        put(page, "%11d", budget->touch_ups);
        put_number(page, 9, 1, budget->crowded_years);
        put_number(page, 10, 1, budget->touching_years);
        put_number(page, 7, 0, 100.0 * budget->hair_per_mm2);
        put(page, "\n");
    }
    put(page, "(crowded, touching: years after healing, at the densest place, at the wide end of "
              "the band)\n");
}

static void put_findings(Page *page, const Audit *audit)
{
    put(page, "\n");
    for (int i = 0; i < audit->finding_count; i++)
        put(page, "%s: %s\n", audit->finding[i].defect ? "defect" : "remark",
            audit->finding[i].text);
    if (audit->defect_count > 0)
        put(page, "%d defect%s\n", audit->defect_count, audit->defect_count == 1 ? "" : "s");
    else
        put(page, "no defect\n");
}

bool audit_to_text(Arena *arena, const CaseRead *read, const Audit *audit, size_t *size,
                   char **text, Err *err)
{
    enum { LINE = 400, MORE = 64 };
    size_t lines = (size_t)audit->part_count + (size_t)audit->finding_count + MORE;
    Page page = {.text = ARENA_NEW(arena, char, lines *LINE), .room = lines * LINE};
    if (page.text == NULL)
        return err_set(err, ERR_LIMIT, "no room for the audit as text");
    put(&page, "%d dots in %d sessions\n", read->dots.count, read->record.session_count);
    put_parts(&page, audit);
    put_budget(&page, audit);
    put_findings(&page, audit);
    *size = page.used;
    *text = page.text;
    return !page.full || err_set(err, ERR_LIMIT, "the audit is longer than its page");
}

/* ---- for machines ---- */

static void number(Doc *doc, json_t *json, const char *key, double value, int decimals)
{
    if (isfinite(value))
        doc_put(doc, json, key, doc_number(value, decimals));
}

static void zone_json(Doc *doc, json_t *json, int zone)
{
    if (zone != DESIGN_NONE)
        doc_put(doc, json, "zone", json_string(zone_name(zone)));
}

static void finding_json(Doc *doc, json_t *list, const AuditFinding *finding)
{
    json_t *json = doc_entry(doc, list, "findings");
    doc_put(doc, json, "kind", json_string(audit_kind_name(finding->kind)));
    doc_put(doc, json, "defect", json_boolean(finding->defect));
    doc_put(doc, json, "text", doc_text(finding->text));
    if (finding->session > 0)
        doc_put(doc, json, "session", json_integer(finding->session));
    zone_json(doc, json, finding->zone);
    if (finding->count > 0)
        doc_put(doc, json, "count", json_integer(finding->count));
    number(doc, json, "value", finding->value, 4);
    number(doc, json, "limit", finding->limit, 4);
    if (finding->dot[0] >= 0) {
        json_t *dots = doc_list(doc, json, "dots");
        for (int k = 0; k < 2; k++)
            if (finding->dot[k] >= 0)
                doc_add(doc, dots, "dots", json_integer(finding->dot[k]));
    }
    if (finding->has_place)
        doc_put(doc, json, "place_mm", doc_point(finding->place_mm, 2));
}

static void part_json(Doc *doc, json_t *list, const AuditPart *part)
{
    json_t *json = doc_entry(doc, list, "parts");
    doc_put(doc, json, "session", json_integer(part->session));
    zone_json(doc, json, part->zone);
    doc_put(doc, json, "found", json_integer(part->found));
    doc_put(doc, json, "placed", json_integer(part->placed));
    doc_put(doc, json, "wanted", json_integer(part->wanted));
    number(doc, json, "expected", part->expected, 2);
    number(doc, json, "spacing_mm", part->spacing_mm, 4);
    if (part->nearest_mm > 0.0)
        number(doc, json, "nearest_mm", part->nearest_mm, 3);
    if (part->gap > 0.0) {
        number(doc, json, "gap_mm", part->gap_mm, 2);
        number(doc, json, "gap", part->gap, 3);
    }
    number(doc, json, "fixed_least", part->fixed_least, 3);
    number(doc, json, "fixed_p1", part->fixed_p1, 3);
    const Pattern *p = &part->pattern;
    if (p->inner == 0)
        return;
    json_t *pattern = doc_object(doc, json, "pattern");
    doc_put(doc, pattern, "inner", json_integer(p->inner));
    number(doc, pattern, "alpha", p->alpha, 4);
    number(doc, pattern, "p1", p->p1, 4);
    number(doc, pattern, "least", p->least, 4);
    number(doc, pattern, "nn_cv", p->nn_cv, 4);
    number(doc, pattern, "psi6", p->psi6, 4);
    number(doc, pattern, "hex_share", p->hex_share, 4);
    number(doc, pattern, "f50", p->f50, 4);
    number(doc, pattern, "f200", p->f200, 4);
}

static void budget_json(Doc *doc, json_t *list, int zone, const BudgetZone *budget)
{
    json_t *json = doc_entry(doc, list, "room");
    doc_put(doc, json, "zone", json_string(design_zone_name((DesignZone)zone)));
    number(doc, json, "area_cm2", budget->area_mm2 / 100.0, 2);
    number(doc, json, "hair_per_cm2", 100.0 * budget->hair_per_mm2, 1);
    number(doc, json, "earlier_per_cm2", 100.0 * budget->earlier_per_mm2, 1);
    number(doc, json, "planned_per_cm2", 100.0 * budget->planned_per_mm2, 1);
    number(doc, json, "densest_per_cm2", 100.0 * budget->densest_per_mm2, 1);
    number(doc, json, "most_per_cm2", 100.0 * budget->most_per_mm2, 1);
    number(doc, json, "left_per_cm2", 100.0 * budget->left_per_mm2, 1);
    number(doc, json, "left_share", budget->left_share, 3);
    doc_put(doc, json, "touch_ups_that_fit", json_integer(budget->touch_ups));
    number(doc, json, "crowded_after_years", budget->crowded_years, 1);
    number(doc, json, "touching_after_years", budget->touching_years, 1);
}

bool audit_to_json(Arena *arena, const CaseRead *read, const Audit *audit, size_t *size,
                   char **text, Err *err)
{
    Doc doc;
    if (!doc_start(&doc, "audit", 1, err))
        return false;
    doc_put(&doc, doc.root, "code", doc_text(read->record.code));
    doc_put(&doc, doc.root, "dots", json_integer(read->dots.count));
    doc_put(&doc, doc.root, "sessions", json_integer(read->record.session_count));
    doc_put(&doc, doc.root, "defects", json_integer(audit->defect_count));
    json_t *findings = doc_list(&doc, doc.root, "findings");
    for (int i = 0; i < audit->finding_count; i++)
        finding_json(&doc, findings, &audit->finding[i]);
    json_t *parts = doc_list(&doc, doc.root, "parts");
    for (int i = 0; i < audit->part_count; i++)
        part_json(&doc, parts, &audit->part[i]);
    json_t *room = doc_list(&doc, doc.root, "room");
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        if (audit->budget[zone].area_mm2 > 0.0)
            budget_json(&doc, room, zone, &audit->budget[zone]);
    return doc_render(arena, &doc, "the audit", size, text, err);
}
