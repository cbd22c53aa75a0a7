/* course.ics, read by libical and by python3-icalendar; both know nothing of the writer. */
#include "base/test.h"
#include "report/report.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Arena arena;
static Case plan;
static Course course;
static Clinic clinic;
static ReportStyle style;
static Err err;
static size_t size;
static uint8_t *bytes;
static icalcomponent *calendar;

static CourseDate day(int year, int month, int of_month)
{
    return (CourseDate){year, month, of_month};
}

static void add_rule(int from_day, int to_day, const char *text)
{
    course.protocol.aftercare[course.protocol.aftercare_count++] =
        (ProtocolRule){.from_day = from_day, .to_day = to_day, .text = text};
}

/* Two sessions in Berlin around the day on which the clock is turned, the second on two days. */
static bool begin(void)
{
    memset(&plan, 0, sizeof plan);
    memset(&course, 0, sizeof course);
    memset(&style, 0, sizeof style);
    clinic_default(&clinic);
    clinic.name = "Studio; Example";
    clinic.contact[0] = "1 Example Street, Town";
    clinic.room = "Room 2";
    snprintf(course.time_zone, sizeof course.time_zone, "Europe/Berlin");
    course.has_start = true;
    course.start = day(2027, 3, 26);
    course.session_count = 2;
    course.session[0] = (CourseSession){.has_date = true, .date = day(2027, 3, 26), .sittings = 1};
    course.session[0].sitting[0] = (CourseSitting){day(2027, 3, 26), 540, 750};
    course.session[0].hours[1] = 3.5;
    course.session[1] = (CourseSession){.has_date = true, .date = day(2027, 4, 9), .sittings = 2};
    course.session[1].sitting[0] = (CourseSitting){day(2027, 4, 9), 540, 780};
    course.session[1].sitting[1] = (CourseSitting){day(2027, 4, 12), 600, 840};
    course.session[1].hours[1] = 8.0;
    course.protocol.review_days = 30;
    add_rule(-2, -1, "No alcohol");
    add_rule(0, 4, "Do not wash, the scalp");
    add_rule(0, 4, "No sport");
    add_rule(0, 27, "No sauna or pool");
    add_rule(0, 3650, "Sun lotion on the scalp");
    plan.course = &course;
    plan.input_count = 1;
    snprintf(plan.input[0].sha256, sizeof plan.input[0].sha256, "0123456789abcdef");
    style.clinic = &clinic;
    return arena_open(&arena, 16 << 20, &err);
}

static void end(void)
{
    if (calendar != NULL)
        icalcomponent_free(calendar);
    calendar = NULL;
    arena_close(&arena);
}

static bool write_and_parse(void)
{
    if (calendar != NULL)
        icalcomponent_free(calendar);
    calendar = NULL;
    if (!report_calendar(&arena, &plan, &style, &size, &bytes, &err))
        return false;
    char *text = ARENA_NEW(&arena, char, size + 1);
    memcpy(text, bytes, size);
    calendar = icalparser_parse_string(text);
    return calendar != NULL && icalrestriction_check(calendar) &&
           icalcomponent_count_errors(calendar) == 0;
}

static icalcomponent *event(const char *uid)
{
    char want[96];
    snprintf(want, sizeof want, "%s-0123456789ab@follicle", uid);
    icalcompiter i = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
    for (icalcomponent *e = icalcompiter_deref(&i); e != NULL; e = icalcompiter_next(&i))
        if (strcmp(icalcomponent_get_uid(e), want) == 0)
            return e;
    return NULL;
}

static int event_count(void)
{
    return icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT);
}

static bool is_time(struct icaltimetype time, const char *text)
{
    return strcmp(icaltime_as_ical_string(time), text) == 0;
}

TEST(appointments_are_moments_that_follow_the_clinics_clock)
{
    REQUIRE(begin() && write_and_parse());
    icalcomponent *winter = event("session1"), *summer = event("session2");
    icalcomponent *second = event("session2-day2");
    REQUIRE(winter != NULL && summer != NULL && second != NULL);
    CHECK(is_time(icalcomponent_get_dtstart(winter), "20270326T080000Z"));
    CHECK(is_time(icalcomponent_get_dtend(winter), "20270326T113000Z"));
    CHECK(is_time(icalcomponent_get_dtstart(summer), "20270409T070000Z"));
    CHECK(is_time(icalcomponent_get_dtstart(second), "20270412T080000Z"));
    CHECK(strcmp(icalcomponent_get_location(winter),
                 "Studio; Example, 1 Example Street, Town, Room 2") == 0);
    CHECK(icalcomponent_count_components(winter, ICAL_VALARM_COMPONENT) == 1);
    end();
}

TEST(without_times_an_appointment_is_its_day)
{
    REQUIRE(begin());
    course.time_zone[0] = '\0';
    course.session[0].sitting[0].from_minute = course.session[0].sitting[0].to_minute = -1;
    REQUIRE(write_and_parse());
    CHECK(is_time(icalcomponent_get_dtstart(event("session1")), "20270326"));
    CHECK(is_time(icalcomponent_get_dtend(event("session1")), "20270327"));
    CHECK(strstr(icalcomponent_get_description(event("session1")), "time of day") != NULL);
    end();
}

TEST(summaries_say_nothing_unless_they_are_asked_to)
{
    static const char *const words[] = {"scalp", "pigment", "wash", "sport", "alcohol",
                                        "sauna", "lotion",  "heal", "care",  "session"};
    REQUIRE(begin() && write_and_parse());
    int quiet = event_count();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        icalcompiter at = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
        for (icalcomponent *e = icalcompiter_deref(&at); e != NULL; e = icalcompiter_next(&at)) {
            CHECK(strstr(icalcomponent_get_summary(e), words[i]) == NULL);
            icalproperty *about = icalcomponent_get_first_property(e, ICAL_DESCRIPTION_PROPERTY);
            CHECK(about == NULL || strstr(icalproperty_get_description(about), words[i]) == NULL);
        }
    }
    CHECK(strcmp(icalcomponent_get_summary(event("session1")), "Appointment 1 of 2") == 0);
    CHECK(strcmp(icalcomponent_get_summary(event("session2-day2")),
                 "Appointment 2 of 2, day 2 of 2") == 0);
    style.detailed = true;
    REQUIRE(write_and_parse());
    CHECK(event_count() == quiet + 2); /* two rules of the same days are told apart */
    CHECK(strcmp(icalcomponent_get_summary(event("session1-rule2")), "Do not wash, the scalp") ==
          0);
    CHECK(strstr(icalcomponent_get_summary(event("session1")), "micropigmentation") != NULL);
    end();
}

TEST(rules_are_bars_reminders_or_said_once)
{
    REQUIRE(begin());
    style.detailed = true;
    REQUIRE(write_and_parse());
    CHECK(is_time(icalcomponent_get_dtstart(event("session1-rule1")), "20270324"));
    CHECK(is_time(icalcomponent_get_dtstart(event("session1-rule2")), "20270326"));
    CHECK(is_time(icalcomponent_get_dtend(event("session1-rule2")), "20270331"));
    CHECK(is_time(icalcomponent_get_dtend(event("session2-rule2")), "20270417")); /* of day two */
    CHECK(is_time(icalcomponent_get_dtend(event("session1-rule4")), "20270327"));
    CHECK(strncmp(icalcomponent_get_summary(event("session1-rule4")), "Until ", 6) == 0);
    CHECK(event("session1-rule5") == NULL && event("session2-rule5") != NULL);
    CHECK(is_time(icalcomponent_get_dtstart(event("review")), "20270512"));
    end();
}

TEST(the_sequence_rises_with_events_and_identifiers_stay)
{
    REQUIRE(begin() && write_and_parse());
    CHECK(icalcomponent_get_sequence(event("session1")) == 0);
    int count = event_count();
    course.event_count = 2;
    course.session[0].date = course.session[0].sitting[0].date = day(2027, 3, 30);
    course.session[0].state = COURSE_HELD;
    REQUIRE(write_and_parse());
    CHECK(event_count() == count);
    CHECK(icalcomponent_get_sequence(event("session1")) == 2);
    CHECK(is_time(icalcomponent_get_dtstart(event("session1")), "20270330T070000Z"));
    CHECK(icalcomponent_count_components(event("session1"), ICAL_VALARM_COMPONENT) == 0);
    end();
}

TEST(a_course_without_dates_or_room_gives_a_sentence)
{
    REQUIRE(begin());
    course.session[0].has_date = false;
    CHECK(!report_calendar(&arena, &plan, &style, &size, &bytes, &err) && err.code == ERR_INPUT);
    course.session[0].has_date = true;
    snprintf(course.time_zone, sizeof course.time_zone, "Mars/Olympus");
    CHECK(!report_calendar(&arena, &plan, &style, &size, &bytes, &err) && err.code == ERR_INPUT);
    end();
    for (size_t limit = 4096; limit < (320 << 10); limit += 20000) {
        Arena small;
        REQUIRE(begin() && arena_open(&small, limit, &err));
        if (!report_calendar(&small, &plan, &style, &size, &bytes, &err))
            CHECK(err.code == ERR_LIMIT);
        arena_close(&small);
        end();
    }
}

TEST(lines_have_at_most_75_octets_and_end_in_crlf)
{
    size_t column = 0;
    REQUIRE(begin());
    style.detailed = true;
    course.protocol.aftercare[1].text =
        "a, b; c \\ d\n\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0"
        "\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0"
        "\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96";
    REQUIRE(write_and_parse());
    for (size_t i = 0; i < size; i++) {
        column = bytes[i] == '\n' ? 0 : column + 1;
        CHECK(column <= 76); /* and the carriage return */
        if (bytes[i] == '\n' && i + 2 < size && bytes[i + 1] == ' ')
            CHECK((bytes[i + 2] & 0xC0) != 0x80);
        CHECK(bytes[i] != '\n' || (i > 0 && bytes[i - 1] == '\r'));
    }
    CHECK(strcmp(icalcomponent_get_summary(event("session1-rule2")),
                 course.protocol.aftercare[1].text) == 0);
    end();
}

TEST(the_clients_language_is_that_of_the_calendar)
{
    static const char po[] =
        "msgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n"
        "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
        "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"
        "msgid \"Appointment {number} of {count}\"\nmsgstr \"Termin {number} von {count}\"\n";
    static Words words;
    REQUIRE(begin() && words_from_po(&arena, sizeof po - 1, po, &words, &err));
    style.words = &words;
    REQUIRE(write_and_parse());
    icalproperty *id = icalcomponent_get_first_property(calendar, ICAL_PRODID_PROPERTY);
    CHECK(strstr(icalproperty_get_prodid(id), "//DE") != NULL);
    CHECK(strcmp(icalcomponent_get_summary(event("session1")), "Termin 1 von 2") == 0);
    end();
}

/* 1: valid and so many events; 0: no reader here. */
static int read_by_python(void)
{
    static const char *const python[] = {"/usr/bin/python3", "python3"};
    char path[] = "/tmp/follicle-calendar-XXXXXX", command[512];
    int file = mkstemp(path), answer = 0;
    if (file < 0 || write(file, bytes, size) != (ssize_t)size)
        return -1;
    close(file);
    for (int i = 0; i < 2 && answer == 0; i++) {
        snprintf(command, sizeof command, "%s -c 'import icalendar' >/dev/null 2>&1", python[i]);
        if (system(command) != 0)
            continue;
        snprintf(command, sizeof command,
                 "%s -c \"import sys,icalendar as i;"
                 "c=i.Calendar.from_ical(open(sys.argv[1],'rb').read());"
                 "e=c.walk('VEVENT');s=[x for x in e if x['UID'].startswith('session1-0')][0];"
                 "sys.exit(not(len(e)==%d and all(x.errors==[] for x in c.walk()) and "
                 "str(s['DTSTART'].dt)=='2027-03-26 08:00:00+00:00'))\" %s",
                 python[i], event_count(), path);
        answer = system(command) == 0 ? 1 : -1;
    }
    unlink(path);
    return answer;
}

TEST(another_program_reads_the_same_calendar)
{
    REQUIRE(begin());
    style.detailed = true;
    REQUIRE(write_and_parse());
    int answer = read_by_python();
    if (answer == 0)
        printf("# skipped: needs python3-icalendar\n");
    CHECK(answer >= 0);
    end();
}
