/* dots_internal.h - what the files of this room share: the surface as the dots walk on it, a grid
 * over points, a sort, the wanted density, the elimination, and the crowd that is relaxed. */
#ifndef DOTS_DOTS_INTERNAL_H
#define DOTS_DOTS_INTERNAL_H

#include "dots/dots.h"

/* Nearest-neighbour distance of the hexagonal lattice at unit density: sqrt(2 / sqrt 3). */
#define DOTS_HEX 1.0745699318235418
#define DOTS_PI  3.141592653589793

/* ---- the surface (dots_surface.c) */

Vec3 dots_position_mm(const DotsSurface *surface, HeadPoint point);
Vec3 dots_normal(const DotsSurface *surface, HeadPoint point);
double dots_interpolate(const DotsSurface *surface, HeadPoint point, const double field[]);

double dots_longest_edge_mm(const DotsSurface *surface);

/* What a triangle needs so that a point can walk over it. */
typedef struct DotsFacet {
    Vec3 corner_mm, normal;
    Vec3 gradient[2]; /* of the weights of corners 1 and 2, 1 / mm */
    double area_mm2;
} DotsFacet;
MUST_CHECK bool dots_facets_new(Arena *arena, const DotsSurface *surface, DotsFacet **facet,
                                Err *err);
/* The point below to_mm, reached from triangle to triangle; stops at the rim. */
HeadPoint dots_slide(const DotsSurface *surface, const DotsFacet facet[], HeadPoint from,
                     Vec3 to_mm);

/* The edges of the mesh with their cotangent weights: the Laplacian (L f)(v) = sum of weight (f(v)
 * - f(neighbor)), each triangle's part times its conductance (NULL: 1). */
typedef struct DotsWeb {
    int *start; /* [vertex_count + 1] */
    int *neighbor;
    double *weight;
} DotsWeb;
MUST_CHECK bool dots_web_new(Arena *arena, const DotsSurface *surface, const double conductance[],
                             DotsWeb *web, Err *err);

/* across[t][k]: the triangle on the other side of edge (k, k + 1), -1 at the rim. */
MUST_CHECK bool dots_across(Arena *scratch, int vertex_count, int triangle_count,
                            const int triangle[][3], int across[][3], Err *err);
/* A rectangle at z = 0 from the origin, seen from +z: for tests, benches and plane samples. */
MUST_CHECK bool dots_surface_plane(Arena *arena, double side_x_mm, double side_y_mm, int cells_x,
                                   int cells_y, DotsSurface *surface, Err *err);

/* ---- a grid over points (dots_grid.c) */

/* Points in columns of a square grid over x and z, in a column by cells of y: memory goes with the
 * points and the floor plan, not with the volume of the head. */
typedef struct DotsGrid {
    Vec3 low_mm;
    double cell_mm;
    int columns_x, columns_z;
    int *start;  /* [columns_x * columns_z + 1] */
    int *item;   /* [count] which point */
    int *cell_y; /* [count] of item */
} DotsGrid;

/* A walk over all points in the cells that a ball touches: a superset of the points in the ball. */
typedef struct DotsWalk {
    const DotsGrid *grid;
    int x, x_last, z, z_first, z_last, y_first, y_last;
    int at, end;
} DotsWalk;

MUST_CHECK bool dots_grid_new(Arena *arena, int count, const Vec3 position_mm[], double cell_mm,
                              DotsGrid *grid, Err *err);
DotsWalk dots_walk(const DotsGrid *grid, Vec3 centre_mm, double radius_mm);
bool dots_walk_column(DotsWalk *walk); /* the next column that is not empty */

static inline bool dots_walk_next(DotsWalk *walk, int *item)
{
    const DotsGrid *grid = walk->grid;
    while (walk->at >= walk->end || grid->cell_y[walk->at] > walk->y_last)
        if (!dots_walk_column(walk))
            return false;
    *item = grid->item[walk->at++];
    return true;
}

typedef struct DotsKey {
    double key;
    int item;
} DotsKey;

/* Sorts by key, then by item. */
MUST_CHECK bool dots_sort(Arena *scratch, int count, DotsKey key[], Err *err);

/* ---- the wanted density (dots_field.c) */

typedef struct DotsLine DotsLine; /* an edge, made ready for many distances */

typedef struct DotsField {
    const DotsSurface *surface;
    const double *per_mm2;
    const uint8_t *zone;
    int line_count;
    DotsLine *line;
    uint8_t *near; /* [vertex_count] 0: no line matters; bits of dots_field.c. NULL without lines */
    double *open;  /* [vertex_count] per_mm2, 0 where a line closes the vertex and all around */
    double highest_per_mm2;
} DotsField;

/* ERR_INPUT on densities that are negative or not finite, zones out of range, lines without length
 * or with ramps outside 0..100 mm. */
MUST_CHECK bool dots_field_new(Arena *arena, const DotsSurface *surface, const DotsWanted *wanted,
                               DotsField *field, Err *err);
double dots_field_at(const DotsField *field, HeadPoint point);
/* Of the corner with the largest weight among those where something is wanted. */
int dots_zone_at(const DotsField *field, HeadPoint point);

/* The integral of the wanted density: around each vertex (times its hat function), and by zone. */
typedef struct DotsMass {
    double *vertex;   /* [vertex_count] */
    double *triangle; /* [triangle_count] mean density */
    double zone[DOTS_ZONES];
    double total;
} DotsMass;
MUST_CHECK bool dots_mass_new(Arena *arena, const DotsField *field, const DotsFacet facet[],
                              DotsMass *mass, Err *err);

/* Hard edges and the rim as short pieces: where, and the inward normal times the length. */
typedef struct DotsBorder {
    int count;
    Vec3 *position_mm, *inward_mm; /* [count] */
} DotsBorder;
MUST_CHECK bool dots_border_new(Arena *arena, const DotsField *field, const DotsFacet facet[],
                                double step_mm, DotsBorder *border, Err *err);

/* The wanted density as points, around places where it falls steeply (dots_ground.c). */
typedef struct DotsGround {
    int count;
    Vec3 *position_mm; /* [count], as are those below */
    double *per_mm2;   /* wanted there */
    double *dots;      /* that it stands for */
    uint8_t *near;     /* [triangle_count] 0: nothing steep around */
    DotsGrid grid;
} DotsGround;
MUST_CHECK bool dots_ground_new(Arena *scratch, const DotsField *field, const DotsFacet facet[],
                                DotsGround *ground, Err *err);
bool dots_is_by_steep(const DotsGround *ground, int triangle);

/* density[v] (per mm2) of points on the surface, smoothed over 2 mm (about 25 follicles at 100 per
 * cm2) and over two edges at least, true up to the rim. nearest[i]: the vertex of each point. */
MUST_CHECK bool dots_density_of(Arena *scratch, const DotsSurface *surface, int count,
                                const Vec3 position_mm[], int nearest[], double density_per_mm2[],
                                Err *err);

/* ---- the sequence (dots_eliminate.c, dots_rank.c) */

typedef struct DotsCloud {
    int count;
    const Vec3 *position_mm;      /* [count] candidates */
    const double *per_mm2;        /* [count] density of the kept ones here */
    const double *beside_per_mm2; /* [count] density of fixed points around, NULL: none */
    int fixed_count;
    const Vec3 *fixed_mm;
    int threads;
} DotsCloud;

/* order[0 .. keep - 1] becomes the candidates that stay, the most important first: the first n are
 * well spread for every n <= keep. Weighted sample elimination, Yuksel, "Sample elimination for
 * generating Poisson disk sample sets", CGF 34 (2015) 25, by levels of shrinking size. */
MUST_CHECK bool dots_eliminate(Arena *scratch, const DotsCloud *cloud, int keep,
                               const Progress *progress, int order[], Err *err);

/* rank[i] in [0, 1) for the sites in order, such that everywhere the sites with rank < f have the
 * density f * ceiling (over a few millimetres), also where follicles or a border bent it. open[t]
 * tells which triangles take sites. */
MUST_CHECK bool dots_level_ranks(Arena *scratch, const DotsSurface *surface, const uint8_t open[],
                                 const double ceiling_per_mm2[], int count, const HeadPoint point[],
                                 int threads, double rank[], Err *err);

/* ---- the plan */

/* Shares to cumulative shares; ERR_INPUT on counts, shares, spacings, irregularity out of range. */
MUST_CHECK bool dots_check_params(const DotsParams *params, double until[DOTS_MAX_SESSIONS],
                                  Err *err);

/* ERR_INPUT where more is wanted than the sequence has. */
MUST_CHECK bool dots_check_ceiling(const DotsSurface *surface, const DotsSequence *sequence,
                                   const DotsField *field, Err *err);

/* How early a site comes: it is taken when this is below the limit of its zone. INFINITY where
 * nothing is wanted. */
double dots_claim(const DotsSequence *sequence, const DotsField *field, int site);
void dots_choose_sites(const DotsSequence *sequence, const DotsField *field, int session_count,
                       const DotsCut *cut, int8_t session[], int *count);
/* Whole numbers of dots by zone and session that sum to the rounded totals. */
void dots_whole_counts(const DotsMass *mass, int session_count, const double until[],
                       int count[DOTS_ZONES][DOTS_MAX_SESSIONS]);
/* The limits that take exactly these numbers, as far as there are sites. */
MUST_CHECK bool dots_cut_exact(Arena *scratch, const DotsSequence *sequence, const DotsField *field,
                               int session_count, int wanted[DOTS_ZONES][DOTS_MAX_SESSIONS],
                               DotsCut *cut, Err *err);

/* The dots on their way, fixed points behind them. Levels are the session prefixes. */
typedef struct DotsCrowd {
    const DotsSurface *surface;
    const DotsFacet *facet;
    const DotsField *field;
    const DotsBorder *border;
    const DotsGround *ground;
    int level_count;
    double until[DOTS_MAX_SESSIONS];
    int count, total;                    /* dots; dots and fixed */
    HeadPoint *point;                    /* [count] */
    Vec3 *position_mm;                   /* [total] */
    uint8_t *session;                    /* [total] fixed: 0 */
    uint8_t *still;                      /* [total] 1: does not move; fixed: 1 */
    double *per_mm2, *beside_per_mm2;    /* [total] wanted and fixed density at the dot */
    float *territory;                    /* [total] relative radius; mean of the square 1 */
    float *least_mm;                     /* [total] half of the distance that grown dots keep */
    float (*inverse)[DOTS_MAX_SESSIONS]; /* [total] 1 / local spacing (mm) by level */
    double rows;                         /* 0: lengths are those of space, row and across unused */
    const Vec3 *heading;                 /* [vertex_count], NULL: none */
    Vec3 *row;            /* [total] the square of a length d counts across d.d + (row.d)^2: */
    const double *weight; /* [vertex_count] DotsPlanning.weight: what field is multiplied by */
    float *across; /* [total] exp(-2 s), and row the heading times sqrt(exp(2 s) - exp(-2 s)) */
    const int *fixed_vertex;     /* [total - count] */
    const double *fixed_per_mm2; /* [vertex_count], NULL: nothing fixed */
} DotsCrowd;

/* Evens out what is denser or sparser than wanted over 1.5 spacings and more: moves dots down the
 * gradient of a potential, level by level those of the level, or all together for the last prefix,
 * which leaves the order of neighbours as it is. */
typedef enum DotsFlow { DOTS_FLOW_BY_LEVEL, DOTS_FLOW_TOGETHER } DotsFlow;
MUST_CHECK bool dots_transport(Arena *scratch, DotsCrowd *crowd, const DotsMass *mass, DotsFlow how,
                               Err *err);
/* The joint relaxation of all levels. Its lists of neighbours lie on the scratch behind it. */
typedef struct DotsRelaxing DotsRelaxing;
MUST_CHECK bool dots_relaxing_new(Arena *scratch, DotsCrowd *crowd, DotsRelaxing **relaxing,
                                  Err *err);
/* Looks up who is near whom, then takes `steps`; the later ones shorter when settle is true. */
MUST_CHECK bool dots_relax(DotsRelaxing *relaxing, int steps, bool settle, Err *err);
/* Moves apart, in `steps` projections, what is closer than the hard core or than least_mm; then, in
 * up to more_steps, what is still closer than least_mm. */
MUST_CHECK bool dots_project(DotsRelaxing *relaxing, double core, int steps, int more_steps,
                             Err *err);
void dots_crowd_measure(DotsCrowd *crowd); /* densities, inverse and rows where the dots are now */
/* Interpolated: shorter than 1 where the headings of the corners differ. */
Vec3 dots_heading_at(const DotsSurface *surface, HeadPoint point, const Vec3 heading[]);
double dots_crowd_weight(const DotsCrowd *crowd, int i); /* of dot i; 1 without weights */
/* How much room the spacing leaves dot i for a pattern of its own: 1 all .. 0 none. */
double dots_room(const DotsCrowd *crowd, int i);
/* Dot i takes a step along the surface; it stays where the step would end on unwanted skin. */
void dots_crowd_go(DotsCrowd *crowd, int i, Vec3 step_mm);

/* kept[i] = 0 for dots that are closer than least_mm to one of an earlier session or place, or to a
 * fixed point than 0.62 of the hexagonal spacing there. */
MUST_CHECK bool dots_drop_close(Arena *scratch, DotsCrowd *crowd, uint8_t kept[], Err *err);

/* Brings dots into the order of work: the route of each session (route.h). arena: room for a while.
 */
MUST_CHECK bool dots_order(Arena *arena, Arena *scratch, int count, Dot dot[], Err *err);

/* Standard normal deviates of a site. */
double dots_size_deviate(uint64_t seed, int site);
double dots_shade_deviate(uint64_t seed, int site);
/* Deviates change hands between near dots of a group (session) wherever that takes equals farther
 * apart: the distribution stays, large ones, or dark ones, no longer cluster. */
typedef struct DotsMarks {
    int count;
    int *near, *nears; /* private to dots_marks.c */
    float *share;
    const uint8_t *group;
} DotsMarks;
MUST_CHECK bool dots_marks_new(Arena *scratch, int count, const Vec3 position_mm[],
                               const double per_mm2[], const uint8_t group[], DotsMarks *marks,
                               Err *err);
void dots_trade(const DotsMarks *marks, uint64_t seed, double deviate[]);
/* Divides by the root mean square of a dot and its neighbours. */
void dots_level_squares(const DotsMarks *marks, Arena *scratch, float value[]);

/* A plan on its way (dots_plan.c), shared with the edit of one. */
typedef struct DotsPlanning {
    Arena *scratch;
    const DotsSurface *surface;
    const DotsSequence *sequence;
    const DotsParams *params;
    double until[DOTS_MAX_SESSIONS];
    DotsFacet *facet;
    DotsField field;
    DotsBorder border;
    DotsGround ground;
    const Vec3 *heading;   /* [vertex_count], NULL: none */
    const uint8_t *single; /* [vertex_count], NULL: all 0 */
    /* While the crowd are units, some of which must be single dots: densities there count the mean
     * size of a unit times as much. NULL: nowhere, and unit_field, unit_ground are unused */
    double *weight; /* [vertex_count] 1 .. mean size */
    DotsField unit_field;
    DotsGround unit_ground;
    int8_t *session; /* [sequence->count] */
    int chosen;
    int *site, *zone; /* [crowd.count] */
    double *size;     /* [crowd.count] deviates: a large dot has a large territory */
    double *shade;    /* [crowd.count] */
    int *unit;        /* [crowd.count] site of the unit, NULL: every dot its own */
    uint8_t *members; /* [chosen] dots of each unit; NULL: one */
    DotsCrowd crowd;
} DotsPlanning;
MUST_CHECK bool dots_planning_open(DotsPlanning *planning, const DotsWanted *wanted, Err *err);
/* The chosen sites, near ones near each other, and the fixed points as a crowd. */
MUST_CHECK bool dots_crowd_new(DotsPlanning *planning, Err *err);
MUST_CHECK bool dots_crowd_alloc(Arena *scratch, DotsCrowd *crowd, Err *err);
double dots_hard_core(const DotsParams *params); /* hexagonal spacings */
/* Follicular units (dots_units.c). Mean size; what single ones weigh; how many units make up the
 * dots (unit_mass: of the unit field, or mass); whether those that may have more than one dot can
 * make up the rest, else *units asks for more; sizes for the crowd of units, which also changes
 * their territories; and the units as their dots. */
double dots_unit_mean(const DotsParams *params);
MUST_CHECK bool dots_units_weigh(DotsPlanning *planning, Err *err);
void dots_unit_counts(double mean, const DotsMass *mass, const DotsMass *unit_mass,
                      int dots[DOTS_ZONES][DOTS_MAX_SESSIONS],
                      int units[DOTS_ZONES][DOTS_MAX_SESSIONS]);
bool dots_units_suffice(const DotsPlanning *planning, int dots[DOTS_ZONES][DOTS_MAX_SESSIONS],
                        int units[DOTS_ZONES][DOTS_MAX_SESSIONS]);
MUST_CHECK bool dots_units_assign(DotsPlanning *planning, int dots[DOTS_ZONES][DOTS_MAX_SESSIONS],
                                  Err *err);
MUST_CHECK bool dots_units_expand(DotsPlanning *planning, Err *err);
/* The smallest distance between two dots; 0 when there are not two. */
MUST_CHECK bool dots_nearest_mm(Arena *scratch, int count, const Dot dot[], double *least_mm,
                                Err *err);
/* Sites of a crowd as dots, without what is drawn for all together. */
Dot dots_make_dot(const DotsPlanning *planning, int i);
void dots_count(Dots *dots, const Dot *dot); /* adds it at the end */
MUST_CHECK bool dots_write(Arena *arena, DotsPlanning *planning, Dots *dots, Err *err);

#endif
