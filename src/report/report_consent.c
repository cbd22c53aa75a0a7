/* The consent: read, talked about, filled in by hand and signed. */
#include "report/consent_internal.h"

#include "base/sha256.h"
#include "design/file.h"

#include <string.h>

/* To be raised when the paper means something else than before; the fingerprint tells the rest. */
enum { CONSENT_VERSION = 1 };

/* ---- saying and noting ---- */

void consent_note(Consent *consent, const char *text)
{
    if (!consent->dry)
        return;
    if (consent->said_count == CONSENT_SAID)
        consent->sheet->voice.full = true;
    else
        consent->said[consent->said_count++] = text;
}

const char *consent_date(Consent *consent, CourseDate date)
{
    return consent->dry ? "\u2026" : sheet_date(consent->sheet, date);
}

void consent_need(Consent *consent, double height_mm)
{
    if (!consent->dry)
        sheet_need(consent->sheet, height_mm);
}

void consent_space(Consent *consent, double height_mm)
{
    if (!consent->dry)
        sheet_space(consent->sheet, height_mm);
}

void consent_heading(Consent *consent, double keep_mm, const char *text)
{
    consent_note(consent, text);
    if (!consent->dry)
        sheet_heading(consent->sheet, keep_mm, text);
}

void consent_subheading(Consent *consent, double keep_mm, const char *text)
{
    consent_note(consent, text);
    if (!consent->dry)
        sheet_subheading(consent->sheet, keep_mm, text);
}

void consent_say(Consent *consent, const char *text)
{
    consent_note(consent, text);
    if (!consent->dry)
        sheet_say(consent->sheet, text);
}

void consent_small(Consent *consent, const char *text)
{
    consent_note(consent, text);
    if (!consent->dry)
        sheet_say_small(consent->sheet, text);
}

void consent_list(Consent *consent, const char *mark, int count, const char *const text[])
{
    for (int i = 0; i < count; i++)
        consent_note(consent, text[i]);
    if (!consent->dry)
        sheet_list(consent->sheet, mark, count, text);
}

void consent_table(Consent *consent, const SheetTable *table, int rows, const char *const cell[])
{
    for (int i = 0; table->head != NULL && i < table->columns; i++)
        consent_note(consent, table->head[i]);
    for (int i = 0; i < rows * table->columns; i++)
        if (cell[i] != NULL && cell[i][0] != '\0')
            consent_note(consent, cell[i]);
    if (!consent->dry)
        sheet_table(consent->sheet, table, rows, cell);
}

void consent_blanks(Consent *consent, int count, const double share[], const char *const name[])
{
    const double above_mm = 3.6, below_mm = 4.6; /* a hand's letters */
    double from = 0.0;
    for (int i = 0; i < count; i++)
        consent_note(consent, name[i]);
    if (consent->dry)
        return;
    sheet_need(consent->sheet, above_mm + below_mm);
    sheet_space(consent->sheet, above_mm);
    for (int i = 0; i < count; i++) {
        sheet_blank(consent->sheet, from, from + share[i], name[i]);
        from += share[i];
    }
    sheet_space(consent->sheet, below_mm);
}

/* ---- the top ---- */

static void list_titles(Consent *consent, RuleSeverity severity)
{
    const Findings *findings = consent->plan->findings;
    for (int i = 0; i < findings->count; i++)
        if (findings->finding[i].severity == severity) {
            const char *title = words_say(&consent->sheet->voice, findings->finding[i].rule->title);
            consent_list(consent, "\u2022", 1, &title);
        }
}

/* A plan that is not ready says so before anything else. */
static void standing(Consent *consent)
{
    Voice *voice = &consent->sheet->voice;
    const Findings *findings = consent->plan->findings;
    if (findings == NULL || (findings->refused == 0 && findings->open == 0))
        return;
    if (findings->refused > 0) {
        consent_heading(consent, 20.0, words_say(voice, "Not to be signed yet"));
        consent_say(consent, words_say(voice, "The plan crosses limits that the clinic has set "
                                              "itself. It is changed first; this paper is then "
                                              "made again."));
        list_titles(consent, RULE_REFUSE);
    }
    if (findings->open > 0)
        consent_say(consent,
                    words_plural(voice, findings->open,
                                 "{n} point of the plan needs a tick of your own, after it has "
                                 "been talked about: see \u201cWhat you confirm by name\u201d.",
                                 "{n} points of the plan need a tick of your own, after they have "
                                 "been talked about: see \u201cWhat you confirm by name\u201d."));
}

static bool fill(Consent *consent, Err *err)
{
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const char *title = words_say(voice, "Consent to scalp micropigmentation");
    const char *under = words_fill(voice,
                                   "{client} \u00b7 to be read at leisure and signed before "
                                   "the first session",
                                   "client", report_client_name(sheet, consent->plan));
    consent_note(consent, title);
    consent_note(consent, under);
    if (!consent->dry)
        sheet_title(sheet, title, under);
    standing(consent);
    consent_part_identity(consent);
    consent_part_plain_words(consent);
    if (!consent_part_design(consent, err))
        return false;
    consent_part_health(consent);
    consent_part_terms(consent);
    consent_part_signatures(consent);
    return true;
}

/* ---- what it is made from ---- */

/* The day that the answers have to be fresh on: that of the first session. */
static CourseDate day_that_counts(const Consent *consent)
{
    const CourseSession *first = &consent->plan->course->session[0];
    return first->has_date ? first->date : consent->answers->given_on;
}

static bool take_answers(Consent *consent, Err *err)
{
    if (consent->screening == NULL || consent->answers == NULL)
        return true;
    CourseDate on = day_that_counts(consent);
    ScreeningFinding *finding = ARENA_NEW(consent->scratch, ScreeningFinding, SCREENING_MAX);
    if (finding == NULL)
        return err_set(err, ERR_LIMIT, "no room for what the answers bring up");
    consent->finding = finding;
    consent->stale = screening_is_stale(consent->screening, consent->answers, on);
    return screening_findings(consent->screening, consent->answers, on, &consent->finding_count,
                              finding, err);
}

static bool take_design(Consent *consent, Err *err)
{
    size_t size, mark = arena_mark(consent->scratch);
    char *text;
    if (!design_to_json(consent->scratch, &consent->plan->layout->design, &size, &text, err))
        return false;
    sha256_hex(size, (const uint8_t *)text, consent->design);
    arena_rewind(consent->scratch, mark);
    return true;
}

/* The texts in their order, each followed by a line feed. */
static bool hash_said(const Consent *consent, char hex[65], Err *err)
{
    size_t size = 0, used = 0;
    for (int i = 0; i < consent->said_count; i++)
        size += strlen(consent->said[i]) + 1;
    char *all = ARENA_NEW(consent->scratch, char, size + 1);
    if (all == NULL)
        return err_set(err, ERR_LIMIT, "no room for the text of the consent");
    for (int i = 0; i < consent->said_count; i++) {
        size_t length = strlen(consent->said[i]);
        memcpy(all + used, consent->said[i], length);
        all[used + length] = '\n';
        used += length + 1;
    }
    sha256_hex(size, (const uint8_t *)all, hex);
    return true;
}

bool consent_fingerprint(Consent *consent, const ReportStyle *style, char hex[65], Err *err)
{
    Sheet words = {.arena = consent->scratch, .voice = {.arena = consent->scratch}};
    if (style != NULL) {
        words.style = *style;
        words.voice.words = style->words;
    }
    if (!take_answers(consent, err) || !take_design(consent, err))
        return false;
    consent->sheet = &words;
    consent->dry = true;
    consent->said_count = 0;
    bool ok = fill(consent, err);
    consent->dry = false;
    consent->sheet = NULL;
    if (ok && (words.full || words.voice.full))
        return err_set(err, ERR_LIMIT, "no room for the text of the consent");
    return ok && hash_said(consent, hex, err);
}

/* ---- the paper ---- */

static bool make(Arena *arena, Consent *consent, const ReportStyle *style, size_t *size,
                 uint8_t **bytes, Err *err)
{
    Sheet sheet;
    Voice voice = {.words = style == NULL ? NULL : style->words, .arena = arena};
    Err ignored = {0};
    char hex[65];
    if (!consent_fingerprint(consent, style, hex, err))
        return false;
    const char *foot = words_fill(
        &voice, "Text version {number}, {language} \u00b7 SHA-256 of the text: {hash}", "number",
        words_count(&voice, CONSENT_VERSION), "language", words_language(voice.words), "hash", hex);
    if (!sheet_open(&sheet, arena, style, words_say(&voice, "Consent to scalp micropigmentation"),
                    foot, err))
        return false;
    consent->sheet = &sheet;
    bool ok = fill(consent, err);
    sheet.full |= voice.full;
    return sheet_close(&sheet, size, bytes, ok ? err : &ignored) && ok;
}

bool report_consent_pdf(Arena *arena, Arena *scratch, const Case *plan, const ReportStyle *style,
                        const ReportPictures *pictures, const Screening *screening,
                        const ScreeningAnswers *answers, size_t *size, uint8_t **bytes, Err *err)
{
    size_t mark = arena_mark(scratch);
    Consent *consent = ARENA_NEW(scratch, Consent, 1);
    if (consent == NULL)
        return err_set(err, ERR_LIMIT, "no room for the consent");
    *consent = (Consent){.scratch = scratch,
                         .plan = plan,
                         .pictures = pictures,
                         .screening = screening,
                         .answers = answers};
    bool ok = make(arena, consent, style, size, bytes, err);
    arena_rewind(scratch, mark);
    return ok;
}
