#include "look_internal.h"

#include "skin/line.h"

#include <math.h>

/* How a millimetre of skin lies on a plate: in a photograph by the camera, on the chart of a canvas
 * by the triangle it belongs to. */

static const double NEAREST_MM = 10;
static const double GRAZING_COS = 0.03, CLEAR_COS = 0.10; /* marks fade in between */

/* Half of the even strip that has the second moment of a line. */
static double half_line_mm(const LookMark *mark)
{
    return sqrt(3) * skin_line_spread_mm((double)mark->look.core_mm, mark->length_mm);
}

/* ---- in a photograph ---- */

/* How the lens bends the plane of the picture at u, v: px = centre + focal a(u, v), a = (u, v)(1 +
 * k1 r2); its derivative, symmetric. */
static Cov lens_bend(const Lens *lens, double u, double v)
{
    double k = 2 * lens->k1, straight = 1 + lens->k1 * (u * u + v * v);
    return (Cov){straight + k * u * u, k * u * v, straight + k * v * v};
}

static Cov cov_bent(Cov c, Cov a) /* A C A' */
{
    double m00 = a.xx * c.xx + a.xy * c.xy, m01 = a.xx * c.xy + a.xy * c.yy;
    double m10 = a.xy * c.xx + a.yy * c.xy, m11 = a.xy * c.xy + a.yy * c.yy;
    return (Cov){m00 * a.xx + m01 * a.xy, m00 * a.xy + m01 * a.yy, m10 * a.xy + m11 * a.yy};
}

/* Half of the strip, as it lies in the picture. */
static void place_line(const LookMark *mark, const Pose *pose, Vec3 normal, Cov bend, double u,
                       double v, Place *place)
{
    Vec3 along = vec_madd(mark->along, -vec_dot(mark->along, normal), normal);
    double length = vec_length(along);
    if (!(length > 1e-6))
        return;
    double scale = half_line_mm(mark) / length * place->px_per_mm,
           away = vec_dot(along, pose->forward);
    double x = scale * (vec_dot(along, pose->right) - u * away);
    double y = scale * (vec_dot(along, pose->down) - v * away);
    place->half_x = bend.xx * x + bend.xy * y;
    place->half_y = bend.xy * x + bend.yy * y;
}

/* With the derivative J = s (1, 0, -u; 0, 1, -v) of the pinhole (s = focal / depth, in the axes of
 * the camera) and the normal n: a unit round spot on the skin has the covariance J (1 - n n') J',
 * the area s^2 |n . (u, v, 1)|, and the plane of the skin the depth z with z n . (u, v, 1) =
 * constant: what is linear in the picture is 1 / z. */
Place look_place_on_photo(const Camera *camera, const LookMark *mark)
{
    const Lens *lens = &camera->lens;
    const Pose *pose = &camera->pose;
    Vec3 c = camera_coordinates(camera, mark->position_mm), n = vec_normalize(mark->normal);
    if (c.z < NEAREST_MM)
        return (Place){0};
    double u = c.x / c.z, v = c.y / c.z, s = lens->focal_px / c.z, r2 = u * u + v * v;
    double nx = vec_dot(n, pose->right), ny = vec_dot(n, pose->down),
           nz = vec_dot(n, pose->forward);
    double across = nx * u + ny * v + nz, cosine = -across / sqrt(1 + r2);
    Cov bend = lens_bend(lens, u, v);
    if (cosine < GRAZING_COS || !(cov_least(bend) > 0))
        return (Place){0};
    double tx = nx - u * nz, ty = ny - v * nz, straight = lens->focal_px * (1 + lens->k1 * r2);
    double gx = nx / (lens->focal_px * across), gy = ny / (lens->focal_px * across);
    double bent = cov_det(bend);
    Place place = {
        .x = lens->centre_x_px + straight * u,
        .y = lens->centre_y_px + straight * v,
        .px2_per_mm2 = {s * s * (1 + u * u - tx * tx), s * s * (u * v - tx * ty),
                        s * s * (1 + v * v - ty * ty)},
        .area = -across * s * s * bent,
        .depth_mm = c.z,
        .nearness_dx = (bend.yy * gx - bend.xy * gy) / bent,
        .nearness_dy = (bend.xx * gy - bend.xy * gx) / bent,
        .px_per_mm = s,
        .fade = fmin(1, (cosine - GRAZING_COS) / (CLEAR_COS - GRAZING_COS)),
    };
    place.px2_per_mm2 = cov_bent(place.px2_per_mm2, bend);
    if (mark->length_mm > 0)
        place_line(mark, pose, n, bend, u, v, &place);
    return place;
}

/* ---- on the chart ---- */

void look_chart_px(const LookChart *chart, Vec3 direction, double px[2])
{
    double uv[2], scale = chart->side_px / (2.0 * chart->half);
    head_chart(direction, uv);
    px[0] = (uv[0] + chart->half) * scale;
    px[1] = (chart->half - uv[1]) * scale;
}

/* Two unit vectors in the plane of a triangle, and where they lead on the chart, px per mm: a
 * surface with this texture is flat and linear over each triangle, so this is no approximation. */
typedef struct Facet {
    Vec3 along, across;
    double along_px[2], across_px[2];
} Facet;

static Facet facet_of(const LookChart *chart, const int corner[3], double px[3][2])
{
    const Vec3 *p = chart->head->position_mm;
    Vec3 e1 = vec_sub(p[corner[1]], p[corner[0]]), e2 = vec_sub(p[corner[2]], p[corner[0]]);
    for (int k = 0; k < 3; k++)
        look_chart_px(chart, chart->head->topology->direction[corner[k]], px[k]);
    Facet facet = {.along = vec_normalize(e1)};
    double x = vec_dot(e2, facet.along), length = vec_length(e1);
    Vec3 rest = vec_madd(e2, -x, facet.along);
    double y = vec_length(rest);
    facet.across = vec_normalize(rest);
    for (int k = 0; k < 2; k++) {
        facet.along_px[k] = (px[1][k] - px[0][k]) / length;
        facet.across_px[k] = (px[2][k] - px[0][k] - x * facet.along_px[k]) / y;
    }
    return facet;
}

Place look_place_on_chart(const LookChart *chart, const LookMark *mark)
{
    HeadPoint at = head_nearest(chart->head, mark->position_mm);
    if (at.triangle < 0)
        return (Place){0};
    double px[3][2];
    Facet f = facet_of(chart, chart->head->topology->triangle[at.triangle], px);
    const double *a = f.along_px, *b = f.across_px;
    double area = fabs(a[0] * b[1] - a[1] * b[0]);
    Place place = {
        .px2_per_mm2 = {a[0] * a[0] + b[0] * b[0], a[0] * a[1] + b[0] * b[1],
                        a[1] * a[1] + b[1] * b[1]},
        .area = area,
        .depth_mm = 1, /* nothing hides anything here */
        .px_per_mm = sqrt(area),
        .fade = 1,
    };
    for (int k = 0; k < 3; k++) {
        place.x += at.weight[k] * px[k][0];
        place.y += at.weight[k] * px[k][1];
    }
    double x = vec_dot(mark->along, f.along), y = vec_dot(mark->along, f.across);
    double length = sqrt(x * x + y * y);
    if (mark->length_mm > 0 && length > 1e-6) {
        double scale = half_line_mm(mark) / length;
        place.half_x = scale * (x * a[0] + y * b[0]);
        place.half_y = scale * (x * a[1] + y * b[1]);
    }
    return place;
}
