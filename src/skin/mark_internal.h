/* mark_internal.h - the table behind mark.h: its axes, its bytes, how it is made. */
#ifndef SKIN_MARK_INTERNAL_H
#define SKIN_MARK_INTERNAL_H

#include "base/progress.h"
#include "optics/walk.h"
#include "skin/mark.h"

enum {
    TABLE_SCATTERS = 8,
    TABLE_EPIDERMES = 6,
    TABLE_DERMES = 5,
    TABLE_SKINS = TABLE_EPIDERMES * TABLE_DERMES,
    PLUG_DEPTHS = 12,
    PLUG_DIAMETERS = 6,
    PLUG_STRENGTHS = 7,
    PLUGS = PLUG_DEPTHS * PLUG_DIAMETERS,
    PLUG_MARKS = PLUGS * PLUG_STRENGTHS,
    ROD_TILTS = 3,
    ROD_DIAMETERS = 4,
    ROD_STRENGTHS = 5,
    RODS = ROD_TILTS * ROD_DIAMETERS,
    ROD_MARKS = RODS * ROD_STRENGTHS,
    ROD_RINGS = 8,
    PLUG_CELLS = PLUG_MARKS * SKIN_RINGS, /* of one skin: [depth][diameter][strength][ring] */
    ROD_CELLS = ROD_MARKS * ROD_RINGS     /* [tilt][diameter][strength][ring] */
};

/* Nodes of the axes. The skin's: reduced scattering, absorption of the epidermis and of the dermis
 * (1/mm); docs/models/skin.md says which skins reach where. */
extern const double table_scatter[TABLE_SCATTERS], table_epidermis[TABLE_EPIDERMES],
    table_dermis[TABLE_DERMES];
extern const double plug_depth_mm[PLUG_DEPTHS], plug_diameter_mm[PLUG_DIAMETERS],
    plug_strength[PLUG_STRENGTHS];
extern const double rod_tilt_rad[ROD_TILTS], rod_diameter_mm[ROD_DIAMETERS],
    rod_strength[ROD_STRENGTHS];
extern const double rod_ring_mm[ROD_RINGS + 1];
/* Borders of the rings around a plug of that diameter: contrast by them is smooth in the diameter.
 */
void plug_rings(double diameter_mm, double ring_mm[SKIN_RINGS + 1]);
#define ROD_BOTTOM_MM 3.0
/* One anisotropy for all: at equal reduced scattering it matters by up to 0.005
 * (docs/models/skin.md). */
#define TABLE_ANISOTROPY 0.765

/* Contrasts are kept as 16 bits of their logarithm: e^-16 .. e^0.4, in steps of 0.025 %. */
#define CODE_LOWEST (-16.0)
#define CODE_STEP   (16.4 / 65535.0)

/* The bytes of the file, little-endian: this head, then uint16 plug[scatter][skin][PLUG_CELLS],
 * then uint16 rod[scatter][skin][ROD_CELLS]. skin = epidermis * TABLE_DERMES + dermis. */
typedef struct SkinTableHead {
    char magic[8];    /* "FOLLMARK" */
    uint32_t version; /* 1 */
    uint32_t photons; /* walks per scattering node */
    uint64_t seed;
    uint64_t witness[TABLE_SCATTERS]; /* of the first block of each node, before rounding */
    uint32_t axes[12];                /* counts, in the order of the enum above */
    char sha256[64];                  /* of everything after the head, in hex digits */
} SkinTableHead;
#define TABLE_MAGIC "FOLLMARK"
enum { TABLE_VERSION = 1, TABLE_BLOCK_PHOTONS = 4800 };

size_t table_bytes(void);
uint16_t table_code(double contrast);
double table_log_contrast(uint16_t code);
void table_head_axes(uint32_t axes[12]);

/* What the walks of a block add up to; weights by skin. A walk meets every diameter of plug in the
 * inner rings, where contrasts are large, one in each of the others, (walk + ring) %
 * PLUG_DIAMETERS, and rods in one ring, walk % ROD_RINGS. */
enum { TABLE_TURNS = 24, INNER_RINGS = 6 }; /* TURNS: a multiple of both */
typedef struct TableSum {
    double base[TABLE_TURNS][TABLE_SKINS];           /* light that comes back, by walk % TURNS */
    float plug[SKIN_RINGS][PLUG_MARKS][TABLE_SKINS]; /* and of it, what a mark takes */
    float rod[ROD_RINGS][ROD_MARKS][TABLE_SKINS];
} TableSum;

WalkMedium table_medium(int scatter);
/* Walks first..first + count - 1 of a node into *sum, which need not be clean. Takes about 60 us a
 * walk; walk: working space. */
void table_sum_block(int scatter, uint64_t seed, int first, int count, Walk *walk, TableSum *sum);
uint64_t table_witness(const TableSum *sum);

#endif
