/* Who signs, and the clinic's questions: with the answers, or with boxes for them. */
#include "report/consent_internal.h"

#include <string.h>

enum { COLUMNS = 4, ROWS = 2 * SCREENING_MAX };

/* Boxes side by side on one line, to be ticked by hand. */
static void ticks(Consent *consent, int count, const char *const text[])
{
    const char *line = "";
    for (int i = 0; i < count; i++)
        line = sheet_format(consent->sheet, "%s%s\u2610\u00a0%s", line, i == 0 ? "" : "      ",
                            text[i]);
    consent_say(consent, line);
}

void consent_part_identity(Consent *consent)
{
    static const double share[] = {0.6, 0.4};
    Voice *voice = &consent->sheet->voice;
    const char *who[] = {words_say(voice, "Name"), words_say(voice, "Born on")};
    const char *checked[] = {words_say(voice, "Age and identity checked by"),
                             words_say(voice, "Checked on")};
    const char *document[] = {words_say(voice, "Passport"), words_say(voice, "Identity card"),
                              words_say(voice, "Driving licence"), words_say(voice, "Another one")};
    consent_heading(consent, 32.0, words_say(voice, "Who signs"));
    consent_blanks(consent, 2, share, who);
    consent_say(consent, words_say(voice, "Document that was shown. It is looked at; no copy is "
                                          "kept."));
    ticks(consent, 4, document);
    consent_blanks(consent, 2, share, checked);
}

/* ---- the questions ---- */

static const ScreeningAnswer *answer_to(const Consent *consent, const ScreeningQuestion *question)
{
    for (int i = 0; i < consent->answers->count; i++)
        if (strcmp(consent->answers->answer[i].id, question->id) == 0)
            return &consent->answers->answer[i];
    return NULL;
}

static const ScreeningFinding *finding_on(const Consent *consent, const ScreeningQuestion *question)
{
    for (int i = 0; i < consent->finding_count; i++)
        if (consent->finding[i].question == question)
            return &consent->finding[i];
    return NULL;
}

static const char *joined(Consent *consent, const char *text, const char *more)
{
    return sheet_format(consent->sheet, "%s%s%s", text, text[0] == '\0' ? "" : "\n", more);
}

/* What the clinic says to it, until when, and what the client added. */
static const char *note_on(Consent *consent, const ScreeningQuestion *question,
                           const ScreeningAnswer *answer)
{
    Voice *voice = &consent->sheet->voice;
    const ScreeningFinding *finding = finding_on(consent, question);
    const char *text = "";
    if (answer != NULL && answer->has_since)
        text = joined(
            consent, text,
            words_fill(voice, "Since or on {date}.", "date", consent_date(consent, answer->since)));
    if (answer != NULL && answer->remark[0] != '\0')
        text = joined(consent, text,
                      words_fill(voice, "\u201c{remark}\u201d", "remark", answer->remark));
    if (finding != NULL && answer != NULL)
        text = joined(consent, text, words_say(voice, question->text));
    if (finding != NULL && finding->has_until)
        text = joined(
            consent, text,
            words_fill(voice, "Until {date}.", "date", consent_date(consent, finding->until)));
    return text;
}

static void cells_of(Consent *consent, const ScreeningQuestion *question, const char *cell[])
{
    static const char box[] = "\u2610";
    Voice *voice = &consent->sheet->voice;
    cell[0] = words_say(voice, question->ask);
    cell[1] = cell[2] = box;
    cell[3] = "";
    if (consent->answers == NULL)
        return;
    const ScreeningAnswer *answer = answer_to(consent, question);
    if (answer != NULL) {
        cell[1] = answer->yes ? words_say(voice, "Yes") : "";
        cell[2] = answer->yes ? "" : words_say(voice, "No");
    }
    cell[3] =
        answer == NULL ? words_say(voice, "Not answered yet") : note_on(consent, question, answer);
}

static int rows_of(Consent *consent, const char *cell[])
{
    const Screening *screening = consent->screening;
    int rows = 0;
    for (int i = 0; i < screening->count; i++) {
        const ScreeningQuestion *question = &screening->question[i];
        if (i == 0 || strcmp(question->group, screening->question[i - 1].group) != 0) {
            for (int k = 0; k < COLUMNS; k++)
                cell[COLUMNS * rows + k] = NULL;
            cell[COLUMNS * rows++] = words_say(&consent->sheet->voice, question->group);
        }
        cells_of(consent, question, cell + COLUMNS * rows++);
    }
    return rows;
}

static int open_questions(const Consent *consent)
{
    int count = 0;
    for (int i = 0; i < consent->finding_count; i++)
        count += consent->finding[i].answer == NULL;
    return count;
}

static void given(Consent *consent)
{
    Voice *voice = &consent->sheet->voice;
    int open = open_questions(consent);
    consent_say(consent, words_fill(voice, "Answers given on {date}.", "date",
                                    consent_date(consent, consent->answers->given_on)));
    if (consent->stale)
        consent_say(consent,
                    words_plural(voice, consent->screening->valid_days,
                                 "These answers do not fit the day of the first session: they are "
                                 "from after it, or more than {n} day old. They are to be given "
                                 "again.",
                                 "These answers do not fit the day of the first session: they are "
                                 "from after it, or more than {n} days old. They are to be given "
                                 "again."));
    if (open > 0)
        consent_say(consent, words_plural(voice, open, "{n} question is still open.",
                                          "{n} questions are still open."));
}

static bool any_on_the_day(const Screening *screening)
{
    for (int i = 0; i < screening->count; i++)
        if (screening->question[i].on_the_day)
            return true;
    return false;
}

static void questions(Consent *consent)
{
    static const double share[] = {0.5, 0.07, 0.07, 0.36};
    Voice *voice = &consent->sheet->voice;
    const Screening *screening = consent->screening;
    const char **cell = ARENA_NEW(consent->scratch, const char *, ROWS *COLUMNS);
    const char *head[] = {
        words_say(voice, "Question"), words_say(voice, "Yes"), words_say(voice, "No"),
        consent->answers == NULL ? words_say(voice, "Since when, which, remarks")
                                 : words_say(voice, "Remarks, and what the clinic asks for")};
    if (cell == NULL) {
        consent->sheet->full = true;
        return;
    }
    consent_heading(consent, 40.0, words_say(voice, screening->title));
    consent_say(consent, words_say(voice, "The clinic asks this to look after you. You need not "
                                          "answer; without an answer it may not be able to "
                                          "begin. Your practitioner talks with you about each "
                                          "point."));
    if (consent->answers != NULL)
        given(consent);
    consent_table(consent,
                  &(SheetTable){.columns = COLUMNS, .share = share, .align = "llll", .head = head},
                  rows_of(consent, cell), cell);
    if (any_on_the_day(screening))
        consent_small(consent, words_say(voice, "The questions \u201con the day\u201d are asked "
                                                "again before each session. Tell us what has "
                                                "changed since."));
    if (consent->answers == NULL) {
        const double blank_share[] = {0.5, 0.5};
        const char *blank[] = {words_say(voice, "Answered on"), words_say(voice, "Talked through "
                                                                                 "with")};
        consent_blanks(consent, 2, blank_share, blank);
    }
}

static void patch_test(Consent *consent)
{
    static const double share[] = {0.4, 0.35, 0.25};
    Voice *voice = &consent->sheet->voice;
    const ProtocolPractice *practice = &consent->plan->course->protocol.practice;
    consent_heading(consent, 34.0, words_say(voice, "Patch test"));
    if (practice->patch_test_required)
        consent_say(consent,
                    words_fill(voice,
                               "At least {hours} hours before the first session a small test of "
                               "the pigment is made behind the ear. Tell us if the place itches or "
                               "swells; if it stays calm, that is a good sign but no guarantee.",
                               "hours",
                               sheet_number(consent->sheet, practice->patch_test_hours_before, 0)));
    else
        consent_say(consent, words_say(voice, "The clinic makes no patch test unless you ask for "
                                              "one."));
    consent_say(consent, words_say(voice, "A calm patch test does not rule out a later reaction."));
    const char *blank[] = {words_say(voice, "Pigment tested"), words_say(voice, "Made on, time"),
                           words_say(voice, "Seen on")};
    consent_blanks(consent, 3, share, blank);
    const char *result[] = {words_say(voice, "The place stayed calm"),
                            words_say(voice, "The place reacted: the work does not begin")};
    ticks(consent, 2, result);
}

void consent_part_health(Consent *consent)
{
    if (consent->screening != NULL)
        questions(consent);
    patch_test(consent);
}
