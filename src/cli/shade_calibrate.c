#include "cli/shade_input.h"

#include "base/io.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DOCUMENT_LIMIT = 1 << 20, PICTURE_LIMIT = 256 << 20 };

typedef struct Job {
    Arena arena, scratch;
    CaseSwatches document;
    SkinPigment line;
    SkinSwatch swatch[SKIN_MAX_SWATCHES];
    SkinCalibration result;
} Job;

static bool read_document(Job *job, const char *path, Err *err)
{
    size_t size;
    uint8_t *bytes;
    return io_read_file(&job->scratch, path, DOCUMENT_LIMIT, &size, &bytes, err) &&
           casefile_swatches_from_json(size, (const char *)bytes, &job->document, err);
}

/* A file of the line stands beside the document that names it. */
static bool read_line(Job *job, const char *document_path, Err *err)
{
    const char *name = job->document.pigment, *slash = strrchr(document_path, '/');
    char path[IO_PATH_LIMIT];
    bool is_file = strchr(name, '/') != NULL || strchr(name, '.') != NULL;
    if (is_file && name[0] != '/' && slash != NULL)
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - document_path), document_path, name);
    else
        snprintf(path, sizeof path, "%s", name);
    return shade_input_pigment(&job->scratch, path, &job->line, err);
}

static bool read_photo(Job *job, const char *path, Rgb skin, Err *err)
{
    size_t size, mark = arena_mark(&job->scratch);
    uint8_t *bytes;
    Image picture;
    Err cause = {0};
    if (!io_read_file(&job->arena, path, PICTURE_LIMIT, &size, &bytes, err))
        return false;
    if (!image_decode(&job->arena, &job->scratch, size, bytes, &picture, &cause))
        return err_set(err, cause.code, "%.200s: %.280s", path, cause.text);
    arena_rewind(&job->scratch, mark);
    return swatches_measure(&picture, &job->document.swatches, skin, job->swatch, err);
}

static bool learn(Job *job, const char *document_path, const char *photo_path, Err *err)
{
    SkinTable table;
    SkinMarks *marks = NULL;
    if (!read_document(job, document_path, err) || !read_line(job, document_path, err))
        return false;
    SkinTone tone = skin_tone_of_lab(job->document.skin);
    if (!skin_tone_check(&tone, err) ||
        !read_photo(job, photo_path, spectrum_rgb(&tone.spectrum), err) ||
        !skin_table_load(&table, err) || !skin_marks_new(&job->arena, &table, &tone, &marks, err) ||
        !skin_calibrate(marks, &job->line, job->document.swatches.swatch_count, job->swatch,
                        &job->result, err))
        return false;
    snprintf(job->result.pigment.calibrated, sizeof job->result.pigment.calibrated, "%s",
             job->document.date);
    return true;
}

static bool write_line(Job *job, const CliArgs *args, Err *err)
{
    const char *text, *path = cli_text(args, "output", NULL);
    if (!skin_pigment_write(&job->arena, &job->result.pigment, &text, err))
        return false;
    if (path == NULL) {
        fputs(text, stdout);
        return true;
    }
    if (!cli_has(args, "force") && access(path, F_OK) == 0)
        return err_set(err, ERR_INPUT, "'%s' exists: choose another name or give --force", path);
    return io_write_file(path, strlen(text), text, err);
}

static void print_result(const Job *job)
{
    const SkinPigment *now = &job->result.pigment;
    fprintf(stderr,
            "%s: healed skin keeps %.2f %% of the pigment (%.2f..%.2f; %.2f before), at %.2f mm "
            "(+-%.2f); %d swatches, residual %.1f %%\n",
            now->name, 100.0 * now->uptake, 100.0 * now->uptake_band.low,
            100.0 * now->uptake_band.high, 100.0 * job->line.uptake, job->result.depth_mm,
            job->result.depth_sd_mm, job->document.swatches.swatch_count,
            100.0 * job->result.residual);
}

int shade_calibrate_run(const CliArgs *args)
{
    Err err = {0};
    Arena own = {0};
    double memory_mb = cli_number(args, "memory-mb", 1024.0);
    size_t quarter = (size_t)(memory_mb * 262144.0);
    if (args->operand_count != 1)
        return cli_misuse("shade", "--calibrate needs one PHOTO of the swatches");
    if (cli_has(args, "skin") || cli_has(args, "hair") || cli_has(args, "pigment"))
        return cli_misuse("shade", "--calibrate takes skin and pigment from %s",
                          cli_text(args, "calibrate", ""));
    cli_limit_memory(memory_mb, 1);
    if (!arena_open(&own, sizeof(Job) + 4096, &err))
        return cli_fail(&err);
    Job *job = ARENA_NEW(&own, Job, 1);
    bool ok = arena_open(&job->arena, 2 * quarter, &err) &&
              arena_open(&job->scratch, quarter, &err) &&
              learn(job, cli_text(args, "calibrate", ""), args->operand[0], &err) &&
              write_line(job, args, &err);
    if (ok && !cli_has(args, "quiet"))
        print_result(job);
    arena_close(&job->scratch);
    arena_close(&job->arena);
    arena_close(&own);
    return ok ? CLI_DONE : cli_fail(&err);
}
