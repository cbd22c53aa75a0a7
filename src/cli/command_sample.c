#include "cli/cli.h"

#include "base/io.h"
#include "sample/photos.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const CliOption options[] = {
    {"output", CLI_TEXT, "FOLDER", "the folder to write (also -o FOLDER)", 0, 0, CLI_INCIDENTAL},
    {"force", CLI_FLAG, NULL, "replace FOLDER if it exists", 0, 0, CLI_INCIDENTAL},
    {"seed", CLI_INTEGER, "N", "another client for another number (default 1)", 0, 9e15, CLI_PLAIN},
    {"skin", CLI_TEXT, "TONE", "very-light, light (default), intermediate, tan, brown or dark", 0,
     0, CLI_PLAIN},
    {"norwood", CLI_INTEGER, "1..7", "stage of hair loss (default 6)", 1, 7, CLI_PLAIN},
    {"scar", CLI_FLAG, NULL, "with a linear scar at the back of the head", 0, 0, CLI_PLAIN},
    {"ludwig", CLI_INTEGER, "1..3", "thinning on top behind a kept line, as in women, instead", 1,
     3, CLI_PLAIN},
    {"total-loss", CLI_FLAG, NULL, "without any scalp hair, whatever the stage", 0, 0, CLI_PLAIN},
    {"patch", CLI_FLAG, NULL, "with a round bald patch in the fringe", 0, 0, CLI_PLAIN},
    {"stubble-mm", CLI_NUMBER, "MM", "length of the shaved hair (default 0.15)", 0, 3, false},
    {"texture-px", CLI_INTEGER, "PX", "side of the colour picture (default 2048)", 512, 4096,
     CLI_PLAIN},
    {"photos", CLI_FLAG, NULL,
     "also photographs: front, left, right, top and back, with what a user clicks in them", 0, 0,
     CLI_PLAIN},
    {"photo-px", CLI_INTEGER, "PX", "their longer side (default 4000)", 640, 4032, CLI_PLAIN},
    {"follow-up", CLI_FLAG, NULL,
     "and close-ups of a place on the crown: before, after the session, healed, years later", 0, 0,
     CLI_PLAIN},
    {"light", CLI_TEXT, "LIGHT", "daylight (default), led, tungsten or mixed", 0, 0, CLI_PLAIN},
    {"phone", CLI_INTEGER, "0..2", "which of three invented phones (default 0)", 0,
     SAMPLE_PHONES - 1, CLI_PLAIN},
    {"blur-px", CLI_NUMBER, "PX", "blur of the lens instead of the phone's own", 0, 3, CLI_PLAIN},
    {"noise", CLI_NUMBER, "SHARE", "noise at full light instead of the phone's own", 0, 0.2,
     CLI_PLAIN},
    {"jpeg-quality", CLI_INTEGER, "Q", "of the photographs (default 92)", 30, 100, CLI_PLAIN},
    {"k1", CLI_NUMBER, "K1", "radial distortion that the phone left (default 0)", -0.2, 0.2,
     CLI_PLAIN},
    {"click-sd-mm", CLI_NUMBER, "MM", "error of the clicks (default 1)", 0, 20, CLI_PLAIN},
    {"no-strip", CLI_FLAG, NULL, "photographs without the strip", 0, 0, CLI_PLAIN},
    {"no-cards", CLI_FLAG, NULL, "photographs of the head without a card", 0, 0, CLI_PLAIN},
    {"turned", CLI_FLAG, NULL, "half of the photographs stored sideways", 0, 0, CLI_PLAIN},
    {"display-p3", CLI_FLAG, NULL, "photographs in Display P3", 0, 0, CLI_PLAIN},
    {"threads", CLI_INTEGER, "N",
     "default: one for each processor; the result does not depend on it", 1, 64, CLI_INCIDENTAL},
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024, with --photos 2048)", 64,
     65536, CLI_INCIDENTAL},
    {0},
};

static bool read_tone(const char *text, SampleTone *tone)
{
    static const char *const names[SAMPLE_TONES] = {"very-light", "light", "intermediate",
                                                    "tan",        "brown", "dark"};
    for (int i = 0; i < SAMPLE_TONES; i++)
        if (strcmp(text, names[i]) == 0) {
            *tone = (SampleTone)i;
            return true;
        }
    cli_misuse("sample", "--skin=%s is none of very-light, light, intermediate, tan, brown, dark",
               text);
    return false;
}

static bool read_light(const char *text, SampleLight *light)
{
    static const char *const names[SAMPLE_LIGHTS] = {"daylight", "led", "tungsten", "mixed"};
    for (int i = 0; i < SAMPLE_LIGHTS; i++)
        if (strcmp(text, names[i]) == 0) {
            *light = (SampleLight)i;
            return true;
        }
    cli_misuse("sample", "--light=%s is none of daylight, led, tungsten, mixed", text);
    return false;
}

/* Options that mean nothing without --photos are refused without it. */
static bool read_photos(const CliArgs *args, const SampleParams *params, SamplePhotosParams *photos)
{
    static const char *const only[] = {
        "photo-px", "follow-up", "light",    "phone",        "blur-px",     "noise",     "k1",
        "no-strip", "turned",    "no-cards", "jpeg-quality", "click-sd-mm", "display-p3"};
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
        if (cli_has(args, only[i]) && !cli_has(args, "photos")) {
            cli_misuse("sample", "--%s needs --photos", only[i]);
            return false;
        }
    *photos = sample_photos_default();
    photos->width_px = (int)cli_number(args, "photo-px", photos->width_px);
    photos->phone = (int)cli_number(args, "phone", photos->phone);
    photos->blur_px = cli_number(args, "blur-px", photos->blur_px);
    photos->noise = cli_number(args, "noise", photos->noise);
    photos->jpeg_quality = (int)cli_number(args, "jpeg-quality", photos->jpeg_quality);
    photos->k1 = cli_number(args, "k1", photos->k1);
    photos->click_sd_mm = cli_number(args, "click-sd-mm", photos->click_sd_mm);
    photos->strip = !cli_has(args, "no-strip");
    photos->cards = !cli_has(args, "no-cards");
    photos->follow_up = cli_has(args, "follow-up");
    photos->turned = cli_has(args, "turned");
    photos->display_p3 = cli_has(args, "display-p3");
    photos->seed = params->seed;
    photos->threads = params->threads;
    return read_light(cli_text(args, "light", "daylight"), &photos->light);
}

/* photos NULL: none. */
static bool make(const SampleParams *params, const SamplePhotosParams *photos, const char *path,
                 bool replace, size_t limit_bytes, Sample *sample, Arena *arena,
                 const Progress *progress, Err *err)
{
    double share = photos != NULL ? 0.2 : 0.8; /* of the time that the client itself takes */
    Progress pictures = progress_part(progress, share + 0.05, 0.98);
    Arena scratch = {0};
    IoFolder folder;
    if (!io_folder_open(&folder, path, replace, err))
        return false;
    bool ok = progress_at(progress, "making a client", 0.1, err) &&
              arena_open(arena, limit_bytes / 8 * 3, err) &&
              arena_open(&scratch, limit_bytes / 8 * 3, err) &&
              sample_make(arena, &scratch, params, sample, err) &&
              progress_at(progress, "writing the scan", share, err) &&
              sample_write(arena, &scratch, sample, folder.partial, err) &&
              (photos == NULL || sample_write_photos(arena, &scratch, sample, photos, &pictures,
                                                     folder.partial, err)) &&
              progress_at(progress, "finishing", 1.0, err) && io_folder_commit(&folder, err);
    io_folder_abandon(&folder);
    arena_close(&scratch);
    return ok;
}

static void print_points(const char *option, int count, const Vec3 point_mm[])
{
    printf(" --%s='", option);
    for (int i = 0; i < count; i++)
        printf("%s%.5f,%.5f,%.5f", i > 0 ? " " : "", point_mm[i].x / 1000.0, point_mm[i].y / 1000.0,
               point_mm[i].z / 1000.0);
    putchar('\'');
}

/* The command that plans this client, ready to be pasted. */
static void print_next(const Sample *sample, const char *path)
{
    printf("next: follicle plan %s/scan.glb --circumference-mm=%.1f ", path,
           sample->circumference_mm);
    if (sample->params.total_loss)
        printf("--preset=total_loss");
    else if (sample->params.ludwig > 0)
        printf("--ludwig=%d", sample->params.ludwig);
    else
        printf("--norwood=%d", sample->params.norwood);
    if (sample->scar_point_count > 0) {
        print_points("scar", sample->scar_point_count, sample->scar_mm);
        printf(" --scar-width-mm=%g", sample->scar_width_mm);
    }
    if (sample->patch_point_count > 0)
        print_points("patch", sample->patch_point_count, sample->patch_mm);
    printf(" -o case\n");
}

static int run(const CliArgs *args)
{
    SampleParams params = sample_default();
    SamplePhotosParams photos;
    Sample sample;
    Arena arena = {0};
    CliMeter meter;
    Err err = {0};
    const char *path = cli_text(args, "output", NULL);
    if (path == NULL)
        return cli_misuse("sample", "--output=FOLDER is missing");
    if (!read_tone(cli_text(args, "skin", "light"), &params.tone))
        return CLI_USAGE;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    params.seed = (uint64_t)cli_number(args, "seed", 1.0);
    params.norwood = (int)cli_number(args, "norwood", 6.0);
    params.scar = cli_has(args, "scar");
    params.patch = cli_has(args, "patch");
    params.ludwig = (int)cli_number(args, "ludwig", 0.0);
    if (params.ludwig > 0)
        params.norwood = 1;
    params.total_loss = cli_has(args, "total-loss");
    params.stubble_mm = cli_number(args, "stubble-mm", params.stubble_mm);
    params.texture_px = (int)cli_number(args, "texture-px", params.texture_px);
    params.threads = (int)cli_number(
        args, "threads", processors < 1 ? 1.0 : (double)(processors > 64 ? 64 : processors));
    if (!read_photos(args, &params, &photos))
        return CLI_USAGE;
    double memory_mb = cli_number(args, "memory-mb", cli_has(args, "photos") ? 2048.0 : 1024.0);
    cli_limit_memory(memory_mb, params.threads);
    Progress progress = cli_progress(&meter, cli_has(args, "quiet"));
    bool ok = make(&params, cli_has(args, "photos") ? &photos : NULL, path, cli_has(args, "force"),
                   (size_t)(memory_mb * 1048576.0), &sample, &arena, &progress, &err);
    cli_progress_end(&meter);
    if (ok && cli_has(args, "json"))
        printf("{\"circumference_mm\": %.1f, \"follicles\": %d, \"bald_cm2\": %.1f}\n",
               sample.circumference_mm, sample.follicle_count, sample.bald_mm2 / 100.0);
    if (ok && !cli_has(args, "json")) {
        printf("%s: circumference %.1f mm, %d follicles, %.0f cm2 bald\n", path,
               sample.circumference_mm, sample.follicle_count, sample.bald_mm2 / 100.0);
        print_next(&sample, path);
    }
    arena_close(&arena);
    return ok ? CLI_DONE : cli_fail(&err);
}

const CliCommand cli_sample = {
    .name = "sample",
    .operands = "",
    .least = 0,
    .most = 0,
    .summary = "a synthetic client with known truth",
    .description =
        "Makes a client who does not exist: a scan with skin, a shaved fringe and a stage of hair "
        "loss, and beside it the truth about the head and every follicle. For trying, teaching and "
        "testing. The same options and seed give the same bytes.\n"
        "With --photos also photographs as a phone takes them, with the strip worn and a card in "
        "sight, what a user would click in them (photos.json), and the truth about cameras, "
        "markers, lights and dots (photos_truth.json, dots_truth.csv).",
    .examples = "  follicle sample --norwood=6 -o client\n"
                "  follicle sample --skin=dark --norwood=3 --scar --seed=4 -o client\n"
                "  follicle sample --photos --follow-up --light=led -o client\n",
    .option = options,
    .run = run,
};
