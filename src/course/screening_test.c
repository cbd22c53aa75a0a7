#include "course/screening.h"

#include "base/test.h"

#include <stdio.h>
#include <string.h>

static Arena arena;
static Screening list;
static ScreeningAnswers answers;
static ScreeningFinding finding[SCREENING_MAX];

static bool begin(void)
{
    Err err = {0};
    return arena_open(&arena, 4 << 20, &err) && screening_builtin(&arena, "standard", &list, &err);
}

/* Every question answered so that nothing counts. */
static void answer_all_fine(void)
{
    memset(&answers, 0, sizeof answers);
    answers.list_id = list.id;
    answers.list_version = list.version;
    answers.given_on = (CourseDate){2027, 1, 11};
    answers.count = list.count;
    for (int i = 0; i < list.count; i++)
        answers.answer[i] = (ScreeningAnswer){
            .id = list.question[i].id, .yes = list.question[i].yes_is_fine, .remark = ""};
}

static int index_of(const char *id)
{
    int i = 0;
    while (i < list.count && strcmp(list.question[i].id, id) != 0)
        i++;
    return i;
}

static int found(const char *id, CourseDate on, ScreeningFinding *one)
{
    int count, hits = 0;
    Err err = {0};
    if (!screening_findings(&list, &answers, on, &count, finding, &err))
        return -1;
    for (int i = 0; i < count; i++)
        if (strcmp(finding[i].question->id, id) == 0) {
            hits++;
            *one = finding[i];
        }
    return hits;
}

TEST(what_nobody_answered_is_always_shown_and_comes_first)
{
    int count;
    Err err = {0};
    REQUIRE(begin());
    CHECK(screening_findings(&list, NULL, (CourseDate){2027, 1, 11}, &count, finding, &err));
    CHECK(count == list.count && list.count > 20);
    answer_all_fine();
    answers.answer[index_of("diabetes")].yes = true;
    answers.count--; /* the last is not answered */
    CHECK(screening_findings(&list, &answers, (CourseDate){2027, 1, 11}, &count, finding, &err));
    CHECK(count == 2 && finding[0].answer == NULL && finding[1].answer != NULL);
    arena_close(&arena);
}

TEST(answers_that_are_all_fine_leave_nothing_to_show)
{
    int count;
    Err err = {0};
    REQUIRE(begin());
    answer_all_fine();
    CHECK(screening_findings(&list, &answers, (CourseDate){2027, 1, 11}, &count, finding, &err));
    CHECK(count == 0);
    arena_close(&arena);
}

TEST(every_question_counts_by_itself_with_what_the_clinic_says)
{
    ScreeningFinding one;
    REQUIRE(begin());
    for (int i = 0; i < list.count; i++) {
        answer_all_fine();
        answers.answer[i].yes = !answers.answer[i].yes;
        CHECK(found(list.question[i].id, answers.given_on, &one) == 1);
        CHECK(one.question->then == list.question[i].then && one.question->text[0] != '\0');
    }
    arena_close(&arena);
}

TEST(a_waiting_ends_on_its_day_and_not_before)
{
    ScreeningFinding one;
    REQUIRE(begin());
    answer_all_fine();
    ScreeningAnswer *peel = &answers.answer[index_of("peel")];
    peel->yes = peel->has_since = true;
    peel->since = (CourseDate){2027, 1, 4};
    CHECK(found("peel", (CourseDate){2027, 1, 17}, &one) == 1 && one.has_until);
    CHECK(one.until.month == 1 && one.until.day == 18);
    CHECK(found("peel", (CourseDate){2027, 1, 18}, &one) == 0);
    peel->has_since = false; /* then it counts from the answer */
    CHECK(found("peel", (CourseDate){2027, 1, 24}, &one) == 1);
    CHECK(found("peel", (CourseDate){2027, 1, 25}, &one) == 0);
    arena_close(&arena);
}

TEST(answers_to_another_version_are_refused_with_both)
{
    int count;
    Err err = {0};
    REQUIRE(begin());
    answer_all_fine();
    answers.list_version = list.version + 6;
    CHECK(!screening_findings(&list, &answers, answers.given_on, &count, finding, &err));
    CHECK(strstr(err.text, "version 7") != NULL && strstr(err.text, "version 1") != NULL);
    answer_all_fine();
    answers.answer[3].id = "nobody_asks";
    CHECK(!screening_findings(&list, &answers, answers.given_on, &count, finding, &err));
    CHECK(strstr(err.text, "nobody_asks") != NULL);
    arena_close(&arena);
}

TEST(old_answers_and_answers_from_the_future_are_stale)
{
    REQUIRE(begin());
    answer_all_fine();
    CourseDate last = course_date_add(answers.given_on, list.valid_days);
    CHECK(!screening_is_stale(&list, &answers, last));
    CHECK(screening_is_stale(&list, &answers, course_date_add(last, 1)));
    CHECK(screening_is_stale(&list, &answers, (CourseDate){2027, 1, 10}));
    arena_close(&arena);
}

TEST(questions_that_are_not_in_order_are_refused_with_their_place)
{
    static const struct {
        const char *questions, *reason;
    } table[] = {
        {"", "nothing is asked"},
        {"{\"id\":\"a\",\"group\":\"g\",\"ask\":\"?\",\"then\":\"treat\",\"text\":\"t\",\"source\":"
         "\"s\"}",
         "questions[0] has then 'treat'"},
        {"{\"id\":\"a\",\"group\":\"g\",\"ask\":\"?\",\"then\":\"talk\",\"text\":\"t\",\"source\":"
         "\"s\","
         "\"wait_days\":3}",
         "wait_days"},
        {"{\"id\":\"a\",\"group\":\"g\",\"ask\":\"?\",\"then\":\"talk\",\"text\":\"t\",\"source\":"
         "\"s\"},"
         "{\"id\":\"a\",\"group\":\"g\",\"ask\":\"?\",\"then\":\"talk\",\"text\":\"t\",\"source\":"
         "\"s\"}",
         "questions[1]"},
        {"{\"id\":\"a\",\"group\":\"g\",\"ask\":\"\\u0007\",\"then\":\"talk\",\"text\":\"t\","
         "\"source\":\"s\"}",
         "control character"},
        {"{\"id\":\"a\",\"group\":\"g\",\"ask\":\"?\",\"then\":\"talk\",\"text\":\"t\",\"source\":"
         "\"s\","
         "\"yes_if_fine\":true}",
         "yes_if_fine"},
    };
    static char text[2048];
    Err err = {0};
    REQUIRE(arena_open(&arena, 1 << 20, &err));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int size = snprintf(text, sizeof text,
                            "{\"schema\":\"follicle/screening\",\"version\":1,\"id\":\"own\","
                            "\"screening_version\":1,\"title\":\"t\",\"source\":\"s\","
                            "\"valid_days\":10,\"questions\":[%s]}",
                            table[i].questions);
        CHECK(!screening_from_json(&arena, (size_t)size, text, &list, &err));
        CHECK(strstr(err.text, table[i].reason) != NULL);
    }
    arena_close(&arena);
}
