#include "report/work.h"

#include "base/io.h"
#include "base/test.h"
#include "course/work.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double pi = 3.14159265358979323846;

/* --- a ball for a head, with dots on its upper part --- */

enum { ROOM = 30000 };
#define BALL_MM         88.0
#define PX_PER_MM       10.0
#define DOTS_PER_MINUTE 70.0

typedef struct Big {
    Arena arena, scratch;
    HeadTopology topology;
    Head head;
    DesignLayout design;
    Dots dots;
    Course course;
    RouteDot stand[ROOM];
    double diameter_mm[ROOM];
    Case plan;
    Route route;
} Big;

static Big big;

static int zone_of(Vec3 d)
{
    return d.z > 0.72         ? DESIGN_HAIRLINE
           : fabs(d.x) > 0.66 ? DESIGN_TEMPLE
           : d.z > 0.3        ? DESIGN_FRONTAL
           : d.z > -0.25      ? DESIGN_MIDSCALP
                              : DESIGN_CROWN;
}

static bool make_head(Err *err)
{
    if (!head_topology_new(&big.arena, 6, &big.topology, err))
        return false;
    double *radius_mm = ARENA_NEW(&big.arena, double, (size_t)big.topology.vertex_count);
    uint8_t *zone = ARENA_NEW(&big.arena, uint8_t, (size_t)big.topology.vertex_count);
    if (radius_mm == NULL || zone == NULL)
        return err_set(err, ERR_LIMIT, "no room for a head");
    for (int v = 0; v < big.topology.vertex_count; v++) {
        Vec3 d = big.topology.direction[v];
        radius_mm[v] = BALL_MM;
        zone[v] = (uint8_t)(d.y > 0.55 && d.z < 0.8 ? zone_of(d) : DESIGN_NONE);
    }
    big.design.zone = zone;
    if (!head_new(&big.arena, &big.topology, radius_mm, &big.head, err))
        return false;
    big.head.landmark_mm[HEAD_TRAGION_LEFT] = vec3(80.0, 0.0, 0.0);
    big.head.landmark_mm[HEAD_TRAGION_RIGHT] = vec3(-80.0, 0.0, 0.0);
    big.head.landmark_mm[HEAD_GLABELLA] = vec3(0.0, 20.0, 80.0);
    return true;
}

static void add_dot(Vec3 direction, int session, int zone)
{
    int i = big.dots.count++;
    Vec3 at = vec_madd(big.head.centre_mm, BALL_MM, direction);
    big.dots.dot[i] = (Dot){.session = session,
                            .zone = zone,
                            .point = head_locate(&big.head, direction),
                            .position_mm = at,
                            .normal = direction};
    big.stand[i] = (RouteDot){at, direction, zone, session};
    big.diameter_mm[i] = 0.32;
}

/* By golden angles, as far apart as the dots of a session are. */
static void add_scalp(double spacing_mm)
{
    int all = (int)(4.0 * pi * BALL_MM * BALL_MM / (spacing_mm * spacing_mm));
    for (int i = 0; i < all; i++) {
        double y = 1.0 - (2.0 * i + 1.0) / all, turn = 2.399963229728653 * i;
        Vec3 d = vec3(sqrt(1.0 - y * y) * cos(turn), y, sqrt(1.0 - y * y) * sin(turn));
        if (y > 0.55 && d.z < 0.8)
            add_dot(d, i % 5 == 0 ? 1 : 0, zone_of(d));
    }
}

static bool begin(double spacing_mm)
{
    Err err = {0};
    Protocol protocol;
    memset(&big, 0, sizeof big);
    if (!arena_open(&big.arena, (size_t)256 << 20, &err) ||
        !arena_open(&big.scratch, (size_t)256 << 20, &err) || !make_head(&err) ||
        !protocol_builtin(&big.arena, "standard", &protocol, &err)) {
        printf("# %s\n", err.text);
        return false;
    }
    big.dots = (Dots){.dot = ARENA_NEW(&big.arena, Dot, ROOM), .session_count = 2};
    big.course.protocol = protocol;
    big.course.pace = (Pace){.dots_per_minute = {50.0, DOTS_PER_MINUTE, 90.0}};
    if (big.dots.dot == NULL)
        return false;
    if (spacing_mm > 0.0)
        add_scalp(spacing_mm);
    big.plan = (Case){.code = "C-0007",
                      .head = &big.head,
                      .layout = &big.design,
                      .dots = &big.dots,
                      .course = &big.course,
                      .dot_diameter_mm = big.diameter_mm};
    return true;
}

static void end(void)
{
    arena_close(&big.arena);
    arena_close(&big.scratch);
}

static bool find_route(RouteParams params)
{
    Err err;
    if (route_make(&big.arena, &big.scratch, big.dots.count, big.stand, &params, &big.route, &err))
        return true;
    printf("# %s\n", err.text);
    return false;
}

static bool make(const ReportStyle *style, size_t *size, uint8_t **bytes)
{
    Err err = {0};
    if (report_work_pdf(&big.scratch, &big.plan, &big.route, style, size, bytes, &err))
        return true;
    printf("# %s\n", err.text);
    return false;
}

/* --- readers that know nothing of us --- */

static bool installed(const char *command)
{
    char line[80];
    snprintf(line, sizeof line, "command -v %s >/dev/null 2>&1", command);
    if (system(line) == 0)
        return true;
    printf("# skipped: needs %s\n", command);
    return false;
}

/* What a command prints about the document; %s in it is the file. */
static char *ask(const char *command, size_t size, const uint8_t *bytes, size_t *length)
{
    char path[] = "/tmp/work_test_XXXXXX", line[300];
    const size_t room = (size_t)32 << 20;
    Err err = {0};
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    close(fd);
    const char *gap = strchr(command, '@');
    snprintf(line, sizeof line, "%.*s%s%s", (int)(gap - command), command, path, gap + 1);
    char *out = arena_alloc(&big.scratch, room, 1);
    FILE *pipe = out != NULL && io_write_file(path, size, bytes, &err) ? popen(line, "r") : NULL;
    *length = pipe != NULL ? fread(out, 1, room - 1, pipe) : 0;
    bool ok = pipe != NULL && pclose(pipe) == 0;
    remove(path);
    return ok && *length > 0 ? out : NULL;
}

static int pages_of(size_t size, const uint8_t *bytes)
{
    size_t length;
    const char *text = ask("pdfinfo @ 2>/dev/null", size, bytes, &length);
    const char *line = text != NULL ? strstr(text, "Pages:") : NULL;
    return line != NULL ? atoi(line + 6) : -1;
}

typedef struct Page {
    int width, height;
    const uint8_t *grey;
} Page;

static bool render(size_t size, const uint8_t *bytes, int number, Page *page)
{
    char command[120];
    size_t length;
    int read = 0;
    snprintf(command, sizeof command, "pdftoppm -gray -r 254 -f %d -l %d @ 2>/dev/null", number,
             number);
    char *out = ask(command, size, bytes, &length);
    if (out == NULL || sscanf(out, "P5 %d %d 255%n", &page->width, &page->height, &read) != 2)
        return false;
    page->grey = (const uint8_t *)out + read + 1;
    return (size_t)read + 1 + (size_t)page->width * (size_t)page->height <= length;
}

/* The longest run of dark pixels in any row (or column). */
static int longest_run(const Page *page, bool upright)
{
    int lines = upright ? page->width : page->height, along = upright ? page->height : page->width;
    int most = 0;
    for (int l = 0; l < lines; l++)
        for (int k = 0, run = 0; k < along; k++) {
            int x = upright ? l : k, y = upright ? k : l;
            run = page->grey[y * page->width + x] < 128 ? run + 1 : 0;
            most = run > most ? run : most;
        }
    return most;
}

/* --- laid flat --- */

static Vec3 on_ball(double colatitude, double azimuth)
{
    return vec3(sin(colatitude) * sin(azimuth), cos(colatitude), sin(colatitude) * cos(azimuth));
}

static double arc_mm(Vec3 a, Vec3 b)
{
    return BALL_MM * 2.0 * asin(0.5 * vec_distance(a, b));
}

TEST(lengths_along_a_ball_are_those_of_great_circles)
{
    for (int i = 0; i < 60; i++) {
        Vec3 a = on_ball(0.3 + 0.01 * i, 1.3 * i), b = on_ball(0.3, 1.3 * i + 0.012 * i);
        double skin = report_skin_length_mm(vec_scale(a, BALL_MM), a, vec_scale(b, BALL_MM), b);
        double arc = arc_mm(a, b);
        CHECK_NEAR(skin, arc, 1e-5 * arc + 1e-12);
    }
    CHECK_NEAR(report_skin_length_mm(vec3(0, 0, 0), vec3(0, 0, 1), vec3(3, 4, 0), vec3(0, 0, 1)),
               5.0, 1e-15);
}

TEST(a_piece_laid_flat_keeps_distance_and_direction_from_its_middle)
{
    REQUIRE(begin(0.0));
    static const double colatitude[] = {0.02, 0.5, 1.1}, azimuth[] = {0.0, 1.4, 3.0, 5.0};
    for (int c = 0; c < 3; c++)
        for (int a = 0; a < 4; a++) {
            Vec3 middle = on_ball(colatitude[c], azimuth[a]);
            ReportFlat flat =
                report_flat_at(&big.head, vec_madd(big.head.centre_mm, BALL_MM - 1.0, middle));
            double xy[2], uv[2], uv_off[2];
            head_chart(middle, uv);
            for (int k = 0; k < 8; k++) { /* a ring of 17 mm */
                Vec3 toward = vec_add(vec_scale(flat.right, cos(k * pi / 4.0)),
                                      vec_scale(flat.down, sin(k * pi / 4.0)));
                double angle = 17.0 / BALL_MM;
                Vec3 d = vec_add(vec_scale(flat.normal, cos(angle)), vec_scale(toward, sin(angle)));
                d = vec_normalize(d);
                report_flat_place(&flat, vec_madd(big.head.centre_mm, BALL_MM, d), xy);
                /* the canvas is made of flat triangles: 0.01 mm deep, normals 0.005 off */
                CHECK_NEAR(hypot(xy[0], xy[1]), 17.0, 0.03);
                CHECK_NEAR(remainder(atan2(xy[1], xy[0]) - k * pi / 4.0, 2.0 * pi), 0.0, 0.01);
                if (k > 0) /* the map from above has the same axes */
                    continue;
                head_chart(vec_normalize(vec_madd(middle, 0.001, flat.right)), uv_off);
                CHECK(uv_off[0] > uv[0] && fabs(uv_off[1] - uv[1]) < 2e-2 * (uv_off[0] - uv[0]));
                head_chart(vec_normalize(vec_madd(middle, 0.001, flat.down)), uv_off);
                CHECK(uv_off[1] > uv[1] && fabs(uv_off[0] - uv[0]) < 2e-2 * (uv_off[1] - uv[1]));
            }
        }
    end();
}

/* --- the pages --- */

/* Six dots on a cross, as wide as they are printed; the last of the way is hidden by an arrow where
 * there is another stop, hence the second one. */
enum { BLOBS = 6 };

static void add_cross(void)
{
    static const double at_mm[BLOBS][2] = {{0, 0}, {12, 0}, {-12, 1}, {1, 13}, {-1, -12}, {7, 8}};
    Vec3 middle = on_ball(0.7, 2.0);
    ReportFlat flat = report_flat_at(&big.head, vec_madd(big.head.centre_mm, BALL_MM, middle));
    for (int i = 0; i < BLOBS; i++) {
        double r = hypot(at_mm[i][0], at_mm[i][1]) / BALL_MM;
        double scale = r > 0.0 ? sin(r) / (r * BALL_MM) : 0.0;
        Vec3 d = vec_scale(middle, cos(r));
        d = vec_madd(d, scale * at_mm[i][0], flat.right);
        add_dot(vec_normalize(vec_madd(d, scale * at_mm[i][1], flat.down)), 0, DESIGN_CROWN);
        big.diameter_mm[i] = 1.6;
    }
}

typedef struct Blob {
    int count, low[2], high[2];
    double sum[2];
} Blob;

/* Pixels that hang together; each is taken once. */
static void flood(const Page *page, uint8_t *seen, int *stack, int start, Blob *blob)
{
    int waiting = 0;
    stack[waiting++] = start;
    seen[start] = 1;
    while (waiting > 0) {
        int at = stack[--waiting], x = at % page->width, y = at / page->width;
        int xy[2] = {x, y};
        for (int k = 0; k < 2; k++) {
            blob->low[k] = xy[k] < blob->low[k] ? xy[k] : blob->low[k];
            blob->high[k] = xy[k] > blob->high[k] ? xy[k] : blob->high[k];
            blob->sum[k] += xy[k];
        }
        blob->count++;
        for (int k = 0; k < 4; k++) {
            int next = at + (k == 0 ? 1 : k == 1 ? -1 : k == 2 ? page->width : -page->width);
            if (next < 0 || next >= page->width * page->height || seen[next] ||
                page->grey[next] > 50)
                continue;
            seen[next] = 1;
            stack[waiting++] = next;
        }
    }
}

/* Round ones of about 1.6 mm. */
static int find_blobs(const Page *page, int room, double at_mm[][2])
{
    size_t pixels = (size_t)page->width * (size_t)page->height;
    uint8_t *seen = ARENA_NEW(&big.scratch, uint8_t, pixels);
    int *stack = ARENA_NEW(&big.scratch, int, pixels), found = 0;
    if (seen == NULL || stack == NULL)
        return -1;
    for (int i = 0; i < (int)pixels; i++) {
        if (seen[i] || page->grey[i] > 50)
            continue;
        Blob blob = {.low = {1 << 20, 1 << 20}};
        flood(page, seen, stack, i, &blob);
        int wide = blob.high[0] - blob.low[0] + 1, high = blob.high[1] - blob.low[1] + 1;
        if (wide < 12 || wide > 18 || abs(wide - high) > 2 || blob.count < 0.7 * wide * high ||
            found == room)
            continue;
        at_mm[found][0] = blob.sum[0] / blob.count / PX_PER_MM;
        at_mm[found++][1] = blob.sum[1] / blob.count / PX_PER_MM;
    }
    return found;
}

static int up(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

TEST(dots_are_printed_as_far_apart_as_they_are_on_the_skin)
{
    if (!installed("pdftoppm"))
        return;
    for (int paper = 0; paper < REPORT_PAPERS; paper++) {
        REQUIRE(begin(0.0));
        add_cross();
        REQUIRE(find_route(route_default()));
        CHECK(big.route.stop_count == 1);
        ReportStyle style = {.paper = (ReportPaper)paper};
        size_t size;
        uint8_t *bytes;
        Page page;
        double at_mm[20][2], want[BLOBS * BLOBS], got[BLOBS * BLOBS];
        REQUIRE(make(&style, &size, &bytes) && render(size, bytes, 2, &page));
        REQUIRE(find_blobs(&page, 20, at_mm) == BLOBS);
        int pairs = 0;
        for (int i = 0; i < BLOBS; i++)
            for (int j = 0; j < i; j++) {
                want[pairs] = arc_mm(big.stand[i].normal, big.stand[j].normal);
                got[pairs++] = hypot(at_mm[i][0] - at_mm[j][0], at_mm[i][1] - at_mm[j][1]);
            }
        qsort(want, (size_t)pairs, sizeof want[0], up);
        qsort(got, (size_t)pairs, sizeof got[0], up);
        double most = 0.0;
        for (int k = 0; k < pairs; k++)
            most = fmax(most, fabs(got[k] - want[k]));
        printf("# paper %d: 15 distances of 10 to 25 mm, off by at most %.3f mm\n", paper, most);
        CHECK(most < 0.12);
        end();
    }
}

TEST(both_bars_of_a_printed_page_are_50_mm)
{
    if (!installed("pdftoppm"))
        return;
    REQUIRE(begin(4.0) && find_route(route_default()));
    for (int paper = 0; paper < REPORT_PAPERS; paper++) {
        ReportStyle style = {.paper = (ReportPaper)paper};
        size_t size;
        uint8_t *bytes;
        REQUIRE(make(&style, &size, &bytes));
        for (int number = 2; number <= 3; number++) {
            Page page;
            REQUIRE(render(size, bytes, number, &page));
            double across_mm = longest_run(&page, false) / PX_PER_MM;
            double upright_mm = longest_run(&page, true) / PX_PER_MM;
            printf("# paper %d, page %d: %.1f and %.1f mm\n", paper, number, across_mm, upright_mm);
            CHECK_NEAR(across_mm, 50.0, 0.25); /* the end ticks are 0.25 mm wide */
            CHECK_NEAR(upright_mm, 50.0, 0.25);
        }
    }
    end();
}

static const char *after(const char *text, const char *word)
{
    const char *at = text != NULL ? strstr(text, word) : NULL;
    return at != NULL ? at + strlen(word) : NULL;
}

/* Of all pairs of a stop, by great circles. */
static double worst_mm(const RouteStop *stop)
{
    double most = 0.0;
    ReportFlat flat = report_flat_at(&big.head, stop->centre_mm);
    for (int i = 0; i < stop->count; i++)
        for (int j = 0; j < i; j++) {
            const RouteDot *a = &big.stand[big.route.order[stop->first + i]];
            const RouteDot *b = &big.stand[big.route.order[stop->first + j]];
            double at_a[2], at_b[2];
            report_flat_place(&flat, a->position_mm, at_a);
            report_flat_place(&flat, b->position_mm, at_b);
            most = fmax(most, fabs(hypot(at_a[0] - at_b[0], at_a[1] - at_b[1]) -
                                   arc_mm(a->normal, b->normal)));
        }
    return most;
}

TEST(a_page_says_how_far_it_is_off)
{
    if (!installed("pdftotext"))
        return;
    REQUIRE(begin(2.5) && find_route(route_default()));
    size_t size, length;
    uint8_t *bytes;
    double told = 0.0, worst = 0.0;
    REQUIRE(make(NULL, &size, &bytes));
    const char *text = ask("pdftotext -raw @ -", size, bytes, &length);
    REQUIRE(text != NULL);
    for (const char *at = text; (at = after(at, "off by more than ")) != NULL;)
        told = fmax(told, atof(at));
    for (int k = 0; k < big.route.stop_count; k++)
        worst = fmax(worst, worst_mm(&big.route.stop[k]));
    printf("# told %.2f mm, by great circles %.4f mm\n", told, worst);
    CHECK_NEAR(told, worst, 0.0051);
    CHECK(worst > 0.05 && worst < 0.5);
    end();
}

/* A session has a page with the way, then its stops, some ten on a page. */
TEST(pages_are_few_and_every_stop_has_its_place)
{
    if (!installed("pdftotext") || !installed("pdfinfo"))
        return;
    REQUIRE(begin(1.4));
    static const char *const name[] = {[DESIGN_TEMPLE] = "temple", [DESIGN_HAIRLINE] = "hairline"};
    RouteParams params = course_route(&big.course, (int)(sizeof name / sizeof name[0]), name);
    params.dots_between_breaks = 2000.0;
    params.sittings[0] = 2;
    REQUIRE(find_route(params));
    size_t size, length;
    uint8_t *bytes;
    REQUIRE(make(NULL, &size, &bytes));
    const char *text = ask("pdftotext -raw @ -", size, bytes, &length);
    REQUIRE(text != NULL);
    int pages = pages_of(size, bytes);
    printf("# %d dots, %d stops, %d pages, %zu kB\n", big.dots.count, big.route.stop_count, pages,
           size >> 10);
    CHECK(pages >= 2 * 2 && pages <= 2 * 2 + big.route.stop_count / 6);
    for (int s = 0; s < big.route.session_count; s++) {
        const RouteSession *session = &big.route.session[s];
        char line[120];
        snprintf(line, sizeof line, "Session %d: the order of work", s + 1);
        CHECK(strstr(text, line) != NULL);
        for (int k = 0; k < session->stop_count; k++) {
            const RouteStop *stop = &big.route.stop[session->first_stop + k];
            snprintf(line, sizeof line, "%d dots", stop->count);
            CHECK(strstr(text, line) != NULL);
            snprintf(line, sizeof line, "After stop %d: %s", k + 1,
                     stop->rest == ROUTE_BREAK     ? "a break"
                     : k + 1 < session->stop_count ? "end of day"
                                                   : "the session is done");
            CHECK((strstr(text, line) != NULL) == (stop->rest != ROUTE_GO_ON) || s > 0);
        }
        CHECK(session->breaks > 0 || s > 0);
    }
    CHECK(strstr(text, "patient") == NULL && strstr(text, "treat") == NULL);
    end();
}

TEST(the_same_plan_gives_the_same_bytes)
{
    REQUIRE(begin(3.0) && find_route(route_default()));
    size_t size[2];
    uint8_t *bytes[2];
    REQUIRE(make(NULL, &size[0], &bytes[0]) && make(NULL, &size[1], &bytes[1]));
    CHECK(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    end();
}

/* The practitioner reads it, whatever the client reads. */
TEST(a_language_of_the_client_changes_nothing)
{
    REQUIRE(begin(4.0) && find_route(route_default()));
    Words words;
    Err err = {0};
    size_t size[2];
    uint8_t *bytes[2];
    REQUIRE(words_open(&big.arena, "ar", &words, &err));
    ReportStyle style = {.words = &words};
    REQUIRE(make(NULL, &size[0], &bytes[0]) && make(&style, &size[1], &bytes[1]));
    CHECK(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
    end();
}

TEST(what_does_not_fit_is_refused)
{
    REQUIRE(begin(6.0) && find_route(route_default()));
    Err err = {0};
    size_t size;
    uint8_t *bytes;
    big.route.count--;
    CHECK(!report_work_pdf(&big.scratch, &big.plan, &big.route, NULL, &size, &bytes, &err) &&
          err.code == ERR_INPUT);
    RouteParams params = route_default();
    params.field_mm = 100.0;
    REQUIRE(find_route(params));
    CHECK(report_work_pdf(&big.scratch, &big.plan, &big.route, NULL, &size, &bytes, &err));
    big.course.pace.dots_per_minute[1] = 0.0;
    CHECK(!report_work_pdf(&big.scratch, &big.plan, &big.route, NULL, &size, &bytes, &err) &&
          err.code == ERR_INPUT);
    end();
}

TEST(too_little_memory_is_told)
{
    REQUIRE(begin(6.0) && find_route(route_default()));
    bool was = false;
    for (size_t room = 1 << 12; room <= (size_t)32 << 20; room *= 2) {
        Arena small = {0};
        Err err = {0};
        size_t size;
        uint8_t *bytes;
        REQUIRE(arena_open(&small, room, &err));
        bool ok = report_work_pdf(&small, &big.plan, &big.route, NULL, &size, &bytes, &err);
        CHECK(ok ? room > 1 << 12 : !was && err.code == ERR_LIMIT && room < (size_t)32 << 20);
        was = ok;
        arena_close(&small);
    }
    end();
}
