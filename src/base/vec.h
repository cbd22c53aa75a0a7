/* vec.h - points and directions in three dimensions, by value, in double precision. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <math.h>
#include <stdbool.h>

typedef struct Vec3 {
    double x, y, z;
} Vec3;

static inline Vec3 vec3(double x, double y, double z)
{
    return (Vec3){x, y, z};
}

static inline Vec3 vec_add(Vec3 a, Vec3 b)
{
    return (Vec3){a.x + b.x, a.y + b.y, a.z + b.z};
}

static inline Vec3 vec_sub(Vec3 a, Vec3 b)
{
    return (Vec3){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline Vec3 vec_scale(Vec3 a, double s)
{
    return (Vec3){a.x * s, a.y * s, a.z * s};
}

/* a + s b */
static inline Vec3 vec_madd(Vec3 a, double s, Vec3 b)
{
    return (Vec3){a.x + s * b.x, a.y + s * b.y, a.z + s * b.z};
}

/* a at t = 0, b at t = 1 */
static inline Vec3 vec_lerp(Vec3 a, Vec3 b, double t)
{
    return vec_madd(vec_scale(a, 1.0 - t), t, b);
}

static inline double vec_dot(Vec3 a, Vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline Vec3 vec_cross(Vec3 a, Vec3 b)
{
    return (Vec3){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

static inline double vec_length(Vec3 a)
{
    return sqrt(vec_dot(a, a));
}

static inline double vec_distance(Vec3 a, Vec3 b)
{
    return vec_length(vec_sub(a, b));
}

/* Unit vector along a; zero stays zero. */
static inline Vec3 vec_normalize(Vec3 a)
{
    double length = vec_length(a);
    return length > 0.0 ? vec_scale(a, 1.0 / length) : a;
}

static inline bool vec_is_finite(Vec3 a)
{
    return isfinite(a.x) && isfinite(a.y) && isfinite(a.z);
}

#endif
