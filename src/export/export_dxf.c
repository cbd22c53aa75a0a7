#include "export/plane.h"
#include "export/writer.h"

/* AutoCAD R12: the version that cutters, plotters and old programs read (group codes as in the
 * Release 12 customization manual). It has no variable for the unit, but newer readers take
 * $INSUNITS where they find it and older ones pass over it; a bar of 100 mm is drawn besides. */
enum { DECIMALS = 4 };

/* AutoCAD's colour index. */
static const int color[PLANE_LAYERS] = {7, 8, 9, 5, 30, 1, 7, 5, 3, 6, 7, 1, 8, 7};

typedef struct Dxf {
    Writer writer;
    const Plane *plane;
    PlaneLayer layer;
} Dxf;

static void group(Writer *writer, int code, const char *value)
{
    writer_int(writer, code);
    writer_put(writer, "\n");
    writer_put(writer, value);
    writer_put(writer, "\n");
}

static void number(Writer *writer, int code, double value)
{
    writer_int(writer, code);
    writer_put(writer, "\n");
    double whole = floor(value);
    writer_number(writer, value, DECIMALS);
    /* a real has a point: some readers tell them by it */
    writer_put(writer,
               fabs(value - whole) < 0.5e-4 || fabs(whole + 1.0 - value) < 0.5e-4 ? ".0\n" : "\n");
}

static void whole(Writer *writer, int code, int value)
{
    writer_int(writer, code);
    writer_put(writer, "\n");
    writer_int(writer, value);
    writer_put(writer, "\n");
}

static void entity(Dxf *dxf, const char *name)
{
    group(&dxf->writer, 0, name);
    group(&dxf->writer, 8, plane_layer_name(dxf->layer));
}

static void place(Writer *writer, int first, const double at_mm[2])
{
    number(writer, first, at_mm[0]);
    number(writer, first + 10, at_mm[1]);
}

static void dxf_layer(void *to, PlaneLayer layer)
{
    Dxf *dxf = to;
    dxf->layer = layer;
}

static void dxf_line(Dxf *dxf, const double from_mm[2], const double to_mm[2])
{
    entity(dxf, "LINE");
    place(&dxf->writer, 10, from_mm);
    place(&dxf->writer, 11, to_mm);
}

static void dxf_path(void *to, int piece, const FlatLine *line, bool closed, int count,
                     const double at_mm[][2])
{
    Dxf *dxf = to;
    (void)piece;
    (void)line;
    if (count == 2 && !closed) {
        dxf_line(dxf, at_mm[0], at_mm[1]);
        return;
    }
    entity(dxf, "POLYLINE");
    whole(&dxf->writer, 66, 1);
    place(&dxf->writer, 10, (double[]){0.0, 0.0}); /* says nothing, but older readers want it */
    whole(&dxf->writer, 70, closed);
    for (int i = 0; i < count; i++) {
        entity(dxf, "VERTEX");
        place(&dxf->writer, 10, at_mm[i]);
    }
    entity(dxf, "SEQEND");
}

static void dxf_dot(void *to, int piece, const FlatDot *dot, const double at_mm[2])
{
    Dxf *dxf = to;
    const Case *plan = dxf->plane->plan;
    double length = plan->dot_length_mm == NULL ? 0.0 : (double)plan->dot_length_mm[dot->dot];
    (void)piece;
    if (length > 0.0) {
        double ends[2][2];
        for (int i = 0; i < 2; i++) {
            ends[i][0] = at_mm[0] + (i == 0 ? -0.5 : 0.5) * length * cos(dot->heading_rad);
            ends[i][1] = at_mm[1] + (i == 0 ? -0.5 : 0.5) * length * sin(dot->heading_rad);
        }
        dxf_line(dxf, ends[0], ends[1]);
        return;
    }
    entity(dxf, "CIRCLE");
    place(&dxf->writer, 10, at_mm);
    number(&dxf->writer, 40, 0.5 * plan->dot_diameter_mm[dot->dot]);
}

static void dxf_text(void *to, const double at_mm[2], double height_mm, const char *text)
{
    Dxf *dxf = to;
    double low[2] = {at_mm[0], at_mm[1] - 0.5 * height_mm};
    entity(dxf, "TEXT");
    place(&dxf->writer, 10, low);
    number(&dxf->writer, 40, height_mm);
    group(&dxf->writer, 1, text);
    whole(&dxf->writer, 72, 1); /* centred on the second place */
    place(&dxf->writer, 11, low);
}

static void put_head(Writer *w, const Plane *plane)
{
    group(w, 999, "Follicle " FOLLICLE_VERSION ": the scalp laid flat, millimetres, 1:1");
    group(w, 0, "SECTION");
    group(w, 2, "HEADER");
    group(w, 9, "$ACADVER");
    group(w, 1, "AC1009");
    group(w, 9, "$INSUNITS");
    whole(w, 70, 4);
    for (int end = 0; end < 2; end++) {
        const double at[2] = {end * plane->width_mm, end * plane->height_mm};
        group(w, 9, end == 0 ? "$EXTMIN" : "$EXTMAX");
        place(w, 10, at);
        number(w, 30, 0.0);
    }
    group(w, 0, "ENDSEC");
}

static void put_tables(Writer *w)
{
    group(w, 0, "SECTION");
    group(w, 2, "TABLES");
    group(w, 0, "TABLE");
    group(w, 2, "LTYPE");
    whole(w, 70, 1);
    group(w, 0, "LTYPE");
    group(w, 2, "CONTINUOUS");
    whole(w, 70, 0);
    group(w, 3, "Solid line");
    whole(w, 72, 65);
    whole(w, 73, 0);
    number(w, 40, 0.0);
    group(w, 0, "ENDTAB");
    group(w, 0, "TABLE");
    group(w, 2, "LAYER");
    whole(w, 70, PLANE_LAYERS);
    for (int layer = 0; layer < PLANE_LAYERS; layer++) {
        group(w, 0, "LAYER");
        group(w, 2, plane_layer_name((PlaneLayer)layer));
        whole(w, 70, 0);
        whole(w, 62, color[layer]);
        group(w, 6, "CONTINUOUS");
    }
    group(w, 0, "ENDTAB");
    group(w, 0, "ENDSEC");
}

static bool draw(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                 ExportBytes *file, Err *err)
{
    Plane plane;
    if (!plane_make(scratch, arena, plan, params, &plane, err)) /* what stays is the file only */
        return false;
    double(*room)[2] = arena_alloc(scratch, (size_t)plane.most, sizeof *room);
    if (room == NULL)
        return err_set(err, ERR_LIMIT, "no room for a line of %d points", plane.most);
    Dxf dxf = {.writer = writer_make(scratch), .plane = &plane};
    PlanePen pen = {
        .to = &dxf, .layer = dxf_layer, .path = dxf_path, .dot = dxf_dot, .text = dxf_text};
    put_head(&dxf.writer, &plane);
    put_tables(&dxf.writer);
    group(&dxf.writer, 0, "SECTION");
    group(&dxf.writer, 2, "ENTITIES");
    plane_draw(&plane, room, &pen);
    group(&dxf.writer, 0, "ENDSEC");
    group(&dxf.writer, 0, "EOF");
    return writer_end(&dxf.writer, arena, "DXF", file, err);
}

bool export_dxf(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                ExportBytes *file, Err *err)
{
    size_t mark = arena_mark(scratch);
    bool ok = draw(arena, scratch, plan, params, file, err);
    arena_rewind(scratch, mark);
    return ok;
}
