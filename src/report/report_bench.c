/* Milliseconds for the papers of a case with 20,000 dots, whole and for every four pages: with
 * pictures as a plan makes them (960 x 1080), with the days alone, and without any. */
#include "report/report.h"

#include "base/rng.h"
#include "report/report_fixture.h"

#include <time.h>

enum { DOTS = 20000, ROUNDS = 5, WIDTH_PX = 960, HEIGHT_PX = 1080 };

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

typedef bool Paper(Arena *arena, const Case *plan, const ReportStyle *style,
                   const ReportPictures *pictures, size_t *size, uint8_t **bytes, Err *err);

static void time_paper(const char *name, Paper *paper, const ReportStyle *style,
                       const ReportPictures *pictures)
{
    double best_ms = 1e9;
    size_t size = 0;
    int pages = 1;
    for (int i = 0; i < ROUNDS; i++) {
        Err err = {0};
        uint8_t *bytes = NULL;
        size_t mark = arena_mark(&fixture.scratch);
        double start = now_ms();
        if (!paper(&fixture.scratch, &fixture.plan, style, pictures, &size, &bytes, &err)) {
            printf("%s\n", err.text);
            return;
        }
        best_ms = fmin(best_ms, now_ms() - start);
        pages = count_pages(size, bytes);
        arena_rewind(&fixture.scratch, mark);
    }
    printf("%-34s %6.1f ms, %d pages, %6.1f ms for 4 pages, %5.0f kB\n", name, best_ms, pages,
           4.0 * best_ms / pages, (double)size / 1e3);
}

static void time_papers(const ReportStyle *style)
{
    ReportPictures whole = fixture.pictures, none = {0}, days = {.days = &fixture.days};
    whole.days = &fixture.days;
    time_paper("client.pdf", report_client_pdf, style, &whole);
    time_paper("client.pdf, the days alone", report_client_pdf, style, &days);
    time_paper("client.pdf, no pictures", report_client_pdf, style, &none);
    time_paper("plan.pdf", report_plan_pdf, style, &whole);
    time_paper("plan.pdf, no pictures", report_plan_pdf, style, &none);
}

int main(void)
{
    Err err = {0};
    if (!fixture_begin(DOTS, true) || !draw_picture(&fixture.picture, &err))
        return 1;
    double start = now_ms();
    if (!report_days_make(&fixture.arena, &fixture.scratch, &fixture.plan, &fixture.days, &err)) {
        printf("%s\n", err.text);
        return 1;
    }
    printf("%-34s %6.1f ms\n", "the skin by day, once for all", now_ms() - start);
    static const char *const language[] = {"en", "ar"};
    for (int i = 0; i < 2; i++) {
        static Words words;
        if (!words_open(&fixture.arena, language[i], &words, &err)) {
            printf("%s\n", err.text);
            return 1;
        }
        printf("%s\n", language[i]);
        time_papers(&(ReportStyle){.words = &words});
    }
    fixture_end();
    return 0;
}
