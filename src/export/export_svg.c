#include "export/plane.h"
#include "export/writer.h"

#include <ctype.h>

/* Thin enough for a pen, thick enough to be seen; cutters look at the colour and the layer. */
static const char *const stroke[PLANE_LAYERS] = {
    "#000000", "#606060", "#8a8a8a", "#1f6fb2", "#c2410c", "#d00000", "#1b1b1b",
    "#1d4ed8", "#15803d", "#7e22ce", "#000000", "#d00000", "#606060", "#000000"};
enum { DECIMALS = 3 }; /* a micrometre */

typedef struct Svg {
    Writer writer;
    const Plane *plane;
    bool open;
    PlaneLayer layer;
} Svg;

static bool is_dots(PlaneLayer layer)
{
    return layer >= PLANE_DOTS_1 && layer <= PLANE_DOTS_4;
}

static void put_id(Writer *writer, PlaneLayer layer) /* "DOTS_1" is "dots-1" */
{
    char id[32] = "";
    const char *name = plane_layer_name(layer);
    for (int i = 0; name[i] != '\0' && i < 31; i++)
        id[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    writer_put(writer, id);
}

static void attribute(Writer *writer, const char *name, double value)
{
    writer_put(writer, " ");
    writer_put(writer, name);
    writer_put(writer, "=\"");
    writer_number(writer, value, DECIMALS);
    writer_put(writer, "\"");
}

static void svg_layer(void *to, PlaneLayer layer)
{
    Svg *svg = to;
    Writer *w = &svg->writer;
    if (svg->open)
        writer_put(w, "</g>\n");
    svg->open = true;
    svg->layer = layer;
    writer_put(w, "<g id=\"");
    put_id(w, layer);
    writer_put(w, "\" inkscape:groupmode=\"layer\" inkscape:label=\"");
    writer_put(w, plane_layer_name(layer));
    if (is_dots(layer)) {
        writer_put(w, "\" data-session=\"");
        writer_int(w, (int)layer - (int)PLANE_DOTS_1 + 1);
        writer_put(w, "\" fill=\"");
        writer_put(w, stroke[layer]);
        writer_put(w, "\" stroke=\"none\">\n");
    } else {
        writer_put(w, "\" fill=\"none\" stroke=\"");
        writer_put(w, stroke[layer]);
        writer_put(w, layer == PLANE_HAIRLINE || layer == PLANE_STRIP_HAIRLINE
                          ? "\" stroke-width=\"0.4\">\n"
                          : "\" stroke-width=\"0.2\">\n");
    }
}

static void svg_path(void *to, int piece, const FlatLine *line, bool closed, int count,
                     const double at_mm[][2])
{
    Svg *svg = to;
    Writer *w = &svg->writer;
    writer_put(w, "<path");
    if (piece >= 0)
        attribute(w, "data-piece", piece + 1);
    if (line != NULL && (line->kind == FLAT_ZONE || line->kind == FLAT_KEEP_OUT)) {
        writer_put(w, " data-zones=\"");
        writer_put(w, design_zone_name(line->zone[0]));
        writer_put(w, " ");
        writer_put(w, design_zone_name(line->zone[1]));
        writer_put(w, "\"");
    }
    writer_put(w, " d=\"M");
    for (int i = 0; i < count; i++) {
        writer_put(w, i == 0 ? "" : " ");
        writer_number(w, at_mm[i][0], DECIMALS);
        writer_put(w, ",");
        writer_number(w, svg->plane->height_mm - at_mm[i][1], DECIMALS);
    }
    writer_put(w, closed ? "Z\"/>\n" : "\"/>\n");
}

static void svg_dot(void *to, int piece, const FlatDot *dot, const double at_mm[2])
{
    Svg *svg = to;
    Writer *w = &svg->writer;
    const Case *plan = svg->plane->plan;
    const Dot *planned = &plan->dots->dot[dot->dot];
    double length = plan->dot_length_mm == NULL ? 0.0 : (double)plan->dot_length_mm[dot->dot];
    double diameter = plan->dot_diameter_mm[dot->dot], y = svg->plane->height_mm - at_mm[1];
    if (length > 0.0) { /* a line along the growth, with round ends */
        double half[2] = {0.5 * length * cos(dot->heading_rad),
                          0.5 * length * sin(dot->heading_rad)};
        writer_put(w, "<line");
        attribute(w, "x1", at_mm[0] - half[0]);
        attribute(w, "y1", y + half[1]);
        attribute(w, "x2", at_mm[0] + half[0]);
        attribute(w, "y2", y - half[1]);
        attribute(w, "stroke-width", diameter);
        writer_put(w, " stroke-linecap=\"round\" stroke=\"");
        writer_put(w, stroke[svg->layer]);
        writer_put(w, "\"");
    } else {
        writer_put(w, "<circle");
        attribute(w, "cx", at_mm[0]);
        attribute(w, "cy", y);
        attribute(w, "r", 0.5 * diameter);
    }
    writer_put(w, " data-id=\"");
    writer_int(w, planned->site);
    writer_put(w, "\" data-session=\"");
    writer_int(w, planned->session + 1);
    writer_put(w, "\" data-zone=\"");
    writer_put(w, design_zone_name((DesignZone)planned->zone));
    writer_put(w, "\" data-piece=\"");
    writer_int(w, piece + 1);
    writer_put(w, "\"/>\n");
}

static void svg_text(void *to, const double at_mm[2], double height_mm, const char *text)
{
    Svg *svg = to;
    Writer *w = &svg->writer;
    writer_put(w,
               "<text text-anchor=\"middle\" font-family=\"sans-serif\" stroke=\"none\" fill=\"");
    writer_put(w, stroke[svg->layer]);
    writer_put(w, "\"");
    attribute(w, "font-size", height_mm);
    attribute(w, "x", at_mm[0]);
    attribute(w, "y", svg->plane->height_mm - at_mm[1] + 0.36 * height_mm);
    writer_put(w, ">");
    writer_xml(w, text);
    writer_put(w, "</text>\n");
}

static void put_pieces(Writer *w, const Flat *flat)
{
    for (int p = 0; p < flat->piece_count; p++) {
        const FlatPiece *piece = &flat->piece[p];
        writer_put(w, "<follicle:piece");
        attribute(w, "number", p + 1);
        attribute(w, "width-mm", piece->width_mm);
        attribute(w, "height-mm", piece->height_mm);
        attribute(w, "area-mm2", piece->area_mm2);
        attribute(w, "dots", piece->dot_count);
        attribute(w, "length-error-percent", 100.0 * piece->worst_error);
        attribute(w, "length-error-95-percent", 100.0 * piece->error_95);
        writer_put(w, "/>\n");
    }
}

static void put_head(Writer *w, const Plane *plane)
{
    writer_put(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/"
                  "svg\" xmlns:inkscape=\"http://www.inkscape.org/namespaces/inkscape\" "
                  "xmlns:follicle=\"urn:follicle:flat:1\" version=\"1.1\" width=\"");
    writer_number(w, plane->width_mm, DECIMALS);
    writer_put(w, "mm\" height=\"");
    writer_number(w, plane->height_mm, DECIMALS);
    writer_put(w, "mm\" viewBox=\"0 0 ");
    writer_number(w, plane->width_mm, DECIMALS);
    writer_put(w, " ");
    writer_number(w, plane->height_mm, DECIMALS);
    writer_put(w, "\">\n<title>");
    writer_xml(w, plane->plan->code);
    writer_put(w,
               ": the scalp laid flat</title>\n<desc>Scale 1:1, one unit is one millimetre. The "
               "printed side is the outside; the back of the head is up.</desc>\n<metadata>\n"
               "<follicle:flat program=\"Follicle " FOLLICLE_VERSION "\" unit=\"mm\" scale=\"1\"");
    attribute(w, "pieces", plane->flat.piece_count);
    attribute(w, "length-error-percent", 100.0 * plane->flat.worst_error);
    writer_put(w, ">\n");
    put_pieces(w, &plane->flat);
    writer_put(w, "</follicle:flat>\n</metadata>\n");
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
    Svg svg = {.writer = writer_make(scratch), .plane = &plane};
    PlanePen pen = {
        .to = &svg, .layer = svg_layer, .path = svg_path, .dot = svg_dot, .text = svg_text};
    put_head(&svg.writer, &plane);
    plane_draw(&plane, room, &pen);
    writer_put(&svg.writer, svg.open ? "</g>\n</svg>\n" : "</svg>\n");
    return writer_end(&svg.writer, arena, "SVG", file, err);
}

bool export_svg(Arena *arena, Arena *scratch, const Case *plan, const FlatParams *params,
                ExportBytes *file, Err *err)
{
    size_t mark = arena_mark(scratch);
    bool ok = draw(arena, scratch, plan, params, file, err);
    arena_rewind(scratch, mark);
    return ok;
}
