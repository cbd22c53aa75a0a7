/* Processor time for the papers of a case with 20,000 dots, whole and for every four pages, the
 * median of several: with pictures as a plan makes them (960 x 1080), with the days alone, and
 * without any. `report_bench work` times only what begins so, for a profiler. */
#include "report/report.h"

#include "base/rng.h"
#include "course/work.h"
#include "report/report_fixture.h"
#include "report/work.h"

#include <stdlib.h>
#include <time.h>

enum { DOTS = 20000, ROUNDS = 7, WIDTH_PX = 960, HEIGHT_PX = 1080 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* Like a rendered head: a smooth ground with grain, so that it packs as such pictures do. */
static bool draw_picture(Image *picture, Err *err)
{
    Rng rng = rng_make(1, 0);
    if (!image_new(&fixture.arena, WIDTH_PX, HEIGHT_PX, picture, err))
        return false;
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++) {
            double shade = 150.0 + 60.0 * sin(x / 200.0) * cos(y / 260.0) + rng_normal(&rng);
            uint8_t *rgb = picture->rgb + 3 * ((size_t)y * WIDTH_PX + (size_t)x);
            rgb[0] = (uint8_t)(shade + 30.0);
            rgb[1] = (uint8_t)shade;
            rgb[2] = (uint8_t)(shade - 20.0);
        }
    return true;
}

static int count_pages(size_t size, const uint8_t *bytes)
{
    static const char word[] = "/Type /Page";
    int count = 0;
    for (size_t i = 0; i + sizeof word < size; i++)
        count += memcmp(bytes + i, word, sizeof word - 1) == 0 && bytes[i + sizeof word - 1] != 's';
    return count;
}

/* ---- the papers ---- */

static Route route;
static Screening screening;

typedef bool Paper(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                   size_t *size, uint8_t **bytes, Err *err);

static bool make_plan(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                      size_t *size, uint8_t **bytes, Err *err)
{
    return report_plan_pdf(arena, &fixture.plan, style, pictures, size, bytes, err);
}

static bool make_client(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                        size_t *size, uint8_t **bytes, Err *err)
{
    return report_client_pdf(arena, &fixture.plan, style, pictures, size, bytes, err);
}

static bool make_consent(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                         size_t *size, uint8_t **bytes, Err *err)
{
    return report_consent_pdf(arena, &fixture.arena, &fixture.plan, style, pictures, &screening,
                              NULL, size, bytes, err);
}

static bool make_work(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                      size_t *size, uint8_t **bytes, Err *err)
{
    (void)pictures;
    return report_work_pdf(arena, &fixture.plan, &route, style, size, bytes, err);
}

static bool make_quote(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                       size_t *size, uint8_t **bytes, Err *err)
{
    (void)pictures;
    return report_quote_pdf(arena, &fixture.plan, style, 0, NULL, size, bytes, err);
}

static bool make_template(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                          size_t *size, uint8_t **bytes, Err *err)
{
    (void)pictures;
    return report_template_pdf(arena, &fixture.arena, &fixture.plan, style, size, bytes, err);
}

static bool make_calendar(Arena *arena, const ReportStyle *style, const ReportPictures *pictures,
                          size_t *size, uint8_t **bytes, Err *err)
{
    (void)pictures;
    return report_calendar(arena, &fixture.plan, style, size, bytes, err);
}

/* ---- timing ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const char *only = ""; /* what the names of the papers that are timed begin with */

static void time_paper(const char *name, Paper *paper, const ReportStyle *style,
                       const ReportPictures *pictures)
{
    double spent_ms[ROUNDS];
    size_t size = 0;
    int pages = 0;
    if (strncmp(name, only, strlen(only)) != 0)
        return;
    for (int i = 0; i < ROUNDS; i++) {
        Err err = {0};
        uint8_t *bytes = NULL;
        size_t mark = arena_mark(&fixture.scratch);
        double start = now_ms();
        if (!paper(&fixture.scratch, style, pictures, &size, &bytes, &err)) {
            printf("%s: %s\n", name, err.text);
            return;
        }
        spent_ms[i] = now_ms() - start;
        pages = count_pages(size, bytes);
        arena_rewind(&fixture.scratch, mark);
    }
    qsort(spent_ms, ROUNDS, sizeof spent_ms[0], by_size);
    double median_ms = spent_ms[ROUNDS / 2];
    if (pages == 0) /* no pages: a calendar */
        printf("%-34s %6.1f ms %44.0f kB\n", name, median_ms, (double)size / 1e3);
    else
        printf("%-34s %6.1f ms, %2d pages, %6.1f ms for 4 pages, %5.0f kB\n", name, median_ms,
               pages, 4.0 * median_ms / pages, (double)size / 1e3);
}

static void time_papers(const ReportStyle *style)
{
    ReportPictures whole = fixture.pictures, none = {0}, days = {.days = &fixture.days};
    whole.days = &fixture.days;
    time_paper("plan.pdf", make_plan, style, &whole);
    time_paper("plan.pdf, no pictures", make_plan, style, &none);
    time_paper("work.pdf", make_work, style, NULL);
    time_paper("client.pdf", make_client, style, &whole);
    time_paper("client.pdf, the days alone", make_client, style, &days);
    time_paper("client.pdf, no pictures", make_client, style, &none);
    time_paper("consent.pdf", make_consent, style, &whole);
    time_paper("consent.pdf, no pictures", make_consent, style, &none);
    time_paper("quote.pdf", make_quote, style, NULL);
    time_paper("template.pdf", make_template, style, NULL);
    time_paper("calendar.ics", make_calendar, style, NULL);
}

static bool make_route(Err *err)
{
    const char *zone[DESIGN_ZONES];
    RouteDot *dot = ARENA_NEW(&fixture.arena, RouteDot, DOTS);
    if (dot == NULL)
        return err_set(err, ERR_LIMIT, "no room for the route of %d dots", DOTS);
    for (int i = 0; i < DOTS; i++) {
        Dot *from = &fixture.dots.dot[i];
        from->normal = vec_normalize(vec_sub(from->position_mm, fixture.head.centre_mm));
        dot[i] = (RouteDot){from->position_mm, from->normal, from->zone, from->session};
    }
    for (int i = 0; i < DESIGN_ZONES; i++)
        zone[i] = design_zone_name((DesignZone)i);
    RouteParams params = course_route(&fixture.course, DESIGN_ZONES, zone);
    return route_make(&fixture.arena, &fixture.scratch, DOTS, dot, &params, &route, err);
}

static bool begin(Err *err)
{
    if (!fixture_begin(DOTS, true) || !draw_picture(&fixture.picture, err) || !make_route(err) ||
        !screening_builtin(&fixture.arena, "standard", &screening, err))
        return false;
    DesignRequest request; /* consent.pdf writes the design down */
    design_request_default(&request);
    fixture.design.design.density = request.density;
    fixture.design.design.marks = request.marks;
    design_front_style(DESIGN_NATURAL, &fixture.design.design.hairline);
    double start = now_ms();
    if (!report_days_make(&fixture.arena, &fixture.scratch, &fixture.plan, &fixture.days, err))
        return false;
    printf("%-34s %6.1f ms\n", "the skin by day, once for all", now_ms() - start);
    return true;
}

int main(int argc, char **argv)
{
    Err err = {0};
    static const char *const language[] = {"en", "ar"};
    if (argc > 1)
        only = argv[1];
    bool ok = begin(&err);
    for (int i = 0; ok && i < 2; i++) {
        static Words words;
        ok = words_open(&fixture.arena, language[i], &words, &err);
        printf("%s\n", language[i]);
        if (ok)
            time_papers(&(ReportStyle){.words = &words});
    }
    if (!ok)
        printf("%s\n", err.text);
    fixture_end();
    return ok ? 0 : 1;
}
