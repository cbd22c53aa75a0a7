#include "cli/shade_input.h"

#include "base/io.h"
#include "report/swatch.h"

#include <stdio.h>
#include <string.h>

static const CliOption options[] = {
    {"skin", CLI_TEXT, "SKIN",
     "the client's bare skin: lab:L,a,b (D65, 2 degrees), ita:DEGREES, monk:1..10, #rrggbb, "
     "spectrum:FILE.csv (wavelength_nm,reflectance), or a case folder",
     0, 0, CLI_PLAIN},
    {"gloss", CLI_TEXT, "included|excluded",
     "whether the shine of the skin is in the measured colour: without it, included for #rrggbb (a "
     "pixel of a picture), excluded for lab: and spectrum: (an instrument)",
     0, 0, CLI_PLAIN},
    {"hair", CLI_TEXT, "HAIR",
     "black, dark-brown, brown, blond, red, grey, white, or a case folder (default: that of "
     "--skin)",
     0, 0, CLI_PLAIN},
    {"hair-diameter-mm", CLI_NUMBER, "MM", "of a shaft (default 0.07)", 0.02, 0.2, CLI_PLAIN},
    {"hair-per-cm2", CLI_NUMBER, "N", "hairs per cm2 of the stubble to match (default 150)", 1, 500,
     CLI_PLAIN},
    {"grey-share", CLI_NUMBER, "0..1", "of the hair that is white by now (default 0)", 0, 1,
     CLI_PLAIN},
    {"stub-mm", CLI_NUMBER, "MM", "length the stubble stands out (default 0.1, 0: cut flush)", 0, 1,
     CLI_PLAIN},
    {"dots-per-cm2", CLI_NUMBER, "N", "dots of all sessions together (default 150)", 1, 500,
     CLI_PLAIN},
    {"dot-diameter-mm", CLI_NUMBER, "MM", "of a healed dot (default 0.30)", 0.1, 0.8, CLI_PLAIN},
    {"dot-depth-mm", CLI_NUMBER, "MM", "of healed pigment (default 0.25)", 0.1, 1.0, CLI_PLAIN},
    {"depth-sd-mm", CLI_NUMBER, "MM", "scatter of that depth (default 0.05)", 0, 0.3, CLI_PLAIN},
    {"match", CLI_NUMBER, "SHARE",
     "wanted darkening relative to the stubble's (default 1: the same)", 0.1, 2, CLI_PLAIN},
    {"protocol", CLI_TEXT, "NAME|FILE",
     "sessions, their shares and strengths: a built-in name or a JSON file (default standard)", 0,
     0, CLI_PLAIN},
    {"sessions", CLI_TEXT, "A,B,...", "shares of the dots by session instead, such as 45,35,20", 0,
     0, CLI_PLAIN},
    {"pigment", CLI_TEXT, "NAME|FILE",
     "carbon, absorbable, or a line of your own as JSON (default carbon); of several the best "
     "match is chosen",
     0, 0, CLI_REPEATS},
    {"dilution", CLI_NUMBER, "PARTS",
     "predict this one (ml water to 1 ml pigment, last session) instead of choosing", 0, 1000,
     CLI_PLAIN},
    {"sun", CLI_NUMBER, "0..1", "0 protected, 1 daily without protection (default 0)", 0, 1,
     CLI_PLAIN},
    {"oily", CLI_NUMBER, "-1..1", "-1 dry skin, 1 oily (default 0)", -1, 1, CLI_PLAIN},
    {"immune", CLI_NUMBER, "-1..1", "-1 slow, 1 strong to take foreign matter away (default 0)", -1,
     1, CLI_PLAIN},
    {"scar", CLI_FLAG, NULL, "the dots go into scar tissue", 0, 0, CLI_PLAIN},
    {"age", CLI_NUMBER, "YEARS", "of the client, for advice on greying", 1, 120, CLI_PLAIN},
    {"output", CLI_TEXT, "DIR",
     "write shade.json, swatches.png and swatches.pdf into this folder (also -o DIR); with "
     "--calibrate, the file for the line",
     0, 0, CLI_INCIDENTAL},
    {"force", CLI_FLAG, NULL, "replace DIR if it exists", 0, 0, CLI_INCIDENTAL},
    {"calibrate", CLI_TEXT, "SWATCHES.json",
     "learn a line's uptake from PHOTO of healed swatches (docs/formats.md)", 0, 0, CLI_PLAIN},
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024)", 64, 65536, CLI_INCIDENTAL},
    {0},
};

/* ---- what is said ---- */

static void print_band(const char *name, SkinBand band, double factor, int decimals)
{
    printf("  %s %.*f (%.*f..%.*f)", name, decimals, factor * band.expected, decimals,
           factor * band.low, decimals, factor * band.high);
}

static void print_skin(const ShadeInput *input, const ShadeChoice *choice)
{
    const SkinTone *tone = &input->tone;
    const ShadeRequest *request = &input->request;
    printf("skin     L* %.1f, a* %.1f, b* %.1f; ITA %.0f, %s; nearest Monk tone %d; model off by "
           "%.2f deltaE00\n",
           tone->lab.L, tone->lab.a, tone->lab.b, tone->ita_deg, color_ita_class(tone->ita_deg),
           color_monk_tone(tone->lab), tone->residual_de2000);
    if (input->origin.fitted)
        printf("         fit to the spectrum: %.2f %% of reflectance (rms over 400..700 nm)\n",
               100.0 * input->origin.fit_rms);
    printf("stubble  %s, %.2f mm, %.0f per cm2: %.1f L* darker than the skin, red to blue %.2f\n",
           input->hair_given, request->hair[0].diameter_mm, request->hair_per_cm2,
           choice->bare.L - choice->stubble.L, choice->stubble_blue_ratio);
    printf("dots     %.0f per cm2, %.2f mm, at %.2f mm (+-%.2f)\n", request->dots_per_cm2,
           request->diameter_mm, request->depth_mm, request->depth_sd_mm);
}

static void print_sessions(const ShadeRequest *request, const ShadeChoice *choice)
{
    printf("pigment  %s\n", request->pigment[choice->pigment].name);
    for (int s = 0; s < request->session_count; s++) {
        const ShadeSession *session = &choice->session[s];
        printf("  session %d  %5.1f ml water : 1 ml pigment, %3.0f dots per cm2; healed so far "
               "%.1f L* darker\n",
               s + 1, session->dilution, session->dots_per_cm2, -session->lightness_change);
    }
}

static void print_forecast(const ShadeChoice *choice)
{
    static const char *const name[SHADE_MOMENTS] = {"day 1",  "day 30", "year 1",
                                                    "year 3", "year 5", "year 10"};
    printf("forecast (80 %% bands)\n");
    for (int i = 0; i < SHADE_MOMENTS; i++) {
        const ShadeForecast *forecast = &choice->forecast[i];
        printf("  %-7s", name[i]);
        print_band("deltaE00 to stubble", forecast->delta_e2000, 1.0, 1);
        print_band("L*", forecast->lightness_change, 1.0, 1);
        print_band("blueness", forecast->blue_match, 1.0, 2);
        print_band("dot mm", forecast->width_mm, 1.0, 2);
        print_band("left %", forecast->pigment_left, 100.0, 0);
        printf("\n");
    }
}

static void print_warnings(const ShadeInput *input, const ShadeChoice *choice)
{
    static const char *const word[] = {
        [SHADE_NOTE] = "note", [SHADE_WARN] = "warning", [SHADE_REFUSE] = "refused"};
    if (input->origin.remark != NULL)
        fprintf(stderr, "note: %s\n", input->origin.remark);
    for (int i = 0; i < choice->warning_count; i++)
        fprintf(stderr, "%s: %s\n", word[choice->warning[i].severity], choice->warning[i].text);
}

/* ---- what is written ---- */

static bool put_file(const IoFolder *folder, const char *name, size_t size, const void *bytes,
                     Err *err)
{
    char path[IO_PATH_LIMIT];
    return io_join(path, folder->partial, name, err) && io_write_file(path, size, bytes, err);
}

static bool put_pictures(Arena *arena, Arena *scratch, const ShadeRequest *request,
                         const ShadeChoice *choice, const IoFolder *folder, Err *err)
{
    size_t size, mark = arena_mark(arena);
    uint8_t *bytes;
    Image sheet;
    bool ok = report_swatch_pdf(arena, scratch, request, choice, &size, &bytes, err) &&
              put_file(folder, "swatches.pdf", size, bytes, err);
    arena_rewind(arena, mark);
    ok = ok && report_swatch_sheet(arena, scratch, request, choice, &sheet, err) &&
         image_encode_png(arena, &sheet, 6, &size, &bytes, err) &&
         put_file(folder, "swatches.png", size, bytes, err);
    arena_rewind(arena, mark);
    return ok;
}

static bool write_folder(Arena *arena, Arena *scratch, const CliArgs *args, const ShadeInput *input,
                         const ShadeChoice *choice, size_t size, const char *json, Err *err)
{
    IoFolder folder = {.lock = -1};
    bool ok = io_folder_open(&folder, cli_text(args, "output", NULL), cli_has(args, "force"), err);
    if (!ok)
        return false;
    ok = put_file(&folder, "shade.json", size, json, err) &&
         put_pictures(arena, scratch, &input->request, choice, &folder, err) &&
         io_folder_commit(&folder, err);
    io_folder_abandon(&folder);
    return ok;
}

/* ---- the command ---- */

static bool choose(Arena *arena, ShadeInput *input, ShadeChoice *choice, Err *err)
{
    SkinTable table;
    SkinMarks *marks = NULL;
    if (!skin_tone_check(&input->tone, err) || !skin_table_load(&table, err) ||
        !skin_marks_new(arena, &table, &input->tone, &marks, err))
        return false;
    input->request.marks = marks;
    if (!shade_check(&input->request, err))
        return false;
    shade_choose(&input->request, choice);
    return true;
}

static int shade(Arena *arena, Arena *scratch, const CliArgs *args)
{
    Err err = {0};
    size_t size;
    char *json;
    ShadeInput *input = ARENA_NEW(arena, ShadeInput, 1);
    ShadeChoice *choice = ARENA_NEW(arena, ShadeChoice, 1);
    if (input == NULL || choice == NULL) {
        err_set(&err, ERR_LIMIT, "no room for the shade within the memory limit");
        return cli_fail(&err);
    }
    int status = shade_input_read(scratch, args, input);
    if (status != CLI_DONE)
        return status;
    if (!choose(arena, input, choice, &err) ||
        !casefile_shade_to_json(arena, &input->request, choice, &input->origin, &size, &json, &err))
        return cli_fail(&err);
    if (cli_has(args, "output") &&
        !write_folder(arena, scratch, args, input, choice, size, json, &err))
        return cli_fail(&err);
    if (cli_has(args, "json")) {
        fwrite(json, 1, size, stdout);
    } else {
        print_skin(input, choice);
        print_sessions(&input->request, choice);
        print_forecast(choice);
    }
    if (!cli_has(args, "quiet"))
        print_warnings(input, choice);
    return choice->refused ? CLI_FAILED : CLI_DONE;
}

static int run(const CliArgs *args)
{
    Arena arena = {0}, scratch = {0};
    Err err = {0};
    if (cli_has(args, "calibrate"))
        return shade_calibrate_run(args);
    if (args->operand_count > 0)
        return cli_misuse("shade", "a photograph is for --calibrate only");
    double memory_mb = cli_number(args, "memory-mb", 1024.0);
    size_t half = (size_t)(memory_mb * 524288.0);
    cli_limit_memory(memory_mb, 1);
    int status = CLI_FAILED;
    if (arena_open(&arena, half / 2, &err) && arena_open(&scratch, half, &err))
        status = shade(&arena, &scratch, args);
    else
        status = cli_fail(&err);
    arena_close(&scratch);
    arena_close(&arena);
    return status;
}

const CliCommand cli_shade = {
    .name = "shade",
    .operands = "[PHOTO]",
    .least = 0,
    .most = 1,
    .summary = "choose pigment and dilution for a skin and hair; predict a given one",
    .description =
        "Chooses the dilution of each session so that the treated skin reads as this client's own "
        "stubble in this client's own skin, the first session lighter; says how well it will "
        "match, how wide and how blue a dot will look, fresh, healed and years later, with bands; "
        "and warns of what can go wrong. With -o it writes the swatch sheet that shows it.\n\n"
        "Colours are without the shine of the skin; where a measured one contains it, say "
        "--gloss=included. A Monk tone or an ITA alone is a guess: measure.\n\n"
        "With --calibrate=SWATCHES.json, PHOTO of healed test swatches teaches how much of a "
        "line's "
        "pigment healed skin keeps; the line is written as a new pigment file.\n\n"
        "A shade that is refused (hair too light to be matched, no skin's colour, far too deep) "
        "makes the exit status 1. Everything here is a prediction, not a promise.",
    .examples =
        "  follicle shade --skin=lab:62,9,15 --hair=dark-brown\n"
        "  follicle shade --skin=spectrum:forehead.csv --hair=black --hair-per-cm2=180 -o shade\n"
        "  follicle shade --skin=case-17 --age=52 --grey-share=0.3 -o case-17-shade\n"
        "  follicle shade --skin=ita:-20 --hair=black --dilution=6 --json\n"
        "  follicle shade --calibrate=swatches.json healed.jpg -o ours.json\n",
    .option = options,
    .run = run,
};
