#include "report/work.h"

#include <math.h>

/* asin(s) / s for an s below 0.5: what an arc is longer than its chord. */
static double arc_over_chord(double s)
{
    double square = s * s;
    return 1.0 + square * (1.0 / 6.0 + square * (3.0 / 40.0 + square * 15.0 / 336.0));
}

ReportFlat report_flat_at(const Head *head, Vec3 middle_mm)
{
    static const double step = 1e-4; /* of the chart */
    HeadPoint point = head_nearest(head, middle_mm);
    ReportFlat flat = {.middle_mm = middle_mm};
    Vec3 direction = vec_normalize(vec_sub(middle_mm, head->centre_mm));
    flat.normal = direction;
    if (point.triangle >= 0) {
        flat.middle_mm = head_position_mm(head, point);
        flat.normal = head_normal(head, point);
    }
    double uv[2];
    head_chart(direction, uv);
    Vec3 left = head_chart_direction((double[]){uv[0] + step, uv[1]});
    Vec3 along = vec_sub(left, head_chart_direction((double[]){uv[0] - step, uv[1]}));
    flat.right = vec_normalize(vec_madd(along, -vec_dot(along, flat.normal), flat.normal));
    flat.down = vec_cross(flat.right, flat.normal);
    return flat;
}

void report_flat_place(const ReportFlat *flat, Vec3 position_mm, double xy_mm[2])
{
    Vec3 off = vec_sub(position_mm, flat->middle_mm);
    double x = vec_dot(off, flat->right), y = vec_dot(off, flat->down);
    double chord = vec_length(off), aside = sqrt(x * x + y * y);
    double scale = 1.0;
    if (aside > 0.0) {
        double sine = fmin(fabs(vec_dot(off, flat->normal)) / chord, 0.7);
        scale = arc_over_chord(sine) * chord / aside;
    }
    xy_mm[0] = scale * x;
    xy_mm[1] = scale * y;
}

double report_skin_length_mm(Vec3 a_mm, Vec3 normal_a, Vec3 b_mm, Vec3 normal_b)
{
    Vec3 off = vec_sub(b_mm, a_mm);
    double chord = vec_length(off);
    if (!(chord > 0.0))
        return 0.0;
    double most = 0.7 * chord, share = 1.0 / chord;
    double at_a = fabs(vec_dot(off, normal_a)), at_b = fabs(vec_dot(off, normal_b));
    at_a = share * (at_a < most ? at_a : most);
    at_b = share * (at_b < most ? at_b : most);
    return chord * 0.5 * (arc_over_chord(at_a) + arc_over_chord(at_b));
}
