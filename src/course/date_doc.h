/* date_doc.h - days and times of day in documents: "2027-01-11", "09:30". */
#ifndef COURSE_DATE_DOC_H
#define COURSE_DATE_DOC_H

#include "base/node.h"
#include "course/date.h"

bool course_date_read(const Node *node, const char *key, CourseDate *date);
/* Minutes since midnight; 24:00 is the end of a day. */
bool course_minute_is(const Node *node, int *minute);
bool course_minute_read(const Node *node, const char *key, int *minute);
json_t *course_date_json(CourseDate date);
json_t *course_minute_json(int minute);

#endif
