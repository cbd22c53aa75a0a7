/* audit.h - does a case hold what it promises, and what would a practitioner see where it does not?
 *
 * Everything is measured again from the files alone, by other code than placed the dots: counts
 * against density and shares, distances against the spacing and the hairs, places against surface,
 * keep-outs and design, and how even each session leaves the head, zone by zone. A finding is a
 * defect or a remark, and a sentence.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/progress.h"
#include "casefile/read.h"
#include "dots/pattern.h"

enum { AUDIT_FINDINGS = 64, AUDIT_TEXT = 240, AUDIT_PLACE = 80 };

typedef enum AuditKind {
    AUDIT_EDITED,   /* a document is not as it was written: a remark */
    AUDIT_ROWS,     /* ids twice, sessions out of order, normals that point elsewhere */
    AUDIT_COUNTS,   /* by zone and session, against density and shares */
    AUDIT_OFF_SKIN, /* not on the surface */
    AUDIT_UNWANTED, /* where the design wants none, or another density than the row says */
    AUDIT_KEEP_OUT, /* in an area to be kept free */
    AUDIT_CLOSE,    /* two dots closer than the spacing */
    AUDIT_HAIR,     /* closer to a hair, graft or earlier dot than allowed */
    AUDIT_GAP,      /* an empty disc that is too wide */
    AUDIT_CLUMPED,  /* spacing more uneven than promised */
    AUDIT_LATTICE,  /* too even: rows and lattices */
    AUDIT_BLOTCHY,  /* density that goes up and down over a few millimetres */
    AUDIT_ROOM,     /* too dense for the spacing, now or in years: a remark */
    AUDIT_KINDS
} AuditKind;
const char *audit_kind_name(AuditKind kind); /* "edited", ... */

typedef struct AuditFinding {
    AuditKind kind;
    bool defect;
    int session;         /* after which, from 1; 0: not of one */
    int zone;            /* DesignZone; DESIGN_NONE: of no single one */
    int count;           /* how many dots, pairs or rows */
    double value, limit; /* in the unit that the text names; NAN: no number */
    int dot[2];          /* ids, -1: none */
    bool has_place;
    Vec3 place_mm;
    char text[AUDIT_TEXT];
} AuditFinding;

/* The dots of the first sessions, all or those of one zone. */
typedef struct AuditPart {
    int session, zone;             /* after session 1..; DESIGN_NONE: all zones */
    int wanted, placed, found;     /* as recorded; as recorded; in dots.csv */
    double expected;               /* integral of the density times the shares */
    double nearest_mm, spacing_mm; /* between two of its dots, 0 when there are not two; the rule */
    int near_fixed;                /* dots that have a fixed point within three spacings */
    double fixed_least, fixed_p1; /* nearest fixed point, in hexagonal spacings of the union; NAN */
    double gap, gap_mm;           /* widest empty disc: radius in spacings, diameter; NAN */
    Vec3 gap_at_mm;
    Pattern pattern; /* of what lies away from borders; figures that cannot be formed are NAN */
} AuditPart;

typedef struct Audit {
    int part_count;
    AuditPart *part; /* by session, all zones first */
    BudgetZone budget[DOTS_ZONES];
    int finding_count, defect_count; /* defects also counted when not listed for want of room */
    AuditFinding finding[AUDIT_FINDINGS];
} Audit;

/* About two seconds for 27,000 dots in three sessions. Fails for want of memory, when stopped, and
 * where thousands of points stand on one spot; whatever else is wrong becomes a finding. */
MUST_CHECK bool audit_case(Arena *arena, Arena *scratch, const CaseRead *read,
                           const Progress *progress, Audit *audit, Err *err);

/* The audit as text for people, and as a document (docs/schemas/audit.schema.json). */
MUST_CHECK bool audit_to_text(Arena *arena, const CaseRead *read, const Audit *audit, size_t *size,
                              char **text, Err *err);
MUST_CHECK bool audit_to_json(Arena *arena, const CaseRead *read, const Audit *audit, size_t *size,
                              char **text, Err *err);

/* "at the left temple", "at the crown, right of the middle": the client's left and right. */
void audit_place(int zone, Vec3 position_mm, char place[AUDIT_PLACE]);

#endif
