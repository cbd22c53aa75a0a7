#include "design/file.h"
#include "design/file_table.h"

#include <string.h>

static const FileTable *const no_table[] = {NULL};

/* ---- rounding and packing ---- */

static void settle_shape(DesignShape *shape)
{
    file_settle(shape, &file_shape);
    file_settle(shape, &file_shape_height);
    file_settle(shape, &file_shape_width);
    if (!file_has_width(shape->kind))
        shape->width_mm = 0.0;
    if (!file_has_height(shape->kind))
        shape->height_mm = 0.0;
    if (!file_is_stage(shape->kind))
        shape->stage = 0;
}

/* Shapes in the order of their regions, without those of no region. */
static void pack_shapes(Design *design)
{
    DesignShape shape[DESIGN_SHAPES] = {0};
    int count = 0;
    for (int i = 0; i < design->region_count; i++) {
        DesignRegion *region = &design->region[i];
        for (int k = 0; k < region->shape_count; k++)
            shape[count + k] = design->shape[region->first_shape + k];
        region->first_shape = count;
        count += region->shape_count;
    }
    memcpy(design->shape, shape, sizeof shape);
    design->shape_count = count;
}

static void pack_run(const Design *design, DesignPlace packed[], int *count, int *first_point,
                     int point_count)
{
    for (int i = 0; i < point_count; i++)
        packed[*count + i] = file_round_place(design->point[*first_point + i]);
    *first_point = *count;
    *count += point_count;
}

/* Points in the order of the shapes and strokes they belong to. */
static void pack_points(Design *design)
{
    DesignPlace packed[DESIGN_POINTS] = {{0.0, 0.0}};
    int count = 0;
    for (int i = 0; i < design->shape_count; i++)
        pack_run(design, packed, &count, &design->shape[i].first_point,
                 design->shape[i].point_count);
    for (int i = 0; i < design->stroke_count; i++)
        pack_run(design, packed, &count, &design->stroke[i].first_point,
                 design->stroke[i].point_count);
    memcpy(design->point, packed, sizeof packed);
    design->point_count = count;
}

static void settle_hairline(DesignHairline *line)
{
    file_settle(line, &file_hairline);
    for (int i = 0; i < DESIGN_CONTROLS; i++)
        line->control[i] =
            i < line->control_count ? file_round_place(line->control[i]) : (DesignPlace){0.0, 0.0};
    if (line->control_count == 0)
        line->temple[0] = line->temple[1] = 0;
}

static void round_uv(double uv[2])
{
    uv[0] = file_round(uv[0], 6);
    uv[1] = file_round(uv[1], 6);
}

static void settle_growth(Growth *growth)
{
    for (int i = 0; i < growth->singularity_count; i++) {
        GrowthSingularity *s = &growth->singularity[i];
        round_uv(s->uv);
        s->reach_mm = file_round(s->reach_mm, 3);
        s->turn_rad = file_round(s->turn_rad, 4);
        if (s->index == 1)
            continue;
        s->reach_mm = s->turn_rad = 0.0; /* of whorls only */
        s->clockwise = false;
    }
    for (int i = 0; i < growth->stroke_count; i++) {
        GrowthStroke *stroke = &growth->stroke[i];
        stroke->width_mm = file_round(stroke->width_mm, 3);
        stroke->strength = file_round(stroke->strength, 4);
        for (int k = 0; k < stroke->point_count; k++)
            round_uv(stroke->uv[k]);
    }
}

static void settle_marks(DesignMarks *marks)
{
    file_settle(marks, &file_marks);
    for (int zone = 0; zone < DESIGN_ZONES; zone++)
        marks->zone_size[zone] = zone > DESIGN_NONE ? file_round(marks->zone_size[zone], 4) : 1.0;
}

/* A design whose indices point nowhere is left as it is: design_check names them. */
void design_settle(Design *design)
{
    Err err;
    if (!design_check_indices(design, &err))
        return;
    file_settle_text(sizeof design->title, design->title);
    file_settle_text(sizeof design->preset, design->preset);
    settle_hairline(&design->hairline);
    file_settle(&design->density, &file_density);
    for (int i = 0; i < design->region_count; i++) {
        file_settle_text(sizeof design->region[i].name, design->region[i].name);
        file_settle(&design->region[i], &file_region);
    }
    for (int i = 0; i < design->stroke_count; i++)
        file_settle(&design->stroke[i], &file_stroke);
    pack_shapes(design);
    for (int i = 0; i < design->shape_count; i++)
        settle_shape(&design->shape[i]);
    pack_points(design);
    settle_marks(&design->marks);
    settle_growth(&design->growth);
    file_settle(&design->client, &file_client);
    for (int i = 0; i < design->confirmed_count; i++)
        file_settle_text(sizeof design->confirmed[i], design->confirmed[i]);
}

/* ---- writing ---- */

static json_t *place_json(DesignPlace place)
{
    return json_pack("[o,o]", doc_number(place.u, 6), doc_number(place.v, 6));
}

static void put_points(Doc *doc, json_t *object, int count, const DesignPlace point[])
{
    json_t *list = doc_list(doc, object, "points_chart");
    for (int i = 0; i < count; i++)
        doc_add(doc, list, "points_chart", place_json(point[i]));
}

static void put_hairline(Doc *doc, const DesignHairline *line)
{
    json_t *json = doc_object(doc, doc->root, "hairline");
    doc_put(doc, json, "drawn", json_boolean(line->drawn));
    file_put(doc, json, line, &file_hairline);
    file_put_seed(doc, json, line->seed);
    json_t *list = doc_list(doc, json, "controls");
    for (int i = 0; i < line->control_count; i++) {
        json_t *control = doc_entry(doc, list, "controls");
        doc_put(doc, control, "chart", place_json(line->control[i]));
        if (i == line->temple[0] || i == line->temple[1])
            doc_put(doc, control, "role",
                    json_string(i == line->temple[0] ? "temple_left" : "temple_right"));
    }
}

static void put_shape(Doc *doc, json_t *list, const Design *design, const DesignShape *shape)
{
    json_t *json = doc_entry(doc, list, "shapes");
    file_put(doc, json, shape, &file_shape);
    if (file_is_stage(shape->kind))
        doc_put(doc, json, "stage", json_integer(shape->stage));
    if (file_has_height(shape->kind))
        file_put(doc, json, shape, &file_shape_height);
    if (file_has_width(shape->kind))
        file_put(doc, json, shape, &file_shape_width);
    if (file_least_points(shape->kind) > 0)
        put_points(doc, json, shape->point_count, &design->point[shape->first_point]);
}

static void put_regions(Doc *doc, const Design *design)
{
    json_t *list = doc_list(doc, doc->root, "regions");
    for (int i = 0; i < design->region_count; i++) {
        const DesignRegion *region = &design->region[i];
        json_t *json = doc_entry(doc, list, "regions");
        doc_put(doc, json, "name", doc_text(region->name));
        file_put(doc, json, region, &file_region);
        json_t *shapes = doc_list(doc, json, "shapes");
        for (int k = 0; k < region->shape_count; k++)
            put_shape(doc, shapes, design, &design->shape[region->first_shape + k]);
    }
}

static void put_strokes(Doc *doc, const Design *design)
{
    json_t *list = doc_list(doc, doc->root, "strokes");
    for (int i = 0; i < design->stroke_count; i++) {
        const DesignStroke *stroke = &design->stroke[i];
        json_t *json = doc_entry(doc, list, "strokes");
        file_put(doc, json, stroke, &file_stroke);
        put_points(doc, json, stroke->point_count, &design->point[stroke->first_point]);
    }
}

static DesignPlace place_of(const double uv[2])
{
    return (DesignPlace){uv[0], uv[1]};
}

static void put_growth(Doc *doc, const Growth *growth)
{
    json_t *json = doc_object(doc, doc->root, "growth");
    json_t *list = doc_list(doc, json, "singularities");
    for (int i = 0; i < growth->singularity_count; i++) {
        const GrowthSingularity *s = &growth->singularity[i];
        json_t *entry = doc_entry(doc, list, "singularities");
        bool whorl = s->index == 1;
        doc_put(doc, entry, "kind", json_string(whorl ? "whorl" : "saddle"));
        doc_put(doc, entry, "chart", place_json(place_of(s->uv)));
        if (!whorl)
            continue;
        doc_put(doc, entry, "reach_mm", doc_number(s->reach_mm, 3));
        doc_put(doc, entry, "turn_rad", doc_number(s->turn_rad, 4));
        doc_put(doc, entry, "clockwise", json_boolean(s->clockwise));
    }
    json_t *strokes = doc_list(doc, json, "strokes");
    for (int i = 0; i < growth->stroke_count; i++) {
        const GrowthStroke *stroke = &growth->stroke[i];
        json_t *entry = doc_entry(doc, strokes, "strokes");
        DesignPlace point[GROWTH_STROKE_POINTS];
        for (int k = 0; k < stroke->point_count; k++)
            point[k] = place_of(stroke->uv[k]);
        doc_put(doc, entry, "width_mm", doc_number(stroke->width_mm, 3));
        doc_put(doc, entry, "strength", doc_number(stroke->strength, 4));
        put_points(doc, entry, stroke->point_count, point);
    }
}

bool design_to_json(Arena *arena, const Design *design, size_t *size, char **text, Err *err)
{
    Doc doc;
    if (!design_check(design, err) || !doc_start(&doc, "design", DESIGN_FORMAT, err))
        return false;
    doc_put(&doc, doc.root, "title", doc_text(design->title));
    doc_put(&doc, doc.root, "preset", doc_text(design->preset));
    file_put_seed(&doc, doc.root, design->seed);
    put_hairline(&doc, &design->hairline);
    file_put(&doc, doc_object(&doc, doc.root, "density"), &design->density, &file_density);
    put_regions(&doc, design);
    put_strokes(&doc, design);
    file_put_marks(&doc, doc.root, &design->marks);
    put_growth(&doc, &design->growth);
    file_put_client(&doc, doc.root, &design->client);
    json_t *confirmed = doc_list(&doc, doc.root, "confirmed");
    for (int i = 0; i < design->confirmed_count; i++)
        doc_add(&doc, confirmed, "confirmed", doc_text(design->confirmed[i]));
    return doc_render(arena, &doc, "design.json", size, text, err);
}

/* ---- reading ---- */

static bool read_place(const Node *node, DesignPlace *place)
{
    Node u, v;
    if (json_array_size(node->value) != 2)
        return node_refuse(node, "is no pair of numbers");
    return node_item(node, 0, &u) && node_item(node, 1, &v) &&
           node_is_number(&u, -FILE_CHART_REACH, FILE_CHART_REACH, &place->u) &&
           node_is_number(&v, -FILE_CHART_REACH, FILE_CHART_REACH, &place->v);
}

static bool read_points(const Node *node, int most, int *count, DesignPlace point[])
{
    Node list, item;
    if (!node_list(node, "points_chart", most, &list, count))
        return false;
    for (int i = 0; i < *count; i++)
        if (!node_item(&list, i, &item) || !read_place(&item, &point[i]))
            return false;
    return true;
}

/* Behind the points that are there. */
static bool read_more_points(const Node *node, Design *design, int *first, int *count)
{
    *first = design->point_count;
    if (!read_points(node, DESIGN_POINTS - *first, count, &design->point[*first]))
        return false;
    design->point_count += *count;
    return true;
}

static const char *role_word(int side)
{
    return side == 0 ? "temple_left" : "temple_right";
}

static bool read_control(const Node *list, int index, DesignHairline *line)
{
    static const char *const keys[] = {"chart", "role", NULL};
    Node entry, chart;
    int side;
    if (!node_item(list, index, &entry) || !file_only(&entry, no_table, keys) ||
        !node_child(&entry, "chart", &chart) || !read_place(&chart, &line->control[index]))
        return false;
    if (!node_has(&entry, "role"))
        return true;
    if (!file_read_word(&entry, "role", 2, role_word, &side))
        return false;
    if (line->temple[side] != 0)
        return node_refuse(&entry, "is a second '%s'", role_word(side));
    line->temple[side] = index;
    return true;
}

static bool read_hairline(const Node *root, DesignHairline *line)
{
    static const FileTable *const table[] = {&file_hairline, NULL};
    static const char *const more[] = {"drawn", "controls", "seed", NULL};
    Node node, list;
    if (!node_child(root, "hairline", &node) || !file_only(&node, table, more) ||
        !file_read_flag(&node, "drawn", &line->drawn) ||
        !file_read(&node, line, &file_hairline, false) ||
        !file_read_seed(&node, "seed", &line->seed) ||
        !node_list(&node, "controls", DESIGN_CONTROLS, &list, &line->control_count))
        return false;
    for (int i = 0; i < line->control_count; i++)
        if (!read_control(&list, i, line))
            return false;
    return true;
}

static bool read_shape(const Node *node, Design *design, DesignShape *shape)
{
    static const char *const words[] = {"kind",      "join",     "grow_mm",      "stage",
                                        "height_mm", "width_mm", "points_chart", NULL};
    if (!file_only(node, no_table, words) || !file_read(node, shape, &file_shape, false))
        return false;
    bool stage = file_is_stage(shape->kind), height = file_has_height(shape->kind);
    bool width = file_has_width(shape->kind), points = file_least_points(shape->kind) > 0;
    const struct {
        const char *key;
        bool used;
    } key[] = {
        {"stage", stage}, {"height_mm", height}, {"width_mm", width}, {"points_chart", points}};
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++)
        if (!key[i].used && node_has(node, key[i].key))
            return node_refuse(node, "has the key '%s', which '%s' does not use", key[i].key,
                               design_shape_name(shape->kind));
    return (!stage || node_whole(node, "stage", &shape->stage)) &&
           (!height || file_read(node, shape, &file_shape_height, false)) &&
           (!width || file_read(node, shape, &file_shape_width, false)) &&
           (!points || read_more_points(node, design, &shape->first_point, &shape->point_count));
}

static bool read_region(const Node *node, Design *design, DesignRegion *region)
{
    static const FileTable *const table[] = {&file_region, NULL};
    static const char *const more[] = {"name", "shapes", NULL};
    Node list, item;
    region->first_shape = design->shape_count;
    if (!file_only(node, table, more) ||
        !node_text(node, "name", sizeof region->name, region->name) ||
        !file_read(node, region, &file_region, false) ||
        !node_list(node, "shapes", DESIGN_SHAPES - design->shape_count, &list,
                   &region->shape_count))
        return false;
    for (int i = 0; i < region->shape_count; i++)
        if (!node_item(&list, i, &item) ||
            !read_shape(&item, design, &design->shape[design->shape_count++]))
            return false;
    return true;
}

static bool read_regions(const Node *root, Design *design)
{
    Node list, item;
    if (!node_list(root, "regions", DESIGN_REGIONS, &list, &design->region_count))
        return false;
    for (int i = 0; i < design->region_count; i++)
        if (!node_item(&list, i, &item) || !read_region(&item, design, &design->region[i]))
            return false;
    return true;
}

static bool read_strokes(const Node *root, Design *design)
{
    static const FileTable *const table[] = {&file_stroke, NULL};
    static const char *const more[] = {"points_chart", NULL};
    Node list, item;
    if (!node_list(root, "strokes", DESIGN_STROKES, &list, &design->stroke_count))
        return false;
    for (int i = 0; i < design->stroke_count; i++) {
        DesignStroke *stroke = &design->stroke[i];
        if (!node_item(&list, i, &item) || !file_only(&item, table, more) ||
            !file_read(&item, stroke, &file_stroke, false) ||
            !read_more_points(&item, design, &stroke->first_point, &stroke->point_count))
            return false;
    }
    return true;
}

static const char *singularity_word(int index)
{
    return index == 0 ? "whorl" : "saddle";
}

static bool read_singularity(const Node *node, GrowthSingularity *s)
{
    static const char *const whorl_keys[] = {"kind",     "chart",     "reach_mm",
                                             "turn_rad", "clockwise", NULL};
    static const char *const saddle_keys[] = {"kind", "chart", NULL};
    Node chart;
    DesignPlace place;
    int kind;
    if (!file_only(node, no_table, whorl_keys) ||
        !file_read_word(node, "kind", 2, singularity_word, &kind) ||
        !node_child(node, "chart", &chart) || !read_place(&chart, &place))
        return false;
    s->index = kind == 0 ? 1 : -1;
    s->uv[0] = place.u;
    s->uv[1] = place.v;
    if (kind != 0)
        return node_only(node, saddle_keys);
    return node_number(node, "reach_mm", 1.0, 200.0, &s->reach_mm) &&
           node_number(node, "turn_rad", 0.0, 1.4, &s->turn_rad) &&
           file_read_flag(node, "clockwise", &s->clockwise);
}

static bool read_growth_stroke(const Node *node, GrowthStroke *stroke)
{
    static const char *const keys[] = {"width_mm", "strength", "points_chart", NULL};
    DesignPlace point[GROWTH_STROKE_POINTS];
    if (!file_only(node, no_table, keys) ||
        !node_number(node, "width_mm", 1.0, 200.0, &stroke->width_mm) ||
        !node_number(node, "strength", 0.0, 1.0, &stroke->strength) ||
        !read_points(node, GROWTH_STROKE_POINTS, &stroke->point_count, point))
        return false;
    for (int i = 0; i < stroke->point_count; i++) {
        stroke->uv[i][0] = point[i].u;
        stroke->uv[i][1] = point[i].v;
    }
    return true;
}

static bool read_growth(const Node *root, Growth *growth)
{
    static const char *const keys[] = {"singularities", "strokes", NULL};
    Node node, list, item;
    if (!node_child(root, "growth", &node) || !file_only(&node, no_table, keys) ||
        !node_list(&node, "singularities", GROWTH_SINGULARITIES, &list, &growth->singularity_count))
        return false;
    for (int i = 0; i < growth->singularity_count; i++)
        if (!node_item(&list, i, &item) || !read_singularity(&item, &growth->singularity[i]))
            return false;
    if (!node_list(&node, "strokes", GROWTH_STROKES, &list, &growth->stroke_count))
        return false;
    for (int i = 0; i < growth->stroke_count; i++)
        if (!node_item(&list, i, &item) || !read_growth_stroke(&item, &growth->stroke[i]))
            return false;
    return true;
}

static bool read_confirmed(const Node *root, Design *design)
{
    Node list, item;
    if (!node_list(root, "confirmed", DESIGN_CONFIRMED, &list, &design->confirmed_count))
        return false;
    for (int i = 0; i < design->confirmed_count; i++) {
        if (!node_item(&list, i, &item))
            return false;
        const char *text = json_string_value(item.value);
        if (text == NULL || strlen(text) >= DESIGN_NAME)
            return node_refuse(&item, "is no text below %d bytes", DESIGN_NAME);
        memcpy(design->confirmed[i], text, strlen(text) + 1);
    }
    return true;
}

static bool read_design(const Node *root, Design *design)
{
    static const FileTable *const density_table[] = {&file_density, NULL};
    static const char *const none[] = {NULL};
    static const char *const keys[] = {"schema",  "version", "title",     "preset",  "seed",
                                       "density", "marks",   "growth",    "regions", "hairline",
                                       "strokes", "client",  "confirmed", NULL};
    Node density, marks, client;
    return file_only(root, no_table, keys) &&
           node_text(root, "title", sizeof design->title, design->title) &&
           node_text(root, "preset", sizeof design->preset, design->preset) &&
           file_read_seed(root, "seed", &design->seed) && read_hairline(root, &design->hairline) &&
           node_child(root, "density", &density) && file_only(&density, density_table, none) &&
           file_read(&density, &design->density, &file_density, false) &&
           read_regions(root, design) && read_strokes(root, design) &&
           node_child(root, "marks", &marks) && file_read_marks(&marks, &design->marks, false) &&
           read_growth(root, &design->growth) && node_child(root, "client", &client) &&
           file_read_client(&client, &design->client) && read_confirmed(root, design);
}

bool design_from_json(size_t size, const char *text, Design *design, Err *err)
{
    Node root;
    int version;
    memset(design, 0, sizeof *design);
    if (!node_open("design", DESIGN_FORMAT, size, text, &root, &version, err))
        return false;
    bool ok = version == 1 ? design_read_v1(&root, design) : read_design(&root, design);
    node_close(&root);
    if (!ok)
        return false;
    Err what;
    ok = design_check(design, &what);
    if (ok) {
        design_settle(design);
        ok = design_check(design, &what); /* what stood on a limit may be rounded beyond it */
    }
    return ok || err_set(err, what.code, "design: %s", what.text);
}

/* ---- comparing ---- */

static bool same_places(int count, const DesignPlace a[], const DesignPlace b[])
{
    for (int i = 0; i < count; i++) {
        DesignPlace p = file_round_place(a[i]), q = file_round_place(b[i]);
        if (p.u != q.u || p.v != q.v)
            return false;
    }
    return true;
}

static bool same_hairline(const DesignHairline *a, const DesignHairline *b)
{
    return a->drawn == b->drawn && a->seed == b->seed && a->control_count == b->control_count &&
           (a->control_count == 0 ||
            (a->temple[0] == b->temple[0] && a->temple[1] == b->temple[1])) &&
           file_same(a, b, &file_hairline) && same_places(a->control_count, a->control, b->control);
}

static bool same_shape(const Design *a, const DesignShape *s, const Design *b, const DesignShape *t)
{
    return file_same(s, t, &file_shape) && s->point_count == t->point_count &&
           (!file_is_stage(s->kind) || s->stage == t->stage) &&
           (!file_has_width(s->kind) || file_same(s, t, &file_shape_width)) &&
           (!file_has_height(s->kind) || file_same(s, t, &file_shape_height)) &&
           (s->point_count == 0 ||
            same_places(s->point_count, &a->point[s->first_point], &b->point[t->first_point]));
}

static bool same_region(const Design *a, const Design *b, int index)
{
    const DesignRegion *p = &a->region[index], *q = &b->region[index];
    bool same = strcmp(p->name, q->name) == 0 && p->shape_count == q->shape_count &&
                file_same(p, q, &file_region);
    for (int i = 0; same && i < p->shape_count; i++)
        same = same_shape(a, &a->shape[p->first_shape + i], b, &b->shape[q->first_shape + i]);
    return same;
}

static bool same_stroke(const Design *a, const Design *b, int index)
{
    const DesignStroke *p = &a->stroke[index], *q = &b->stroke[index];
    return p->point_count == q->point_count && file_same(p, q, &file_stroke) &&
           same_places(p->point_count, &a->point[p->first_point], &b->point[q->first_point]);
}

static bool same_number(double a, double b, int decimals)
{
    return file_round(a, decimals) == file_round(b, decimals);
}

static bool same_singularity(const GrowthSingularity *a, const GrowthSingularity *b)
{
    return a->index == b->index && same_number(a->uv[0], b->uv[0], 6) &&
           same_number(a->uv[1], b->uv[1], 6) &&
           (a->index != 1 ||
            (a->clockwise == b->clockwise && same_number(a->reach_mm, b->reach_mm, 3) &&
             same_number(a->turn_rad, b->turn_rad, 4)));
}

static bool same_growth_stroke(const GrowthStroke *a, const GrowthStroke *b)
{
    bool same = a->point_count == b->point_count && same_number(a->width_mm, b->width_mm, 3) &&
                same_number(a->strength, b->strength, 4);
    for (int i = 0; same && i < a->point_count; i++)
        same = same_number(a->uv[i][0], b->uv[i][0], 6) && same_number(a->uv[i][1], b->uv[i][1], 6);
    return same;
}

static bool same_growth(const Growth *a, const Growth *b)
{
    bool same = a->singularity_count == b->singularity_count && a->stroke_count == b->stroke_count;
    for (int i = 0; same && i < a->singularity_count; i++)
        same = same_singularity(&a->singularity[i], &b->singularity[i]);
    for (int i = 0; same && i < a->stroke_count; i++)
        same = same_growth_stroke(&a->stroke[i], &b->stroke[i]);
    return same;
}

static bool same_marks(const DesignMarks *a, const DesignMarks *b)
{
    bool same = file_same(a, b, &file_marks);
    for (int zone = DESIGN_NONE + 1; zone < DESIGN_ZONES; zone++)
        same = same && same_number(a->zone_size[zone], b->zone_size[zone], 4);
    return same;
}

bool design_same(const Design *a, const Design *b)
{
    bool same = strcmp(a->title, b->title) == 0 && strcmp(a->preset, b->preset) == 0 &&
                a->seed == b->seed && a->region_count == b->region_count &&
                a->stroke_count == b->stroke_count && a->confirmed_count == b->confirmed_count &&
                same_hairline(&a->hairline, &b->hairline) &&
                file_same(&a->density, &b->density, &file_density) &&
                same_marks(&a->marks, &b->marks) && same_growth(&a->growth, &b->growth) &&
                file_same_client(&a->client, &b->client);
    for (int i = 0; same && i < a->region_count; i++)
        same = same_region(a, b, i);
    for (int i = 0; same && i < a->stroke_count; i++)
        same = same_stroke(a, b, i);
    for (int i = 0; same && i < a->confirmed_count; i++)
        same = strcmp(a->confirmed[i], b->confirmed[i]) == 0;
    return same;
}
