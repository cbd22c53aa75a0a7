/* shade_input.h - what a person types about skin, hair, dots and pigment, as a ShadeRequest.
 *
 * Functions return CLI_DONE, or say what is wrong and return CLI_USAGE or CLI_FAILED.
 */
#ifndef CLI_SHADE_INPUT_H
#define CLI_SHADE_INPUT_H

#include "casefile/shade_doc.h"
#include "cli/cli.h"

typedef struct ShadeInput {
    SkinTone tone;
    SkinPigment pigment[SHADE_MAX_PIGMENTS];
    ShadeRequest request; /* marks are left to the caller */
    ShadeOrigin origin;
    char skin_given[256], hair_given[256], remark[240];
} ShadeInput;

int shade_input_read(Arena *scratch, const CliArgs *args, ShadeInput *input);
/* A line's name or a file; "carbon" and "absorbable" are built in. */
bool shade_input_pigment(Arena *scratch, const char *name, SkinPigment *pigment, Err *err);
/* follicle shade --calibrate=SWATCHES.json PHOTO */
int shade_calibrate_run(const CliArgs *args);

#endif
