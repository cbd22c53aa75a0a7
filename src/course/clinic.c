#include "base/node.h"
#include "course/diary.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MINUTES = 1440, TEXT_BYTES = 160, BUFFER_MINUTES = 480 };

static const char *const weekday_key[7] = {"monday", "tuesday",  "wednesday", "thursday",
                                           "friday", "saturday", "sunday"};

void clinic_default(Clinic *clinic)
{
    memset(clinic, 0, sizeof *clinic);
    clinic->name = clinic->practitioner = clinic->room = "";
    for (int i = 0; i < CLINIC_LINES; i++)
        clinic->contact[i] = "";
    snprintf(clinic->time_zone, sizeof clinic->time_zone, "UTC");
    for (int day = 0; day < 7; day++) {
        clinic->weekday[day].count = 1;
        clinic->weekday[day].open[0].to_minute = DAY_MINUTES;
    }
    clinic->language = "en";
    clinic->paper = "a4";
}

/* A line that can stand on paper. */
static bool is_line(Arena *arena, const Node *node, const char **line)
{
    const char *from = json_string_value(node->value);
    size_t length = json_string_length(node->value);
    if (from == NULL || length >= TEXT_BYTES)
        return node_refuse(node, "is no text below %d bytes", TEXT_BYTES);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)from[i] < 0x20 || from[i] == 0x7f)
            return node_refuse(node, "has a control character (code %d)", from[i]);
    char *copy = ARENA_NEW(arena, char, length + 1);
    if (copy == NULL)
        return err_set(node->err, ERR_LIMIT, "no room for the clinic's texts");
    memcpy(copy, from, length + 1);
    *line = copy;
    return true;
}

/* Keeps what is there when the key is not. */
static bool read_line(Arena *arena, const Node *root, const char *key, const char **line)
{
    Node inner;
    return !node_has(root, key) || (node_child(root, key, &inner) && is_line(arena, &inner, line));
}

static bool read_contact(Arena *arena, const Node *root, Clinic *clinic)
{
    Node list, item;
    int count = 0;
    if (!node_has(root, "contact"))
        return true;
    if (!node_list(root, "contact", CLINIC_LINES, &list, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (!node_item(&list, i, &item) || !is_line(arena, &item, &clinic->contact[i]))
            return false;
    return true;
}

/* "HH:MM", 24:00 being the end of a day. */
static bool read_minute(const Node *node, int *minute)
{
    const char *text = json_string_value(node->value);
    bool shaped = text != NULL && strlen(text) == 5 && text[2] == ':';
    for (int i = 0; shaped && i < 5; i++)
        shaped = i == 2 || (text[i] >= '0' && text[i] <= '9');
    if (!shaped)
        return node_refuse(node, "is no time of the form HH:MM");
    int hours = 10 * (text[0] - '0') + text[1] - '0', rest = 10 * (text[3] - '0') + text[4] - '0';
    *minute = 60 * hours + rest;
    return (rest < 60 && *minute <= DAY_MINUTES) || node_refuse(node, "is not within 00:00..24:00");
}

static bool read_stretch(const Node *node, int *from, int *to)
{
    Node item;
    if (!json_is_array(node->value) || json_array_size(node->value) != 2)
        return node_refuse(node, "is no pair of times as [\"09:00\", \"17:30\"]");
    return node_item(node, 0, &item) && read_minute(&item, from) && node_item(node, 1, &item) &&
           read_minute(&item, to) &&
           (*from < *to || node_refuse(node, "does not end after it begins"));
}

static bool read_weekday(const Node *root, const char *key, ClinicHours *hours)
{
    Node list, item;
    hours->count = 0;
    if (!node_has(root, key))
        return true; /* closed */
    if (!node_list(root, key, CLINIC_OPENINGS, &list, &hours->count))
        return false;
    for (int i = 0; i < hours->count; i++) {
        if (!node_item(&list, i, &item) ||
            !read_stretch(&item, &hours->open[i].from_minute, &hours->open[i].to_minute))
            return false;
        if (i > 0 && hours->open[i].from_minute <= hours->open[i - 1].to_minute)
            return node_refuse(&item, "does not begin after the one before it ended");
    }
    return true;
}

static bool read_hours(const Node *root, Clinic *clinic)
{
    static const char *const known[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday",    NULL};
    Node hours;
    int open = 0;
    if (!node_child(root, "hours", &hours))
        return false;
    if (!json_is_object(hours.value))
        return node_refuse(&hours, "is no object of weekdays");
    if (!node_only(&hours, known))
        return false;
    for (int day = 0; day < 7; day++) {
        if (!read_weekday(&hours, weekday_key[day], &clinic->weekday[day]))
            return false;
        open += clinic->weekday[day].count;
    }
    return open > 0 || node_refuse(&hours, "has no weekday on which the clinic is open");
}

static bool read_date(const Node *node, const char *key, CourseDate *date)
{
    Err wrong;
    Node inner;
    char text[24];
    return node_text(node, key, sizeof text, text) && node_child(node, key, &inner) &&
           (course_date_parse(text, date, &wrong) ||
            node_refuse(&inner, "is no day: %s", wrong.text));
}

static bool read_closed(Arena *arena, const Node *root, Clinic *clinic)
{
    static const char *const known[] = {"from", "to", "why", NULL};
    Node list, item;
    clinic->closed_count = 0;
    if (!node_has(root, "closed"))
        return true;
    if (!node_list(root, "closed", CLINIC_CLOSED, &list, &clinic->closed_count))
        return false;
    for (int i = 0; i < clinic->closed_count; i++) {
        clinic->closed[i].why = "";
        if (!node_item(&list, i, &item))
            return false;
        if (!json_is_object(item.value))
            return node_refuse(&item, "is no object");
        if (!node_only(&item, known) || !read_date(&item, "from", &clinic->closed[i].from))
            return false;
        clinic->closed[i].to = clinic->closed[i].from;
        if (node_has(&item, "to") && !read_date(&item, "to", &clinic->closed[i].to))
            return false;
        if (course_date_between(clinic->closed[i].from, clinic->closed[i].to) < 0)
            return node_refuse(&item, "ends before it begins");
        if (!read_line(arena, &item, "why", &clinic->closed[i].why))
            return false;
    }
    return true;
}

static bool read_buffer(const Node *root, Clinic *clinic)
{
    Node inner;
    if (!node_has(root, "buffer_minutes"))
        return true;
    if (!node_whole(root, "buffer_minutes", &clinic->buffer_minutes) ||
        !node_child(root, "buffer_minutes", &inner))
        return false;
    return clinic->buffer_minutes <= BUFFER_MINUTES ||
           node_refuse(&inner, "is not within 0..%d", BUFFER_MINUTES);
}

static bool read_zone(const Node *root, Clinic *clinic)
{
    Node inner;
    return node_text(root, "time_zone", sizeof clinic->time_zone, clinic->time_zone) &&
           node_child(root, "time_zone", &inner) &&
           (course_zone_is_name(clinic->time_zone) ||
            node_refuse(&inner, "is no name of a time zone as Europe/Berlin"));
}

/* A tag like "de" or "pt-BR": which there are is the matter of base/words.h. */
static bool check_language(const Node *root, const char *language)
{
    Node inner;
    size_t length = strlen(language);
    bool ok = length >= 2 && length < 16;
    for (size_t i = 0; i < length; i++) {
        char c = language[i];
        ok = ok && ((c >= 'a' && c <= 'z') || (i > 0 && ((c >= 'A' && c <= 'Z') || c == '-')));
    }
    return ok || (node_child(root, "language", &inner) &&
                  node_refuse(&inner, "is no language tag as \"en\" or \"de-AT\""));
}

static bool check_paper(const Node *root, const char *paper)
{
    Node inner;
    return strcmp(paper, "a4") == 0 || strcmp(paper, "letter") == 0 ||
           (node_child(root, "paper", &inner) &&
            node_refuse(&inner, "is neither \"a4\" nor \"letter\""));
}

static bool read_clinic(Arena *arena, const Node *root, Clinic *clinic)
{
    static const char *const known[] = {
        "schema", "version", "name",           "contact",  "practitioner", "room", "time_zone",
        "hours",  "closed",  "buffer_minutes", "language", "paper",        NULL};
    Node name;
    return node_only(root, known) && node_child(root, "name", &name) &&
           is_line(arena, &name, &clinic->name) && read_contact(arena, root, clinic) &&
           read_line(arena, root, "practitioner", &clinic->practitioner) &&
           read_line(arena, root, "room", &clinic->room) && read_zone(root, clinic) &&
           read_hours(root, clinic) && read_closed(arena, root, clinic) &&
           read_buffer(root, clinic) && read_line(arena, root, "language", &clinic->language) &&
           check_language(root, clinic->language) &&
           read_line(arena, root, "paper", &clinic->paper) && check_paper(root, clinic->paper);
}

/* The document itself, for the case's record. */
static bool keep_bytes(Arena *arena, size_t size, const char *bytes, Clinic *clinic, Err *err)
{
    char *copy = ARENA_NEW(arena, char, size);
    if (copy == NULL)
        return err_set(err, ERR_LIMIT, "no room for the clinic's document of %zu bytes", size);
    memcpy(copy, bytes, size);
    clinic->bytes = copy;
    clinic->size = size;
    return true;
}

bool clinic_from_json(Arena *arena, size_t size, const char *bytes, Clinic *clinic, Err *err)
{
    Node root;
    int version;
    clinic_default(clinic);
    if (!node_open("clinic", 1, size, bytes, &root, &version, err))
        return false;
    bool ok = read_clinic(arena, &root, clinic) && keep_bytes(arena, size, bytes, clinic, err);
    node_close(&root);
    return ok;
}
