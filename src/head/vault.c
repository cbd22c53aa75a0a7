#include "head/vault.h"
#include "head/vault_table.h"

#include <assert.h>
#include <string.h>

/* Table frame -> head frame. The table's z = 0 is the top of the ears, not the tragion: laid over
 * the neutral head of ICT-FaceKit (0.9 mm RMS) the tragion, the notch above the tragus, is found at
 * (+-74, -2, -42) table mm. The harmonics are about (0, -5, 5) of the table frame. */
static const double tragion_forward = -2.0, tragion_up = -42.0;
static const double centre_forward = -5.0, centre_up = 5.0;
static const double tragion_side = 74.0;

/* Head mm per table mm, so that head_measure reads the means of 4,082 ANSUR II men: length 199.5,
 * breadth 154.3, tragion to top 131.1 (field/canvas 1.1). */
static const Vec3 ansur_scale = {0.94372, 0.95710, 1.02027};

/* sine of the elevation about the table's centre. Above bend the data speak; below, the radius of
 * the meridian goes on almost unchanged, for there the table holds what the fit left free. */
static const double bend_sine = -0.10, bend_depth = 0.10;
/* Towards straight down the meridians fade into their mean, or the pole would be torn. */
static const double fade_start_sine = -0.65, fade_end_sine = -0.95;

VaultShape vault_mean(void)
{
    return (VaultShape){.length_scale = 1.0, .breadth_scale = 1.0, .height_scale = 1.0};
}

/* sqrt((2l + 1) / 4 pi * (l - m)! / (l + m)!) */
static double harmonic_norm(int l, int m)
{
    double ratio = (2.0 * l + 1.0) / (4.0 * 3.14159265358979323846);
    for (int i = l - m + 1; i <= l + m; i++)
        ratio /= i;
    return sqrt(ratio);
}

Vault vault_make(const VaultShape *shape)
{
    Vault vault = {.scale = {ansur_scale.x * shape->breadth_scale,
                             ansur_scale.y * shape->height_scale,
                             ansur_scale.z * shape->length_scale}};
    int term = 0;
    for (int l = 0; l <= VAULT_DEGREE; l++)
        for (int m = 0; m <= l; m++)
            for (int imaginary = 0; imaginary <= (m > 0); imaginary++, term++) {
                /* sin(m azimuth) is odd across the midline: in a mean it is sampling noise */
                double sum = imaginary != 0 ? 0.0 : vault_table[term][0];
                for (int k = 0; k < VAULT_MODES; k++)
                    sum += shape->mode_sd[k] * vault_table[term][1 + k];
                vault.coefficient[term] = sum * harmonic_norm(l, m);
            }
    assert(term == VAULT_TERMS);
    return vault;
}

static double bent(double sine)
{
    return sine >= bend_sine ? sine
                             : bend_sine - bend_depth * tanh((bend_sine - sine) / bend_depth);
}

static double meridian_weight(double sine)
{
    double t = (sine - fade_end_sine) / (fade_start_sine - fade_end_sine);
    return t >= 1.0 ? 1.0 : t <= 0.0 ? 0.0 : t * t * (3.0 - 2.0 * t);
}

/* Sum of coefficient * P_l^m(sine) * (cos, sin)(m azimuth), Condon-Shortley phase, by the
 * recurrence (l - m) P_l = (2l - 1) s P_(l-1) - (l + m - 1) P_(l-2). */
static double harmonic_sum(const double coefficient[VAULT_TERMS], double sine, double cos_azimuth,
                           double sin_azimuth, double weight)
{
    static const double inverse[VAULT_DEGREE + 1] = {
        0.0, 1.0, 1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0, 1.0 / 6.0, 1.0 / 7.0, 1.0 / 8.0};
    double cosine = sqrt(fmax(0.0, 1.0 - sine * sine));
    double diagonal = 1.0, re = 1.0, im = 0.0, sum = 0.0;
    for (int m = 0; m <= VAULT_DEGREE; m++) {
        double before = 0.0, now = diagonal;
        for (int l = m;; l++) {
            /* row of (l, m, real): l^2 terms before degree l, then 1 + 2 (m - 1) within it */
            const double *c = &coefficient[l * l + (m > 0 ? 2 * m - 1 : 0)];
            sum += now * (m > 0 ? weight * (c[0] * re + c[1] * im) : c[0]);
            if (l == VAULT_DEGREE)
                break;
            double next = ((2 * l + 1) * sine * now - (l + m) * before) * inverse[l + 1 - m];
            before = now;
            now = next;
        }
        diagonal *= -(2 * m + 1) * cosine;
        double turned = re * cos_azimuth - im * sin_azimuth;
        im = re * sin_azimuth + im * cos_azimuth;
        re = turned;
    }
    return sum;
}

/* How far outside the cranium a point (table axes, from the table's centre) lies, along its ray. */
static double outside(const Vault *vault, double side, double forward, double up)
{
    double flat = hypot(side, forward), length = hypot(flat, up);
    double sine = length > 0.0 ? up / length : 0.0;
    double cos_azimuth = flat > 0.0 ? forward / flat : 1.0;
    double sin_azimuth = flat > 0.0 ? side / flat : 0.0;
    return length - harmonic_sum(vault->coefficient, bent(sine), cos_azimuth, sin_azimuth,
                                 meridian_weight(sine));
}

typedef struct TablePoint { /* table mm from the table's centre */
    double side, forward, up;
} TablePoint;

static TablePoint to_table(const Vault *vault, Vec3 p)
{
    return (TablePoint){p.x / vault->scale.x,
                        p.z / vault->scale.z + tragion_forward - centre_forward,
                        p.y / vault->scale.y + tragion_up - centre_up};
}

double vault_outside(const Vault *vault, Vec3 point_mm)
{
    TablePoint q = to_table(vault, point_mm);
    return outside(vault, q.side, q.forward, q.up);
}

/* The ripples are the terms of the table of degree 2 to 6. Expected RMS over the sphere, mm, of
 * each [assumption]: falling with the degree, 0.66 mm in all, the upper end of what 15 modes leave.
 */
enum { RIPPLE_TERM = 4 };
static const double ripple_mm[7] = {0.0, 0.0, 0.18, 0.12, 0.09, 0.072, 0.06};

static void ripple_scales(double scale[VAULT_RIPPLES])
{
    int i = 0;
    for (int l = 2; l <= 6; l++)
        for (int m = 0; m <= l; m++)
            for (int imaginary = 0; imaginary <= (m > 0); imaginary++, i++) {
                double unit = sqrt((m > 0 ? 8.0 : 4.0) * 3.14159265358979323846);
                scale[i] = ripple_mm[l] * unit * harmonic_norm(l, m);
            }
    assert(i == VAULT_RIPPLES);
}

void vault_add_ripples(Vault *vault, const double ripple_sd[VAULT_RIPPLES])
{
    double scale[VAULT_RIPPLES];
    ripple_scales(scale);
    for (int i = 0; i < VAULT_RIPPLES; i++)
        vault->coefficient[RIPPLE_TERM + i] += scale[i] * ripple_sd[i];
}

void vault_basis_make(VaultBasis *basis)
{
    ripple_scales(basis->ripple);
    int term = 0;
    for (int l = 0; l <= VAULT_DEGREE; l++)
        for (int m = 0; m <= l; m++)
            for (int imaginary = 0; imaginary <= (m > 0); imaginary++, term++)
                for (int k = 0; k < VAULT_MODES; k++)
                    basis->coefficient[term][k] = vault_table[term][1 + k] * harmonic_norm(l, m);
}

/* What each harmonic of the sum counts, in the order of the table; otherwise as harmonic_sum. */
static void harmonic_values(double sine, double cos_azimuth, double sin_azimuth, double weight,
                            double value[VAULT_TERMS])
{
    double cosine = sqrt(fmax(0.0, 1.0 - sine * sine));
    double diagonal = 1.0, re = 1.0, im = 0.0;
    for (int m = 0; m <= VAULT_DEGREE; m++) {
        double before = 0.0, now = diagonal;
        for (int l = m; l <= VAULT_DEGREE; l++) {
            double *v = &value[l * l + (m > 0 ? 2 * m - 1 : 0)];
            v[0] = m > 0 ? weight * now * re : now;
            if (m > 0)
                v[1] = weight * now * im;
            double next = ((2 * l + 1) * sine * now - (l + m) * before) / (l + 1 - m);
            before = now;
            now = next;
        }
        diagonal *= -(2 * m + 1) * cosine;
        double turned = re * cos_azimuth - im * sin_azimuth;
        im = re * sin_azimuth + im * cos_azimuth;
        re = turned;
    }
}

static void mode_slopes(const VaultBasis *basis, TablePoint q,
                        double slope[VAULT_MODES + VAULT_RIPPLES])
{
    double flat = hypot(q.side, q.forward), length = hypot(flat, q.up);
    double sine = length > 0.0 ? q.up / length : 0.0, value[VAULT_TERMS];
    harmonic_values(bent(sine), flat > 0.0 ? q.forward / flat : 1.0,
                    flat > 0.0 ? q.side / flat : 0.0, meridian_weight(sine), value);
    for (int k = 0; k < VAULT_MODES; k++)
        slope[k] = 0.0;
    for (int term = 0; term < VAULT_TERMS; term++)
        for (int k = 0; k < VAULT_MODES; k++)
            slope[k] += value[term] * basis->coefficient[term][k];
    for (int i = 0; i < VAULT_RIPPLES; i++)
        slope[VAULT_MODES + i] = value[RIPPLE_TERM + i] * basis->ripple[i];
}

/* Of outside(), in the order side, up, forward: 1 along the ray, differences across it. */
static Vec3 table_gradient(const Vault *vault, TablePoint q)
{
    const double h = 0.05; /* mm; the shape has no detail below 30 mm (degree 8) */
    Vec3 ray = vec_normalize(vec3(q.side, q.up, q.forward)), g = ray;
    Vec3 other = fabs(ray.y) < 0.9 ? vec3(0.0, 1.0, 0.0) : vec3(1.0, 0.0, 0.0), across[2];
    across[0] = vec_normalize(vec_cross(other, ray));
    across[1] = vec_cross(ray, across[0]);
    for (int i = 0; i < 2; i++) {
        Vec3 s = vec_scale(across[i], h);
        double f = outside(vault, q.side + s.x, q.forward + s.z, q.up + s.y) -
                   outside(vault, q.side - s.x, q.forward - s.z, q.up - s.y);
        g = vec_madd(g, f / (2.0 * h), across[i]);
    }
    return g;
}

VaultTouch vault_touch(const Vault *vault, const VaultBasis *basis, Vec3 point_mm)
{
    TablePoint q = to_table(vault, point_mm);
    Vec3 g = table_gradient(vault, q);
    g = vec3(g.x / vault->scale.x, g.y / vault->scale.y, g.z / vault->scale.z);
    double steep = vec_length(g);
    VaultTouch touch = {.outside_mm = outside(vault, q.side, q.forward, q.up) / steep,
                        .normal = vec_scale(g, 1.0 / steep)};
    if (basis == NULL)
        return touch;
    mode_slopes(basis, q, &touch.slope[3]);
    for (int k = 3; k < VAULT_SLOPES; k++)
        touch.slope[k] /= -steep;
    touch.slope[0] = -touch.normal.z * point_mm.z;
    touch.slope[1] = -touch.normal.x * point_mm.x;
    touch.slope[2] = -touch.normal.y * point_mm.y;
    return touch;
}

/* The ray starts inside (outside < 0) and the surface is star-shaped about both centres: secant
 * steps kept within a bracket. */
double vault_ray_mm(const Vault *vault, Vec3 direction)
{
    const Vec3 start = HEAD_CENTRE_MM;
    double side = start.x / vault->scale.x, step_side = direction.x / vault->scale.x;
    double forward = start.z / vault->scale.z + tragion_forward - centre_forward;
    double step_forward = direction.z / vault->scale.z;
    double up = start.y / vault->scale.y + tragion_up - centre_up;
    double step_up = direction.y / vault->scale.y;
    double low = 0.0, high = 400.0, t = 95.0, t_before = 60.0;
    double f_before = outside(vault, side + t_before * step_side, forward + t_before * step_forward,
                              up + t_before * step_up);
    for (int i = 0; i < 60; i++) {
        double f =
            outside(vault, side + t * step_side, forward + t * step_forward, up + t * step_up);
        if (f > 0.0)
            high = t;
        else
            low = t;
        double next = f != f_before ? t - f * (t - t_before) / (f - f_before) : low;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        t_before = t;
        f_before = f;
        t = next;
        if (fabs(t - t_before) < 1e-7)
            break;
    }
    return t;
}

double vault_radius_mm(const VaultShape *shape, Vec3 direction)
{
    Vault vault = vault_make(shape);
    return vault_ray_mm(&vault, vec_normalize(direction));
}

void vault_radii_mm(const VaultShape *shape, const HeadTopology *topology, double radius_mm[])
{
    Vault vault = vault_make(shape);
    for (int v = 0; v < topology->vertex_count; v++)
        radius_mm[v] = vault_ray_mm(&vault, topology->direction[v]);
}

/* Most of `toward` among the midline rays between two elevations. */
static Vec3 midline_extreme(const Vault *vault, Vec3 toward, double low_rad, double high_rad,
                            double forward)
{
    enum { STEPS = 400 };
    Vec3 best = HEAD_CENTRE_MM;
    for (int i = 0; i <= STEPS; i++) {
        double angle = low_rad + (high_rad - low_rad) * i / STEPS;
        Vec3 direction = vec3(0.0, sin(angle), forward * cos(angle));
        Vec3 p = vec_madd(HEAD_CENTRE_MM, vault_ray_mm(vault, direction), direction);
        if (i == 0 || vec_dot(p, toward) > vec_dot(best, toward))
            best = p;
    }
    return best;
}

void vault_landmarks_mm(const VaultShape *shape, Vec3 landmark_mm[HEAD_LANDMARKS])
{
    /* Our choice: close above the Frankfurt plane, where the nuchal muscles begin. It gives 335 mm
     * from glabella to inion over the vertex. */
    const double inion_up_mm = 10.0;
    Vault vault = vault_make(shape);
    landmark_mm[HEAD_CANTHUS_LEFT] = landmark_mm[HEAD_CANTHUS_RIGHT] = vec3(0.0, 0.0, 0.0);
    landmark_mm[HEAD_GLABELLA] = midline_extreme(&vault, vec3(0.0, 0.0, 1.0), 0.1, 0.6, 1.0);
    landmark_mm[HEAD_VERTEX] = midline_extreme(&vault, vec3(0.0, 1.0, 0.0), 1.0, 2.2, 1.0);
    landmark_mm[HEAD_TRAGION_LEFT] = vec3(tragion_side * vault.scale.x, 0.0, 0.0);
    landmark_mm[HEAD_TRAGION_RIGHT] = vec3(-tragion_side * vault.scale.x, 0.0, 0.0);
    double low = -0.3, high = 0.6; /* elevation of the inion: height grows with it */
    for (int i = 0; i < 50; i++) {
        double angle = 0.5 * (low + high);
        Vec3 direction = vec3(0.0, sin(angle), -cos(angle));
        Vec3 p = vec_madd(HEAD_CENTRE_MM, vault_ray_mm(&vault, direction), direction);
        landmark_mm[HEAD_INION] = p;
        *(p.y < inion_up_mm * shape->height_scale ? &low : &high) = angle;
    }
}
