#include "cli/course_input.h"
#include "cli/design_input.h"
#include "cli/photo_input.h"
#include "cli/shade_input.h"

#include "base/text.h"
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const CliOption options[] = {
    {"output", CLI_TEXT, "CASE", "the folder to write (also -o CASE)", 0, 0, CLI_INCIDENTAL},
    {"force", CLI_FLAG, NULL, "replace CASE if it exists", 0, 0, CLI_INCIDENTAL},
    {"client", CLI_TEXT, "CODE", "a code for the client, not a name", 0, 0, CLI_PLAIN},
    {"design", CLI_TEXT, "FILE", "carry out this design.json; no other option says what is wanted",
     0, 0, CLI_PLAIN},
    DESIGN_INPUT_OPTIONS,
    {"circumference-mm", CLI_NUMBER, "MM",
     "tape around the largest girth: above brows and ears, over the most prominent point of the "
     "back",
     300, 800, CLI_PLAIN},
    {"length-mm", CLI_NUMBER, "MM", "caliper from the glabella to the farthest point of the back",
     100, 300, CLI_PLAIN},
    {"breadth-mm", CLI_NUMBER, "MM", "caliper over the widest place above the ears", 80, 250,
     CLI_PLAIN},
    {"height-mm", CLI_NUMBER, "MM",
     "of photographs: from the level of the notches above the ears' tragi to the top of the head",
     80, 200, CLI_PLAIN},
    {"coronal-mm", CLI_NUMBER, "MM",
     "of photographs: tape from one tragus notch over the top to the other", 200, 500, CLI_PLAIN},
    {"sagittal-mm", CLI_NUMBER, "MM",
     "of photographs: tape from the glabella over the top to the inion, the bump at the back", 200,
     500, CLI_PLAIN},
    {"hair-mm", CLI_NUMBER, "MM", "thickness of the hair under the tape (default 0: shaved)", 0, 30,
     CLI_PLAIN},
    {"clicks", CLI_TEXT, "FILE",
     "photos.json: landmarks, outlines and scales that were clicked in the photographs", 0, 0,
     CLI_PLAIN},
    {"two-points", CLI_TEXT, "'X,Y X,Y'",
     "of one photograph: two points on the skin, in pixels, --distance-mm apart", 0, 0, CLI_PLAIN},
    {"distance-mm", CLI_NUMBER, "MM", "along the skin between the --two-points", 1, 400, CLI_PLAIN},
    {"place", CLI_TEXT, "NAME",
     "what one photograph shows: top (default), crown, front, left, right or back", 0, 0,
     CLI_PLAIN},
    {"outline-px", CLI_TEXT, "POINTS", "of one photograph: what shall be filled, as X,Y in pixels",
     0, 0, CLI_REPEATS},
    {"prints", CLI_TEXT, "FILE",
     "measured prints of markers, as 'follicle marker --measured' keeps them (default: its own "
     "file)",
     0, 0, CLI_PLAIN},
    {"unit", CLI_TEXT, "mm|cm|m|in|MM", "unit of the scan: a name, or millimetres per unit", 0, 0,
     CLI_PLAIN},
    {"landmark", CLI_TEXT, "NAME=X,Y,Z",
     "where a landmark is on the scan: glabella, tragion-left, tragion-right, vertex or inion (the "
     "others are proposed from the shape), canthus-left or canthus-right (the outer corners of the "
     "eyes; else their average place is taken)",
     0, 0, CLI_REPEATS},
    {"ignore-stubble", CLI_FLAG, NULL, "plan as if no hair grew: for a scan whose colour misleads",
     0, 0, CLI_PLAIN},
    COURSE_INPUT_OPTIONS,
    PAPERS_INPUT_OPTIONS,
    {"dot-depth-mm", CLI_NUMBER, "MM", "of healed pigment (default 0.25)", 0.1, 1.0, CLI_PLAIN},
    {"growth-years", CLI_NUMBER, "YEARS",
     "dots keep 1.5 of the diameter they will have then from each other (default 5)", 0, 20,
     CLI_PLAIN},
    {"naturalness", CLI_NUMBER, "CV",
     "spacing variation to aim at (standard deviation over mean of the nearest distance): 0 is as "
     "even as can be, follicular units have 0.18 to 0.23 (default 0.19)",
     0, 0.25, CLI_PLAIN},
    {"donor", CLI_TEXT, "FILE",
     "table x_mm,y_mm of at least 300 hairs of the client's donor area: take the spacing variation "
     "from it",
     0, 0, CLI_PLAIN},
    {"follicular-units", CLI_TEXT, "A,B,C",
     "place units of one, two and three dots in these percentages, as hair grows (28,53,19)", 0, 0,
     CLI_PLAIN},
    {"fixed", CLI_TEXT, "FILE",
     "what stands there already: a table kind,x_mm,y_mm,z_mm of follicles, grafts and earlier dots "
     "in the head frame, or dots.csv of an earlier case of this head",
     0, 0, CLI_PLAIN},
    {"pigment", CLI_TEXT, "NAME|FILE",
     "carbon (default), absorbable, or the clinic's own line (pigment.json)", 0, 0, CLI_PLAIN},
    {"dilution", CLI_NUMBER, "PARTS",
     "water to one part of pigment; without it, chosen to match the stubble", 0.01, 200, CLI_PLAIN},
    {"seed", CLI_INTEGER, "N", "same scan, options and seed give the same bytes (default 1)", 0,
     9e15, CLI_PLAIN},
    {"threads", CLI_INTEGER, "N",
     "default: one for each processor; the result does not depend on it", 1, 64, CLI_INCIDENTAL},
    {"picture-height-px", CLI_INTEGER, "PX", "height of the previews (default 1080)", 200, 2400,
     CLI_PLAIN},
    {"memory-mb", CLI_NUMBER, "MB", "most memory to use (default 1024, of photographs 2048)", 64,
     65536, CLI_INCIDENTAL},
    {0},
};

enum { ARGUMENTS_ROOM = 16 << 20, TERMS_SCRATCH = 64 << 20 };

static bool read_landmark(const char *text, PlaceLandmarks *landmarks)
{
    static const char *const names[HEAD_LANDMARKS] = {
        "glabella", "tragion-left", "tragion-right", "vertex",
        "inion",    "canthus-left", "canthus-right"};
    const char *equals = strchr(text, '=');
    if (equals != NULL)
        for (int i = 0; i < HEAD_LANDMARKS; i++)
            if (text_equals((TextSpan){text, (size_t)(equals - text)}, names[i]) &&
                design_input_point(text_span(equals + 1), &landmarks->position[i]))
                return landmarks->known[i] = true;
    cli_misuse("plan",
               "--landmark=%s is not NAME=X,Y,Z with one of glabella, tragion-left, tragion-right, "
               "vertex, inion, canthus-left, canthus-right",
               text);
    return false;
}

static bool read_units(const char *text, double share[DOTS_UNIT_SIZES])
{
    const char *at = text, *end = text + strlen(text);
    double sum = 0.0;
    for (int n = 0; n < DOTS_UNIT_SIZES; n++) {
        const char *stop = at;
        while (stop < end && *stop != ',')
            stop++;
        if (!text_to_double((TextSpan){at, (size_t)(stop - at)}, &share[n]) ||
            !(share[n] >= 0.0 && share[n] <= 1e6) || (stop < end) != (n + 1 < DOTS_UNIT_SIZES)) {
            sum = 0.0;
            break;
        }
        sum += share[n];
        at = stop + 1;
    }
    for (int n = 0; n < DOTS_UNIT_SIZES && sum > 0.0; n++)
        share[n] /= sum;
    if (!(sum > 0.0))
        cli_misuse("plan", "--follicular-units=%s is not three shares A,B,C", text);
    return sum > 0.0;
}

static bool read_dots(const CliArgs *args, PlanRequest *request)
{
    const char *units = cli_text(args, "follicular-units", NULL);
    request->has_naturalness = cli_has(args, "naturalness");
    request->naturalness = cli_number(args, "naturalness", 0.0);
    request->donor_path = cli_text(args, "donor", NULL);
    request->fixed_path = cli_text(args, "fixed", NULL);
    if (request->has_naturalness && request->donor_path != NULL) {
        cli_misuse("plan", "--naturalness and --donor exclude each other");
        return false;
    }
    return units == NULL || read_units(units, request->unit_share);
}

static bool read_unit(const char *text, double *unit_mm)
{
    static const struct {
        const char *name;
        double mm;
    } units[] = {{"mm", 1.0}, {"cm", 10.0}, {"m", 1000.0}, {"in", 25.4}};
    for (int i = 0; i < 4; i++)
        if (strcmp(text, units[i].name) == 0) {
            *unit_mm = units[i].mm;
            return true;
        }
    if (text_to_double(text_span(text), unit_mm) && *unit_mm > 1e-6 && *unit_mm < 1e6)
        return true;
    cli_misuse("plan", "--unit=%s is neither mm, cm, m, in nor a number of millimetres per unit",
               text);
    return false;
}

static bool read_scale(const CliArgs *args, PlanRequest *request)
{
    request->scale.circumference_mm = cli_number(args, "circumference-mm", 0.0);
    request->scale.length_mm = cli_number(args, "length-mm", 0.0);
    request->scale.breadth_mm = cli_number(args, "breadth-mm", 0.0);
    request->tape.height_mm = cli_number(args, "height-mm", 0.0);
    request->tape.coronal_arc_mm = cli_number(args, "coronal-mm", 0.0);
    request->tape.sagittal_arc_mm = cli_number(args, "sagittal-mm", 0.0);
    request->tape.hair_mm = cli_number(args, "hair-mm", 0.0);
    const char *unit = cli_text(args, "unit", NULL), *landmark;
    if (unit != NULL && !read_unit(unit, &request->scale.unit_mm))
        return false;
    for (int i = 0; (landmark = cli_repeated(args, "landmark", i)) != NULL; i++)
        if (!read_landmark(landmark, &request->landmarks))
            return false;
    return true;
}

static int processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > 64 ? 64 : (int)count;
}

/* By the names alone: what the files are is seen when they are read. */
static bool has_photos(const CliArgs *args)
{
    static const char *const ending[] = {".jpg", ".jpeg", ".png", ".heic", ".heif"};
    const char *dot = strrchr(args->operand[0], '.');
    for (size_t i = 0; dot != NULL && i < sizeof ending / sizeof ending[0]; i++)
        if (strcasecmp(dot, ending[i]) == 0)
            return true;
    return args->operand_count > 1;
}

static bool read_request(const CliArgs *args, PlanRequest *request)
{
    request->input_count = args->operand_count;
    for (int i = 0; i < args->operand_count; i++)
        request->input_path[i] = args->operand[i];
    request->output_path = cli_text(args, "output", NULL);
    if (request->output_path == NULL) {
        cli_misuse("plan", "--output=CASE is missing");
        return false;
    }
    request->arguments = args->line;
    request->code = cli_text(args, "client", NULL);
    request->replace = cli_has(args, "force");
    request->ignore_stubble = cli_has(args, "ignore-stubble");
    request->dot_depth_mm = cli_number(args, "dot-depth-mm", request->dot_depth_mm);
    request->growth_years = cli_number(args, "growth-years", request->growth_years);
    request->dilution = cli_number(args, "dilution", 0.0);
    request->seed = (uint64_t)cli_number(args, "seed", 1.0);
    request->threads = (int)cli_number(args, "threads", processors());
    request->picture_height_px =
        (int)cli_number(args, "picture-height-px", request->picture_height_px);
    request->picture_width_px = request->picture_height_px * 8 / 9;
    double default_mb = has_photos(args) ? 2048.0 : 1024.0;
    request->memory_limit_bytes = (size_t)(cli_number(args, "memory-mb", default_mb) * 1048576.0);
    return read_scale(args, request) && read_dots(args, request) &&
           (request->document != NULL ? !design_input_excluded(args)
                                      : (design_input(args, &request->design) &&
                                         (has_photos(args) || /* may outline it themselves */
                                          design_input_covers(&request->design))));
}

static void print_result(const PlanRequest *request, const PlanResult *result, bool json,
                         bool quiet)
{
    if (json) {
        printf("{\"case\": ");
        cli_print_json_text(request->output_path);
        printf(", \"dots\": %d, \"area_cm2\": %.1f, \"sessions\": %d, \"hours\": %.1f, "
               "\"total_minor\": %lld, \"currency\": \"%s\", \"refused\": %d, \"open\": %d, "
               "\"warnings\": [",
               result->dots, result->area_cm2, result->sessions, result->hours,
               (long long)result->total_minor, result->currency, result->refused, result->open);
        for (int i = 0; i < result->warning_count; i++) {
            printf(i > 0 ? ", " : "");
            cli_print_json_text(result->warning[i]);
        }
        printf("]}\n");
        return;
    }
    for (int i = 0; i < result->warning_count && !quiet; i++)
        fprintf(stderr, "warning: %s\n", result->warning[i]);
    if (result->refused + result->open > 0 && !quiet)
        fprintf(stderr,
                "guard-rails: %d refuse this design, %d to be confirmed by name; 'follicle design "
                "%s --check' names them\n",
                result->refused, result->open, request->output_path);
    printf("%s: %d dots on %.0f cm2, %d sessions, about %.1f hours%s%s\n", request->output_path,
           result->dots, result->area_cm2, result->sessions, result->hours,
           result->price[0] != '\0' ? ", " : "", result->price);
}

static bool read_pigment(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err)
{
    const char *name = cli_text(args, "pigment", NULL);
    if (name == NULL)
        return true;
    SkinPigment *pigment = ARENA_NEW(arena, SkinPigment, 1);
    if (pigment == NULL)
        return err_set(err, ERR_LIMIT, "no room for a pigment");
    request->pigment = pigment;
    return shade_input_pigment(arena, name, pigment, err);
}

/* A design.json, or the preset that options then change. */
static bool read_documents(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err)
{
    const char *path = cli_text(args, "design", NULL), *name = cli_text(args, "preset", NULL);
    Design *design = ARENA_NEW(arena, Design, 1);
    DesignPreset *preset = ARENA_NEW(arena, DesignPreset, 1);
    RuleSet *rules = ARENA_NEW(arena, RuleSet, 1);
    if (design == NULL || preset == NULL || rules == NULL)
        return err_set(err, ERR_LIMIT, "no room for a design");
    request->rules = rules;
    if (!design_input_rules(arena, cli_text(args, "rules", NULL), rules, err))
        return false;
    if (path != NULL) {
        request->document = design;
        return design_input_document(arena, path, design, err);
    }
    if (name == NULL)
        return true;
    if (!design_input_preset(arena, name, preset, err))
        return false;
    request->design = preset->request;
    return true;
}

static bool read_confirmed(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err)
{
    if (!cli_has(args, "confirm"))
        return true;
    if (request->document == NULL)
        return design_input_confirm(args, request->rules, &request->design.confirmed_count,
                                    request->design.confirmed, err);
    Design *design = ARENA_NEW(arena, Design, 1);
    if (design == NULL)
        return err_set(err, ERR_LIMIT, "no room for a design");
    *design = *request->document;
    request->document = design;
    return design_input_confirm(args, request->rules, &design->confirmed_count, design->confirmed,
                                err);
}

/* How the clinic works, and what its papers look like. */
static int read_terms(Arena *arena, const CliArgs *args, PlanRequest *request, Err *err)
{
    Arena scratch = {0};
    CourseTerms *terms = ARENA_NEW(arena, CourseTerms, 1);
    PapersRequest *papers = ARENA_NEW(arena, PapersRequest, 1);
    if (terms == NULL || papers == NULL || !arena_open(&scratch, TERMS_SCRATCH, err)) {
        err_set(err, ERR_LIMIT, "no room for the terms of a course");
        return CLI_FAILED;
    }
    int status = course_input(arena, &scratch, args, NULL, terms, err);
    if (status == CLI_DONE) {
        request->clinic = terms->has_clinic ? &terms->clinic : NULL;
        status = papers_input(arena, &scratch, args, request->clinic, NULL, NULL, papers, err);
    }
    arena_close(&scratch);
    request->protocol = &terms->protocol;
    request->wanted_sessions = terms->wanted_sessions;
    request->papers = papers;
    course_input_fill(terms, &request->course);
    return status;
}

static int run_request(Arena *arena, const CliArgs *args, PlanRequest *request, PlanResult *result)
{
    CliMeter meter;
    Err err = {0};
    plan_request_default(request);
    int status = photo_input(arena, args, request, &err);
    if (status != CLI_DONE)
        return status == CLI_USAGE ? status : cli_fail(&err);
    if (!read_documents(arena, args, request, &err))
        return cli_fail(&err);
    if (!read_request(args, request))
        return CLI_USAGE;
    status = read_terms(arena, args, request, &err);
    if (status != CLI_DONE)
        return status == CLI_USAGE ? status : cli_fail(&err);
    if (!read_confirmed(arena, args, request, &err) || !read_pigment(arena, args, request, &err))
        return cli_fail(&err);
    bool quiet = cli_has(args, "quiet");
    cli_limit_memory((double)request->memory_limit_bytes / 1048576.0, request->threads);
    Progress progress = cli_progress(&meter, quiet);
    bool ok = plan_run(request, &progress, result, &err);
    cli_progress_end(&meter);
    if (!ok)
        return cli_fail(&err);
    print_result(request, result, cli_has(args, "json"), quiet);
    return CLI_DONE;
}

static int run(const CliArgs *args)
{
    Arena arena = {0};
    Err err = {0};
    if (!arena_open(&arena, ARGUMENTS_ROOM, &err))
        return cli_fail(&err);
    int status = run_request(&arena, args, ARENA_NEW(&arena, PlanRequest, 1),
                             ARENA_NEW(&arena, PlanResult, 1));
    arena_close(&arena);
    return status;
}

const CliCommand cli_plan = {
    .name = "plan",
    .operands = "HEAD...",
    .least = 1,
    .most = PLAN_PHOTOS,
    .summary = "the whole job, from a scan or photographs to a case folder",
    .description =
        "Reads a 3D scan of a head (GLB, glTF, OBJ or PLY; any unit, any axis, holes and shoulders "
        "welcome) or photographs of it (JPEG, PNG, HEIC), designs hairline and density for what "
        "shall be covered, places the dots in "
        "sessions, draws the head before, after each session, healed and years later, and writes "
        "one folder with pictures, dot list, schedule, price and PDFs.\n\n"
        "A scan has no scale of its own that can be trusted: give the tape's circumference (best), "
        "a caliper's length and breadth, or the unit of the file.\n\n"
        "Photographs give a head through tape readings, the strip of 'follicle marker' worn in "
        "them, and clicks (--clicks); front, left and top are enough. One photograph alone gives a "
        "patch around its marker or around --two-points, measured only there. The plan is then "
        "drawn on the photographs as well.",
    .examples = "  follicle plan head.glb --circumference-mm=575 --norwood=6 -o case\n"
                "  follicle plan head.obj --unit=cm --norwood=3 --hairline-height-mm=75 -o case\n"
                "  follicle plan front.jpg left.jpg top.jpg --clicks=photos.json --norwood=6 \\\n"
                "      --length-mm=198 --breadth-mm=154 --height-mm=131 -o case\n"
                "  follicle plan crown.jpg --two-points='812,1440 1904,1460' --distance-mm=80 -o "
                "case\n"
                "  follicle plan head.ply --length-mm=198 --breadth-mm=154 \\\n"
                "      --scar='0.1,1.2,-0.9 0.3,1.1,-0.9' --scar-width-mm=5 -o case\n",
    .option = options,
    .run = run,
};
