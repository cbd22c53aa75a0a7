/* edit.h - a design while it is drawn: the layout kept up to date, its dots chosen and counted.
 *
 * Built once for a head; then every edit is a new document, and costs what it changes: the layout
 * finds the difference, the sites around changed vertices are chosen again, all others keep exactly
 * their dots. Undo is the document before.
 */
#ifndef EDIT_EDIT_H
#define EDIT_EDIT_H

#include "design/design.h"
#include "dots/dots.h"

#include <stddef.h>

typedef struct EditCounts {
    int dots, in_session[DOTS_MAX_SESSIONS], in_zone[DESIGN_ZONES];
    double area_mm2, wanted; /* of the layout: the dots that its density stands for */
} EditCounts;

typedef struct EditParams {
    int session_count;
    double share[DOTS_MAX_SESSIONS];
    double highest_per_mm2;       /* of the sequence: nothing denser can be chosen */
    const double *beside_per_mm2; /* [vertex_count] of what the target does not know, or NULL */
    double most_per_mm2;          /* that grown dots allow, with what is beside */
    int fixed_count;
    const DotsFixed *fixed;
    uint64_t seed;
    int threads;
} EditParams;

typedef struct Edit {
    Arena *arena;
    DesignLayout layout;
    DotsSurface surface;
    DotsSequence sequence;
    double *wanted_per_mm2; /* [vertex_count] of the layout, less what is beside, at most most and
                             * highest */
    int8_t *session;        /* [sequence.count] -1: no dot */
    EditCounts counts;
    int last_changed_sites; /* that the last edit looked at again */
    void *inner;            /* private */
} Edit;

/* Lays out, makes the sequence over all that can bear hair, chooses. Some seconds; the rest of an
 * edit's work is done here. arena keeps what the edit points at; head and survey stay with it. The
 * sequence does not depend on the design. */
MUST_CHECK bool edit_open(Arena *arena, Arena *scratch, const Head *head, const HairSurvey *survey,
                          const Design *design, const EditParams *params, Edit *edit, Err *err);
/* The same sites and sessions as edit_open with this design. ERR_INPUT leaves the edit as it was.
 * After ERR_LIMIT (scratch: some MB) the choice is as it was, too, and the next edit puts the
 * layout right. */
MUST_CHECK bool edit_apply(Arena *scratch, const Design *design, Edit *edit, Err *err);

/* ---- history: a document of designs */

enum { EDIT_HISTORY = 64, EDIT_WHAT = 96 };
typedef struct EditStep {
    char what[EDIT_WHAT]; /* "hairline raised by 3 mm" */
    char sha256[65];      /* of the design's document */
    size_t size;
    char *json;  /* [size + 1] the document, ending in a zero that is not counted */
    size_t room; /* of json: a later step may use it again */
} EditStep;
typedef struct EditHistory {
    int count, at; /* step[at] is the design of today; count > at + 1 after an undo */
    EditStep step[EDIT_HISTORY];
} EditHistory;

/* A new step behind `at`; what was undone is gone, the oldest falls out when it is full. design:
 * settled (design/file.h), or what comes back is. The document goes to arena, in the room of a step
 * that is gone where it fits: always the same arena. After a failure the history is as it was. */
MUST_CHECK bool edit_history_push(Arena *arena, EditHistory *history, const char *what,
                                  const Design *design, Err *err);
/* by -1 undo, +1 redo; false (without an error) at either end. */
bool edit_history_move(EditHistory *history, int by);
MUST_CHECK bool edit_history_design(const EditHistory *history, Design *design, Err *err);
/* "follicle/history"; a design that does not have its digest is refused. */
MUST_CHECK bool edit_history_to_json(Arena *arena, const EditHistory *history, size_t *size,
                                     char **text, Err *err);
MUST_CHECK bool edit_history_from_json(Arena *arena, size_t size, const char *text,
                                       EditHistory *history, Err *err);

#endif
