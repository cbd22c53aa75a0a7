/* work.h - how a course is worked: what its protocol and pace say about the order of work.
 */
#ifndef COURSE_WORK_H
#define COURSE_WORK_H

#include "course/course.h"
#include "dots/route.h"

/* Breaks as often as the protocol says at the pace that is expected; zones as hard as it says;
 * sessions on as many days as the course has for them. zone_name[zone]: as the protocol names them;
 * NULL: plain. */
RouteParams course_route(const Course *course, int zone_count, const char *const zone_name[]);

#endif
