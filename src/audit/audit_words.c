#include "audit/audit_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const char *audit_kind_name(AuditKind kind)
{
    switch (kind) {
    case AUDIT_EDITED:
        return "edited";
    case AUDIT_ROWS:
        return "rows";
    case AUDIT_COUNTS:
        return "counts";
    case AUDIT_OFF_SKIN:
        return "off_skin";
    case AUDIT_UNWANTED:
        return "unwanted";
    case AUDIT_KEEP_OUT:
        return "keep_out";
    case AUDIT_CLOSE:
        return "too_close";
    case AUDIT_HAIR:
        return "too_close_to_hair";
    case AUDIT_GAP:
        return "gap";
    case AUDIT_CLUMPED:
        return "clumped";
    case AUDIT_LATTICE:
        return "too_even";
    case AUDIT_BLOTCHY:
        return "blotchy";
    case AUDIT_ROOM:
        return "room";
    case AUDIT_KINDS:
        break;
    }
    return "unknown";
}

/* ---- places ---- */

/* Half of what counts as the middle of the head [assumption: two fingers each way]. */
static const double middle_mm = 15.0;

typedef enum Side { MIDDLE, LEFT, RIGHT } Side;

static Side side_of(Vec3 p)
{
    return p.x > middle_mm ? LEFT : p.x < -middle_mm ? RIGHT : MIDDLE;
}

static const char *side_name(Side side)
{
    switch (side) {
    case MIDDLE:
        return "middle";
    case LEFT:
        return "left";
    case RIGHT:
        return "right";
    }
    return "middle";
}

/* Where on the head, whatever was planned there. */
static void region(Vec3 p, char text[AUDIT_PLACE])
{
    const Vec3 centre_mm = HEAD_CENTRE_MM;
    Vec3 d = vec_normalize(vec_sub(p, centre_mm));
    Side side = side_of(p);
    if (d.y > 0.85)
        snprintf(text, AUDIT_PLACE, "the top of the head%s%s", side == MIDDLE ? "" : ", ",
                 side == MIDDLE ? "" : side_name(side));
    else if (fabs(d.x) > fabs(d.z))
        snprintf(text, AUDIT_PLACE, "the %s side of the head", side_name(side));
    else
        snprintf(text, AUDIT_PLACE, "the %s of the head%s%s", d.z > 0.0 ? "front" : "back",
                 side == MIDDLE ? "" : ", ", side == MIDDLE ? "" : side_name(side));
}

void audit_place(int zone, Vec3 position_mm, char place[AUDIT_PLACE])
{
    static const struct {
        const char *middle, *before, *after; /* of the word for the side */
    } phrase[DESIGN_ZONES] = {
        [DESIGN_HAIRLINE] = {"in the middle of the hairline", "at the hairline, on the ", ""},
        [DESIGN_FRONTAL] = {"in the middle behind the hairline", "behind the hairline, on the ",
                            ""},
        [DESIGN_MIDSCALP] = {"in the middle of the mid-scalp", "at the mid-scalp, on the ", ""},
        [DESIGN_CROWN] = {"at the crown", "at the crown, ", " of the middle"},
        [DESIGN_TEMPLE] = {"between the temples", "at the ", " temple"},
        [DESIGN_PATCH] = {"in the patch at ", NULL, NULL},
        [DESIGN_SCAR] = {"in the scar at ", NULL, NULL},
    };
    char where[AUDIT_PLACE];
    bool known = zone >= 0 && zone < DESIGN_ZONES && phrase[zone].middle != NULL;
    Side side = side_of(position_mm);
    if (known && phrase[zone].before != NULL && side == MIDDLE) {
        snprintf(place, AUDIT_PLACE, "%s", phrase[zone].middle);
    } else if (known && phrase[zone].before != NULL) {
        snprintf(place, AUDIT_PLACE, "%s%s%s", phrase[zone].before, side_name(side),
                 phrase[zone].after);
    } else {
        region(position_mm, where);
        snprintf(place, AUDIT_PLACE, "%s%.48s", known ? phrase[zone].middle : "at ", where);
    }
}

const char *audit_area(int zone)
{
    switch ((DesignZone)zone) {
    case DESIGN_HAIRLINE:
        return "in the hairline";
    case DESIGN_FRONTAL:
        return "in the frontal area";
    case DESIGN_MIDSCALP:
        return "in the mid-scalp";
    case DESIGN_CROWN:
        return "at the crown";
    case DESIGN_TEMPLE:
        return "at the temples";
    case DESIGN_PATCH:
        return "in the patches";
    case DESIGN_SCAR:
        return "in the scars";
    case DESIGN_DIFFUSE:
        return "in the thinning area";
    case DESIGN_PUNCH:
        return "in the dotted scars";
    case DESIGN_BURN:
        return "in the burn";
    case DESIGN_FRINGE:
        return "in the fringe";
    case DESIGN_KEEP_OUT:
        return "where nothing shall stand";
    case DESIGN_NONE:
    case DESIGN_ZONES:
        break;
    }
    return "over the head";
}

void audit_when(const AuditJob *job, int session, char text[AUDIT_PLACE])
{
    if (session == 0 || session >= job->read->record.session_count)
        snprintf(text, AUDIT_PLACE, "when all is done");
    else
        snprintf(text, AUDIT_PLACE, "after session %d", session);
}

/* ---- findings ---- */

AuditFinding *audit_add(Audit *audit, AuditKind kind, bool defect, int session, int zone)
{
    audit->defect_count += defect;
    if (audit->finding_count == AUDIT_FINDINGS)
        return NULL;
    AuditFinding *finding = &audit->finding[audit->finding_count++];
    *finding = (AuditFinding){.kind = kind,
                              .defect = defect,
                              .session = session,
                              .zone = zone,
                              .value = (double)NAN,
                              .limit = (double)NAN,
                              .dot = {-1, -1}};
    return finding;
}

void audit_say(AuditFinding *finding, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    vsnprintf(finding->text, sizeof finding->text, fmt, list);
    va_end(list);
}
