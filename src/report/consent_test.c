/* The consent and the quotation, as other programs read them. */
#include "report/report.h"

#include "base/test.h"
#include "report/consent_internal.h"
#include "report/report_fixture.h"
#include "report/report_reader.h"

static const double point_mm = 25.4 / 72.0;
enum { DOTS = 90, CONSENT = 0, QUOTE, PAPERS };

static Screening screening;
static ScreeningAnswers answers;
static Rule rule[2];
static Findings findings;
static DesignLoss loss;

static void fill_answers(bool yes)
{
    answers = (ScreeningAnswers){.list_id = screening.id,
                                 .list_version = screening.version,
                                 .given_on = {2028, 2, 1},
                                 .count = screening.count};
    for (int i = 0; i < screening.count; i++)
        answers.answer[i] = (ScreeningAnswer){.id = screening.question[i].id,
                                              .yes = screening.question[i].yes_is_fine != yes,
                                              .remark = ""};
}

/* One that design.json can hold. */
static void fill_design(void)
{
    static DesignRequest request;
    design_request_default(&request);
    Design *design = &fixture.design.design;
    design->hairline = request.hairline;
    design->hairline.drawn = false; /* its curve is the fixture's */
    design->density = request.density;
    design->marks = request.marks;
}

static bool begin(void)
{
    Err err = {0};
    if (!fixture_begin(DOTS, true))
        return false;
    fixture.design.hairline_length_mm = 263.0;
    loss = (DesignLoss){.pattern_stage = 7, .bare_mm2 = 4200.0, .extra_dots = 5300};
    fixture.plan.loss = &loss;
    fixture.plan.loss_count = 1;
    findings = (Findings){0};
    fixture.plan.findings = &findings;
    fill_design();
    return screening_builtin(&fixture.arena, "standard", &screening, &err);
}

static bool with_days(void)
{
    Err err = {0};
    fixture.pictures.days = &fixture.days;
    return report_days_make(&fixture.arena, &fixture.scratch, &fixture.plan, &fixture.days, &err);
}

static void add_finding(RuleSeverity severity, const char *title)
{
    Rule *to = &rule[findings.count];
    *to = (Rule){.severity = severity, .limit = 60.0, .unit = "mm"};
    snprintf(to->title, sizeof to->title, "%s", title);
    findings.finding[findings.count++] = (Finding){
        .rule = to, .severity = severity, .has_value = true, .value = 55.5, .limit = 60.0};
    findings.refused += severity == RULE_REFUSE;
    findings.open += severity == RULE_CONFIRM;
}

static const ReportLess less[] = {
    {.title = "The crown only", .area_cm2 = 61.4, .hours = 2.35, .dots = 41, .sessions = 3}};
static const ScreeningAnswers *given; /* NULL: boxes */

static bool make_with(int which, const ReportStyle *style, Arena *arena, Arena *scratch,
                      size_t *size, uint8_t **bytes, Err *err)
{
    return which == QUOTE
               ? report_quote_pdf(arena, &fixture.plan, style, 1, less, size, bytes, err)
               : report_consent_pdf(arena, scratch, &fixture.plan, style, &fixture.pictures,
                                    &screening, given, size, bytes, err);
}

static bool make(int which, const ReportStyle *style, size_t *size, uint8_t **bytes, Err *err)
{
    return make_with(which, style, &fixture.scratch, &fixture.arena, size, bytes, err);
}

/* Single plain blanks, no line breaks, no isolates: sentences can be looked for. */
static char *flow(const char *text)
{
    char *out = ARENA_NEW(&fixture.scratch, char, strlen(text) + 1);
    size_t used = 0;
    for (const char *at = text; out != NULL && *at != '\0'; at++) {
        bool no_break = at[0] == '\xC2' && at[1] == '\xA0';
        bool blank = no_break || *at == ' ' || *at == '\n' || *at == '\f';
        at += no_break;
        if (!blank || (used > 0 && out[used - 1] != ' '))
            out[used++] = blank ? ' ' : *at;
    }
    return out;
}

static const char *text_of(int which, const ReportStyle *style)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    if (!CHECK(make(which, style, &size, &bytes, &err))) {
        printf("# %s\n", err.text);
        return NULL;
    }
    if (!reader_installed("pdftotext"))
        return NULL;
    const char *text = reader_run(&fixture.scratch, "pdftotext -raw", size, bytes);
    return CHECK(text != NULL) ? flow(text) : NULL;
}

static int times(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static bool says(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        return true;
    printf("# does not say: %s\n", part);
    return false;
}

/* --- what stands in it --- */

TEST(everything_that_a_consent_has_to_hold_is_in_it)
{
    static const char *const wanted[] = {
        /* who, and the questions */
        "Age and identity checked by", "Passport", "no copy is kept", "Born on",
        "Questions before the first session",
        /* purpose and limits */
        "Cosmetic: it changes what people see", "It does not make hair grow",
        /* sessions, healed colour */
        "3 sessions are planned", "The healed colour differs", "about 42 days after",
        /* risks */
        "Infection", "Allergy", "granuloma", "Scars", "Change of colour", "Spreading", "wander",
        "Fading", "Unevenness", "Asymmetry", "In an MRI scan",
        /* loss, removal, patch test */
        "their edges may then be seen", "about 42 cm\u00b2 beside the dots", "5,300 more dots",
        "Removal by laser exists. It costs extra", "behind the ear",
        "A calm patch test does not rule out a later reaction",
        /* design and shade */
        "The approved hairline", "80 mm above the point between the eyebrows",
        "263 mm long from end to end", "The shade", "Bare skin", "Healed",
        "Water to 1 part of pigment", "9.6", "8.6", "7.7", "Hairline and shade approved",
        /* consents one by one */
        "The procedure as this paper describes it", "keeps my answers about health",
        "Photographs for my record", "Photographs for teaching", "marketing: the clinic's own",
        "marketing: social media", "marketing: print", "Reminders by e-mail",
        "Reminders by text message", "Reminders by telephone", "Offers and news",
        "can be taken back at any time",
        /* log, duties, money, time to think */
        "mixture for use in tattoos or permanent make-up", "Batch", "Best before", "Statement seen",
        "I keep to the aftercare sheet", "Later touch-ups are not included",
        "is paid when you book", "If you cancel, the deposit is not paid back", "at least 48 hours",
        "I do not want to wait 48 hours", "Initials",
        /* signatures */
        "Client Signature Date Time", "Practitioner Signature Date Time",
        "Witness Signature Date Time", "Text version 1, en"};
    REQUIRE(begin() && with_days());
    given = NULL;
    const char *text = text_of(CONSENT, NULL);
    for (size_t i = 0; text != NULL && i < sizeof wanted / sizeof wanted[0]; i++)
        CHECK(says(text, wanted[i]));
    for (int i = 0; text != NULL && i < screening.count; i++)
        CHECK(says(text, flow(screening.question[i].ask)));
    fixture_end();
}

TEST(nothing_is_ticked_before_the_client_has_ticked_it)
{
    static const char *const mark[] = {"\u2611", "\u2612", "\u2713", "\u2714", "\u25a0", "\u2717"};
    REQUIRE(begin());
    for (int with = 0; with < 2; with++) {
        fill_answers(true);
        given = with == 1 ? &answers : NULL;
        const char *text = text_of(CONSENT, NULL);
        for (size_t i = 0; text != NULL && i < sizeof mark / sizeof mark[0]; i++)
            CHECK(strstr(text, mark[i]) == NULL);
        if (text != NULL) /* documents, patch test, consents, log; and the questions */
            CHECK(times(text, "\u2610") ==
                  4 + 2 + 2 * 12 + 4 + (with == 1 ? 0 : 2 * screening.count));
    }
    fixture_end();
}

TEST(a_plan_that_is_not_ready_says_so_first)
{
    REQUIRE(begin());
    given = NULL;
    const char *text = text_of(CONSENT, NULL);
    if (text != NULL)
        CHECK(strstr(text, "Not to be signed yet") == NULL &&
              strstr(text, "What you confirm by name") == NULL);
    add_finding(RULE_REFUSE, "The hairline lies on the face");
    add_finding(RULE_CONFIRM, "The hairline is too low");
    text = text_of(CONSENT, NULL);
    if (text != NULL) {
        const char *first = strstr(text, "Not to be signed yet");
        CHECK(first != NULL && first < strstr(text, "Who signs"));
        CHECK(first != NULL && strstr(text, "The hairline lies on the face") > first);
        CHECK(says(text, "1 point of the plan needs a tick"));
        CHECK(says(text, "The hairline is too low: 55.5 mm, where the clinic's limit is 60.0 mm"));
    }
    fixture_end();
}

/* --- the questions --- */

TEST(what_the_clinic_says_stands_beside_the_answers_that_count_only)
{
    REQUIRE(begin());
    given = &answers;
    for (int yes = 0; yes < 2; yes++) {
        fill_answers(yes == 1);
        answers.given_on = fixture.course.session[0].date; /* no waiting is over */
        const char *text = text_of(CONSENT, NULL);
        for (int i = 0; text != NULL && i < screening.count; i++)
            CHECK((strstr(text, flow(screening.question[i].text)) != NULL) == (yes == 1));
    }
    fixture_end();
}

TEST(waiting_has_its_day_and_open_or_stale_answers_say_so)
{
    REQUIRE(begin());
    given = &answers;
    fill_answers(false);
    int peel = 0;
    while (strcmp(screening.question[peel].id, "peel") != 0)
        peel++;
    answers.answer[peel] = (ScreeningAnswer){
        .id = "peel", .yes = true, .has_since = true, .since = {2028, 2, 10}, .remark = "at home"};
    const char *text = text_of(CONSENT, NULL);
    if (text != NULL) {
        CHECK(says(text, "Until Thu 24 February 2028.") && says(text, "\u201cat home\u201d"));
        CHECK(says(text, "Answers given on Tue 1 February 2028."));
        CHECK(strstr(text, "still open") == NULL && strstr(text, "given again") == NULL);
    }
    answers.count -= 2;
    answers.given_on = (CourseDate){2027, 2, 1};
    text = text_of(CONSENT, NULL);
    if (text != NULL)
        CHECK(says(text, "2 questions are still open.") &&
              says(text, "more than 183 days old. They are to be given again.") &&
              times(text, "Not answered yet") == 2);
    answers.list_version = 9;
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    CHECK(!make(CONSENT, NULL, &size, &bytes, &err) && err.code == ERR_INPUT);
    fixture_end();
}

TEST(a_case_with_little_in_it_and_the_longest_list_are_printed)
{
    static char id[SCREENING_MAX][8], words[480];
    REQUIRE(begin());
    given = NULL;
    fixture.plan.findings = NULL;
    fixture.plan.loss_count = 0;
    fixture.design.has_hairline = false;
    fixture.design.hairline_count = 0;
    fixture.pictures = (ReportPictures){0};
    const char *text = text_of(CONSENT, NULL);
    if (text != NULL)
        CHECK(says(text, "No hairline is drawn: the front stays as it grows.") &&
              strstr(text, "by this plan, about") == NULL);
    for (size_t i = 0; i + 1 < sizeof words; i++)
        words[i] = i % 9 == 8 ? ' ' : 'w';
    screening.count = SCREENING_MAX;
    for (int i = 0; i < SCREENING_MAX; i++) {
        snprintf(id[i], sizeof id[i], "q%d", i);
        screening.question[i] =
            (ScreeningQuestion){.id = id[i], .group = id[i], .ask = words, .text = words};
    }
    fill_answers(true);
    for (int i = 0; i < SCREENING_MAX; i++)
        answers.answer[i].remark = words;
    given = &answers;
    ReportStyle style = {.client = words};
    text = text_of(CONSENT, &style);
    if (text != NULL)
        CHECK(says(text, "q59 wwww") && says(text, "Witness Signature"));
    fixture_end();
}

/* --- the fingerprint --- */

/* What the foot says, on every page the same. */
static bool hash_of(const ReportStyle *style, char hash[65])
{
    static const char lead[] = "SHA-256 of the text: ";
    const char *text = text_of(CONSENT, style), *at = text == NULL ? NULL : strstr(text, lead);
    hash[0] = '\0';
    if (at == NULL)
        return text == NULL;
    snprintf(hash, 65, "%s", at + sizeof lead - 1);
    CHECK(strspn(hash, "0123456789abcdef") == 64);
    CHECK(times(text, hash) == times(text, lead) && times(text, lead) >= 3);
    return true;
}

TEST(other_days_and_other_paper_leave_the_text_what_it_is)
{
    Err err = {0};
    char before[65], after[65];
    ReportStyle letter = {.paper = REPORT_LETTER};
    REQUIRE(begin());
    fill_answers(true);
    given = &answers;
    CHECK(hash_of(NULL, before));
    CHECK(hash_of(&letter, after) && strcmp(before, after) == 0);
    fixture.input.start = course_date_add(fixture.input.start, 5);
    fixture.input.quote_date = course_date_add(fixture.input.quote_date, 3);
    REQUIRE(course_make(&fixture.protocol, &fixture.input, &fixture.course, &err));
    answers.given_on = course_date_add(answers.given_on, 1);
    CHECK(hash_of(NULL, after) && strcmp(before, after) == 0);
    fixture_end();
}

TEST(another_name_price_design_answer_or_question_is_another_text)
{
    ReportStyle named = {.client = "Anna Example"};
    char before[65], after[65];
    REQUIRE(begin());
    for (int change = 0; change < 8; change++) {
        const char *ask = screening.question[5].ask;
        fill_answers(true);
        given = &answers;
        CHECK(hash_of(NULL, before));
        fixture.course.quote.total += change == 1;
        fixture.design.design.hairline.transition_mm += change == 2;
        answers.answer[3].yes ^= change == 3;
        answers.answer[4].remark = change == 4 ? "since May" : "";
        screening.question[5].ask = change == 5 ? "Is it so?" : ask;
        fixture.plan.dilution[1] += change == 6;
        loss.bare_mm2 += change == 7 ? 100.0 : 0.0;
        CHECK(hash_of(change == 0 ? &named : NULL, after));
        if (before[0] != '\0' && !CHECK(strcmp(before, after) != 0))
            printf("# change %d is not noticed\n", change);
        screening.question[5].ask = ask;
    }
    fixture_end();
}

/* The same without the pages. */
static bool dry_hash(const ReportStyle *style, char hash[65])
{
    Err err = {0};
    Consent *consent = ARENA_NEW(&fixture.scratch, Consent, 1);
    if (consent == NULL)
        return false;
    *consent = (Consent){.scratch = &fixture.scratch,
                         .plan = &fixture.plan,
                         .pictures = &fixture.pictures,
                         .screening = &screening,
                         .answers = given};
    return consent_fingerprint(consent, style, hash, &err);
}

/* A catalogue in which one text is said otherwise. */
static bool one_otherwise(const char *english, const char *many, Words *words)
{
    static char po[8192];
    Err err = {0};
    const char *head = "msgid \"\"\nmsgstr \"Language: xx\\n"
                       "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; "
                       "plural=(n != 1);\\n\"\n\n";
    int size = many == NULL ? snprintf(po, sizeof po, "%smsgid \"%s\"\nmsgstr \"Q %s\"\n", head,
                                       english, english)
                            : snprintf(po, sizeof po,
                                       "%smsgid \"%s\"\nmsgid_plural \"%s\"\nmsgstr[0] \"Q "
                                       "%s\"\nmsgstr[1] \"Q %s\"\n",
                                       head, english, many, english, many);
    return words_from_po(&fixture.scratch, (size_t)size, po, words, &err) ||
           (printf("# %s\n", err.text), false);
}

/* The texts of po/follicle.pot: whole lines there or "" and lines of their parts. */
static const char *pot_text(const char *at, const char *key)
{
    char *out = ARENA_NEW(&fixture.scratch, char, 2048);
    size_t used = 0, length = strlen(key);
    if (out == NULL || strncmp(at, key, length) != 0)
        return NULL;
    at += length;
    while (*at == '"' && used < 1900) {
        for (at++; *at != '"' || at[-1] == '\\'; at++)
            out[used++] = *at;
        at += at[1] == '\n' ? 2 : 1;
    }
    return out;
}

/* Whether it stands on the paper, as far as that can be told without its values. */
static bool is_printed(const char *text, const char *english)
{
    char part[1024];
    size_t length = strcspn(english, "{\\");
    snprintf(part, sizeof part, "%.*s", (int)length, english);
    return length >= 18 && strstr(text, flow(part)) != NULL;
}

TEST(every_sentence_of_the_paper_is_in_its_fingerprint)
{
    Err err = {0};
    size_t size;
    uint8_t *pot;
    char before[65], after[65];
    int tried = 0;
    REQUIRE(begin() && with_days());
    given = NULL;
    REQUIRE(io_read_file(&fixture.arena, "po/follicle.pot", 1 << 20, &size, &pot, &err));
    char *all = ARENA_NEW(&fixture.arena, char, size + 1);
    memcpy(all, pot, size);
    const char *text = text_of(CONSENT, NULL);
    REQUIRE(dry_hash(NULL, before));
    CHECK(hash_of(NULL, after) && (text == NULL || strcmp(before, after) == 0)); /* is the foot's */
    size_t mark = arena_mark(&fixture.scratch);
    for (const char *at = all; text != NULL && (at = strstr(at, "\nmsgid ")) != NULL; at++) {
        Words words;
        const char *next = strstr(at + 1, "\nmsg");
        const char *english = pot_text(at + 1, "msgid ");
        const char *many = next == NULL ? NULL : pot_text(next + 1, "msgid_plural ");
        if (english == NULL || !is_printed(text, many != NULL ? many + 4 : english))
            continue;
        ReportStyle style = {.words = &words};
        if (CHECK(one_otherwise(english, many, &words)) && CHECK(dry_hash(&style, after)) &&
            !CHECK(strcmp(before, after) != 0))
            printf("# not in the fingerprint: %s\n", english);
        tried++;
        arena_rewind(&fixture.scratch, mark);
    }
    if (text != NULL && !CHECK(tried >= 90))
        printf("# only %d sentences were found\n", tried);
    fixture_end();
}

/* --- the quotation --- */

/* Reads "1,234.50", with a minus sign before it; moves on. */
static bool read_number(const char **at, double *value)
{
    char plain[48];
    size_t used = 0;
    const char *from = *at;
    bool minus = strncmp(from, "\u2212", 3) == 0;
    for (from += minus ? 3 : 0; used < 40 && strspn(from, "0123456789.,") > 0; from++)
        if (*from != ',')
            plain[used++] = *from;
    plain[used] = '\0';
    *value = (minus ? -1.0 : 1.0) * atof(plain);
    *at = from;
    return used > 0;
}

static void skip_words(const char **at)
{
    while (**at != '\0' && strspn(*at, "0123456789") == 0 && strncmp(*at, "\u2212", 3) != 0)
        ++*at;
}

/* The line's numbers as they are printed after its words: quantity, price, factor, amount. */
static bool is_right_by_hand(const PriceLine *line, int digits, const char *at)
{
    double quantity = 0.0, price = 0.0, factor = 100.0, amount = 0.0, unit = pow(10.0, digits);
    bool ok = read_number(&at, &quantity);
    skip_words(&at);
    ok = ok && read_number(&at, &price);
    skip_words(&at);
    if (line->factor_permille != 1000) {
        ok = ok && read_number(&at, &factor) && strncmp(at, " %", 2) == 0;
        skip_words(&at);
    }
    ok = ok && read_number(&at, &amount);
    int64_t exact = llround(quantity * 1000.0) * llround(price * unit) * llround(factor * 10.0);
    int64_t size = ((exact < 0 ? -exact : exact) + 500000) / 1000000;
    return ok && llround(amount * unit) == (exact < 0 ? -size : size) &&
           llround(amount * unit) == line->amount;
}

static const char *line_words(const PriceLine *line, const Quote *quote)
{
    static char text[160];
    const char *zone = strcmp(line->zone, "crown") == 0  ? "Crown"
                       : strcmp(line->zone, "scar") == 0 ? "Scar"
                                                         : "Elsewhere";
    switch (line->kind) {
    case PRICE_LINE_BASE:
        return "Basic price ";
    case PRICE_LINE_AREA:
    case PRICE_LINE_DOTS:
        snprintf(text, sizeof text, "%s: %s ", zone,
                 line->kind == PRICE_LINE_AREA ? "area" : "dots");
        return text;
    case PRICE_LINE_HOURS:
        snprintf(text, sizeof text, "Session %d: time ", line->session + 1);
        return text;
    case PRICE_LINE_SESSION:
        snprintf(text, sizeof text, "Session %d ", line->session + 1);
        return text;
    case PRICE_LINE_PACKAGE:
        return "Package of sessions ";
    case PRICE_LINE_STAGE:
        return "Price by stage (Norwood 5) ";
    case PRICE_LINE_VOLUME:
        return "Volume discount, on this part of the sum ";
    case PRICE_LINE_LEAST:
        return "Up to the smallest price ";
    case PRICE_LINE_DISCOUNT:
        snprintf(text, sizeof text, quote->discount_text[0] == '\0' ? "Discount " : "Discount: %s ",
                 quote->discount_text);
        return text;
    }
    return "";
}

/* Two zones, a stage, and what a list can bring beside its lines. */
static bool price_by(const char *list, int change)
{
    Err err = {0};
    CourseInput *input = &fixture.input;
    if (!prices_builtin(&fixture.arena, list, &fixture.prices, &err))
        return false;
    PriceList *prices = &fixture.prices;
    prices->tax_permille = change > 0 ? 190 : 0;
    prices->tax_included = change == 1;
    prices->discount_permille = change == 2 ? 75 : 0;
    prices->discount_text = "opening month";
    prices->least = change == 1 ? 900000 : 0;
    prices->step_count = change == 2 ? 2 : 0;
    prices->step[0].above = 1000;
    prices->step[0].off_permille = 50;
    prices->step[1].above = 60001;
    prices->step[1].off_permille = 125;
    prices->deposit_refundable = change > 0;
    prices->deposit_refund_days = change > 0 ? 14 : 0;
    input->zone_count = 2;
    input->zone[1] = (CourseZone){.name = "scar", .area_cm2 = 3.37, .dots = {11, 7, 3}};
    input->has_stage = true;
    input->stage = 5;
    return course_make(&fixture.protocol, input, &fixture.course, &err) ||
           (printf("# %s: %s\n", list, err.text), false);
}

static void check_lines(const char *text, const Quote *quote)
{
    int64_t sum = 0;
    for (int i = 0; i < quote->line_count; i++) {
        const PriceLine *line = &quote->line[i];
        const char *words = line_words(line, quote), *at = strstr(text, words);
        if (i > 0 && line->kind == quote->line[i - 1].kind && line->kind == PRICE_LINE_VOLUME)
            at = strstr(at + 1, words); /* the next of the steps */
        if (!CHECK(at != NULL && is_right_by_hand(line, quote->minor_digits, at + strlen(words))))
            printf("# %.120s\n", at == NULL ? words : at);
        sum += line->amount;
    }
    CHECK(sum == (quote->tax_included ? quote->total : quote->net));
}

/* The last number after some words is so many minor units. */
static bool says_sum(const char *text, const char *words, const Quote *quote, int64_t minor)
{
    double value = 0.0;
    for (const char *at = text; (at = strstr(at, words)) != NULL; at++) {
        const char *from = at + strlen(words);
        if (read_number(&from, &value) && llround(value * pow(10.0, quote->minor_digits)) == minor)
            return true;
    }
    printf("# not %lld after '%s'\n", (long long)minor, words);
    return false;
}

TEST(every_printed_line_can_be_computed_again_by_hand_and_the_sums_are_the_quotes)
{
    REQUIRE(begin());
    for (int i = 0; i < prices_builtin_count(); i++)
        for (int change = 0; change < 3; change++) {
            size_t mark = arena_mark(&fixture.scratch);
            REQUIRE(price_by(prices_builtin_id(i), change));
            const Quote *quote = &fixture.course.quote;
            const char *text = text_of(QUOTE, NULL);
            if (text != NULL) {
                check_lines(text, quote);
                CHECK(says_sum(text, "Total ", quote, quote->total));
                for (int s = 0; s < quote->session_count; s++) {
                    char words[80];
                    Voice voice = {.arena = &fixture.scratch};
                    CourseDate day = fixture.course.session[s].date;
                    snprintf(words, sizeof words, "Session %d %s ", s + 1,
                             words_date(&voice, day.year, day.month, day.day, WORDS_DATE_LONG));
                    CHECK(says_sum(text, words, quote, quote->due[s]));
                }
                if (quote->deposit > 0)
                    CHECK(says_sum(text, "Deposit when you book ", quote, quote->deposit));
            }
            if (text != NULL && change == 1)
                CHECK(says_sum(text, "The prices hold 19 % tax: ", quote, quote->tax));
            if (text != NULL && change == 2)
                CHECK(says_sum(text, "Sum of the lines ", quote, quote->net) &&
                      says_sum(text, "Tax, 19 % ", quote, quote->tax));
            arena_rewind(&fixture.scratch, mark);
        }
    fixture_end();
}

TEST(the_quotation_has_its_terms_with_their_dates)
{
    static const char *const wanted[] = {"Quotation, no obligation",
                                         "number Q-",
                                         "Fri 28 January 2028",
                                         "Sun 27 February 2028",
                                         "This paper binds you to nothing",
                                         "on or before Sun 6 February 2028",
                                         "Included",
                                         "Not included",
                                         "Later touch-ups are not included",
                                         "Removal by laser",
                                         "If you would rather do less",
                                         "The crown only 61 cm\u00b2 41 3 2.4 h",
                                         "I accept this quotation",
                                         "For the clinic Signature Date"};
    Err err = {0};
    REQUIRE(begin() && price_by("by_dots", 1));
    const char *text = text_of(QUOTE, NULL);
    for (size_t i = 0; text != NULL && i < sizeof wanted / sizeof wanted[0]; i++)
        CHECK(says(text, wanted[i]));
    const char *number = text == NULL ? NULL : strstr(text, "Q-");
    Quote *quote = &fixture.course.quote;
    REQUIRE(quote_accept(quote, (CourseDate){2028, 2, 2}, &err));
    const char *after = text_of(QUOTE, NULL);
    if (after != NULL && number != NULL) {
        char own[11];
        snprintf(own, sizeof own, "%s", number);
        CHECK(says(after, own) && says(after, "Accepted on Wed 2 February 2028: this price stays"));
        CHECK(says(after, "Quotation, accepted") && strstr(after, "binds you to nothing") == NULL);
        CHECK(strstr(after, "rather do less") == NULL);
        quote->line[0].amount++;
        const char *other = text_of(QUOTE, NULL);
        CHECK(other != NULL && strstr(other, own) == NULL);
    }
    fixture_end();
}

TEST(touch_ups_are_included_or_priced_and_refunds_need_no_dates)
{
    Err err = {0};
    REQUIRE(begin() && price_by("by_dots", 1));
    fixture.prices.touch_up_included = true;
    fixture.prices.touch_up_months = 12;
    fixture.prices.touch_up = 25000;
    fixture.input.has_start = false;
    REQUIRE(course_make(&fixture.protocol, &fixture.input, &fixture.course, &err));
    given = NULL;
    for (int which = CONSENT; which < PAPERS; which++) {
        const char *text = text_of(which, NULL);
        if (text != NULL)
            CHECK(says(text, "A touch-up within 12 months is included.") &&
                  says(text, "at least 14 days before the first session, the deposit is paid"));
        if (text != NULL && which == QUOTE)
            CHECK(says(text, "A later touch-up costs 250.00 USD at today's prices."));
    }
    fixture.course.quote = (Quote){0};
    size_t size;
    uint8_t *bytes;
    CHECK(!make(QUOTE, NULL, &size, &bytes, &err) && err.code == ERR_INPUT);
    const char *text = text_of(CONSENT, NULL);
    if (text != NULL)
        CHECK(says(text, "agreed in writing on a paper of their own"));
    fixture_end();
}

/* --- both --- */

TEST(both_papers_speak_of_looks_and_not_of_medicine_and_leave_no_place_empty)
{
    static const char *const avoid[] = {"diagnos", "patient",    "therap", "medical",
                                        "treat",   "suitable",   "cure",   "contraindic",
                                        "(null)",  "guaranteed", "{",      "}"};
    REQUIRE(begin());
    add_finding(RULE_CONFIRM, "The hairline is too low");
    fill_answers(true);
    given = &answers;
    for (int which = CONSENT; which < PAPERS; which++) {
        const char *text = text_of(which, NULL);
        for (size_t i = 0; text != NULL && i < sizeof avoid / sizeof avoid[0]; i++)
            if (!CHECK(strstr(text, avoid[i]) == NULL))
                printf("# says %s\n", avoid[i]);
    }
    fixture_end();
}

static const ReaderWord *word_on(const ReportStyle *style, int which, const char *part,
                                 ReaderText *text)
{
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    if (!make(which, style, &size, &bytes, &err) ||
        !reader_words(&fixture.scratch, size, bytes, text))
        return NULL;
    for (int i = 0; i < text->word_count; i++) {
        const ReaderWord *word = &text->word[i];
        const ReaderPage *page = &text->page[word->page];
        if (!CHECK(word->left * point_mm > 15.5 && (page->width - word->right) * point_mm > 15.5 &&
                   word->top * point_mm > 15.5 && (page->height - word->bottom) * point_mm > 10.0))
            printf("# %s at %.0f, %.0f of page %d\n", word->text, word->left, word->top,
                   word->page + 1);
    }
    return reader_find(text, part);
}

TEST(both_papers_fit_both_papers_and_are_mirrored_where_text_runs_left)
{
    static const char po[] = "msgid \"\"\nmsgstr \"Language: xx\\nContent-Type: text/plain; "
                             "charset=UTF-8\\nPlural-Forms: nplurals=2; "
                             "plural=(n != 1);\\nX-Text-Direction: right-to-left\\n\"\n";
    static const char *const part[] = {"Cosmetic:", "Line"}; /* begin a paragraph, a heading */
    Err err = {0};
    Words left, german;
    ReaderText text;
    REQUIRE(begin());
    fill_answers(true);
    given = &answers;
    REQUIRE(words_from_po(&fixture.arena, sizeof po - 1, po, &left, &err));
    REQUIRE(words_open(&fixture.arena, "de", &german, &err));
    for (int i = 0; i < PAPERS * REPORT_PAPERS && reader_installed("pdftotext"); i++) {
        size_t mark = arena_mark(&fixture.scratch);
        int which = i % PAPERS;
        ReportStyle style = {.paper = (ReportPaper)(i / PAPERS)};
        const ReaderWord *word = word_on(&style, which, part[which], &text);
        CHECK(word != NULL && word->left * point_mm < 21.0);
        CHECK(fabs(text.page[0].width * point_mm - (style.paper == REPORT_A4 ? 210.0 : 215.9)) <
              0.1);
        style.words = &german;
        word_on(&style, which, "", &text);
        style.words = &left;
        word = word_on(&style, which, part[which], &text);
        CHECK(word != NULL && word->left > 0.5 * text.page[0].width * (which == QUOTE));
        if (word != NULL && which == QUOTE)
            CHECK(text.page[0].width - word->right < 0.25 * text.page[0].width);
        arena_rewind(&fixture.scratch, mark);
    }
    fixture_end();
}

TEST(same_case_gives_same_bytes_and_pages_are_tagged)
{
    Err err = {0};
    REQUIRE(begin() && with_days());
    fill_answers(true);
    given = &answers;
    for (int which = CONSENT; which < PAPERS; which++) {
        size_t size[2];
        uint8_t *bytes[2];
        for (int i = 0; i < 2; i++)
            REQUIRE(make(which, NULL, &size[i], &bytes[i], &err));
        CHECK(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
        if (!reader_installed("pdfinfo"))
            continue;
        const char *info = reader_run(&fixture.scratch, "pdfinfo -struct", size[0], bytes[0]);
        CHECK(info != NULL && strstr(info, "H1") != NULL && strstr(info, "TD") != NULL);
    }
    fixture_end();
}

TEST(too_small_a_budget_is_an_error_at_every_size)
{
    enum { STEPS = 12 };
    REQUIRE(begin());
    fill_answers(true);
    given = &answers;
    for (int i = 0; i < 3; i++) { /* the consent's arena, its scratch, the quotation's arena */
        int which = i == 2 ? QUOTE : CONSENT;
        size_t need = 0, size;
        uint8_t *bytes;
        for (int k = STEPS; k >= 0; k--) {
            Err err = {0};
            Arena tight = {0};
            size_t budget = k == STEPS ? 64 << 20 : k == 0 ? 64 : (need - 64) * (size_t)k / STEPS;
            REQUIRE(arena_open(&tight, budget, &err));
            bool made = make_with(which, NULL, i == 1 ? &fixture.arena : &tight,
                                  i == 1 ? &tight : &fixture.scratch, &size, &bytes, &err);
            CHECK(made == (k == STEPS));
            CHECK(made || err.code == ERR_LIMIT);
            if (made)
                need = i == 1 ? 40000 : tight.used;
            arena_close(&tight);
        }
    }
    fixture_end();
}
