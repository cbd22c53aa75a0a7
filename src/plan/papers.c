#include "plan/papers.h"

#include "base/io.h"
#include "course/work.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PICTURE_LIMIT = 64 << 20 };

static const struct {
    const char *name, *file;
} papers[PAPERS] = {
    [PAPER_PLAN] = {"plan", "plan.pdf"},           [PAPER_WORK] = {"work", "work.pdf"},
    [PAPER_CLIENT] = {"client", "client.pdf"},     [PAPER_CONSENT] = {"consent", "consent.pdf"},
    [PAPER_QUOTE] = {"quote", "quote.pdf"},        [PAPER_TEMPLATE] = {"template", "template.pdf"},
    [PAPER_CALENDAR] = {"calendar", "course.ics"},
};

const char *paper_name(Paper paper)
{
    return papers[paper].name;
}

const char *paper_file(Paper paper)
{
    return papers[paper].file;
}

unsigned papers_possible(const CaseWhole *whole)
{
    unsigned all = (1U << PAPERS) - 1;
    const Course *course = &whole->course;
    if (course->quote.line_count == 0)
        all &= ~(1U << PAPER_QUOTE);
    if (course->session_count == 0 || !course->session[0].has_date)
        all &= ~(1U << PAPER_CALENDAR);
    return all;
}

/* ---- pictures ---- */

/* Half the size of a preview is enough for paper; photographs come cut out already. */
static bool read_picture(Arena *arena, Arena *scratch, const char *path, bool halve, Image *picture,
                         Err *err)
{
    size_t size, mark = arena_mark(scratch);
    uint8_t *bytes;
    Image whole;
    /* a decoder wants two arenas: the picture is decoded into the results and taken back */
    size_t own = arena_mark(arena);
    bool ok = io_read_file(scratch, path, PICTURE_LIMIT, &size, &bytes, err) &&
              image_decode(arena, scratch, size, bytes, &whole, err);
    if (ok && halve) {
        Image small;
        ok = image_shrink(scratch, &whole, (whole.width_px + 1) / 2, (whole.height_px + 1) / 2,
                          &small, err);
        arena_rewind(arena, own);
        ok = ok && image_new(arena, small.width_px, small.height_px, &whole, err);
        if (ok)
            memcpy(whole.rgb, small.rgb, 3 * (size_t)small.width_px * (size_t)small.height_px);
    }
    if (ok)
        *picture = whole;
    arena_rewind(scratch, mark);
    return ok;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* preview/paper-NAME.png as it is, or preview/NAME.png halved; NULL where there is neither. */
static bool open_picture(Arena *arena, Arena *scratch, const char *folder, const char *name,
                         const Image **picture, Err *err)
{
    char file[128], path[IO_PATH_LIMIT];
    *picture = NULL;
    for (int halve = 0; halve < 2; halve++) {
        snprintf(file, sizeof file, "preview/%s%s.png", halve ? "" : "paper-", name);
        if (!io_join(path, folder, file, err))
            return false;
        if (!is_file(path))
            continue;
        Image *image = ARENA_NEW(arena, Image, 1);
        if (image == NULL)
            return err_set(err, ERR_LIMIT, "no room for the picture '%s'", file);
        *picture = image;
        return read_picture(arena, scratch, path, halve == 1, image, err);
    }
    return true;
}

static bool open_pictures(Arena *arena, Arena *scratch, const Case *plan, const char *folder,
                          ReportPictures *pictures, Err *err)
{
    const struct {
        const Image **to;
        const char *name;
    } fixed[] = {{&pictures->before, "before-front"},
                 {&pictures->healed, "healed-front"},
                 {&pictures->aged, "year5-front"},
                 {&pictures->turned_before, "before-left45"},
                 {&pictures->turned_healed, "healed-left45"},
                 {&pictures->top_before, "before-top"},
                 {&pictures->top_healed, "healed-top"}};
    const char *turned = plan->fit != NULL && plan->fit->is_patch ? "front" : "left45";
    char name[64];
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (!open_picture(arena, scratch, folder, fixed[i].name, fixed[i].to, err))
            return false;
    for (int s = 0; s < plan->dots->session_count; s++) {
        snprintf(name, sizeof name, "session%d-%s", s + 1, turned);
        if (!open_picture(arena, scratch, folder, name, &pictures->sessions[s], err))
            return false;
    }
    for (int i = 0; i < plan->loss_count; i++) {
        snprintf(name, sizeof name, "loss-stage%d-left45", plan->loss[i].pattern_stage);
        if (!open_picture(arena, scratch, folder, name, &pictures->loss[i], err))
            return false;
    }
    return true;
}

/* ---- what the papers are made of beside the case ---- */

bool papers_route(Arena *arena, Arena *scratch, const Case *plan, Route *route, Err *err)
{
    const char *zone[DESIGN_ZONES];
    size_t mark = arena_mark(scratch);
    RouteDot *dot = ARENA_NEW(scratch, RouteDot, (size_t)plan->dots->count);
    if (dot == NULL)
        return err_set(err, ERR_LIMIT, "no room for the route of %d dots", plan->dots->count);
    for (int i = 0; i < plan->dots->count; i++) {
        const Dot *from = &plan->dots->dot[i];
        dot[i] = (RouteDot){from->position_mm, from->normal, from->zone, from->session};
    }
    for (int i = 0; i < DESIGN_ZONES; i++)
        zone[i] = design_zone_name((DesignZone)i);
    RouteParams params = course_route(plan->course, DESIGN_ZONES, zone);
    bool ok = route_make(arena, scratch, plan->dots->count, dot, &params, route, err);
    arena_rewind(scratch, mark);
    return ok;
}

/* Whether the course has the dots in the case's own sessions; else they were shared out again. */
static bool is_own_course(const Case *plan)
{
    for (int s = 0; s < DOTS_MAX_SESSIONS; s++)
        if (plan->course->session[s].dots != plan->dots->in_session[s])
            return false;
    return true;
}

static bool one_less(const Case *plan, int count, const char *const zone[], const char *title,
                     bool *less, ReportLess *result, Course *course, Err *err)
{
    CourseInput input;
    casefile_course_input(plan, &input);
    int all = input.zone_count;
    course_keep_zones(&input, count, zone);
    *less = input.zone_count > 0 && input.zone_count < all;
    if (!*less)
        return true;
    if (!is_own_course(plan))
        course_share_dots(&plan->course->protocol, &input);
    input.pace = &plan->course->pace;
    input.prices = plan->prices;
    input.discount_permille = quote_own_discount_permille(&plan->course->quote);
    input.has_quote_date = plan->course->quote.has_date;
    input.quote_date = plan->course->quote.issued;
    if (!course_make(&plan->course->protocol, &input, course, err))
        return false;
    *result = (ReportLess){.title = title,
                           .hours = course->hours[1],
                           .sessions = course->session_count,
                           .quote = course->quote};
    for (int i = 0; i < input.zone_count; i++) {
        result->area_cm2 += input.zone[i].area_cm2;
        for (int s = 0; s < course->session_count; s++)
            result->dots += input.zone[i].dots[s];
    }
    return true;
}

bool papers_less(Arena *scratch, const Case *plan, int *count, ReportLess less[PAPERS_LESS],
                 Err *err)
{
    static const char *const front[] = {"hairline", "frontal", "temple"}, *const crown[] = {
                                                                              "crown"};
    size_t mark = arena_mark(scratch);
    Course *course = ARENA_NEW(scratch, Course, 1);
    bool is_less = false;
    *count = 0;
    if (course == NULL)
        return err_set(err, ERR_LIMIT, "no room for a smaller course");
    bool ok = one_less(plan, 3, front, N_("The hairline and the front only"), &is_less, &less[0],
                       course, err);
    *count += is_less;
    ok = ok && one_less(plan, 1, crown, N_("The crown only"), &is_less, &less[*count], course, err);
    *count += is_less;
    arena_rewind(scratch, mark);
    return ok;
}

/* ---- writing ---- */

typedef struct Making {
    Arena *arena, *scratch; /* the paper's bytes go to scratch */
    const CaseWhole *whole;
    const PapersRequest *request;
    const ReportPictures *pictures;
    const Route *route;
    int less_count;
    const ReportLess *less;
} Making;

static bool make(const Making *m, Paper paper, size_t *size, uint8_t **bytes, Err *err)
{
    const Case *plan = &m->whole->plan;
    const ReportStyle *style = &m->request->style;
    switch (paper) {
    case PAPER_PLAN:
        return report_plan_pdf(m->scratch, plan, style, m->pictures, size, bytes, err);
    case PAPER_WORK:
        return report_work_pdf(m->scratch, plan, m->route, style, size, bytes, err);
    case PAPER_CLIENT:
        return report_client_pdf(m->scratch, plan, style, m->pictures, size, bytes, err);
    case PAPER_CONSENT:
        return report_consent_pdf(m->arena, m->scratch, plan, style, m->pictures,
                                  m->request->screening, m->request->answers, size, bytes, err);
    case PAPER_QUOTE:
        return report_quote_pdf(m->scratch, plan, style, m->less_count, m->less, size, bytes, err);
    case PAPER_TEMPLATE:
        return report_template_pdf(m->scratch, m->arena, plan, style, size, bytes, err);
    case PAPER_CALENDAR:
        return report_calendar(m->scratch, plan, style, size, bytes, err);
    case PAPERS:
        break;
    }
    return err_set(err, ERR_INPUT, "there is no such paper");
}

/* A paper of a course that was: without prices or dates it has no matter any more. */
static bool remove_old(unsigned possible, const char *folder, Err *err)
{
    char path[IO_PATH_LIMIT];
    for (int i = 0; i < PAPERS; i++) {
        if ((possible & (1U << i)) != 0)
            continue;
        if (!io_join(path, folder, paper_file((Paper)i), err))
            return false;
        if (is_file(path) && unlink(path) != 0)
            return err_set(err, ERR_IO, "cannot remove '%s'", path);
    }
    return true;
}

static bool write_papers(const Making *m, unsigned wanted, const char *folder, Err *err)
{
    char path[IO_PATH_LIMIT];
    size_t size, mark = arena_mark(m->scratch);
    uint8_t *bytes;
    for (int i = 0; i < PAPERS; i++) {
        if ((wanted & (1U << i)) == 0)
            continue;
        if (!make(m, (Paper)i, &size, &bytes, err) ||
            !io_join(path, folder, paper_file((Paper)i), err) ||
            !io_write_file(path, size, bytes, err))
            return false;
        arena_rewind(m->scratch, mark);
    }
    return true;
}

bool papers_write(Arena *arena, Arena *scratch, const CaseWhole *whole, const char *case_folder,
                  const char *out_folder, const PapersRequest *request, Err *err)
{
    unsigned possible = papers_possible(whole);
    unsigned wanted = request->wanted == 0 ? possible : request->wanted;
    size_t mark = arena_mark(arena);
    if (!whole->has_course)
        return err_set(err, ERR_INPUT, "the case has no course that could be put on paper");
    for (int i = 0; i < PAPERS; i++)
        if (((wanted & ~possible) & (1U << i)) != 0)
            return err_set(err, ERR_INPUT, "there is no %s: %s", paper_file((Paper)i),
                           i == PAPER_QUOTE ? "the course has no prices, give --prices"
                                            : "the course has no dates, give --start");
    ReportPictures *pictures = ARENA_NEW(arena, ReportPictures, 1);
    ReportDays *days = ARENA_NEW(arena, ReportDays, 1);
    ReportLess *less = ARENA_NEW(arena, ReportLess, PAPERS_LESS);
    Route route = {0};
    if (pictures == NULL || days == NULL || less == NULL)
        return err_set(err, ERR_LIMIT, "no room for the papers within the memory limit");
    Making m = {arena, scratch, whole, request, pictures, &route, 0, less};
    pictures->days = days;
    bool ok = open_pictures(arena, scratch, &whole->plan, case_folder, pictures, err) &&
              report_days_make(arena, scratch, &whole->plan, days, err) &&
              papers_route(arena, scratch, &whole->plan, &route, err) &&
              papers_less(scratch, &whole->plan, &m.less_count, less, err) &&
              remove_old(possible, out_folder, err) && write_papers(&m, wanted, out_folder, err);
    arena_rewind(arena, mark);
    return ok;
}
