#include "cli/design_input.h"

#include "base/io.h"
#include "base/text.h"
#include "design/words.h"

#include <stdio.h>
#include <string.h>

static const CliOption recipe[] = {DESIGN_INPUT_OPTIONS, {0}};

bool design_input_excluded(const CliArgs *args)
{
    for (const CliOption *option = recipe; option->name != NULL; option++) {
        if (strcmp(option->name, "confirm") == 0 || strcmp(option->name, "rules") == 0 ||
            !cli_has(args, option->name))
            continue;
        cli_misuse("plan",
                   "--design and --%s exclude each other: the document says what is wanted; change "
                   "it with 'follicle design'",
                   option->name);
        return true;
    }
    return false;
}

bool design_input_point(TextSpan span, Vec3 *point)
{
    double value[3];
    const char *at = span.start, *end = span.start + span.length;
    for (int k = 0; k < 3; k++) {
        const char *stop = at;
        while (stop < end && *stop != ',')
            stop++;
        if (!text_to_double((TextSpan){at, (size_t)(stop - at)}, &value[k]))
            return false;
        if ((stop < end) != (k < 2))
            return false;
        at = stop + 1;
    }
    *point = vec3(value[0], value[1], value[2]);
    return vec_is_finite(*point);
}

bool design_input_points(const char *text, int capacity, Vec3 point[], int *count)
{
    TextCursor cursor = text_cursor(strlen(text), text);
    for (*count = 0; !text_at_line_end(&cursor); ++*count)
        if (*count == capacity || !design_input_point(text_word(&cursor), &point[*count]))
            return false;
    return *count > 0;
}

/* One more region by hand: points X,Y,Z separated by blanks, in the frame of the scan. */
static bool read_drawn(const char *option, const char *text, const DesignDrawn *like,
                       DesignRequest *design)
{
    int least = like->kind == DESIGN_OUTLINE ? 3 : like->kind == DESIGN_BAND ? 2 : 1;
    if (design->drawn_count == DESIGN_OUTLINE_LIMIT) {
        cli_misuse("plan", "more than %d outlines", DESIGN_OUTLINE_LIMIT);
        return false;
    }
    DesignDrawn *drawn = &design->drawn[design->drawn_count++];
    *drawn = *like;
    if (!design_input_points(text, DESIGN_OUTLINE_POINTS, drawn->point_mm, &drawn->point_count)) {
        cli_misuse("plan", "--%s=%s is not up to %d points X,Y,Z separated by blanks", option, text,
                   DESIGN_OUTLINE_POINTS);
        return false;
    }
    if (drawn->point_count >= least)
        return true;
    cli_misuse("plan", "--%s needs at least %d point%s, not %d", option, least,
               least == 1 ? "" : "s", drawn->point_count);
    return false;
}

/* The options that draw a region, and what they draw. */
bool design_input_regions(const CliArgs *args, DesignRequest *design)
{
    double width_mm = cli_number(args, "scar-width-mm", 4.0);
    double punch_mm = cli_number(args, "punch-width-mm", 1.5);
    double months = cli_number(args, "scar-age-months", 0.0);
    const struct {
        const char *name;
        DesignDrawn like;
    } option[] = {
        {"patch", {.zone = DESIGN_PATCH, .kind = DESIGN_OUTLINE}},
        {"scar",
         {.zone = DESIGN_SCAR, .kind = DESIGN_BAND, .width_mm = width_mm, .healed_months = months}},
        {"punch",
         {.zone = DESIGN_PUNCH,
          .kind = DESIGN_DISCS,
          .width_mm = punch_mm,
          .healed_months = months}},
        {"burn", {.zone = DESIGN_BURN, .kind = DESIGN_OUTLINE, .healed_months = months}},
        {"diffuse",
         {.zone = DESIGN_DIFFUSE,
          .kind = DESIGN_OUTLINE,
          .share = cli_number(args, "missing-share", 0.5)}},
        {"part-line",
         {.zone = DESIGN_DIFFUSE,
          .kind = DESIGN_BAND,
          .width_mm = cli_number(args, "part-width-mm", 25.0),
          .share = cli_number(args, "missing-share", 0.5)}},
        {"keep-out", {.zone = DESIGN_KEEP_OUT, .kind = DESIGN_OUTLINE}},
    };
    int examples = design->drawn_count; /* of a preset: places that are clicked replace them */
    for (size_t k = 0; k < sizeof option / sizeof option[0]; k++) {
        const char *text;
        for (int i = 0; (text = cli_repeated(args, option[k].name, i)) != NULL; i++) {
            for (int d = 0; i == 0 && d < examples; d++)
                if (design->drawn[d].zone == option[k].like.zone && design->drawn[d].tape) {
                    memmove(&design->drawn[d], &design->drawn[d + 1],
                            (size_t)(design->drawn_count - d - 1) * sizeof design->drawn[0]);
                    design->drawn_count--;
                    examples--;
                    d--;
                }
            if (!read_drawn(option[k].name, text, &option[k].like, design))
                return false;
        }
    }
    return true;
}

static bool answer(const CliArgs *args, const char *name, DesignAnswer *answer)
{
    const char *text = cli_text(args, name, NULL);
    if (text == NULL)
        return true;
    *answer = strcmp(text, "yes") == 0  ? DESIGN_YES
              : strcmp(text, "no") == 0 ? DESIGN_NO
                                        : DESIGN_UNKNOWN;
    if (*answer == DESIGN_UNKNOWN)
        cli_misuse("plan", "--%s=%s is neither yes nor no", name, text);
    return *answer != DESIGN_UNKNOWN;
}

/* What the guard-rails need to know; what is not given is not known. */
bool design_input_client(const CliArgs *args, DesignClient *client)
{
    const char *sex = cli_text(args, "sex", NULL);
    if (sex != NULL && strcmp(sex, "male") != 0 && strcmp(sex, "female") != 0) {
        cli_misuse("plan", "--sex=%s is neither male nor female", sex);
        return false;
    }
    if (sex != NULL)
        client->sex = strcmp(sex, "male") == 0 ? DESIGN_MALE : DESIGN_FEMALE;
    client->long_hair = client->long_hair || cli_has(args, "long-hair");
    client->age_years = cli_number(args, "age", client->age_years);
    client->brow_crease_mm = cli_number(args, "brow-crease-mm", client->brow_crease_mm);
    return answer(args, "active-loss", &client->active_loss) &&
           answer(args, "patch-test-passed", &client->patch_test_passed) &&
           answer(args, "keloid", &client->keloid) &&
           answer(args, "straight-wanted", &client->straight_wanted) &&
           answer(args, "skin-disease", &client->skin_disease);
}

static bool word_of(const char *option, const char *text, int count, const char *(*name)(int),
                    int *index)
{
    for (*index = 0; *index < count; ++*index)
        if (strcmp(name(*index), text) == 0)
            return true;
    char list[200] = "";
    for (int i = 0; i < count; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "",
                 name(i));
    cli_misuse("plan", "--%s=%s is none of %s", option, text, list);
    return false;
}

static bool read_old_line(const char *text, DesignRequest *design)
{
    if (!design_input_points(text, DESIGN_OLD_LINE_POINTS, design->old_line_mm,
                             &design->old_line_count)) {
        cli_misuse("plan", "--old-line=%s is not up to %d points X,Y,Z separated by blanks", text,
                   DESIGN_OLD_LINE_POINTS);
        return false;
    }
    design->construction = DESIGN_OLD_LINE;
    design->hairline_height_mm = 0.0;
    return true;
}

bool design_input_hairline(const CliArgs *args, DesignRequest *design)
{
    const char *construction = cli_text(args, "construction", NULL),
               *form = cli_text(args, "form", NULL), *front = cli_text(args, "front", NULL),
               *sideburn = cli_text(args, "sideburn", NULL),
               *old_line = cli_text(args, "old-line", NULL);
    int word;
    if (construction != NULL) {
        if (!word_of("construction", construction, DESIGN_CONSTRUCTIONS, design_construction_word,
                     &word))
            return false;
        design->construction = (DesignConstruction)word;
        if (design->construction != DESIGN_EIGHT_CM && design->construction != DESIGN_HEIGHT)
            design->hairline_height_mm = 0.0;
    }
    if (form != NULL) {
        if (!word_of("form", form, DESIGN_FORMS, design_form_word, &word))
            return false;
        design->hairline.form = (DesignForm)word;
    }
    if (front != NULL) {
        if (!word_of("front", front, DESIGN_STRAIGHT + 1, design_front_word, &word))
            return false;
        design_front_style((DesignFront)word, &design->hairline);
    }
    if (sideburn != NULL) {
        if (!word_of("sideburn", sideburn, DESIGN_SQUARE + 1, design_sideburn_word, &word))
            return false;
        design->hairline.sideburn = (DesignSideburn)word;
    }
    if (old_line != NULL && !read_old_line(old_line, design))
        return false;
    DesignHairline *line = &design->hairline;
    design->hairline_height_mm = cli_number(args, "hairline-height-mm", design->hairline_height_mm);
    line->transition_mm = cli_number(args, "transition-mm", line->transition_mm);
    line->micro_mm = cli_number(args, "irregularity-mm", line->micro_mm);
    line->asymmetry_mm = cli_number(args, "asymmetry-mm", line->asymmetry_mm);
    return true;
}

/* The marks, which a preset may have chosen. */
bool design_input_marks(const CliArgs *args, DesignMarks *marks)
{
    const char *kind = cli_text(args, "marks", NULL);
    marks->diameter_mm = cli_number(args, "dot-diameter-mm", marks->diameter_mm);
    marks->rows = cli_number(args, "rows", marks->rows);
    marks->line_mm = cli_number(args, "line-mm", marks->line_mm);
    if (kind == NULL)
        return true;
    marks->kind = strcmp(kind, "lines") == 0 ? DESIGN_LINE : DESIGN_DOT;
    if (marks->kind == DESIGN_DOT && strcmp(kind, "dots") != 0) {
        cli_misuse("plan", "--marks=%s is neither dots nor lines", kind);
        return false;
    }
    return true;
}

static bool read_pattern(const CliArgs *args, DesignRequest *design)
{
    if (cli_has(args, "norwood") && cli_has(args, "ludwig")) {
        cli_misuse("plan", "--norwood and --ludwig exclude each other");
        return false;
    }
    bool preset = cli_has(args, "preset");
    if (cli_has(args, "norwood") || cli_has(args, "ludwig")) {
        design->pattern = cli_has(args, "norwood") ? DESIGN_NORWOOD : DESIGN_LUDWIG;
        design->stage = (int)cli_number(args, "norwood", cli_number(args, "ludwig", 0.0));
        design->draw_hairline = preset ? design->draw_hairline : cli_has(args, "norwood");
    } else if (!preset) {
        design->pattern = DESIGN_PATTERN_NONE;
        design->draw_hairline = cli_has(args, "bare");
    }
    design->seen_bare = cli_has(args, "bare");
    return true;
}

bool design_input(const CliArgs *args, DesignRequest *design)
{
    if (!read_pattern(args, design))
        return false;
    design->density.full_per_cm2 =
        cli_number(args, "density-per-cm2", design->density.full_per_cm2);
    design->counter_clockwise = design->counter_clockwise || cli_has(args, "counter-clockwise");
    if (!design_input_hairline(args, design) || !design_input_marks(args, &design->marks) ||
        !design_input_client(args, &design->client) || !design_input_regions(args, design))
        return false;
    return true;
}

bool design_input_covers(const DesignRequest *design)
{
    if (design->pattern != DESIGN_PATTERN_NONE || design->drawn_count > 0 || design->whole_scalp ||
        design->seen_bare)
        return true;
    cli_misuse("plan", "say what to cover: --preset, --design, --norwood=1..7, --ludwig=1..3, "
                       "--patch or --scar");
    return false;
}

/* ---- documents ---- */

enum { DOCUMENT_LIMIT_BYTES = 4 << 20 };

static bool read_file(Arena *arena, const char *path, size_t *size, const char **text, Err *err)
{
    uint8_t *bytes;
    if (!io_read_file(arena, path, DOCUMENT_LIMIT_BYTES, size, &bytes, err))
        return false;
    *text = (const char *)bytes;
    return true;
}

static bool is_path(const char *name)
{
    return strchr(name, '/') != NULL || strchr(name, '.') != NULL;
}

bool design_input_preset(Arena *arena, const char *name, DesignPreset *preset, Err *err)
{
    size_t size;
    const char *text;
    if (!is_path(name))
        return design_preset_named(name, preset, err);
    return read_file(arena, name, &size, &text, err) &&
           design_preset_from_json(size, text, preset, err);
}

bool design_input_document(Arena *arena, const char *path, Design *design, Err *err)
{
    size_t size;
    const char *text;
    return read_file(arena, path, &size, &text, err) && design_from_json(size, text, design, err);
}

bool design_input_rules(Arena *arena, const char *path, RuleSet *rules, Err *err)
{
    size_t size;
    const char *text;
    if (path == NULL)
        return rules_builtin(rules, err);
    return read_file(arena, path, &size, &text, err) && rules_from_json(size, text, rules, err);
}

bool design_input_confirm(const CliArgs *args, const RuleSet *rules, int *count,
                          char confirmed[DESIGN_CONFIRMED][DESIGN_NAME], Err *err)
{
    const char *id;
    for (int i = 0; (id = cli_repeated(args, "confirm", i)) != NULL; i++) {
        bool known = false, there = false;
        for (int r = 0; r < rules->count; r++)
            known = known || strcmp(rules->rule[r].id, id) == 0;
        if (!known)
            return err_set(err, ERR_INPUT,
                           "--confirm=%.60s is no guard-rail: findings.json names them", id);
        for (int k = 0; k < *count; k++)
            there = there || strcmp(confirmed[k], id) == 0;
        if (there)
            continue;
        if (*count == DESIGN_CONFIRMED)
            return err_set(err, ERR_INPUT, "more than %d confirmations", DESIGN_CONFIRMED);
        snprintf(confirmed[(*count)++], DESIGN_NAME, "%s", id);
    }
    return true;
}
