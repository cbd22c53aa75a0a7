#include "course/course.h"

#include <stdlib.h>

/* Any bytes: refused, or a protocol with which a course can be made. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Protocol protocol;
    static Course course;
    Err err;
    if (!course_protocol_from_json(size, (const char *)data, &protocol, &err))
        return 0;
    CourseInput input = {.has_start = true, .start = {2028, 2, 29}};
    for (int i = 0; i < protocol.session_count; i++)
        input.dots_in_session[i] = 1 + (int)(10000.0 * protocol.share[i]);
    if (!course_make(&protocol, &input, &course, &err))
        return 0;
    if (!(course.hours[0] <= course.hours[1] && course.hours[1] <= course.hours[2]) ||
        course.total < course.net || course.deposit > course.total)
        abort();
    return 0;
}
