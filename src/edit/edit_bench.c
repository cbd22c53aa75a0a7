/* Processor time of an edit on the mean cranium with about 60,000 dots: best and median of many,
 * beside the whole layout and choice that it replaces. Growth is shown by itself: its solve counts
 * apart. */
#include "edit/edit_testing.h"

#include "dots/choice.h"

#include <stdlib.h>
#include <time.h>

enum { REPEATS = 41, WANTED_DOTS = 60000 };

static Arena arena, scratch;
static Testing testing;
static Edit edit;
static EditHistory history;
static Design base, wished;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct Times {
    int count;
    double ms[REPEATS];
} Times;

static void show(const char *what, Times *times, int sites, int changed)
{
    qsort(times->ms, (size_t)times->count, sizeof times->ms[0], by_value);
    printf("%-34s best %6.2f ms, median %6.2f ms", what, times->ms[0], times->ms[times->count / 2]);
    if (sites >= 0)
        printf("; %6d sites looked at, %6d sessions other", sites, changed);
    printf("\n");
}

/* ---- edits; n counts up, so that every repeat changes something */

typedef void EditFn(Design *design, int n);

static void move_temple(Design *design, int n)
{
    testing_move_control(design, design->hairline.temple[0], 0.0, n % 2 == 0 ? 0.02 : -0.02);
}

static void move_middle(Design *design, int n)
{
    testing_move_control(design, design->hairline.control_count / 2, 0.0,
                         n % 2 == 0 ? 0.02 : -0.02);
}

static void raise_line(Design *design, int n)
{
    for (int i = 0; i < design->hairline.control_count; i++)
        testing_move_control(design, i, 0.0, n % 2 == 0 ? -0.02 : 0.02);
}

static void brush(Design *design, int n)
{
    if (design->stroke_count > 20)
        design->stroke_count = design->point_count = 0;
    testing_add_stroke(design, 0.01 * (n % 20) - 0.1, 0.1 - 0.02 * (n % 13), 20.0, -0.4);
}

static void slide_density(Design *design, int n)
{
    design->density.full_per_cm2 *= n % 2 == 0 ? 0.9 : 1.0 / 0.9;
}

static void slide_crown(Design *design, int n)
{
    design->density.crown_softer = n % 2 == 0 ? 0.2 : 0.12;
}

static void slide_transition(Design *design, int n)
{
    design->hairline.transition_mm = n % 2 == 0 ? 14.0 : 10.0;
}

static void add_scar(Design *design, int n)
{
    if (design->region_count > 6) {
        design->shape_count -= design->region_count - 1;
        design->point_count -= design->region_count - 1;
        design->region_count = 1;
    }
    testing_add_discs(design, DESIGN_SCAR, 0.02 * (n % 7) - 0.06, -0.2, 15.0);
}

static void move_scar(Design *design, int n)
{
    if (design->region_count < 2)
        testing_add_discs(design, DESIGN_SCAR, 0.1, -0.2, 15.0);
    design->point[design->shape[1].first_point].u = 0.1 + 0.002 * (n % 9);
}

static void comb(Design *design, int n)
{
    Growth *growth = &design->growth;
    if (growth->stroke_count == 0)
        growth->stroke[growth->stroke_count++] =
            (GrowthStroke){.point_count = 3, .width_mm = 20.0, .strength = 0.8};
    for (int i = 0; i < 3; i++) {
        growth->stroke[0].uv[i][0] = 0.1 + 0.05 * i;
        growth->stroke[0].uv[i][1] = 0.1 + 0.01 * (n % 5) * i;
    }
}

static bool bench_edit(const char *what, EditFn *change, Err *err)
{
    Times times = {0};
    int sites = 0, changed = 0;
    size_t mark = arena_mark(&arena), count = (size_t)edit.sequence.count;
    int8_t *was = ARENA_NEW(&arena, int8_t, count);
    if (was == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    if (!edit_apply(&scratch, &base, &edit, err))
        return false;
    wished = base;
    for (int n = 0; n < REPEATS; n++) {
        change(&wished, n);
        memcpy(was, edit.session, count);
        double start = now_ms();
        if (!edit_apply(&scratch, &wished, &edit, err))
            return false;
        times.ms[times.count++] = now_ms() - start;
        sites = edit.last_changed_sites > sites ? edit.last_changed_sites : sites;
        int other = 0;
        for (size_t i = 0; i < count; i++)
            other += was[i] != edit.session[i];
        changed = other > changed ? other : changed;
    }
    show(what, &times, sites, changed);
    arena_rewind(&arena, mark);
    return true;
}

/* Back and forth through the history: the document read, laid out, chosen. */
static bool bench_undo(Err *err)
{
    Times undo = {0}, push = {0};
    int sites = 0;
    if (!edit_apply(&scratch, &base, &edit, err))
        return false;
    wished = base;
    for (int n = 0; n < EDIT_HISTORY + REPEATS; n++) { /* the first ones make the room */
        brush(&wished, n);
        design_settle(&wished);
        double start = now_ms();
        if (!edit_history_push(&arena, &history, "a stroke", &wished, err))
            return false;
        if (n >= EDIT_HISTORY)
            push.ms[push.count++] = now_ms() - start;
    }
    if (!edit_apply(&scratch, &wished, &edit, err))
        return false;
    for (int n = 0; n < REPEATS; n++) {
        double start = now_ms();
        if (!edit_history_move(&history, -1) || !edit_history_design(&history, &wished, err) ||
            !edit_apply(&scratch, &wished, &edit, err))
            return false;
        undo.ms[undo.count++] = now_ms() - start;
        sites = edit.last_changed_sites > sites ? edit.last_changed_sites : sites;
    }
    show("undo of a stroke", &undo, sites, 0);
    show("a step into the history", &push, -1, 0);
    return true;
}

/* Only the part behind the layout: all sites and a few. */
static bool bench_choice(Err *err)
{
    Times all = {0};
    DotsChoice choice;
    DotsParams params = {.session_count = 3, .share = {0.45, 0.35, 0.20}};
    size_t mark = arena_mark(&arena), n = (size_t)edit.surface.vertex_count;
    double *per_mm2[2] = {ARENA_NEW(&arena, double, n), ARENA_NEW(&arena, double, n)};
    if (per_mm2[0] == NULL || per_mm2[1] == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    for (size_t v = 0; v < n; v++) {
        per_mm2[0][v] = edit.wanted_per_mm2[v];
        per_mm2[1][v] = 0.9 * edit.wanted_per_mm2[v];
    }
    if (!dots_choice_new(&arena, &edit.surface, &edit.sequence, &params, &choice, err))
        return false;
    for (int i = 0; i < REPEATS; i++) {
        double start = now_ms();
        if (!dots_choice_all(&choice, per_mm2[i % 2], edit.layout.zone, err))
            return false;
        all.ms[all.count++] = now_ms() - start;
    }
    show("choice alone, every site", &all, choice.last_sites, 0);
    arena_rewind(&arena, mark);
    return true;
}

static bool bench_naive(Err *err)
{
    Times layout = {0}, choose = {0};
    static DesignLayout made;
    DotsParams params = {.session_count = 3, .share = {0.45, 0.35, 0.20}};
    size_t mark = arena_mark(&arena);
    int count;
    for (int i = 0; i < REPEATS / 4; i++) {
        arena_rewind(&arena, mark);
        int8_t *session = ARENA_NEW(&arena, int8_t, (size_t)edit.sequence.count);
        double start = now_ms();
        if (!design_layout(&arena, &scratch, &testing.head, &testing.bare, &base, &made, err))
            return false;
        layout.ms[layout.count++] = now_ms() - start;
        DotsWanted wanted = {.per_mm2 = made.target_per_mm2, .zone = made.zone};
        start = now_ms();
        if (!dots_choose(&scratch, &edit.surface, &edit.sequence, &wanted, &params, NULL, session,
                         &count, err))
            return false;
        choose.ms[choose.count++] = now_ms() - start;
    }
    show("naive: the whole layout", &layout, -1, 0);
    show("naive: dots_choose without counts", &choose, -1, 0);
    arena_rewind(&arena, mark);
    return true;
}

/* The density at which the whole scalp takes the dots that the budget speaks of. */
static bool open_all(Err *err)
{
    double per_cm2 = 100.0;
    static DesignLayout layout;
    for (int round = 0; round < 3; round++) {
        size_t mark = arena_mark(&arena);
        if (!testing_design(&scratch, &testing, true, per_cm2, &base, err) ||
            !design_layout(&arena, &scratch, &testing.head, &testing.bare, &base, &layout, err))
            return false;
        per_cm2 *= WANTED_DOTS / layout.dots;
        arena_rewind(&arena, mark);
    }
    EditParams params = {.session_count = 3,
                         .share = {0.45, 0.35, 0.20},
                         .highest_per_mm2 = 1.2 * per_cm2 / 100.0, /* room for brush and slider */
                         .most_per_mm2 = 10.0,
                         .seed = 1,
                         .threads = 1};
    double start = now_ms();
    if (!testing_design(&scratch, &testing, true, per_cm2, &base, err) ||
        !edit_open(&arena, &scratch, &testing.head, &testing.bare, &base, &params, &edit, err))
        return false;
    printf("%d vertices, %d sites, %d dots at %.0f per cm2 on %.0f cm2; opened in %.1f s\n",
           edit.surface.vertex_count, edit.sequence.count, edit.counts.dots, per_cm2,
           edit.counts.area_mm2 / 100.0, 1e-3 * (now_ms() - start));
    return true;
}

static bool run(Err *err)
{
    static const struct {
        const char *what;
        EditFn *change;
    } edits[] = {{"hairline: temple moved", move_temple},
                 {"hairline: middle moved", move_middle},
                 {"hairline: all of it raised", raise_line},
                 {"hairline: transition slider", slide_transition},
                 {"brush stroke", brush},
                 {"density slider", slide_density},
                 {"crown slider", slide_crown},
                 {"region added", add_scar},
                 {"region moved", move_scar},
                 {"growth stroke (solve counts apart)", comb}};
    if (!testing_open(&arena, &scratch, &testing, err) || !open_all(err))
        return false;
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        if (!bench_edit(edits[i].what, edits[i].change, err))
            return false;
    return bench_undo(err) && bench_choice(err) && bench_naive(err);
}

/* A history of two steps, the second undone: tests/data/history.json. */
static bool write_sample(Err *err)
{
    size_t size;
    char *text;
    if (!testing_open(&arena, &scratch, &testing, err) ||
        !testing_design(&scratch, &testing, false, 120.0, &base, err))
        return false;
    snprintf(base.title, sizeof base.title, "by hand");
    if (!edit_history_push(&arena, &history, "Norwood 6 with a natural front", &base, err))
        return false;
    testing_add_stroke(&base, 0.1, 0.05, 15.0, -0.4);
    testing_move_control(&base, 4, 0.0, -0.012);
    design_settle(&base);
    if (!edit_history_push(&arena, &history, "hairline raised by 2 mm, thinner on the left", &base,
                           err))
        return false;
    edit_history_move(&history, -1);
    if (!edit_history_to_json(&arena, &history, &size, &text, err))
        return false;
    return fwrite(text, 1, size, stdout) == size || err_set(err, ERR_IO, "cannot write");
}

/* edit_bench --sample > tests/data/history.json: makes the sample of the tests again. */
int main(int argc, char **argv)
{
    Err err = {0};
    bool sample = argc > 1 && strcmp(argv[1], "--sample") == 0;
    if (!arena_open(&arena, (size_t)2 << 30, &err) ||
        !arena_open(&scratch, (size_t)1 << 30, &err) ||
        !(sample ? write_sample(&err) : run(&err))) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
