#include "mesh/mesh.h"

#include <assert.h>
#include <embree3/rtcore.h>
#include <fenv.h>
#include <float.h>

/* Embree ignores what lies further out (its FLT_LARGE is 1.8e18). */
static const double far_limit = 1e18;

static bool embree_error(RTCDevice device, const char *what, Err *err)
{
    enum RTCError code = rtcGetDeviceError(device);
    if (code == RTC_ERROR_OUT_OF_MEMORY)
        return err_set(err, ERR_LIMIT, "no room to %s for ray queries within the memory limit",
                       what);
    return err_set(err, ERR_NUMERIC, "cannot %s for ray queries (Embree error %d)", what,
                   (int)code);
}

/* Middle of the bounding box: float rays are exact enough around it wherever the mesh stands. */
static bool find_centre(const Mesh *mesh, Vec3 *centre, Err *err)
{
    Vec3 low = {0}, high = {0};
    for (int i = 0; i < mesh->vertex_count; i++) {
        Vec3 p = mesh->position[i];
        if (!(fabs(p.x) < far_limit && fabs(p.y) < far_limit && fabs(p.z) < far_limit))
            return err_set(err, ERR_INPUT, "vertex %d at (%g, %g, %g) is too far out", i + 1, p.x,
                           p.y, p.z);
        if (i == 0)
            low = high = p;
        low = vec3(fmin(low.x, p.x), fmin(low.y, p.y), fmin(low.z, p.z));
        high = vec3(fmax(high.x, p.x), fmax(high.y, p.y), fmax(high.z, p.z));
    }
    *centre = vec_scale(vec_add(low, high), 0.5);
    return true;
}

static bool add_triangles(RTCDevice device, RTCScene scene, const Mesh *mesh, Vec3 centre, Err *err)
{
    bool ok = false;
    RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE);
    if (geometry == NULL)
        return embree_error(device, "make a surface", err);
    float(*point)[3] =
        rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                                3 * sizeof(float), (size_t)mesh->vertex_count);
    unsigned(*corner)[3] =
        rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                3 * sizeof(unsigned), (size_t)mesh->triangle_count);
    if (point == NULL || corner == NULL) {
        embree_error(device, "take in the surface", err);
        goto out;
    }
    for (int i = 0; i < mesh->vertex_count; i++) {
        Vec3 p = vec_sub(mesh->position[i], centre);
        point[i][0] = (float)p.x;
        point[i][1] = (float)p.y;
        point[i][2] = (float)p.z;
    }
    for (int t = 0; t < mesh->triangle_count; t++)
        for (int i = 0; i < 3; i++)
            corner[t][i] = (unsigned)mesh->triangle[t][i];
    rtcCommitGeometry(geometry);
    rtcAttachGeometryByID(scene, geometry, 0);
    ok = true;
out:
    rtcReleaseGeometry(geometry);
    return ok;
}

static bool build(const Mesh *mesh, MeshRays *rays, Err *err)
{
    /* One thread: the tree, and with it the choice between equal hits, is then always the same. */
    RTCDevice device = rtcNewDevice("threads=1,set_affinity=0");
    if (device == NULL)
        return embree_error(NULL, "start Embree", err);
    rays->device = device;
    RTCScene scene = rtcNewScene(device);
    if (scene == NULL)
        return embree_error(device, "make a scene", err);
    rays->scene = scene;
    /* Robust and of medium quality (the default): the low quality builds three times as fast but
     * lets rays slip through shared edges (a test finds them). */
    rtcSetSceneFlags(scene, RTC_SCENE_FLAG_ROBUST);
    if (!add_triangles(device, scene, mesh, rays->centre, err))
        return false;
    rtcCommitScene(scene);
    enum RTCError code = rtcGetDeviceError(device);
    if (code == RTC_ERROR_OUT_OF_MEMORY)
        return err_set(err, ERR_LIMIT,
                       "no room to index %d triangles for rays within the memory limit",
                       mesh->triangle_count);
    if (code != RTC_ERROR_NONE)
        return err_set(err, ERR_NUMERIC, "cannot index %d triangles for rays (Embree error %d)",
                       mesh->triangle_count, (int)code);
    return true;
}

bool mesh_rays_open(const Mesh *mesh, MeshRays *rays, Err *err)
{
    *rays = (MeshRays){.mesh = mesh};
    if (!find_centre(mesh, &rays->centre, err))
        return false;
    fenv_t environment; /* whatever a build does to rounding and denormals ends here */
    fegetenv(&environment);
    bool ok = build(mesh, rays, err);
    fesetenv(&environment);
    if (!ok)
        mesh_rays_close(rays);
    return ok;
}

void mesh_rays_close(MeshRays *rays)
{
    if (rays->scene != NULL)
        rtcReleaseScene(rays->scene);
    if (rays->device != NULL)
        rtcReleaseDevice(rays->device);
    *rays = (MeshRays){0};
}

/* A ray for Embree with a direction of length 1; false when it cannot hit anything. */
static bool make_ray(const MeshRays *rays, Vec3 origin, Vec3 direction, double reach,
                     struct RTCRay *ray)
{
    double length = vec_length(direction);
    if (!vec_is_finite(origin) || !(length > 0.0 && length <= DBL_MAX) || !(reach >= 0.0))
        return false;
    Vec3 o = vec_sub(origin, rays->centre), d = vec_scale(direction, 1.0 / length);
    *ray = (struct RTCRay){.org_x = (float)o.x,
                           .org_y = (float)o.y,
                           .org_z = (float)o.z,
                           .dir_x = (float)d.x,
                           .dir_y = (float)d.y,
                           .dir_z = (float)d.z,
                           .tfar = (float)fmin(reach * length, (double)FLT_MAX),
                           .mask = ~0u};
    return true;
}

/* Barycentrics and distance in double precision (Moeller, Trumbore, J. Graphics Tools 2 (1997)
 * 21). Embree's float hit says which triangle; at its rim the weights are brought back into it. */
static void refine(const Mesh *mesh, Vec3 origin, Vec3 direction, MeshHit *hit)
{
    const int *v = mesh->triangle[hit->triangle];
    Vec3 a = mesh->position[v[0]];
    Vec3 ab = vec_sub(mesh->position[v[1]], a), ac = vec_sub(mesh->position[v[2]], a);
    Vec3 p = vec_cross(direction, ac), from_a = vec_sub(origin, a);
    double det = vec_dot(ab, p);
    hit->from_behind = det < 0.0;
    /* Edge-on, the float result is as good as any. */
    if (fabs(det) <= 1e-9 * vec_length(ab) * vec_length(ac) * vec_length(direction))
        return;
    Vec3 q = vec_cross(from_a, ab);
    double b = fmax(0.0, vec_dot(from_a, p) / det), c = fmax(0.0, vec_dot(direction, q) / det);
    double sum = fmax(1.0, b + c);
    hit->weight[1] = b / sum;
    hit->weight[2] = c / sum;
    hit->weight[0] = fmax(0.0, 1.0 - hit->weight[1] - hit->weight[2]);
    hit->distance = vec_dot(ac, q) / det;
}

MeshHit mesh_rays_hit(const MeshRays *rays, Vec3 origin, Vec3 direction, double reach)
{
    struct RTCRayHit query = {.hit = {.geomID = RTC_INVALID_GEOMETRY_ID}};
    if (!make_ray(rays, origin, direction, reach, &query.ray))
        return (MeshHit){.triangle = -1};
    struct RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    rtcIntersect1(rays->scene, &context, &query);
    if (query.hit.geomID == RTC_INVALID_GEOMETRY_ID)
        return (MeshHit){.triangle = -1};
    double u = (double)query.hit.u, v = (double)query.hit.v;
    MeshHit hit = {.triangle = (int)query.hit.primID,
                   .weight = {1.0 - u - v, u, v},
                   .distance = (double)query.ray.tfar / vec_length(direction)};
    refine(rays->mesh, origin, direction, &hit);
    return hit;
}

bool mesh_rays_blocked(const MeshRays *rays, Vec3 origin, Vec3 direction, double reach)
{
    struct RTCRay ray;
    if (!make_ray(rays, origin, direction, reach, &ray))
        return false;
    struct RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    rtcOccluded1(rays->scene, &context, &ray);
    return ray.tfar < 0.0f;
}
