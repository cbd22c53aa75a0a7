#include "export/solid_internal.h"

#include "base/parallel.h"
#include "casefile/states.h"

#include <math.h>

ExportTexture export_texture_default(void)
{
    return (ExportTexture){.side_px = 4096, .threads = 1};
}

void export_texture_place(Vec3 direction, double place[2])
{
    LookChart unit = {.half = EXPORT_CHART_HALF, .side_px = 1};
    look_chart_px(&unit, direction, place);
}

/* ---- the skin between the marks ---- */

typedef struct Skin {
    const Image *chart;
    uint8_t plain[3];
    Image *picture;
} Skin;

static void lay_skin(void *ctx, int block, int begin, int end)
{
    (void)block;
    const Skin *skin = ctx;
    int side = skin->picture->width_px;
    for (int y = begin; y < end; y++)
        for (int x = 0; x < side; x++) {
            uint8_t *rgb = &skin->picture->rgb[3 * ((ptrdiff_t)y * side + x)];
            if (skin->chart == NULL) {
                for (int k = 0; k < 3; k++)
                    rgb[k] = skin->plain[k];
                continue;
            }
            double sx = (double)skin->chart->width_px / side;
            double sy = (double)skin->chart->height_px / side, px = (x + 0.5) * sx,
                   py = (y + 0.5) * sy;
            color_to_srgb8(sx > 1.0 ? image_sample_box(skin->chart, px, py, sx)
                                    : image_sample(skin->chart, px, py),
                           rgb);
        }
}

static bool check_texture(const ExportTexture *texture, Err *err)
{
    if (texture->side_px < 256 || texture->side_px > 8192)
        return err_set(err, ERR_INPUT, "a texture of %d px: its side must be 256 to 8192",
                       texture->side_px);
    if (!(texture->years >= 0.0 && texture->years <= 100.0))
        return err_set(err, ERR_INPUT, "%g years after healing are not within 0..100",
                       texture->years);
    const Image *chart = texture->chart;
    if (chart != NULL && (chart->rgb == NULL || chart->width_px < 1 || chart->height_px < 1))
        return err_set(err, ERR_INPUT, "the picture of the canvas is empty");
    return true;
}

static bool check_dots(const Case *plan, Err *err)
{
    for (int i = 0; i < plan->dots->count; i++) {
        const Dot *dot = &plan->dots->dot[i];
        if (dot->session < 0 || dot->session >= plan->dots->session_count)
            return err_set(err, ERR_INPUT, "dot %d is in session %d of %d", dot->site,
                           dot->session + 1, plan->dots->session_count);
        if (!vec_is_finite(dot->position_mm) ||
            head_nearest(plan->head, dot->position_mm).triangle < 0)
            return err_set(err, ERR_INPUT, "dot %d lies outside the canvas", dot->site);
    }
    return true;
}

bool export_texture(Arena *arena, Arena *scratch, const Case *plan, const ExportTexture *texture,
                    Image *picture, Err *err)
{
    size_t mark = arena_mark(scratch);
    SkinTable table;
    SkinMarks *skin_marks;
    LookState state;
    if (!check_texture(texture, err) || !check_dots(plan, err) ||
        !image_new(arena, texture->side_px, texture->side_px, picture, err) ||
        !skin_table_load(&table, err) ||
        !skin_marks_new(scratch, &table, &plan->survey->tone, &skin_marks, err))
        return false;
    Skin skin = {.chart = texture->chart, .picture = picture};
    color_to_srgb8(plan->survey->tone.reflectance, skin.plain);
    parallel_for(texture->threads, texture->side_px, 64, lay_skin, &skin);
    CaseMarks marks = case_marks_after(plan, skin_marks, texture->years);
    LookChart chart = {plan->head, EXPORT_CHART_HALF, texture->side_px};
    if (!case_look_state(scratch, &marks, &state, err) ||
        !look_chart_draw(scratch, &chart, &state, texture->threads, picture, err))
        return false;
    arena_rewind(scratch, mark);
    return true;
}

bool export_canvas_mesh(Arena *arena, const Head *head, Image *picture, Mesh *mesh, Err *err)
{
    const HeadTopology *topology = head->topology;
    float(*uv)[2] = arena_alloc(arena, (size_t)topology->vertex_count, sizeof *uv);
    MeshMaterial *material = ARENA_NEW(arena, MeshMaterial, 1);
    if (uv == NULL || material == NULL)
        return err_set(err, ERR_LIMIT, "no room for %d texture places", topology->vertex_count);
    for (int i = 0; i < topology->vertex_count; i++) {
        double place[2];
        export_texture_place(topology->direction[i], place);
        uv[i][0] = (float)place[0];
        uv[i][1] = (float)place[1];
    }
    *material = (MeshMaterial){.base_color = {1.0F, 1.0F, 1.0F}, .image = picture != NULL ? 0 : -1};
    *mesh = (Mesh){.vertex_count = topology->vertex_count,
                   .position = head->position_mm,
                   .uv = uv,
                   .triangle_count = topology->triangle_count,
                   .triangle = topology->triangle,
                   .material_count = 1,
                   .material_list = material,
                   .image_count = picture != NULL,
                   .image = picture,
                   .unit_mm = 1.0};
    return true;
}
