/* design_change.h - what `follicle design` does to the design of a case. */
#ifndef CLI_DESIGN_CHANGE_H
#define CLI_DESIGN_CHANGE_H

#include "casefile/read.h"
#include "cli/design_input.h"
#include "edit/edit.h"

typedef struct DesignWork {
    const CliArgs *args;
    const char *folder;
    Arena arena, scratch;
    CaseCanvas canvas;
    RuleSet rules;
    Design design;
    EditHistory history;
    char what[EDIT_WHAT];
    DesignLayout layout;
    int loss_count;
    DesignLoss loss[2];
    Findings findings;
} DesignWork;

/* Adds to what the change is called in the history. */
void design_note(DesignWork *work, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The options of the command line, carried out on work->design. */
MUST_CHECK bool design_change(DesignWork *work, Err *err);

#endif
