/* What is done, what it is not, what can go wrong and what comes later, in plain words. */
#include "report/consent_internal.h"

#include <math.h>

static const char *rounded(Sheet *sheet, int dots)
{
    return sheet_count(sheet, dots < 1000 ? lround(dots / 10.0) * 10 : lround(dots / 100.0) * 100);
}

static void what_it_is(Consent *consent)
{
    Voice *voice = &consent->sheet->voice;
    const Case *plan = consent->plan;
    const char *item[] = {
        words_plural(voice, plan->course->session_count,
                     "About {dots} tiny dots of pigment in the upper skin, set in one session, "
                     "that look like closely shaved hair.",
                     "About {dots} tiny dots of pigment in the upper skin, set in {n} sessions, "
                     "that look like closely shaved hair.",
                     "dots", rounded(consent->sheet, plan->dots->count)),
        words_say(voice, "Cosmetic: it changes what people see, and nothing else."),
        words_say(voice, "It does not make hair grow and does not change the hair you have."),
        words_say(voice, "Not a promise: skin heals in its own way, and what you do in "
                         "the days after each session counts."),
        words_say(voice, "Pictures of the result are illustrations. They were calculated."),
    };
    consent_heading(consent, 24.0, words_say(voice, "What it is for, and its limits"));
    consent_list(consent, "\u2022", 5, item);
}

/* "Mon 11 January 2027, Thu 21 January 2027 and ..." */
static const char *days_of(Consent *consent)
{
    const Course *course = consent->plan->course;
    const char *day[COURSE_MAX_SESSIONS];
    for (int s = 0; s < course->session_count; s++)
        day[s] = consent_date(consent, course->session[s].date);
    return words_list(&consent->sheet->voice, course->session_count, day);
}

static void sessions(Consent *consent)
{
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const Course *course = consent->plan->course;
    consent_heading(consent, 16.0, words_say(voice, "Sessions and healing"));
    consent_say(consent, words_plural(voice, course->session_count,
                                      "{n} session is planned, about {hours} hours with breaks.",
                                      "{n} sessions are planned, in all about {hours} hours with "
                                      "breaks. It can take one more or one fewer.",
                                      "hours", sheet_number(sheet, course->hours[1], 1)));
    if (course->session[0].has_date)
        consent_say(consent, words_fill(voice, "Planned days: {days}.", "days", days_of(consent)));
    consent_say(consent,
                words_say(voice, "Made step by step: each session looks dark at first, grows "
                                 "lighter while the skin heals, and the next one builds on "
                                 "what is left."));
    consent_say(consent,
                words_fill(voice,
                           "The healed colour differs from that of the first days. It can be "
                           "judged about {days} days after the last session.",
                           "days", words_count(voice, course->protocol.review_days)));
}

/* Named in every consent that was read for this (forms of studios and of a textbook); the words are
 * ours. Lumps: case reports (PMC9382064; An Bras Dermatol 2023). */
static const char *const risk[][2] = {
    {N_("Infection"), N_("The skin can become infected. Call us when it gets redder, hot, swollen "
                         "or weeps instead of calming down.")},
    {N_("Allergy"), N_("Pigment, numbing cream or dressing can make the skin itch, swell or come "
                       "out in a rash, sometimes only after months or years.")},
    {N_("Lumps (granuloma)"), N_("Rarely the skin forms small firm lumps around pigment. They can "
                                 "stay, and a doctor has to look at them.")},
    {N_("Scars"), N_("Rarely the skin scars, more easily in people whose scars rise and grow.")},
    {N_("A skin condition coming up"),
     N_("Where skin is pricked, a condition that you have already can show up, psoriasis for "
        "example.")},
    {N_("Change of colour"), N_("The colour can shift over the years, towards blue, grey or "
                                "another tint.")},
    {N_("Spreading"), N_("Dots can blur, wander or run together, most of all where they are deep "
                         "or very close.")},
    {N_("Fading"), N_("Dots grow paler with time, sooner with much sun, and not everywhere at the "
                      "same pace.")},
    {N_("Unevenness"), N_("Skin takes pigment differently from place to place, most of all in "
                          "scars. Some places may need more.")},
    {N_("Asymmetry"), N_("No head is the same on both sides. Left and right can differ a "
                         "little.")},
    {N_("MRI"), N_("In an MRI scan, pigment can tingle or grow warm. Tell the staff that you have "
                   "pigment in the scalp.")},
};
enum { RISKS = sizeof risk / sizeof risk[0] };

static void risks(Consent *consent)
{
    static const double share[] = {0.22, 0.78};
    Voice *voice = &consent->sheet->voice;
    const char *cell[2 * RISKS];
    for (int i = 0; i < 2 * RISKS; i++)
        cell[i] = words_say(voice, risk[i / 2][i % 2]);
    consent_heading(consent, 30.0, words_say(voice, "What can go wrong"));
    consent_say(consent, words_say(voice, "Most of this is rare or passes. It can happen all the "
                                          "same, with good work and good care."));
    consent_table(consent, &(SheetTable){.columns = 2, .share = share, .align = "ll"}, RISKS, cell);
}

/* The plan's own figures for the next stages. */
static int loss_items(Consent *consent, const char *item[])
{
    Sheet *sheet = consent->sheet;
    Voice *voice = &sheet->voice;
    const Case *plan = consent->plan;
    for (int i = 0; i < plan->loss_count; i++) {
        const char *area = sheet_number(sheet, plan->loss[i].bare_mm2 / 100.0, 0);
        const char *dots = rounded(sheet, (int)lround(plan->loss[i].extra_dots));
        item[i] =
            i == 0 ? words_fill(voice,
                                "With clearly less hair, by this plan, about {area} cm\u00b2 "
                                "beside the dots would be bare; about {dots} more dots would "
                                "cover them.",
                                "area", area, "dots", dots)
                   : words_fill(voice,
                                "With less still, about {area} cm\u00b2; about {dots} more dots.",
                                "area", area, "dots", dots);
    }
    return plan->loss_count;
}

static void later(Consent *consent)
{
    Voice *voice = &consent->sheet->voice;
    const char *item[8];
    consent_heading(consent, 24.0, words_say(voice, "If your own hair gets thinner"));
    consent_say(consent, words_say(voice, "Nobody can say whether and when. The dots stay where "
                                          "they are: their edges may then be seen, and more dots "
                                          "may be wanted, at a price of their own."));
    consent_list(consent, "\u2022", loss_items(consent, item), item);
    consent_heading(consent, 16.0, words_say(voice, "Taking it out"));
    consent_say(consent,
                consent->plan->course->protocol.absorbable
                    ? words_say(voice, "It does not stay: the pigment is one that the skin takes "
                                       "away.")
                    : words_say(voice, "It does not go by itself for years: the dots fade slowly, "
                                       "and taking them out early needs a laser."));
    consent_say(consent, words_say(voice, "Removal by laser exists. It costs extra, mostly takes "
                                          "several visits, and a shadow may stay."));
}

void consent_part_plain_words(Consent *consent)
{
    what_it_is(consent);
    sessions(consent);
    risks(consent);
    later(consent);
}
