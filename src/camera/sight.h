/* sight.h - markers found in a photograph: corners, scale, tilt, pose, and what is wrong.
 */
#ifndef CAMERA_SIGHT_H
#define CAMERA_SIGHT_H

#include "camera/camera.h"
#include "camera/marker.h"

typedef struct SightTag {
    int tag;                /* into marker.tag */
    int id;                 /* as read */
    double corner_px[4][2]; /* upper left, upper right, lower right, lower left as read */
    double residual_px;     /* rms to the joint plane (of cards; else 0) */
    bool used;              /* false: left out of the joint fit because it disagrees */
} SightTag;

typedef enum SightFault {
    SIGHT_TAGS_MISSING = 1,  /* of a card: fewer than it has, or one left out */
    SIGHT_BENT = 2,          /* the tags do not lie on one plane */
    SIGHT_MIRRORED = 4,      /* a selfie camera's mirror picture */
    SIGHT_PRINT_UNKNOWN = 8, /* no measured print of that id: designed sizes are taken */
    SIGHT_TILTED = 16,       /* more than 25 degrees; refused beyond 40 (and half a one) */
    SIGHT_COARSE = 32,       /* under 8 px/mm on a close-up card, 1 px/mm on others */
    SIGHT_AMBIGUOUS = 64     /* the two poses of the plane explain it nearly equally */
} SightFault;

typedef struct MarkerSight {
    Marker marker; /* with the print applied */
    int print_id;  /* -1: not read */
    int tag_count;
    SightTag tag[MARKER_MAX_TAGS];
    unsigned faults;  /* of SightFault */
    double px_per_mm; /* at the middle: square root of the area scale; of the strip: of its tags */
    /* Of cards, which are planes. A mirrored picture is measured as if mirrored back; only
     * corner_px and the homography are of its own pixels. */
    double homography[9]; /* mm of the marker to straightened px (camera_bend; k1 = 0: px) */
    double residual_px;   /* rms distance over used corners */
    double bend_mm;       /* height of the middle over the card's longer way; signed: > 0 when the
                           * middle is nearer to the camera; 0 unless SIGHT_BENT */
    Camera camera;        /* in the marker's frame (z into the paper) */
    double tilt_rad;      /* between the paper's normal and the line of sight to its middle */
    double scale_error;   /* estimated standard deviation of px_per_mm, as a share: how well the
                           * tags agree, and what the print may be off */
} MarkerSight;

enum { SIGHT_LIMIT = 4 };
typedef struct MarkerSights {
    int count;
    MarkerSight *sight;
} MarkerSights;

/* All markers in a photograph, each a sight of its own, cards first. grey [height][width] of code
 * values (sRGB-like curve). The lens is taken as it is. A picture without any marker gives count 0.
 * ERR_INPUT: tilt beyond 40 degrees, a card whose corners are off a plane by more than 1 px and
 * 0.05 mm or that is bent by more than 1 % of its distance, x and y of the print apart. About 0.1 s
 * for 12 Mpx, one thread. prints may be NULL. The two arenas must differ. */
MUST_CHECK bool sight_find(Arena *arena, Arena *scratch, const Lens *lens, const uint8_t grey[],
                           const MarkerPrints *prints, MarkerSights *sights, Err *err);
/* A sentence for one fault, as a practitioner should read it. */
const char *sight_fault_text(SightFault fault);
/* Pixels per mm of a card's plane at one place: square root of the determinant. */
double sight_px_per_mm(const MarkerSight *sight, double x_mm, double y_mm);
/* Between a place on a card (mm) and in the picture (px), through the lens; false where the plane
 * is not in sight. */
bool sight_to_px(const MarkerSight *sight, double x_mm, double y_mm, double px[2]);
bool sight_to_mm(const MarkerSight *sight, double x_px, double y_px, double mm[2]);

#endif
