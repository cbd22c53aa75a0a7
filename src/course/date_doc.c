#include "course/date_doc.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MINUTES = 1440 };

bool course_date_read(const Node *node, const char *key, CourseDate *date)
{
    Err wrong = {0};
    Node inner;
    char text[24];
    return node_text(node, key, sizeof text, text) && node_child(node, key, &inner) &&
           (course_date_parse(text, date, &wrong) ||
            node_refuse(&inner, "is no day: %s", wrong.text));
}

bool course_minute_is(const Node *node, int *minute)
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

bool course_minute_read(const Node *node, const char *key, int *minute)
{
    Node inner;
    return node_child(node, key, &inner) && course_minute_is(&inner, minute);
}

json_t *course_date_json(CourseDate date)
{
    char text[11];
    course_date_text(date, text);
    return json_string(text);
}

json_t *course_minute_json(int minute)
{
    char text[32];
    snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    return json_string(text);
}
