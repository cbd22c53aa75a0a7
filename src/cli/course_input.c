#include "cli/course_input.h"

#include "base/io.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DOCUMENT_LIMIT = 1 << 20,
    ICS_LIMIT = 16 << 20,
    LOG_LIMIT = 4 << 20,
    /* A course with its gaps, moves and touch-ups: what a diary has to know. */
    DIARY_DAYS_BEFORE = 1,
    DIARY_DAYS = 800
};

static bool is_file(const char *name)
{
    return strchr(name, '/') != NULL || strchr(name, '.') != NULL;
}

static bool read_text(Arena *arena, const char *path, size_t limit, size_t *size, const char **text,
                      Err *err)
{
    uint8_t *bytes;
    if (!io_read_file(arena, path, limit, size, &bytes, err))
        return false;
    *text = (const char *)bytes;
    return true;
}

/* The refusal of a file's contents names the file too. */
static bool in_file(const char *path, bool ok, Err *err)
{
    Err cause = *err;
    return ok || err_set(err, cause.code, "'%.200s': %.300s", path, cause.text);
}

static bool take_protocol(Arena *arena, const CliArgs *args, const CaseWhole *kept,
                          CourseTerms *terms, Err *err)
{
    const char *name = cli_text(args, "protocol", NULL), *text;
    size_t size;
    if (name == NULL && kept != NULL && kept->has_course) {
        terms->protocol = kept->protocol;
        return true;
    }
    if (name == NULL || !is_file(name))
        return protocol_builtin(arena, name != NULL ? name : "standard", &terms->protocol, err);
    return read_text(arena, name, DOCUMENT_LIMIT, &size, &text, err) &&
           in_file(name, protocol_from_json(arena, size, text, &terms->protocol, err), err);
}

/* The file that the command line names as the protocol holds prices of its own. */
static bool has_own_prices(const CliArgs *args, const CourseTerms *terms)
{
    const char *name = cli_text(args, "protocol", NULL);
    return name != NULL && is_file(name) && terms->protocol.format == 1;
}

static bool take_prices(Arena *arena, const CliArgs *args, const CaseWhole *kept,
                        CourseTerms *terms, Err *err)
{
    const char *name = cli_text(args, "prices", NULL), *text;
    size_t size;
    if (name == NULL && has_own_prices(args, terms)) {
        terms->has_prices = true;
        return in_file(cli_text(args, "protocol", NULL),
                       prices_from_protocol_v1(arena, terms->protocol.size, terms->protocol.bytes,
                                               &terms->prices, err),
                       err);
    }
    if (name == NULL && kept != NULL && kept->has_course) {
        terms->has_prices = kept->prices.bytes != NULL;
        terms->prices = kept->prices;
        return true;
    }
    terms->has_prices = name == NULL || strcmp(name, "none") != 0;
    if (!terms->has_prices)
        return true;
    if (name == NULL || !is_file(name))
        return prices_builtin(arena, name != NULL ? name : "by_dots", &terms->prices, err);
    return read_text(arena, name, DOCUMENT_LIMIT, &size, &text, err) &&
           in_file(name, prices_from_json(arena, size, text, &terms->prices, err), err);
}

static bool take_clinic(Arena *arena, const CliArgs *args, const CaseWhole *kept,
                        CourseTerms *terms, Err *err)
{
    const char *path = cli_text(args, "clinic", NULL), *text;
    size_t size;
    clinic_default(&terms->clinic);
    if (path == NULL && kept != NULL && kept->plan.clinic != NULL) {
        terms->clinic = *kept->plan.clinic;
        terms->has_clinic = true;
    }
    if (path == NULL)
        return true;
    terms->has_clinic = true;
    return read_text(arena, path, DOCUMENT_LIMIT, &size, &text, err) &&
           in_file(path, clinic_from_json(arena, size, text, &terms->clinic, err), err);
}

static bool take_busy(Arena *arena, Arena *scratch, const CliArgs *args, CourseTerms *terms,
                      Err *err)
{
    static const struct {
        const char *option;
        DiaryKind kind;
    } list[] = {{"holidays", DIARY_HOLIDAY},
                {"practitioner-busy", DIARY_PRACTITIONER},
                {"room-busy", DIARY_ROOM},
                {"client-busy", DIARY_CLIENT}};
    const char *path, *text;
    size_t size;
    for (size_t k = 0; k < sizeof list / sizeof list[0]; k++)
        for (int i = 0; (path = cli_repeated(args, list[k].option, i)) != NULL; i++) {
            size_t mark = arena_mark(scratch);
            const char *slash = strrchr(path, '/');
            if (!read_text(scratch, path, ICS_LIMIT, &size, &text, err) ||
                !diary_add_ics(arena, scratch, &terms->diary, list[k].kind,
                               slash != NULL ? slash + 1 : path, size, text, err))
                return false;
            arena_rewind(scratch, mark);
        }
    return true;
}

static bool take_diary(Arena *arena, Arena *scratch, const CliArgs *args, CourseTerms *terms,
                       Err *err)
{
    bool busy = cli_has(args, "holidays") || cli_has(args, "practitioner-busy") ||
                cli_has(args, "room-busy") || cli_has(args, "client-busy");
    if (!terms->has_start || (!busy && !terms->has_clinic))
        return true;
    terms->has_diary = true;
    return diary_open(arena, &terms->clinic, course_date_add(terms->start, -DIARY_DAYS_BEFORE),
                      course_date_add(terms->start, DIARY_DAYS), &terms->diary, err) &&
           take_busy(arena, scratch, args, terms, err);
}

static bool take_pace(Arena *arena, const CliArgs *args, CourseTerms *terms, Err *err)
{
    const char *path = cli_text(args, "pace", NULL), *text;
    PaceEntry *entry;
    size_t size;
    int count;
    terms->has_pace = path != NULL;
    if (path == NULL)
        return true;
    return read_text(arena, path, LOG_LIMIT, &size, &text, err) &&
           in_file(path,
                   pace_log_from_csv(arena, size, text, &count, &entry, err) &&
                       pace_learn(&terms->protocol, count, entry, &terms->pace, err),
                   err);
}

static int take_date(const CliArgs *args, const char *option, bool *has, CourseDate *date)
{
    const char *text = cli_text(args, option, NULL);
    Err err = {0};
    if (text == NULL)
        return CLI_DONE;
    *has = true;
    if (course_date_parse(text, date, &err))
        return CLI_DONE;
    fprintf(stderr, "follicle: --%s: %s\n", option, err.text);
    return CLI_USAGE;
}

int course_input(Arena *arena, Arena *scratch, const CliArgs *args, const CaseWhole *kept,
                 CourseTerms *terms, Err *err)
{
    double percent = cli_number(args, "discount-percent", -1.0);
    memset(terms, 0, sizeof *terms);
    terms->discount_permille = percent < 0.0 ? -1 : (int)lround(10.0 * percent);
    if (percent < 0.0 && kept != NULL && kept->has_course && !cli_has(args, "prices"))
        terms->discount_permille = quote_own_discount_permille(&kept->course.quote);
    terms->wanted_sessions = (int)cli_number(args, "sessions", 0.0);
    if (kept != NULL && kept->has_course) {
        terms->has_start = kept->course.has_start;
        terms->start = kept->course.start;
        terms->has_quote_date = kept->course.quote.has_date;
        terms->quote_date = kept->course.quote.issued;
    }
    if (take_date(args, "start", &terms->has_start, &terms->start) != CLI_DONE ||
        take_date(args, "quote-date", &terms->has_quote_date, &terms->quote_date) != CLI_DONE)
        return CLI_USAGE;
    return take_protocol(arena, args, kept, terms, err) &&
                   take_prices(arena, args, kept, terms, err) &&
                   take_clinic(arena, args, kept, terms, err) &&
                   take_diary(arena, scratch, args, terms, err) &&
                   take_pace(arena, args, terms, err)
               ? CLI_DONE
               : CLI_FAILED;
}

void course_input_fill(const CourseTerms *terms, CourseInput *input)
{
    input->pace = terms->has_pace ? &terms->pace : NULL;
    input->prices = terms->has_prices ? &terms->prices : NULL;
    input->discount_permille = terms->discount_permille;
    input->has_start = terms->has_start;
    input->start = terms->start;
    input->has_quote_date = terms->has_quote_date;
    input->quote_date = terms->quote_date;
    input->diary = terms->has_diary ? &terms->diary : NULL;
}

/* ---- papers ---- */

static bool take_words(Arena *arena, Arena *scratch, const char *language, PapersRequest *request,
                       Err *err)
{
    Words *words = ARENA_NEW(arena, Words, 1);
    const char *text;
    size_t size, mark = arena_mark(scratch);
    if (words == NULL)
        return err_set(err, ERR_LIMIT, "no room for the language");
    request->style.words = words;
    bool ok = is_file(language)
                  ? read_text(scratch, language, DOCUMENT_LIMIT, &size, &text, err) &&
                        in_file(language, words_from_po(arena, size, text, words, err), err)
                  : words_open(arena, language, words, err);
    arena_rewind(scratch, mark);
    return ok;
}

static bool take_screening(Arena *arena, const CliArgs *args, PapersRequest *request, Err *err)
{
    const char *name = cli_text(args, "screening", "standard");
    const char *path = cli_text(args, "answers", NULL), *text;
    Screening *list = ARENA_NEW(arena, Screening, 1);
    ScreeningAnswers *answers = ARENA_NEW(arena, ScreeningAnswers, 1);
    size_t size;
    if (list == NULL || answers == NULL)
        return err_set(err, ERR_LIMIT, "no room for the questions");
    request->screening = list;
    if (!(is_file(name) ? read_text(arena, name, DOCUMENT_LIMIT, &size, &text, err) &&
                              in_file(name, screening_from_json(arena, size, text, list, err), err)
                        : screening_builtin(arena, name, list, err)))
        return false;
    if (path == NULL)
        return true;
    request->answers = answers;
    return read_text(arena, path, DOCUMENT_LIMIT, &size, &text, err) &&
           in_file(path, screening_answers_from_json(arena, size, text, answers, err), err);
}

int papers_input(Arena *arena, Arena *scratch, const CliArgs *args, const Clinic *clinic,
                 const char *language, const char *paper, PapersRequest *request, Err *err)
{
    const char *own_language = clinic != NULL && clinic->language != NULL ? clinic->language : "en";
    const char *own_paper = clinic != NULL && clinic->paper != NULL ? clinic->paper : "a4";
    memset(request, 0, sizeof *request);
    request->language = cli_text(args, "language", language != NULL ? language : own_language);
    request->style.clinic = clinic;
    request->style.client = cli_text(args, "client-name", NULL);
    request->style.detailed = cli_has(args, "detailed-calendar");
    Err wrong = {0};
    if (!report_paper_named(cli_text(args, "paper", paper != NULL ? paper : own_paper),
                            &request->style.paper, &wrong)) {
        fprintf(stderr, "follicle: --paper: %s\n", wrong.text);
        return CLI_USAGE;
    }
    return take_words(arena, scratch, request->language, request, err) &&
                   take_screening(arena, args, request, err)
               ? CLI_DONE
               : CLI_FAILED;
}
