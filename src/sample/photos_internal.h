/* photos_internal.h - the room in which the synthetic client is photographed: lights, printed
 * markers, phones, and what stands in each pixel.
 */
#ifndef SAMPLE_PHOTOS_INTERNAL_H
#define SAMPLE_PHOTOS_INTERNAL_H

#include "camera/marker.h"
#include "image/photo.h"
#include "look/photo.h"
#include "sample/photos.h"
#include "sample/sample_internal.h"
#include "skin/ageing.h"

/* ---- photos_light.c: lamps, and what reaches a place ---- */

enum { ROOM_LOBES = 4, LOBE_RAYS = 24 };
typedef struct Lobe { /* lobe 0 is the room itself: light from everywhere, most from above */
    Vec3 towards;
    double strength; /* on a white surface that faces it */
    double power;    /* how narrow: half strength at acos(2^(-1 / power)) */
    Rgb color;       /* g = 1 */
} Lobe;

typedef struct Room {
    SampleLight light;
    Lobe lobe[ROOM_LOBES];
    Vec3 ray[ROOM_LOBES][LOBE_RAYS]; /* directions that stand for a lobe */
    float matrix[3][3];              /* what the gaps of a lamp's spectrum do to surface colours */
    Rgb wall;
} Room;

typedef struct Body { /* the bust, and below it the cape as far down as any picture reaches */
    Mesh mesh;
    Vec3 *normal; /* [vertex] */
    MeshRays rays;
} Body;
MUST_CHECK bool body_make(Arena *arena, Arena *scratch, const Sample *sample, Body *body, Err *err);

typedef struct PlaceLight { /* of a vertex */
    float soft_normal[3];   /* averaged over some mm: light wanders in skin */
    float seen[ROOM_LOBES]; /* share of each lobe that nothing hides */
} PlaceLight;

void room_make(SampleLight light, Room *room);
/* The rays may be NULL: nothing hides anything. */
void room_look_around(const Room *room, const MeshRays *rays, Vec3 p, Vec3 normal,
                      float seen[ROOM_LOBES]);
MUST_CHECK bool room_bake(Arena *arena, Arena *scratch, const Room *room, const Body *body,
                          int threads, PlaceLight **light, Err *err);
/* Light per channel on a matt surface. */
Rgb room_irradiance(const Room *room, const float seen[ROOM_LOBES], Vec3 normal);

typedef struct SkinSpot {
    Vec3 normal, soft, view; /* unit; view: towards the camera */
    float seen[ROOM_LOBES];
    double shine; /* of the skin's film of oil; 1: a shaved scalp at noon */
} SkinSpot;
/* Of white skin; gloss comes on top, whatever the skin's colour. */
void room_shade_skin(const Room *room, const SkinSpot *spot, Rgb *diffuse, Rgb *gloss);

/* ---- photos_cards.c: printed paper in space ---- */

typedef struct Sheet { /* a card, flat */
    const Marker *marker;
    Vec3 middle, x, y, normal; /* unit; x, y as on the paper; normal towards the reader */
    float seen[3][3][ROOM_LOBES];
} Sheet;

enum { STRIP_LIMIT = 800 };
typedef struct Strip { /* worn: its middle line is a section of the head, it leans as the skin does
                        */
    const Marker *marker;
    int count;                  /* knots, 1 mm apart along the paper */
    double first_mm;            /* along the paper, of knot 0 */
    double over_mm;             /* from here on the end lies over the beginning */
    Vec3 *knot, *normal, *lean; /* middle line, 0.2 mm off the skin; lean: down on the paper */
    Vec3 axis, front;           /* of the section's plane, down; the middle of the paper */
    Mesh mesh;
    MeshRays rays;
    float (*seen)[ROOM_LOBES]; /* [knot] */
} Strip;

/* Paper whose middle lies front_mm above the glabella along the skin and ear_mm over the tragions'
 * level at the ears. strip_close afterwards. */
MUST_CHECK bool strip_wear(Arena *arena, Arena *scratch, const Marker *marker, const Sample *sample,
                           const Bust *bust, double front_mm, Strip *strip, Err *err);
void strip_close(Strip *strip);
void strip_point(const Strip *strip, double along_mm, double down_mm, Vec3 *point, Vec3 *normal);
bool strip_hit(const Strip *strip, Vec3 origin, Vec3 direction, double *distance, double mm[2]);
Sheet sheet_make(const Marker *marker, Vec3 middle, Vec3 normal, Vec3 up);
/* Moves a card along its normal until it rests on the bust with this part of it. */
void sheet_rest(const Bust *bust, double half_mm, double gap_mm, Sheet *sheet);
Vec3 sheet_point(const Sheet *sheet, double x_mm, double y_mm);
bool sheet_hit(const Sheet *sheet, Vec3 origin, Vec3 direction, double *distance, double mm[2]);

/* ---- photos_lens.c: from light to a file ---- */

typedef struct Phone { /* invented */
    const char *camera, *lens;
    double focal_share;       /* true focal length over what its file says */
    double adapt;             /* share of the light's colour that its white balance takes out */
    float matrix[3][3];       /* sensor and taste; rows sum to 1: white stays */
    double contrast;          /* of the S-curve, in code values */
    double sharpen;           /* share of the unsharp mask */
    double blur_px, smear_px; /* sd of lens and sensor; of the noise reduction */
    double noise_a, noise_b;  /* variance of raw light = a + b light */
    double vignette;          /* loss in the corner */
    double white;             /* where white paper is exposed to */
} Phone;
const Phone *phone_make(int phone);

typedef struct Exposure { /* what one photograph did to the light */
    double gain;          /* light to raw, without the balance */
    Rgb balance;
    float matrix[3][3]; /* of phone and lamp together, after the balance */
    double contrast, sharpen, blur_px, smear_px, noise_a, noise_b, vignette;
} Exposure;
Exposure phone_expose(const Phone *phone, const Room *room, const SamplePhotosParams *params,
                      Vec3 facing);
/* light: the scene in linear light; becomes what the file will say. work: as large. */
void phone_develop(const Exposure *exposure, uint64_t seed, int threads, ImageF *light,
                   float (*work)[3]);

/* ---- photos_trace.c: what stands in each pixel ---- */

typedef enum Thing { THING_NONE, THING_SKIN, THING_CLOTH, THING_STRIP, THING_SHEET } Thing;
enum { SCENE_MARKS = 5 };

typedef struct Scene {
    const Sample *sample;
    const Bust *bust;
    const Body *body;
    const PlaceLight *light;
    const Room *room;
    const Strip *strip; /* NULL: not worn */
    const Sheet *sheet; /* NULL: none in sight */
    Vec3 mark[SCENE_MARKS];
    bool marked; /* the five dots of a skin marker */
    bool close;  /* near enough for furrows and pores */
} Scene;

typedef struct Shot { /* [height][width] each */
    Camera camera;
    ImageF skin;         /* light out of the skin, without hair */
    uint16_t (*base)[3]; /* what no hair darkens: gloss, paper, cloth, room; SHOT_CODE is 1 */
    float *depth_mm;
    uint8_t *thing;
} Shot;
enum { SHOT_CODE = 16384 };

typedef struct Seen {
    Thing thing;
    double distance;
    MeshHit hit;
    double mm[2]; /* on the paper */
} Seen;
Seen scene_look(const Scene *scene, Vec3 origin, Vec3 direction);
MUST_CHECK bool shot_new(Arena *arena, const Camera *camera, Shot *shot, Err *err);
void shot_trace(const Scene *scene, int threads, Shot *shot);
/* skin becomes the whole scene. tau NULL: no marks. */
void shot_compose(Shot *shot, float (*tau)[3], int threads);
/* Visible from the camera, with this much room for error in depth. */
bool shot_shows(const Shot *shot, Vec3 p, double slack_mm, double px[2]);

/* ---- photos_marks.c: hairs and dots ---- */

typedef struct Hairs {
    int count;
    LookMark *mark;
    int *follicle; /* whose it is; a hair is a root and, standing out, a stub after it */
    bool *stub;
} Hairs;
MUST_CHECK bool hairs_make(Arena *arena, Arena *scratch, const Sample *sample, const Bust *bust,
                           const SkinMarks *marks, Hairs *hairs, Err *err);

enum { VISITS = 6, DOT_LEVELS = 12 };
extern const char *const visit_name[VISITS];
typedef enum DotFate { DOT_RETAINED, DOT_FADED, DOT_LOST } DotFate;
typedef struct Dot {
    Vec3 position, normal;
    DotFate fate;
    float area_mm2[VISITS]; /* green: its optical strength; 0 before the session and when lost */
    int level[VISITS];      /* of the looks; -1: nothing left to be seen */
} Dot;
typedef struct Dots {
    int count;
    Dot *dot;
    SkinLook look[VISITS][DOT_LEVELS];
    float flush[VISITS][3];
} Dots;
MUST_CHECK bool dots_make(Arena *arena, Arena *scratch, const Sample *sample, const Bust *bust,
                          const SkinMarks *marks, Vec3 place, uint64_t seed, Dots *dots, Err *err);

/* ---- photos_clicks.c: what a user would click ---- */

enum { OUTLINE_LIMIT = 36, CLICK_POINTS = 8 };
typedef struct Click {
    bool seen;
    double true_px[2], px[2];
} Click;
typedef struct Clicks {
    Click point[CLICK_POINTS], mark[SCENE_MARKS];
    int outline_count;
    Click outline[OUTLINE_LIMIT];
} Clicks;
extern const char *const click_name[CLICK_POINTS];
void client_points(const Sample *sample, const Bust *bust, Vec3 point[CLICK_POINTS]);
void clicks_make(const Scene *scene, const Shot *shot, const Vec3 point[CLICK_POINTS], double sd_mm,
                 uint64_t seed, Clicks *clicks);

/* ---- photos_write.c ---- */

enum { SET_VIEWS = 5, TAG_LIMIT = 2 * MARKER_MAX_TAGS };
typedef struct TagTruth {
    MarkerKind kind;
    int tag, id;
    double corner_px[4][2];
    double facing; /* cosine between paper and line of sight */
} TagTruth;

typedef struct Picture { /* all that is written about one photograph */
    char file[64];
    const char *view;
    const char *place; /* of a close-up; NULL */
    int visit;         /* -1: of the head */
    Camera camera;
    Exposure exposure;
    PhotoFacts facts;
    Clicks clicks;
    int tag_count;
    TagTruth tag[TAG_LIMIT];
    bool has_sheet;
    Sheet sheet;
    double px_per_mm;
} Picture;

typedef struct PhotoSet {
    const Sample *sample;
    const SamplePhotosParams *params;
    const Room *room;
    const Phone *phone;
    const Strip *strip;
    const Vec3 *mark;  /* [SCENE_MARKS] */
    const Vec3 *point; /* [CLICK_POINTS] */
    int picture_count;
    Picture *picture;
} PhotoSet;
void tags_of(const Scene *scene, const Shot *shot, Picture *picture);
MUST_CHECK bool photos_write_clicks(const PhotoSet *set, const char *folder, Err *err);
MUST_CHECK bool photos_write_truth(const PhotoSet *set, const char *folder, Err *err);

#endif
