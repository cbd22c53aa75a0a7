/* skin_internal.h - what the files of this room share. */
#ifndef SKIN_SKIN_INTERNAL_H
#define SKIN_SKIN_INTERNAL_H

typedef struct SkinCell {
    double log_area[3]; /* ln mm2 */
    double core_share[3];
    double core_sigma_mm, halo_sigma_mm;
} SkinCell;

#endif
