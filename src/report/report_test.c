/* The papers for practitioner and client, as other programs read them. */
#include "report/report.h"

#include "base/test.h"
#include "report/report_fixture.h"
#include "report/report_reader.h"

static const double point_mm = 25.4 / 72.0;
enum { DOTS = 90 };

/* --- documents by number --- */

enum { PLAN, CLIENT, TEMPLATE, DOCUMENTS };

static bool make_in(int which, const ReportStyle *style, Arena *arena, size_t *size,
                    uint8_t **bytes, Err *err)
{
    switch (which) {
    case PLAN:
        return report_plan_pdf(arena, &fixture.plan, style, &fixture.pictures, size, bytes, err);
    case CLIENT:
        return report_client_pdf(arena, &fixture.plan, style, &fixture.pictures, size, bytes, err);
    default:
        return report_template_pdf(arena, &fixture.arena, &fixture.plan, style, size, bytes, err);
    }
}

static bool make(int which, Arena *arena, size_t *size, uint8_t **bytes, Err *err)
{
    return make_in(which, NULL, arena, size, bytes, err);
}

static bool with_days(void)
{
    Err err = {0};
    fixture.pictures.days = &fixture.days;
    return report_days_make(&fixture.arena, &fixture.scratch, &fixture.plan, &fixture.days, &err);
}

static bool holds(size_t size, const uint8_t *bytes, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, word, length) == 0)
            return true;
    return false;
}

/* Text with single plain blanks and no line breaks, so that sentences can be looked for. */
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

static int times(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

/* The document's text, in the order it was written; NULL without a reader. */
static const char *text_of(int which, const ReportStyle *style)
{
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    if (!CHECK(make_in(which, style, &fixture.scratch, &size, &bytes, &err))) {
        printf("# %s\n", err.text);
        return NULL;
    }
    if (!reader_installed("pdftotext"))
        return NULL;
    const char *text = reader_run(&fixture.scratch, "pdftotext -raw", size, bytes);
    return CHECK(text != NULL) ? flow(text) : NULL;
}

TEST(same_case_gives_same_bytes)
{
    Err err = {0};
    REQUIRE(fixture_begin(DOTS, true) && with_days());
    for (int d = 0; d < DOCUMENTS; d++) {
        size_t size[2] = {0};
        uint8_t *bytes[2] = {NULL};
        for (int i = 0; i < 2; i++)
            if (!CHECK(make(d, &fixture.scratch, &size[i], &bytes[i], &err)))
                break;
        CHECK(size[0] > 0 && size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    }
    fixture_end();
}

TEST(too_small_a_budget_is_an_error_at_every_size)
{
    REQUIRE(fixture_begin(DOTS, true));
    for (int d = PLAN; d <= CLIENT; d++) {
        Err err = {0};
        size_t size, need;
        uint8_t *bytes;
        Arena tight = {0};
        REQUIRE(arena_open(&tight, 64 << 20, &err));
        CHECK(make(d, &tight, &size, &bytes, &err));
        need = tight.used;
        arena_close(&tight);
        for (int k = 0; k < 12; k++) {
            size_t budget = k == 0 ? 64 : k == 11 ? need - 64 : need * (size_t)k / 12;
            REQUIRE(arena_open(&tight, budget, &err));
            err = (Err){0};
            CHECK(!make(d, &tight, &size, &bytes, &err) && err.code == ERR_LIMIT);
            arena_close(&tight);
        }
        REQUIRE(arena_open(&tight, need, &err));
        CHECK(make(d, &tight, &size, &bytes, &err));
        arena_close(&tight);
    }
    fixture_end();
}

TEST(documents_are_tagged_dated_by_no_clock_embed_their_fonts_and_name_their_language)
{
    REQUIRE(fixture_begin(DOTS, true));
    for (int d = 0; d < DOCUMENTS; d++) {
        Err err = {0};
        size_t size = 0;
        uint8_t *bytes = NULL;
        REQUIRE(make(d, &fixture.scratch, &size, &bytes, &err));
        CHECK(holds(size, bytes, "/Lang (en)") && holds(size, bytes, "/StructTreeRoot"));
        CHECK(holds(size, bytes, "/CreationDate (20000101000000"));
        CHECK(holds(size, bytes, "/Alt <FEFF"));
        CHECK(size < 2 << 20);
        if (!reader_installed("pdfinfo") || !reader_installed("pdffonts"))
            continue;
        const char *info = reader_run(&fixture.scratch, "pdfinfo -struct", size, bytes);
        CHECK(info != NULL && strstr(info, "Error") == NULL && strstr(info, "H1") != NULL);
        CHECK(info != NULL && strstr(info, "Figure") != NULL && strstr(info, "TD") != NULL);
        const char *fonts = reader_run(&fixture.scratch, "pdffonts", size, bytes);
        REQUIRE(fonts != NULL);
        CHECK(times(fonts, "yes yes yes") >= 2 && times(fonts, " no ") == 0);
    }
    fixture_end();
}

/* Between the margins of its own page: in every language, on every paper. */
TEST(nothing_stands_outside_of_the_margins)
{
    static const char *const language[] = {"en", "de", "ar"};
    const double margin_mm = 15.5;
    REQUIRE(fixture_begin(DOTS, true) && with_days());
    for (int i = 0; i < 3 * REPORT_PAPERS * 2; i++) {
        Words words;
        Err err = {0};
        size_t size = 0, mark = arena_mark(&fixture.scratch);
        uint8_t *bytes = NULL;
        ReaderText text;
        REQUIRE(words_open(&fixture.scratch, language[i / 2 % 3], &words, &err));
        ReportStyle style = {.paper = (ReportPaper)(i / 6), .words = &words};
        REQUIRE(make_in(i % 2 == 0 ? PLAN : CLIENT, &style, &fixture.scratch, &size, &bytes, &err));
        if (!reader_installed("pdftotext"))
            break;
        REQUIRE(reader_words(&fixture.scratch, size, bytes, &text));
        for (int k = 0; k < text.word_count; k++) {
            const ReaderWord *word = &text.word[k];
            const ReaderPage *page = &text.page[word->page];
            if (!CHECK(word->left * point_mm > margin_mm &&
                       (page->width - word->right) * point_mm > margin_mm &&
                       word->top * point_mm > margin_mm &&
                       (page->height - word->bottom) * point_mm > 10.0))
                printf("# %s at %.0f, %.0f of page %d\n", word->text, word->left, word->top,
                       word->page + 1);
        }
        arena_rewind(&fixture.scratch, mark);
    }
    fixture_end();
}

TEST(any_script_and_cut_letters_are_printed)
{
    static const char *const name[] = {"K\u00e4the", "\u0418\u0432\u0430\u043d",
                                       "\u0645\u062d\u0645\u062f"};
    REQUIRE(fixture_begin(DOTS, true));
    for (int i = 0; i < 3; i++) {
        ReportStyle style = {.client = name[i]};
        size_t size = 0;
        uint8_t *bytes = NULL;
        Err err = {0};
        REQUIRE(make_in(CLIENT, &style, &fixture.scratch, &size, &bytes, &err));
        if (!reader_installed("pdftotext"))
            break;
        const char *read = reader_run(&fixture.scratch, "pdftotext", size, bytes);
        CHECK(read != NULL && strstr(read, name[i]) != NULL);
    }
    strcpy(fixture.plan.code, "K\u00e4the-\u0416-7");
    snprintf(fixture.plan.warning[0], sizeof fixture.plan.warning[0], "\u00fcber \u0416 \xC3");
    const char *text = text_of(PLAN, NULL);
    if (text != NULL)
        CHECK(strstr(text, "K\u00e4the-\u0416-7") != NULL &&
              strstr(text, "\u00fcber \u0416") != NULL);
    fixture_end();
}

/* --- what the client reads --- */

TEST(the_client_reads_no_warning_no_diagnosis_no_promise)
{
    static const char *const avoid[] = {
        "Norwood", "Ludwig",     "diagnos",  "patient",     "therapy", "medical", "inion", "3650",
        "treat",   "guaranteed", "suitable", "contraindic", "cure",    "(null)",  "{",     "}"};
    REQUIRE(fixture_begin(DOTS, true));
    static DesignLoss loss = {.pattern_stage = 7, .bare_mm2 = 4000.0, .extra_dots = 5000};
    fixture.plan.loss = &loss;
    fixture.plan.loss_count = 1;
    fixture.pictures.loss[0] = &fixture.picture;
    const char *text = text_of(CLIENT, NULL);
    if (text != NULL) {
        for (size_t i = 0; i < sizeof avoid / sizeof avoid[0]; i++)
            if (!CHECK(strstr(text, avoid[i]) == NULL))
                printf("# says %s\n", avoid[i]);
        CHECK(strstr(text, "What it is not") != NULL &&
              strstr(text, "not what is promised") != NULL);
        CHECK(strstr(text, "It does not make hair grow") != NULL);
        CHECK(strstr(text, "If your own hair gets thinner") != NULL);
        CHECK(times(text, "Illustration") >= 5);
    }
    fixture_end();
}

/* The longest run of Latin letters. */
static int longest_latin(const char *text)
{
    int longest = 0, run = 0;
    for (const char *at = text; *at != '\0'; at++) {
        bool latin = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        run = latin ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

TEST(a_client_reads_no_english_in_another_language)
{
    static const char *const english[] = {" the ", " and ", " you ", " your ", " is ",
                                          " of ",  " to ",  " for ", " day "};
    Words words;
    Err err = {0};
    REQUIRE(fixture_begin(DOTS, true) && with_days());
    fixture.plan.loss = &(DesignLoss){.pattern_stage = 7};
    fixture.plan.loss_count = 1;
    fixture.pictures.loss[0] = &fixture.picture;
    REQUIRE(words_open(&fixture.arena, "de", &words, &err));
    ReportStyle style = {.words = &words};
    const char *text = text_of(CLIENT, &style);
    for (size_t i = 0; text != NULL && i < sizeof english / sizeof english[0]; i++)
        if (!CHECK(strstr(text, english[i]) == NULL))
            printf("# says%s\n", english[i]);
    REQUIRE(words_open(&fixture.arena, "ar", &words, &err));
    text = text_of(CLIENT, &style);
    if (text != NULL)
        CHECK(longest_latin(text) <= 3); /* of the currency */
    fixture_end();
}

TEST(every_session_has_its_own_dates_for_every_rule_until_the_next)
{
    REQUIRE(fixture_begin(DOTS, true));
    const char *text = text_of(CLIENT, NULL);
    const Course *course = &fixture.course;
    for (int i = 0; text != NULL && i < course->protocol.aftercare_count; i++) {
        const ProtocolRule *rule = &course->protocol.aftercare[i];
        int wanted = 0;
        for (int s = 0; s < course->session_count; s++)
            wanted += s + 1 == course->session_count ||
                      rule->from_day < course->session[s + 1].day - course->session[s].day;
        if (!CHECK(times(text, rule->text) == wanted))
            printf("# '%s' %d times, not %d\n", rule->text, times(text, rule->text), wanted);
    }
    if (text != NULL) {
        CHECK(strstr(text, "Around session 1: Sun 20 February 2028") != NULL);
        CHECK(strstr(text, "Keep the scalp dry. (until Thu 24 Feb)") != NULL); /* day 4 */
        CHECK(strstr(text, "Sun 20 Feb to Mon 21 Feb") != NULL);
        CHECK(strstr(text, "(until the next session)") != NULL);
    }
    fixture_end();
}

TEST(without_dates_the_client_reads_days)
{
    REQUIRE(fixture_begin(DOTS, false));
    const char *text = text_of(CLIENT, NULL);
    if (text != NULL) {
        CHECK(strstr(text, "Keep the scalp dry. (until day 4)") != NULL);
        CHECK(strstr(text, "First day") != NULL && strstr(text, "2028") == NULL);
    }
    fixture_end();
}

TEST(the_price_in_short_is_that_of_the_quotation)
{
    REQUIRE(fixture_begin(DOTS, true));
    const Quote *quote = &fixture.course.quote;
    Voice voice = {.arena = &fixture.scratch};
    const char *total = words_money(&voice, quote->total, quote->minor_digits, quote->currency);
    const char *text = text_of(CLIENT, NULL);
    if (text != NULL)
        CHECK(quote->total > 0 && strstr(text, flow(total)) != NULL);
    fixture.course.quote = (Quote){0};
    text = text_of(CLIENT, NULL);
    if (text != NULL)
        CHECK(strstr(text, "Price") == NULL);
    fixture_end();
}

TEST(the_touch_up_comes_sooner_for_a_client_who_lives_in_the_sun_and_says_why)
{
    REQUIRE(fixture_begin(DOTS, true));
    const char *plain = text_of(CLIENT, NULL);
    fixture.plan.habits.sun = 1.0;
    const char *sun = text_of(CLIENT, NULL);
    if (plain != NULL && sun != NULL) {
        CHECK(strstr(plain, "Sun on the scalp without protection") == NULL);
        CHECK(strstr(sun, "Sun on the scalp without protection") != NULL);
        double years[2] = {0.0};
        static const char lead[] = "a touch-up after about ";
        const char *at[] = {strstr(plain, lead), strstr(sun, lead)};
        for (int i = 0; i < 2; i++)
            if (CHECK(at[i] != NULL))
                years[i] = atof(at[i] + sizeof lead - 1);
        CHECK(years[1] > 0.5 && years[1] < years[0]);
    }
    fixture_end();
}

/* --- what the practitioner reads --- */

TEST(each_session_has_its_card_and_every_conflict_of_practices_is_shown)
{
    REQUIRE(fixture_begin(DOTS, true));
    const char *text = text_of(PLAN, NULL);
    if (text != NULL) {
        CHECK(times(text, "Pigment, batch, best before") == 3);
        CHECK(times(text, "Consent signed") == 1 && times(text, "Patch test") == 1);
        CHECK(times(text, "No scab left anywhere") == 2);
        CHECK(strstr(text, "Other published practices") != NULL);
        CHECK(strstr(text, fixture.protocol.title) != NULL);
        CHECK(strstr(text, "The inion is proposed, 3 cm\u00b2") != NULL);
        CHECK(strstr(text, "Review of the settled result") != NULL);
    }
    fixture_end();
}

TEST(whatever_a_published_practice_says_otherwise_stands_in_the_plan)
{
    enum { MOST = 12 };
    static Protocol other[MOST];
    const Protocol *practice[MOST + 1] = {&fixture.protocol};
    ProtocolTopic *topic;
    Err err = {0};
    int count = 1, topics = 0, said = 0;
    REQUIRE(fixture_begin(DOTS, true));
    for (int i = 0; i < protocol_builtin_count() && i < MOST; i++) {
        REQUIRE(protocol_builtin(&fixture.arena, protocol_builtin_id(i), &other[i], &err));
        practice[count++] = &other[i];
    }
    REQUIRE(protocol_compare(&fixture.arena, count, practice, &topics, &topic, &err));
    const char *text = text_of(PLAN, NULL);
    for (int t = 0; text != NULL && t < topics; t++)
        for (int i = 1; topic[t].differs && topic[t].uses[0] != NULL && i < count; i++)
            if (topic[t].says[i] != NULL) {
                said++;
                if (!CHECK(strstr(text, topic[t].says[i]) != NULL))
                    printf("# %s: %s\n", topic[t].topic, topic[t].says[i]);
            }
    CHECK(text == NULL || said > 20);
    fixture_end();
}

TEST(a_case_with_little_in_it_and_one_with_long_texts_are_printed)
{
    static char words[240], name[4000];
    Err err = {0};
    size_t size = 0;
    uint8_t *bytes = NULL;
    REQUIRE(fixture_begin(DOTS, false));
    fixture.plan.warning_count = fixture.plan.state_count = 0;
    fixture.pictures = (ReportPictures){0};
    fixture.survey.has_color = false;
    for (int d = 0; d < DOCUMENTS; d++)
        CHECK(make(d, &fixture.scratch, &size, &bytes, &err));
    fixture.plan.warning_count = CASE_WARNING_LIMIT;
    for (int i = 0; i < CASE_WARNING_LIMIT; i++)
        memset(fixture.plan.warning[i], i % 2 == 0 ? 'w' : '%', sizeof fixture.plan.warning[i] - 1);
    memset(words, 'x', sizeof words - 1);
    memset(name, 'n', sizeof name - 1);
    Protocol *protocol = &fixture.course.protocol;
    protocol->expect_count = protocol->aftercare_count = protocol->call_count = PROTOCOL_MAX_RULES;
    for (int i = 0; i < PROTOCOL_MAX_RULES; i++) {
        ProtocolRule rule = {
            .from_day = i - 2, .to_day = i + 30, .topic = "x", .text = words, .source = words};
        protocol->aftercare[i] = protocol->expect[i] = protocol->call[i] = rule;
    }
    ReportStyle style = {.client = name};
    for (int d = PLAN; d <= CLIENT; d++)
        CHECK(make_in(d, &style, &fixture.scratch, &size, &bytes, &err));
    fixture_end();
}

/* --- the skin by day --- */

typedef struct Tone {
    double red, green, blue, spread; /* means; rms of green around its own */
} Tone;

static Tone tone_of(const Image *image)
{
    Tone tone = {0};
    double pixels = (double)image->width_px * image->height_px, squares = 0.0;
    for (int i = 0; i < image->width_px * image->height_px; i++) {
        tone.red += image->rgb[3 * i] / pixels;
        tone.green += image->rgb[3 * i + 1] / pixels;
        tone.blue += image->rgb[3 * i + 2] / pixels;
        squares += image->rgb[3 * i + 1] * (double)image->rgb[3 * i + 1] / pixels;
    }
    tone.spread = sqrt(fmax(squares - tone.green * tone.green, 0.0));
    return tone;
}

TEST(the_skin_is_red_on_the_day_marked_by_scabs_and_lightest_when_they_fall)
{
    Tone tone[REPORT_DAYS];
    REQUIRE(fixture_begin(20000, true) && with_days());
    int last = fixture.days.session_count - 1;
    REQUIRE(fixture.days.count[last] == REPORT_DAYS);
    for (int i = 0; i < REPORT_DAYS; i++)
        tone[i] = tone_of(&fixture.days.look[last][i]);
    for (int i = 1; i < REPORT_DAYS; i++)
        CHECK(tone[0].red / tone[0].green > tone[i].red / tone[i].green - 1e-9);
    CHECK(tone[2].spread > tone[3].spread); /* scabs on day 4, fallen on day 7 */
    CHECK(tone[4].spread < tone[7].spread); /* the phantom fade of day 10, settled on day 42 */
    CHECK(tone[0].green < tone[7].green);
    fixture_end();
}

TEST(days_are_shown_until_the_next_session_only_and_come_out_the_same)
{
    ReportDays again;
    Err err = {0};
    REQUIRE(fixture_begin(2000, true) && with_days());
    REQUIRE(report_days_make(&fixture.arena, &fixture.scratch, &fixture.plan, &again, &err));
    for (int s = 0; s < fixture.days.session_count; s++)
        for (int i = 0; i < fixture.days.count[s]; i++) {
            const Image *a = &fixture.days.look[s][i], *b = &again.look[s][i];
            if (s + 1 < fixture.days.session_count)
                CHECK(fixture.days.day[s][i] <
                      fixture.course.session[s + 1].day - fixture.course.session[s].day);
            CHECK(memcmp(a->rgb, b->rgb, 3 * (size_t)a->width_px * (size_t)a->height_px) == 0);
        }
    CHECK(fixture.days.count[0] == 4 && fixture.days.count[2] == REPORT_DAYS);
    fixture_end();
}

TEST(days_need_room)
{
    Err err = {0};
    Arena tight = {0};
    ReportDays days;
    REQUIRE(fixture_begin(2000, true));
    for (size_t kilobytes = 1; kilobytes < 3000; kilobytes *= 3) {
        REQUIRE(arena_open(&tight, kilobytes << 10, &err));
        err = (Err){0};
        if (!report_days_make(&fixture.arena, &tight, &fixture.plan, &days, &err))
            CHECK(err.code == ERR_LIMIT);
        else
            CHECK(kilobytes > 500);
        arena_close(&tight);
    }
    fixture_end();
}
