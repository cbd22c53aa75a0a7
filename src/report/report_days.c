/* The skin in the days after a session, close up: what the optical model expects. */
#include "report/report.h"
#include "report/report_patch.h"

#include <math.h>

/* The days on which something has changed for the eye: red; scabs; scabs falling; the phantom fade;
 * the surface closed; nearly and wholly healed (field/practice.md 3.1). */
static const int shown_days[REPORT_DAYS] = {0, 2, 4, 7, 10, 14, 28, 42};
/* A close-up as wide as the tip of a thumb, drawn for a print of 18 mm at 219 dots per inch: no
 * more would be printed. */
static const double wide_mm = 10.0, high_mm = 7.5, px_per_mm = 15.5;

typedef struct Skin {
    const Case *plan;
    const SkinMarks *marks;
    double per_mm2[DOTS_MAX_SESSIONS]; /* of each session, where dots are */
} Skin;

/* Where dots go they are as dense as they are on average there: edges are softer. */
static void set_densities(Skin *skin)
{
    const Dots *dots = skin->plan->dots;
    double area_mm2 = fmax(skin->plan->layout->area_mm2, 1.0);
    for (int s = 0; s < dots->session_count; s++)
        skin->per_mm2[s] = dots->in_session[s] / area_mm2;
}

/* The dots of session k, `day` days after session s. */
static SkinMoment moment_of(const Skin *skin, int k, int s, int day)
{
    const Case *plan = skin->plan;
    const CourseSession *session = plan->course->session;
    SkinMark mark = plan->healed;
    mark.absorption_per_mm = skin_absorption_per_mm(plan->pigment, plan->dilution[k]);
    return skin_mark_at(mark, &plan->ageing, (double)(day + session[s].day - session[k].day), 0);
}

static Rgb reddened(const SkinTone *tone, Rgb light, double blood_factor)
{
    float flush[3];
    skin_flush_depth(tone, blood_factor, flush);
    return (Rgb){light.r * expf(-flush[0]), light.g * expf(-flush[1]), light.b * expf(-flush[2])};
}

/* Two draws of all sessions so far: the skin of that day, and its mean as seen from far. */
static ReportPatch patch_of(const Skin *skin, int s, int day)
{
    const SkinTone *tone = skin_marks_tone(skin->marks);
    ReportPatch patch = {.width_px = (int)lround(wide_mm * px_per_mm),
                         .height_px = (int)lround(high_mm * px_per_mm),
                         .px_per_mm = px_per_mm,
                         .kind_count = s + 1,
                         .seed = skin->plan->seed};
    Spectrum depth = {{0}};
    double blood_factor = 1.0;
    for (int k = 0; k <= s; k++) {
        SkinMoment moment = moment_of(skin, k, s, day);
        Spectrum area = skin_moment_area(skin->marks, moment);
        patch.look[k] = skin_moment_look(skin->marks, moment);
        patch.per_mm2[k] = skin->per_mm2[k];
        for (int band = 0; band < SPECTRUM_BANDS; band++)
            depth.band[band] += skin->per_mm2[k] * area.band[band];
        blood_factor = fmax(blood_factor, moment.blood_factor); /* the newest session's */
    }
    Spectrum seen = skin_far_view(tone, &depth, 1.0);
    patch.skin = reddened(tone, spectrum_rgb(&tone->spectrum), blood_factor);
    patch.far_view = reddened(tone, spectrum_rgb(&seen), blood_factor);
    return patch;
}

static bool draw(Arena *arena, Arena *scratch, const Skin *skin, int s, int day, Image *look,
                 Err *err)
{
    ImageF light;
    ReportPatch patch = patch_of(skin, s, day);
    size_t mark = arena_mark(scratch);
    bool ok = image_new(arena, patch.width_px, patch.height_px, look, err) &&
              report_patch_draw(scratch, scratch, &patch, &light, err);
    if (ok)
        image_from_linear(&light, look);
    arena_rewind(scratch, mark);
    return ok;
}

/* Days that come before the next session, and its last picture on the day before it. */
static int count_days(const Course *course, int s)
{
    int count = 0;
    while (count < REPORT_DAYS &&
           (s + 1 == course->session_count ||
            shown_days[count] < course->session[s + 1].day - course->session[s].day))
        count++;
    return count;
}

bool report_days_make(Arena *arena, Arena *scratch, const Case *plan, ReportDays *days, Err *err)
{
    size_t mark = arena_mark(scratch);
    SkinTable table;
    SkinMarks *marks;
    Skin skin = {.plan = plan};
    *days = (ReportDays){.session_count = plan->course->session_count, .width_mm = wide_mm};
    if (!skin_table_load(&table, err) ||
        !skin_marks_new(scratch, &table, &plan->survey->tone, &marks, err))
        return false;
    skin.marks = marks;
    set_densities(&skin);
    for (int s = 0; s < days->session_count; s++) {
        days->count[s] = count_days(plan->course, s);
        for (int i = 0; i < days->count[s]; i++) {
            days->day[s][i] = shown_days[i];
            if (!draw(arena, scratch, &skin, s, shown_days[i], &days->look[s][i], err))
                return false;
        }
    }
    arena_rewind(scratch, mark);
    return true;
}
