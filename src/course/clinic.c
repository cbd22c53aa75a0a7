#include "course/date_doc.h"
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

/* Keeps what is there when the key is not. */
static bool read_line(Arena *arena, const Node *root, const char *key, const char **line)
{
    return !node_has(root, key) || node_line(arena, root, key, TEXT_BYTES, line);
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
        if (!node_item(&list, i, &item) ||
            !node_is_line(arena, &item, TEXT_BYTES, &clinic->contact[i]))
            return false;
    return true;
}

static bool read_stretch(const Node *node, int *from, int *to)
{
    Node item;
    if (!json_is_array(node->value) || json_array_size(node->value) != 2)
        return node_refuse(node, "is no pair of times as [\"09:00\", \"17:30\"]");
    return node_item(node, 0, &item) && course_minute_is(&item, from) &&
           node_item(node, 1, &item) && course_minute_is(&item, to) &&
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
    if (!node_enter_child(root, "hours", known, &hours))
        return false;
    for (int day = 0; day < 7; day++) {
        if (!read_weekday(&hours, weekday_key[day], &clinic->weekday[day]))
            return false;
        open += clinic->weekday[day].count;
    }
    return open > 0 || node_refuse(&hours, "has no weekday on which the clinic is open");
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
        if (!node_enter_item(&list, i, known, &item) ||
            !course_date_read(&item, "from", &clinic->closed[i].from))
            return false;
        clinic->closed[i].to = clinic->closed[i].from;
        if (node_has(&item, "to") && !course_date_read(&item, "to", &clinic->closed[i].to))
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
    return !node_has(root, "buffer_minutes") ||
           node_int(root, "buffer_minutes", 0, BUFFER_MINUTES, &clinic->buffer_minutes);
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
    return node_only(root, known) && node_line(arena, root, "name", TEXT_BYTES, &clinic->name) &&
           read_contact(arena, root, clinic) &&
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
