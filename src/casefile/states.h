/* states.h - how the marks of a case look in a state: after a session, healed, years later.
 *
 * For pictures and textures. Everything comes from the case alone, so that one read from its folder
 * shows what the plan showed.
 */
#ifndef CASEFILE_STATES_H
#define CASEFILE_STATES_H

#include "casefile/casefile.h"
#include "look/look.h"

typedef enum CasePhase { CASE_ABSENT, CASE_FRESH, CASE_HEALED } CasePhase;

typedef struct CaseMarks {
    const Case *plan;      /* dots, layout, pigment, healed, ageing and dot_diameter_mm are read */
    const SkinMarks *skin; /* of the client's tone */
    int session_count;
    double absorption_per_mm[DOTS_MAX_SESSIONS]; /* of the healed pigment */
    CasePhase phase[DOTS_MAX_SESSIONS];
    double years; /* after healing, for the healed sessions; < 0 counts as 0 */
} CaseMarks;

/* Every session healed for that long, absorptions from the dilutions. */
CaseMarks case_marks_after(const Case *plan, const SkinMarks *skin, double years);
/* The marks of one session; which: the end of the bands. */
SkinMoment case_moment(const CaseMarks *marks, int session, int which);
/* Marks in the order of the dots, sessions that are absent left out; marks live in arena. */
MUST_CHECK bool case_look_state(Arena *arena, const CaseMarks *marks, LookState *state, Err *err);

#endif
