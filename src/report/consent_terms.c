/* Duties, money, time to think, the separate consents, the log of pigments, and the signatures. */
#include "report/consent_internal.h"
#include "report/terms_internal.h"

static void aftercare(Consent *consent)
{
    Voice *voice = &consent->sheet->voice;
    const char *item[] = {
        words_say(voice, "I keep to the aftercare sheet, day by day. It is a part of the result."),
        words_say(voice, "I call the clinic when I see something that the sheet says to call "
                         "about."),
        words_say(voice, "I tell the clinic before each session what has changed: health, "
                         "medicines, sun."),
    };
    consent_heading(consent, 20.0, words_say(voice, "What I do"));
    consent_list(consent, "\u2022", 3, item);
}

static const char *refund_text(Consent *consent)
{
    const Course *course = consent->plan->course;
    CourseDate day;
    return terms_refund(consent->sheet, &course->quote,
                        terms_refund_day(course, &day) ? consent_date(consent, day) : NULL);
}

static void money(Consent *consent)
{
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const Quote *quote = &consent->plan->course->quote;
    const char *item[6];
    int count = 0;
    consent_heading(consent, 20.0, words_say(voice, "Price, deposit and touch-ups"));
    if (quote->line_count == 0) {
        consent_say(consent, words_say(voice, "Price, deposit, refund and touch-ups are agreed in "
                                              "writing on a paper of their own."));
        return;
    }
    item[count++] = terms_total(sheet, quote);
    if (quote->deposit > 0) {
        item[count++] = terms_deposit(sheet, quote);
        item[count++] = refund_text(consent);
    }
    item[count++] = terms_touch_up(sheet, quote);
    item[count++] = words_say(voice, "Dots fade: touch-ups will be wanted sooner or later.");
    consent_list(consent, "\u2022", count, item);
}

static void reflection(Consent *consent)
{
    static const double share[] = {0.5, 0.25, 0.25};
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const Course *course = consent->plan->course;
    const char *hours = sheet_number(sheet, course->protocol.practice.reflection_hours, 0);
    const char *told[] = {words_say(voice, "Told and given this paper on"),
                          words_say(voice, "Time"), words_say(voice, "Told by")};
    const char *waived[] = {words_say(voice, "Reason"), words_say(voice, "Initials"),
                            words_say(voice, "Date and time")};
    consent_heading(consent, 34.0, words_say(voice, "Time to think"));
    if (course->protocol.practice.reflection_hours > 0.0)
        consent_say(consent, words_fill(voice,
                                        "Between this talk and the first session lie at least "
                                        "{hours} hours.",
                                        "hours", hours));
    consent_say(consent, words_say(voice, "You can change your mind at any time, during a session "
                                          "as well."));
    consent_blanks(consent, 3, share, told);
    if (course->protocol.practice.reflection_hours <= 0.0)
        return;
    const char *waiver = words_fill(voice,
                                    "I do not want to wait {hours} hours. It is my own wish; "
                                    "nobody has pressed me.",
                                    "hours", hours);
    consent_list(consent, NULL, 1, &waiver);
    consent_blanks(consent, 3, share, waived);
}

/* ---- consents, one by one (clinic.md 2.3) ---- */

static const char *const asked[][2] = {
    /* what, or a heading */
    {N_("Needed for the work"), NULL},
    {N_("The procedure as this paper describes it."), ""},
    {N_("The clinic records and keeps my answers about health, the patch test and the scalp."), ""},
    {N_("Photographs"), NULL},
    {N_("Photographs for my record: before, after each session, at the checks."), ""},
    {N_("Photographs for teaching, without my name."), ""},
    {N_("Photographs for marketing: the clinic's own website."), ""},
    {N_("Photographs for marketing: social media."), ""},
    {N_("Photographs for marketing: print and display in the studio."), ""},
    {N_("Messages"), NULL},
    {N_("Reminders by e-mail."), ""},
    {N_("Reminders by text message."), ""},
    {N_("Reminders by telephone."), ""},
    {N_("Offers and news of the clinic by e-mail."), ""},
    {N_("Offers and news of the clinic by text message."), ""},
};
enum { ASKED = sizeof asked / sizeof asked[0], ASKED_COLUMNS = 4 };

static void separate_consents(Consent *consent)
{
    static const double share[] = {0.66, 0.08, 0.08, 0.18};
    Voice *voice = &consent->sheet->voice;
    const char *head[] = {words_say(voice, "I agree to"), words_say(voice, "Yes"),
                          words_say(voice, "No"), words_say(voice, "Initials")};
    const char *cell[ASKED * ASKED_COLUMNS];
    for (int i = 0; i < ASKED; i++) {
        const char **row = cell + ASKED_COLUMNS * i;
        row[0] = words_say(voice, asked[i][0]);
        row[1] = row[2] = asked[i][1] == NULL ? NULL : "\u2610";
        row[3] = asked[i][1];
    }
    consent_heading(consent, 100.0, words_say(voice, "Consents, each for itself"));
    consent_say(consent, words_say(voice, "Tick each line by hand. Only the first two are "
                                          "needed for the work; all others are up to you. Each "
                                          "can be taken back at any time, by a word or a line "
                                          "to the clinic, for what comes after."));
    consent_table(
        consent,
        &(SheetTable){.columns = ASKED_COLUMNS, .share = share, .align = "llll", .head = head},
        ASKED, cell);
}

/* ---- the log of pigments ---- */

enum { LOG_COLUMNS = 6 };

static void pigment_log(Consent *consent)
{
    static const double share[] = {0.14, 0.24, 0.17, 0.15, 0.15, 0.15};
    Voice *voice = &consent->sheet->voice;
    int sessions = consent->plan->course->session_count;
    const char *head[] = {words_say(voice, "Session"),   words_say(voice, "Maker, product, colour"),
                          words_say(voice, "Batch"),     words_say(voice, "Best before"),
                          words_say(voice, "Opened on"), words_say(voice, "Statement seen")};
    const char *cell[(COURSE_MAX_SESSIONS + 1) * LOG_COLUMNS];
    for (int s = 0; s < sessions + 1; s++) {
        const char **row = cell + LOG_COLUMNS * s;
        row[0] = s < sessions ? sheet_format(consent->sheet, "%s\n ", words_count(voice, s + 1))
                              : words_say(voice, "Touch-up");
        row[1] = row[2] = row[3] = row[4] = "";
        row[5] = "\u2610";
    }
    consent_heading(consent, 40.0, words_say(voice, "Pigment and colour log"));
    /* Regulation (EU) 2020/2081, REACH Annex XVII entry 75: the statement, the batch and the
     * ingredients stand on the label, and the client is told of them before. */
    consent_say(consent,
                words_say(voice, "The label has to say \u201cmixture for use in tattoos or "
                                 "permanent make-up\u201d, a batch and the ingredients. You may "
                                 "read it before each session. The clinic keeps this log and gives "
                                 "you a copy."));
    consent_table(
        consent,
        &(SheetTable){.columns = LOG_COLUMNS, .share = share, .align = "llllll", .head = head},
        sessions + 1, cell);
}

void consent_part_terms(Consent *consent)
{
    aftercare(consent);
    money(consent);
    reflection(consent);
    separate_consents(consent);
    pigment_log(consent);
}

/* ---- signatures ---- */

void consent_part_signatures(Consent *consent)
{
    static const double share[] = {0.33, 0.37, 0.17, 0.13};
    Voice *voice = &consent->sheet->voice;
    const char *who[] = {words_say(voice, "Client"), words_say(voice, "Practitioner"),
                         words_say(voice, "Witness")};
    consent_need(consent, 62.0);
    consent_heading(consent, 60.0, words_say(voice, "Signatures"));
    consent_say(consent, words_say(voice, "I have read this paper or it was read to me. I could "
                                          "ask, and my questions were answered. I was not pressed. "
                                          "I get a copy."));
    for (int i = 0; i < 3; i++) {
        const char *blank[] = {who[i], words_say(voice, "Signature"), words_say(voice, "Date"),
                               words_say(voice, "Time")};
        consent_blanks(consent, 4, share, blank);
        consent_space(consent, 3.0);
    }
    consent_small(consent, words_say(voice, "The signatures belong to the text whose number stands "
                                            "at the foot of each page. Days of the calendar and "
                                            "what is filled in by hand do not change that "
                                            "number."));
}
