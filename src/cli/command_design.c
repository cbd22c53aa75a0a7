#include "cli/design_change.h"

#include "base/io.h"
#include "casefile/read.h"
#include "edit/edit.h"
#include "rules/rules.h"
#include "visibility/visibility.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const CliOption options[] = {
    {"list", CLI_FLAG, NULL, "the presets: recipes that 'plan' and 'design' start from", 0, 0,
     CLI_PLAIN},
    {"pictures", CLI_TEXT, "FOLDER", "with --list: write each preset's picture, ID.jpg, there", 0,
     0, CLI_PLAIN},
    {"check", CLI_FLAG, NULL, "hold the design against the guard-rails", 0, 0, CLI_PLAIN},
    {"what-if", CLI_FLAG, NULL, "what would be seen if the loss went on, with the dots in place", 0,
     0, CLI_PLAIN},
    {"undo", CLI_FLAG, NULL, "back to the design before the last change", 0, 0, CLI_PLAIN},
    {"redo", CLI_FLAG, NULL, "forth again", 0, 0, CLI_PLAIN},
    {"history", CLI_FLAG, NULL, "the changes so far", 0, 0, CLI_PLAIN},
    {"raise-mm", CLI_NUMBER, "MM", "move the hairline up the head, or down when negative", -30, 30,
     CLI_PLAIN},
    {"mirror", CLI_TEXT, "left|right", "keep this side of the hairline and mirror it", 0, 0,
     CLI_PLAIN},
    {"brush", CLI_TEXT, "POINTS", "a stroke on the density along points X,Y,Z (head frame, mm)", 0,
     0, CLI_REPEATS},
    {"brush-width-mm", CLI_NUMBER, "MM", "of the strokes (default 20)", 2, 60, CLI_PLAIN},
    {"brush-amount", CLI_NUMBER, "SHARE", "-1 takes all away, 0.5 adds a half (default -0.5)", -1,
     1, CLI_PLAIN},
    {"whorl", CLI_TEXT, "X,Y,Z", "where the crown turns: moves the whorl there", 0, 0, CLI_PLAIN},
    {"second-whorl", CLI_TEXT, "X,Y,Z", "a double crown", 0, 0, CLI_PLAIN},
    {"growth", CLI_TEXT, "POINTS", "hair runs along these points", 0, 0, CLI_REPEATS},
    DESIGN_INPUT_OPTIONS,
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024)", 64, 65536, CLI_INCIDENTAL},
    {0},
};

/* ---- presets ---- */

static bool write_picture(const char *folder, const char *id, Err *err)
{
    char path[IO_PATH_LIMIT], name[DESIGN_NAME + 8];
    size_t size = 0;
    const uint8_t *bytes = design_preset_picture(id, &size);
    snprintf(name, sizeof name, "%s.jpg", id);
    return bytes == NULL ||
           (io_join(path, folder, name, err) && io_write_file(path, size, bytes, err));
}

static int list_presets(bool json, const char *pictures)
{
    static DesignPreset preset;
    Err err = {0};
    if (json)
        printf("[");
    for (int i = 0; i < design_preset_count(); i++) {
        if (!design_preset_at(i, &preset, &err))
            return cli_fail(&err);
        if (pictures != NULL && !write_picture(pictures, preset.id, &err))
            return cli_fail(&err);
        if (!json) {
            printf("%-22s %s\n", preset.id, preset.title);
            continue;
        }
        char picture[DESIGN_NAME + 8];
        snprintf(picture, sizeof picture, "%s.jpg", preset.id);
        const char *key[] = {"id", "title", "summary", "advice", "source", "picture"};
        const char *value[] = {preset.id,     preset.title,  preset.summary,
                               preset.advice, preset.source, picture};
        printf("%s\n  {", i > 0 ? "," : "");
        for (int k = 0; k < 6; k++) {
            printf("%s\"%s\": ", k > 0 ? ", " : "", key[k]);
            cli_print_json_text(value[k]);
        }
        printf("}");
    }
    if (json)
        printf("\n]\n");
    return CLI_DONE;
}

/* ---- a case ---- */

static bool open_history(DesignWork *work, Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size;
    uint8_t *bytes;
    Err absent = {0};
    if (!io_join(path, work->folder, "history.json", err))
        return false;
    if (io_read_file(&work->arena, path, 64 << 20, &size, &bytes, &absent))
        return edit_history_from_json(&work->arena, size, (const char *)bytes, &work->history, err);
    return edit_history_push(&work->arena, &work->history, "the design that was planned",
                             &work->canvas.design, err);
}

static bool write_text(DesignWork *work, const char *name, size_t size, const char *text, Err *err)
{
    char path[IO_PATH_LIMIT];
    return io_join(path, work->folder, name, err) && io_write_file(path, size, text, err);
}

/* The history first: it holds the design, so a broken write loses nothing. */
static bool save(DesignWork *work, Err *err)
{
    size_t size;
    char *text;
    if (!edit_history_to_json(&work->arena, &work->history, &size, &text, err) ||
        !write_text(work, "history.json", size, text, err))
        return false;
    const EditStep *step = &work->history.step[work->history.at];
    return write_text(work, "design.json", step->size, step->json, err);
}

/* ---- what is said ---- */

static bool lay_out(DesignWork *work, Err *err)
{
    const CaseCanvas *canvas = &work->canvas;
    return design_layout(&work->arena, &work->scratch, &canvas->head, &canvas->survey,
                         &work->design, &work->layout, err) &&
           design_recede_next(&work->arena, &work->scratch, &work->layout, 2, work->loss,
                              &work->loss_count, err);
}

static bool check(DesignWork *work, Err *err)
{
    const CaseCanvas *canvas = &work->canvas;
    bool planned = design_same(&work->design, &canvas->design);
    RulesInput input = {
        .layout = &work->layout,
        .loss_count = work->loss_count,
        .loss = work->loss,
        .ageing = &canvas->ageing,
        .healed_diameter_mm = work->design.marks.diameter_mm,
        /* of the plan: another design has not been looked at yet */
        .treated_darkening = planned ? canvas->treated_darkening : -1.0,
        .visible_darkening = visibility_least_darkening(work->design.density.fringe_blend_mm,
                                                        canvas->luminance_cd_m2),
        .step_distance_m = planned ? canvas->step_distance_m : -1.0,
        .touch_up_share = budget_touch_up_share(canvas->session_count, canvas->share)};
    return rules_check(&work->scratch, &work->rules, &input, &work->findings, err);
}

static bool print_check(DesignWork *work, bool json, Err *err)
{
    size_t size;
    char *text;
    bool ok = json ? rules_to_json(&work->arena, &work->rules, &work->findings, &size, &text, err)
                   : rules_to_text(&work->arena, &work->findings, &size, &text, err);
    if (ok)
        fwrite(text, 1, size, stdout);
    return ok;
}

static void print_losses(const DesignWork *work, bool json)
{
    if (json)
        printf("[");
    for (int i = 0; i < work->loss_count; i++) {
        const DesignLoss *loss = &work->loss[i];
        const char *scale = loss->ludwig ? "ludwig" : "norwood";
        printf(json ? "%s\n  {\"scale\": \"%s\", \"stage\": %d, \"lost_cm2\": %.1f, \"bare_cm2\": "
                      "%.1f, \"free_edge_mm\": %.0f, \"widest_gap_mm\": %.1f, \"extra_dots\": %.0f}"
                    : "%s%s %d: %.1f cm2 of hair lost, %.1f cm2 of it without dots; %.0f mm of "
                      "their edge stand free, %.0f mm from the hair at most; %.0f more dots\n",
               json && i > 0 ? "," : "", scale, loss->pattern_stage, loss->lost_mm2 / 100.0,
               loss->bare_mm2 / 100.0, loss->edge_mm, loss->widest_mm, loss->extra_dots);
    }
    printf("%s", json                    ? "\n]\n"
                 : work->loss_count == 0 ? "the design says nothing of a stage\n"
                                         : "");
}

static void print_history(const EditHistory *history)
{
    for (int i = 0; i < history->count; i++)
        printf("%c %2d  %s  %.12s\n", i == history->at ? '*' : ' ', i + 1, history->step[i].what,
               history->step[i].sha256);
}

static void print_design(const DesignWork *work, bool json)
{
    const DesignLayout *layout = &work->layout;
    if (json) {
        printf("{\"what\": ");
        cli_print_json_text(work->what);
        printf(", \"area_cm2\": %.1f, \"dots_wanted\": %.0f, \"hairline_mm\": %.1f, "
               "\"hairline_height_mm\": %.1f, \"refused\": %d, \"open\": %d}\n",
               layout->area_mm2 / 100.0, layout->dots, layout->hairline_length_mm,
               layout->hairline_height_mm, work->findings.refused, work->findings.open);
        return;
    }
    printf("%s: %.1f cm2, %.0f dots wanted, hairline %.0f mm long, %.1f mm above the glabella; %d "
           "refused, %d to be confirmed\n",
           work->what[0] != '\0' ? work->what : "unchanged", layout->area_mm2 / 100.0, layout->dots,
           layout->hairline_length_mm, layout->hairline_height_mm, work->findings.refused,
           work->findings.open);
}

/* ---- */

static bool move(DesignWork *work, int by, Err *err)
{
    if (!edit_history_move(&work->history, by))
        return err_set(err, ERR_INPUT,
                       by < 0 ? "there is nothing to undo" : "there is nothing to do again");
    design_note(work, "%s: %s", by < 0 ? "undone" : "done again",
                work->history.step[work->history.at + (by < 0)].what);
    return edit_history_design(&work->history, &work->design, err);
}

static bool act(DesignWork *work, Err *err)
{
    const CliArgs *args = work->args;
    bool json = cli_has(args, "json");
    bool moved = cli_has(args, "undo") || cli_has(args, "redo");
    if (!design_input_rules(&work->arena, cli_text(args, "rules", NULL), &work->rules, err) ||
        !casefile_canvas_read(&work->arena, &work->scratch, work->folder, &work->canvas, err) ||
        !open_history(work, err))
        return false;
    work->design = work->canvas.design;
    if (cli_has(args, "history")) {
        print_history(&work->history);
        return true;
    }
    if (moved ? !move(work, cli_has(args, "undo") ? -1 : 1, err) : !design_change(work, err))
        return false;
    bool changed = !design_same(&work->design, &work->canvas.design);
    /* laid out before it is kept: a design that does not fit this head is refused */
    if (!lay_out(work, err) || !check(work, err))
        return false;
    if (changed && !moved &&
        !edit_history_push(&work->arena, &work->history, work->what, &work->design, err))
        return false;
    if ((changed || moved) && !save(work, err))
        return false;
    if (cli_has(args, "check"))
        return print_check(work, json, err);
    if (cli_has(args, "what-if"))
        print_losses(work, json);
    else
        print_design(work, json);
    return true;
}

static int run(const CliArgs *args)
{
    Arena own = {0};
    Err err = {0};
    if (cli_has(args, "list"))
        return list_presets(cli_has(args, "json"), cli_text(args, "pictures", NULL));
    if (args->operand_count == 0)
        return cli_misuse("design", "name a case folder, or --list the presets");
    double memory_mb = cli_number(args, "memory-mb", 1024.0);
    size_t limit = (size_t)(memory_mb * 1048576.0);
    cli_limit_memory(memory_mb, 1);
    if (!arena_open(&own, sizeof(DesignWork) + 4096, &err))
        return cli_fail(&err);
    DesignWork *work = ARENA_NEW(&own, DesignWork, 1);
    work->args = args;
    work->folder = args->operand[0];
    bool ok = arena_open(&work->arena, limit / 2, &err) &&
              arena_open(&work->scratch, limit / 4, &err) && act(work, &err);
    int refused = work->findings.refused;
    arena_close(&work->scratch);
    arena_close(&work->arena);
    arena_close(&own);
    if (!ok)
        return cli_fail(&err);
    return cli_has(args, "check") && refused > 0 ? CLI_FAILED : CLI_DONE;
}

const CliCommand cli_design = {
    .name = "design",
    .operands = "[CASE]",
    .least = 0,
    .most = 1,
    .summary = "presets; check, change and undo the design of a case",
    .description =
        "The design of a case is its design.json: hairline, regions, density, growth and marks, as "
        "places on the head and millimetres. This command lists the presets to start from, holds a "
        "design against the guard-rails, shows what further hair loss would lay bare, and changes "
        "the design. Points X,Y,Z are millimetres in the head frame, as in layout.json and "
        "dots.csv.\n\n"
        "Every change is kept in history.json and can be undone. The dots, pictures and papers "
        "follow with 'follicle plan HEAD --design=CASE/design.json'.\n\n"
        "With --check the exit status is 1 when a guard-rail refuses the design.",
    .examples = "  follicle design --list\n"
                "  follicle design --check --json case > findings.json\n"
                "  follicle design case --raise-mm=3 --transition-mm=12\n"
                "  follicle design case --undo\n",
    .option = options,
    .run = run,
};
