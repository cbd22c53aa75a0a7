#include "casefile/casefile_internal.h"

#include <math.h>
#include <string.h>

/* The crown whorl lies 62.5 mm behind the vertical through the ears (15-110; 952 men, Park, Arch.
 * Plast. Surg. 2014), here taken along the skin from the vertex. Only a default: a whorl is a click
 * that nobody has made yet. */
static const double whorl_behind_mm = 62.5;
/* Half of the lowest density a design can ask for (20 per cm2): sparser hair leaves bare skin. */
static const double between_hairs_per_mm2 = 0.10;

static int nearest_corner(const Head *head, HeadPoint point)
{
    int best = 0;
    for (int k = 1; k < 3; k++)
        if (point.weight[k] > point.weight[best])
            best = k;
    return head->topology->triangle[point.triangle][best];
}

/* At the rim of the treated area the nearest corner may already lie outside it. */
DesignZone casefile_dot_zone(const Head *head, const Design *design, const Dot *dot)
{
    const int *corner = head->topology->triangle[dot->point.triangle];
    DesignZone zone = DESIGN_NONE;
    double most = 0.0;
    for (int k = 0; k < 3; k++)
        if (design->zone[corner[k]] != DESIGN_NONE && dot->point.weight[k] > most) {
            zone = (DesignZone)design->zone[corner[k]];
            most = dot->point.weight[k];
        }
    return zone;
}

/* What the dot stands in, which is how it is worked. */
static const char *dot_kind(const Head *head, const Design *design, const Dot *dot)
{
    int vertex = nearest_corner(head, dot->point);
    if (casefile_dot_zone(head, design, dot) == DESIGN_SCAR)
        return "scar";
    return design->existing_per_mm2[vertex] >= between_hairs_per_mm2 ? "between_hairs" : "bare";
}

static Vec3 whorl_direction(const Head *head)
{
    Vec3 vertex = vec_sub(head->landmark_mm[HEAD_VERTEX], head->centre_mm);
    double radius_mm = hypot(vertex.y, vertex.z);
    double angle = atan2(vertex.z, vertex.y) - whorl_behind_mm / fmax(radius_mm, 50.0);
    return vec3(0.0, cos(angle), sin(angle));
}

/* Which way hair leaves the skin by default: away from the whorl. An angle in the chart, 0 towards
 * the subject's left (+u), pi/2 forward (+v); the chart keeps angles. With (u, v) = (x, z) / (1 +
 * y) the tangent t at d moves along (t.x (1 + d.y) - d.x t.y, t.z (1 + d.y) - d.z t.y). */
static double heading_rad(Vec3 direction, Vec3 whorl)
{
    Vec3 away = vec_sub(vec_scale(direction, vec_dot(whorl, direction)), whorl);
    double du = away.x * (1.0 + direction.y) - direction.x * away.y;
    double dv = away.z * (1.0 + direction.y) - direction.z * away.y;
    return atan2(dv, du);
}

static char *put_text(char *to, const char *text)
{
    while (*text != '\0')
        *to++ = *text++;
    return to;
}

static char *put_digits(char *to, uint64_t value, int least)
{
    char reversed[24];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || count < least);
    while (count > 0)
        *to++ = reversed[--count];
    return to;
}

/* value * 10^decimals rounded to the nearest whole number, half away from zero, written as a
 * decimal; |value| < 1e9. */
static char *put_fixed(char *to, double value, int decimals)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    int64_t scaled = (int64_t)(value * (double)power[decimals] + (value < 0.0 ? -0.5 : 0.5));
    if (scaled < 0)
        *to++ = '-';
    uint64_t size = (uint64_t)(scaled < 0 ? -scaled : scaled), unit = (uint64_t)power[decimals];
    to = put_digits(to, size / unit, 1);
    *to++ = '.';
    return put_digits(to, size % unit, decimals);
}

static bool dot_is_sound(const Case *plan, int index, Err *err)
{
    const Dot *dot = &plan->dots->dot[index];
    double sum = fabs(dot->rank) + fabs(dot->target_per_mm2) + fabs(plan->dot_diameter_mm[index]);
    Vec3 p = dot->position_mm, n = dot->normal;
    sum += fabs(p.x) + fabs(p.y) + fabs(p.z) + fabs(n.x) + fabs(n.y) + fabs(n.z);
    if (!(sum < 1e6) || dot->site < 0)
        return err_set(err, ERR_INPUT, "dot %d holds a number that is not finite or absurd",
                       dot->site);
    if (dot->session < 0 || dot->session >= DOTS_MAX_SESSIONS)
        return err_set(err, ERR_INPUT, "dot %d is in session %d", dot->site, dot->session + 1);
    if (dot->point.triangle < 0 || dot->point.triangle >= plan->head->topology->triangle_count)
        return err_set(err, ERR_INPUT, "dot %d lies outside the canvas", dot->site);
    return true;
}

static char *put_row(char *to, const Case *plan, int index, Vec3 whorl, const char *ends)
{
    const Dot *dot = &plan->dots->dot[index];
    Vec3 direction = vec_normalize(vec_sub(dot->position_mm, plan->head->centre_mm));
    const struct {
        double value;
        int decimals;
    } column[] = {{dot->position_mm.x, 3},
                  {dot->position_mm.y, 3},
                  {dot->position_mm.z, 3},
                  {dot->normal.x, 4},
                  {dot->normal.y, 4},
                  {dot->normal.z, 4},
                  {heading_rad(direction, whorl), 3},
                  {plan->dot_diameter_mm[index], 3}};
    to = put_digits(to, (uint64_t)dot->site, 1);
    *to++ = ',';
    to = put_fixed(to, dot->rank, 6);
    *to++ = ',';
    to = put_digits(to, (uint64_t)dot->session + 1, 1);
    *to++ = ',';
    to = put_text(to, design_zone_name(casefile_dot_zone(plan->head, plan->design, dot)));
    *to++ = ',';
    to = put_text(to, dot_kind(plan->head, plan->design, dot));
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        *to++ = ',';
        to = put_fixed(to, column[i].value, column[i].decimals);
    }
    to = put_text(to, ends);
    to = put_fixed(to, 100.0 * dot->target_per_mm2, 2);
    *to++ = '\n';
    return to;
}

/* ",depth,pigment,dilution," is the same for all dots of a session. Quoted where RFC 4180 asks. */
static void make_ends(const Case *plan, int session, char text[256])
{
    bool quoted = strpbrk(plan->pigment->name, ",\"\r\n") != NULL;
    char *to = text;
    *to++ = ',';
    to = put_fixed(to, plan->healed.depth_mm, 3);
    *to++ = ',';
    if (quoted)
        *to++ = '"';
    for (const char *from = plan->pigment->name; *from != '\0' && to < text + 200; from++) {
        if (*from == '"')
            *to++ = '"';
        *to++ = *from == '\n' || *from == '\r' ? ' ' : *from;
    }
    if (quoted)
        *to++ = '"';
    *to++ = ',';
    to = put_fixed(to, plan->dilution[session], 2);
    *to++ = ',';
    *to = '\0';
}

bool case_dots_csv(Arena *arena, const Case *plan, size_t *size, char **bytes, Err *err)
{
    static const char header[] = "id,rank,session,zone,kind,x_mm,y_mm,z_mm,nx,ny,nz,heading_rad,"
                                 "diameter_mm,depth_mm,pigment,dilution,target_per_cm2\n";
    enum { ROW = 256 + 224 }; /* 11 numbers below 18 characters, two names, the ends */
    char ends[DOTS_MAX_SESSIONS][256];
    for (int session = 0; session < DOTS_MAX_SESSIONS; session++) {
        if (!(fabs(plan->dilution[session]) + fabs(plan->healed.depth_mm) < 1e6))
            return err_set(err, ERR_INPUT, "dilution %g or depth %g mm is no usable number",
                           plan->dilution[session], plan->healed.depth_mm);
        make_ends(plan, session, ends[session]);
    }
    *bytes = ARENA_NEW(arena, char, sizeof header + (size_t)plan->dots->count * ROW);
    if (*bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the table of %d dots", plan->dots->count);
    char *to = put_text(*bytes, header);
    Vec3 whorl = whorl_direction(plan->head);
    for (int i = 0; i < plan->dots->count; i++) {
        if (!dot_is_sound(plan, i, err))
            return false;
        to = put_row(to, plan, i, whorl, ends[plan->dots->dot[i].session]);
    }
    *size = (size_t)(to - *bytes);
    return true;
}
