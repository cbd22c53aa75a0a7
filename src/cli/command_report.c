#include "cli/course_input.h"

#include "base/io.h"
#include "export/export.h"

#include <stdio.h>
#include <string.h>

static const CliOption options[] = {
    {"output", CLI_TEXT, "DIR",
     "a new folder for what is made (also -o DIR); without it, papers go into the case", 0, 0,
     CLI_INCIDENTAL},
    {"force", CLI_FLAG, NULL, "replace DIR if it exists", 0, 0, CLI_INCIDENTAL},
    {"papers", CLI_TEXT, "LIST",
     "some of plan,work,client,consent,quote,template,calendar, or none (default: all that the "
     "case "
     "has matter for; with --formats: none)",
     0, 0, CLI_PLAIN},
    {"formats", CLI_TEXT, "LIST",
     "files for other tools, into --output: svg,dxf,ply,csv,json,glb,usdz,stl,projector", 0, 0,
     CLI_PLAIN},
    PAPERS_INPUT_OPTIONS,
    {"clinic", CLI_TEXT, "FILE", "clinic.json: letterhead, instead of the case's", 0, 0, CLI_PLAIN},
    {"years", CLI_NUMBER, "YEARS", "after healing: the age of the dots in glb and usdz (default 0)",
     0, 50, CLI_PLAIN},
    {"texture-px", CLI_INTEGER, "PX", "side of the picture in glb and usdz (default 4096)", 256,
     8192, CLI_PLAIN},
    {"projector-pose", CLI_TEXT, "FILE", "projector.json: where the projector stands", 0, 0,
     CLI_PLAIN},
    {"session", CLI_INTEGER, "N", "whose dots the projector throws (default: all)", 1, 4,
     CLI_PLAIN},
    {"threads", CLI_INTEGER, "N", "default 2; the result does not depend on it", 1, 64,
     CLI_INCIDENTAL},
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024)", 64, 65536, CLI_INCIDENTAL},
    {0},
};

typedef enum Format {
    FORMAT_SVG,
    FORMAT_DXF,
    FORMAT_PLY,
    FORMAT_CSV,
    FORMAT_JSON,
    FORMAT_GLB,
    FORMAT_USDZ,
    FORMAT_STL,
    FORMAT_PROJECTOR,
    FORMATS
} Format;

static const struct {
    const char *name, *file;
} formats[FORMATS] = {
    [FORMAT_SVG] = {"svg", "flat.svg"},
    [FORMAT_DXF] = {"dxf", "flat.dxf"},
    [FORMAT_PLY] = {"ply", "dots.ply"},
    [FORMAT_CSV] = {"csv", "dots.csv"},
    [FORMAT_JSON] = {"json", "course.json"},
    [FORMAT_GLB] = {"glb", "healed.glb"},
    [FORMAT_USDZ] = {"usdz", "healed.usdz"},
    [FORMAT_STL] = {"stl", "guide.stl"},
    [FORMAT_PROJECTOR] = {"projector", "projector.png"},
};

typedef struct ReportWork { /* large */
    const CliArgs *args;
    const char *case_folder;
    Arena arena, scratch;
    CaseWhole whole;
    PapersRequest papers;
    bool any_paper;
    unsigned format; /* bits */
    IoFolder folder;
} ReportWork;

/* ---- what is wanted ---- */

static const char *paper_word(int index)
{
    return index < PAPERS ? paper_name((Paper)index) : NULL;
}

static const char *format_word(int index)
{
    return index < FORMATS ? formats[index].name : NULL;
}

/* A list of words, as bits. */
static bool read_list(const char *option, const char *text, const char *(*word)(int),
                      unsigned *bits)
{
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        int i = 0;
        while (word(i) != NULL &&
               (strlen(word(i)) != length || strncmp(word(i), text, length) != 0))
            i++;
        if (word(i) == NULL) {
            fprintf(stderr, "follicle: --%s: '%.*s' is not one of", option, (int)length, text);
            for (i = 0; word(i) != NULL; i++)
                fprintf(stderr, "%s %s", i > 0 ? "," : "", word(i));
            fprintf(stderr, "\n");
            return false;
        }
        *bits |= 1U << i;
        text += length + (text[length] == ',');
    }
    return true;
}

static bool read_wanted(ReportWork *work)
{
    const CliArgs *args = work->args;
    const char *list = cli_text(args, "papers", NULL);
    bool out = cli_has(args, "output");
    if (!read_list("formats", cli_text(args, "formats", ""), format_word, &work->format))
        return false;
    if (work->format != 0 && !out) {
        cli_misuse("report", "--formats needs --output=DIR: a case holds no files of other tools");
        return false;
    }
    if ((work->format & (1U << FORMAT_PROJECTOR)) != 0 && !cli_has(args, "projector-pose")) {
        cli_misuse("report", "--formats=projector needs --projector-pose=FILE");
        return false;
    }
    work->any_paper = list != NULL ? strcmp(list, "none") != 0 : work->format == 0;
    return list == NULL || !work->any_paper ||
           read_list("papers", list, paper_word, &work->papers.wanted);
}

/* ---- files for other tools ---- */

static bool write_named(const ReportWork *work, const char *name, size_t size, const void *bytes,
                        Err *err)
{
    char path[IO_PATH_LIMIT];
    return io_join(path, work->folder.partial, name, err) && io_write_file(path, size, bytes, err);
}

/* What the case has already, as it is. */
static bool copy_named(ReportWork *work, const char *name, Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size;
    uint8_t *bytes;
    return io_join(path, work->case_folder, name, err) &&
           io_read_file(&work->scratch, path, 256 << 20, &size, &bytes, err) &&
           write_named(work, name, size, bytes, err);
}

static bool make_projection(ReportWork *work, ExportBytes *file, Err *err)
{
    ExportProjection projection = export_projection_default();
    ExportShown shown;
    size_t size;
    uint8_t *bytes;
    if (!io_read_file(&work->scratch, cli_text(work->args, "projector-pose", ""), 1 << 20, &size,
                      &bytes, err) ||
        !export_projector_parse(size, bytes, &projection.projector, err))
        return false;
    projection.session = (int)cli_number(work->args, "session", 0.0) - 1;
    if (!export_projection(&work->arena, &work->scratch, &work->whole.plan, &projection, file,
                           &shown, err))
        return false;
    if (!cli_has(work->args, "quiet"))
        fprintf(stderr, "projector: %d dots shown, %d away, %d hidden, %d outside\n", shown.shown,
                shown.away, shown.hidden, shown.outside);
    return true;
}

static bool make_format(ReportWork *work, Format format, ExportBytes *file, Err *err)
{
    const Case *plan = &work->whole.plan;
    Arena *arena = &work->arena, *scratch = &work->scratch;
    ExportTexture texture = export_texture_default();
    ExportGuide guide = export_guide_default();
    FlatParams flat = flat_default();
    texture.chart = work->whole.chart.rgb != NULL ? &work->whole.chart : NULL;
    texture.years = cli_number(work->args, "years", 0.0);
    texture.side_px = (int)cli_number(work->args, "texture-px", texture.side_px);
    texture.threads = (int)cli_number(work->args, "threads", 2.0);
    switch (format) {
    case FORMAT_SVG:
        return export_svg(arena, scratch, plan, &flat, file, err);
    case FORMAT_DXF:
        return export_dxf(arena, scratch, plan, &flat, file, err);
    case FORMAT_GLB:
        return export_glb(arena, scratch, plan, &texture, file, err);
    case FORMAT_USDZ:
        return export_usdz(arena, scratch, plan, &texture, file, err);
    case FORMAT_STL:
        return export_guide_stl(arena, scratch, plan, &guide, file, err);
    case FORMAT_PROJECTOR:
        return make_projection(work, file, err);
    case FORMAT_PLY:
    case FORMAT_CSV:
    case FORMAT_JSON:
    case FORMATS:
        break;
    }
    return err_set(err, ERR_INPUT, "there is no such format");
}

static bool write_formats(ReportWork *work, const Progress *progress, Err *err)
{
    for (int i = 0; i < FORMATS; i++) {
        size_t arena_before = arena_mark(&work->arena), scratch_before = arena_mark(&work->scratch);
        bool copied = i == FORMAT_PLY || i == FORMAT_CSV || i == FORMAT_JSON;
        ExportBytes file = {0};
        if ((work->format & (1U << i)) == 0)
            continue;
        if (!progress_at(progress, formats[i].file, 0.5 + 0.5 * i / FORMATS, err))
            return false;
        if (copied ? !copy_named(work, formats[i].file, err)
                   : (!make_format(work, (Format)i, &file, err) ||
                      !write_named(work, formats[i].file, file.size, file.bytes, err)))
            return false;
        arena_rewind(&work->arena, arena_before);
        arena_rewind(&work->scratch, scratch_before);
    }
    return true;
}

/* ---- */

static bool keep_style(ReportWork *work, Err *err)
{
    Case *plan = &work->whole.plan;
    const ReportStyle *style = &work->papers.style;
    snprintf(plan->language, sizeof plan->language, "%s", words_language(style->words));
    snprintf(plan->paper, sizeof plan->paper, "%s", report_paper_name(style->paper));
    if (style->clinic != NULL)
        plan->clinic = style->clinic;
    return casefile_put_course(&work->scratch, plan, work->folder.partial, err);
}

static bool fill(ReportWork *work, const Progress *progress, Err *err)
{
    bool into_case = !cli_has(work->args, "output");
    if (into_case && (!io_folder_clone(&work->folder, err) || !keep_style(work, err)))
        return false;
    return progress_at(progress, "writing the papers", 0.1, err) &&
           (!work->any_paper ||
            papers_write(&work->arena, &work->scratch, &work->whole, work->case_folder,
                         work->folder.partial, &work->papers, err)) &&
           write_formats(work, progress, err);
}

static int read_input(ReportWork *work, Err *err)
{
    const CliArgs *args = work->args;
    const char *path = cli_text(args, "clinic", NULL);
    const Case *plan = &work->whole.plan;
    Clinic *clinic = ARENA_NEW(&work->arena, Clinic, 1);
    Err course_error = {0};
    size_t size;
    uint8_t *bytes;
    unsigned wanted = work->papers.wanted;
    if (clinic == NULL || !casefile_whole_read(&work->arena, &work->scratch, work->case_folder,
                                               &work->whole, &course_error, err))
        return clinic == NULL ? (err_set(err, ERR_LIMIT, "no room for a clinic"), CLI_FAILED)
                              : CLI_FAILED;
    if (!work->whole.has_course && (work->any_paper || !cli_has(args, "output"))) {
        *err = course_error;
        return CLI_FAILED;
    }
    if (path != NULL && (!io_read_file(&work->arena, path, 1 << 20, &size, &bytes, err) ||
                         !clinic_from_json(&work->arena, size, (const char *)bytes, clinic, err)))
        return CLI_FAILED;
    int status =
        papers_input(&work->arena, &work->scratch, args, path != NULL ? clinic : plan->clinic,
                     plan->language[0] != '\0' ? plan->language : NULL,
                     plan->paper[0] != '\0' ? plan->paper : NULL, &work->papers, err);
    work->papers.wanted = wanted;
    return status;
}

static int act(ReportWork *work, const Progress *progress, Err *err)
{
    const CliArgs *args = work->args;
    bool into_case = !cli_has(args, "output");
    const char *to = cli_text(args, "output", work->case_folder);
    if (!read_wanted(work))
        return CLI_USAGE;
    int status = read_input(work, err);
    if (status != CLI_DONE)
        return status;
    if (!io_folder_open(&work->folder, to, into_case || cli_has(args, "force"), err))
        return CLI_FAILED;
    bool ok = fill(work, progress, err) && io_folder_commit(&work->folder, err);
    io_folder_abandon(&work->folder);
    return ok ? CLI_DONE : CLI_FAILED;
}

static void print_made(const ReportWork *work)
{
    const char *to = cli_text(work->args, "output", work->case_folder);
    bool json = cli_has(work->args, "json"), first = true;
    unsigned possible = work->whole.has_course ? papers_possible(&work->whole) : 0;
    unsigned papers = !work->any_paper           ? 0
                      : work->papers.wanted != 0 ? work->papers.wanted
                                                 : possible;
    printf(json ? "{\"folder\": " : "%s:", to);
    if (json) {
        cli_print_json_text(to);
        printf(", \"files\": [");
    }
    for (int i = 0; i < PAPERS + FORMATS; i++) {
        bool made = i < PAPERS ? (papers >> i & 1U) != 0 : (work->format >> (i - PAPERS) & 1U) != 0;
        const char *file = i < PAPERS ? paper_file((Paper)i) : formats[i - PAPERS].file;
        if (!made)
            continue;
        printf(json ? "%s\"%s\"" : "%s%s", json ? (first ? "" : ", ") : " ", file);
        first = false;
    }
    printf(json ? "]}\n" : "\n");
}

static int run(const CliArgs *args)
{
    Arena own = {0};
    CliMeter meter;
    Err err = {0};
    double memory_mb = cli_number(args, "memory-mb", 1024.0);
    size_t limit = (size_t)(memory_mb * 1048576.0);
    cli_limit_memory(memory_mb, 2);
    if (!arena_open(&own, sizeof(ReportWork) + 4096, &err))
        return cli_fail(&err);
    ReportWork *work = ARENA_NEW(&own, ReportWork, 1);
    work->args = args;
    work->case_folder = args->operand[0];
    work->folder.lock = -1;
    Progress progress = cli_progress(&meter, cli_has(args, "quiet"));
    int status =
        arena_open(&work->arena, limit / 2, &err) && arena_open(&work->scratch, limit / 4, &err)
            ? act(work, &progress, &err)
            : CLI_FAILED;
    cli_progress_end(&meter);
    if (status == CLI_DONE)
        print_made(work);
    arena_close(&work->scratch);
    arena_close(&work->arena);
    arena_close(&own);
    return status == CLI_FAILED ? cli_fail(&err) : status;
}

const CliCommand cli_report = {
    .name = "report",
    .operands = "CASE",
    .least = 1,
    .most = 1,
    .summary = "papers of a case, and files for other tools",
    .description =
        "Makes the papers of a case again from its folder: plan.pdf and work.pdf for the "
        "practitioner, client.pdf, consent.pdf and quote.pdf for the client, template.pdf to cut "
        "out, course.ics for calendars. In another language, on another paper, with another "
        "letterhead.\n\n"
        "With --formats it writes files for other tools: the pieces of the scalp laid flat (svg, "
        "dxf), the dots as points or a table (ply, csv), the head with its healed dots (glb, "
        "usdz), a guide to print (stl), what a projector must throw (projector), the course "
        "(json). Drawings and models are true to size.\n\n"
        "A client's name and answers are printed on the papers when they are given, and stand in "
        "no "
        "document of the case: make such papers with --output.",
    .examples =
        "  follicle report case --language=de --paper=letter\n"
        "  follicle report case --papers=consent,quote --client-name='A. Example' -o papers\n"
        "  follicle report case --formats=svg,dxf,glb,usdz,stl -o files\n",
    .option = options,
    .run = run,
};
