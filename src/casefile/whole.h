/* whole.h - a case read back from its folder as a Case, for documents and other tools' files.
 *
 * What was only written is read; what the design says is laid out again on the canvas. What the
 * files round is rounded (dots to 0.1 um, colours to 0.01 Lab), and the plan's fields that only
 * casefile_write needs (dots_plan, rules) stay empty.
 */
#ifndef CASEFILE_WHOLE_H
#define CASEFILE_WHOLE_H

#include "base/doc.h"
#include "casefile/casefile.h"
#include "casefile/read.h"
#include "course/care.h"

enum { CASE_LOSSES = 2 };

typedef struct CaseWhole {
    Case plan; /* points at what follows, and into the arena */
    CaseCanvas canvas;
    CaseRecord record;
    DesignLayout layout;
    Dots dots;
    Findings findings;
    DesignLoss loss[CASE_LOSSES];
    SkinPigment pigment;
    CaseFit fit;
    Protocol protocol;
    PriceList prices; /* bytes NULL: the course has none */
    Clinic clinic;    /* bytes NULL: nobody's */
    Course course;
    bool has_course;    /* course.json is there, of this format, and whole */
    bool is_old_course; /* it is of an older program: a new one may take its place */
    Image chart;        /* the colour of the canvas; rgb NULL: none */
} CaseWhole;

/* whole is large: allocate it. ERR_INPUT and ERR_IO name the file and the key. A course that is of
 * an older program, damaged or not there leaves has_course false and plan.course NULL; course_error
 * then says why. */
MUST_CHECK bool casefile_whole_read(Arena *arena, Arena *scratch, const char *folder,
                                    CaseWhole *whole, Err *course_error, Err *err);

/* What the sessions of a course are made from. dots of zones and of none, by session. */
void casefile_course_input(const Case *plan, CourseInput *input);

/* When this client will want a touch-up, by the course, the skin, the scars, the shade and the
 * habits of the case: the one forecast of papers and programs. ERR as care_touch_up. */
MUST_CHECK bool casefile_touch_up(const Case *plan, CareTouchUp *forecast, Err *err);

/* course.json of the second format; protocol: of protocol.json, settled as the course says. */
MUST_CHECK bool casefile_course_from_json(const Protocol *protocol, size_t size, const char *bytes,
                                          Course *course, Err *err);

/* The document course.json, for whoever adds to it and renders it (base/doc.h). */
MUST_CHECK bool casefile_course_doc(Doc *doc, const Case *plan, Err *err);

/* Puts a course with its protocol, prices and clinic into a case folder, and their digests, the
 * papers' language and the client's habits into case.json. The folder is somebody's copy
 * (io_folder_clone), so that a failure leaves the case. */
MUST_CHECK bool casefile_put_course(Arena *scratch, const Case *plan, const char *folder, Err *err);

#endif
