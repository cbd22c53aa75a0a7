#include "course/screening.h"

#include <stdlib.h>

/* Any bytes: refused, or questions and answers that fit each other or are refused together. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Screening list, standard;
    static ScreeningAnswers answers;
    static ScreeningFinding finding[SCREENING_MAX];
    static Arena arena;
    const CourseDate today = {2027, 1, 11};
    int count;
    Err err;
    if (arena.base == NULL && !arena_open(&arena, 16 << 20, &err))
        abort();
    arena_rewind(&arena, 0);
    if (screening_from_json(&arena, size, (const char *)data, &list, &err) &&
        (!screening_findings(&list, NULL, today, &count, finding, &err) || count != list.count))
        abort(); /* nothing is answered: all is open */
    if (screening_answers_from_json(&arena, size, (const char *)data, &answers, &err) &&
        screening_builtin(&arena, "standard", &standard, &err) &&
        screening_findings(&standard, &answers, today, &count, finding, &err) &&
        count > standard.count)
        abort();
    return 0;
}
