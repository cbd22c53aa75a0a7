/* photo_input.h - what the command line says of photographs: clicks, a scale, measured prints. */
#ifndef CLI_PHOTO_INPUT_H
#define CLI_PHOTO_INPUT_H

#include "cli/cli.h"
#include "plan/plan.h"

/* Into the request, whose pointers stand in the arena. CLI_DONE; CLI_USAGE: the mistake was said;
 * CLI_FAILED: *err says why. */
int photo_input(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err);

#endif
