#include "base/test.h"
#include "visibility/visibility.h"

/* Computed by the authors' own code, area 1 deg2, static. */
TEST(sensitivity_is_that_of_the_published_model)
{
    const double cpd[] = {1, 2, 4, 8, 16, 32, 50};
    const struct {
        double luminance, want[7];
    } row[] = {{10, {51.58, 81.32, 80.37, 45.59, 13.66, 2.275, 0.553}},
               {50, {52.59, 101.0, 121.6, 84.03, 30.66, 6.223, 1.716}},
               {150, {50.79, 106.4, 139.8, 105.4, 41.96, 9.293, 2.711}},
               {500, {50.24, 108.4, 149.4, 118.1, 49.32, 11.46, 3.445}}};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 7; k++) {
            double got = visibility_sensitivity(cpd[k], row[i].luminance, 1.0);
            CHECK_NEAR(got / row[i].want[k], 1.0, 1e-3);
        }
}

static VisibilityTexture disc_field(double per_cm2, double contrast)
{
    return (VisibilityTexture){.density_per_mm2 = per_cm2 / 100.0,
                               .core_area_mm2 = 3.14159265 / 4.0 * 0.4 * 0.4 * contrast,
                               .core_mm = 0.4};
}

/* Discs of 0.4 mm and contrast 0.5; distances computed with the authors' model. The mean of such
 * a field is exponential here and linear there, hence the 4 %. */
TEST(dots_fuse_at_the_published_distances)
{
    const double per_cm2[] = {50, 75, 100, 150, 200, 300};
    const double at_50[] = {1.59, 1.52, 1.45, 1.34, 1.25, 1.09};
    const double at_200[] = {1.92, 1.82, 1.74, 1.60, 1.49, 1.30};
    for (int i = 0; i < 6; i++) {
        VisibilityTexture field = disc_field(per_cm2[i], 0.5);
        CHECK_NEAR(visibility_fusing_distance_m(field, 50.0), at_50[i], 0.04 * at_50[i]);
        CHECK_NEAR(visibility_fusing_distance_m(field, 200.0), at_200[i], 0.04 * at_200[i]);
    }
}

TEST(a_paler_dot_fuses_nearer)
{
    double last = 99.0;
    for (double contrast = 0.7; contrast > 0.05; contrast -= 0.1) {
        double here = visibility_fusing_distance_m(disc_field(100, contrast), 100.0);
        CHECK(here < last);
        last = here;
    }
    CHECK(visibility_fusing_distance_m(disc_field(0, 0.5), 100.0) == 0.0);
}

TEST(a_halo_darkens_but_shows_no_dot)
{
    VisibilityTexture field = disc_field(100, 0.5), sharp = field;
    field.halo_area_mm2 = 0.05;
    CHECK(visibility_darkening(field) > visibility_darkening(sharp) + 0.03);
    CHECK_NEAR(visibility_fusing_distance_m(field, 100.0),
               visibility_fusing_distance_m(sharp, 100.0), 0.06);
}

TEST(equal_areas_show_no_step_and_a_wide_blend_hides_a_small_one)
{
    CHECK(visibility_step_distance_m(0.1, 0.1, 10.0, 100.0) == 0.0);
    double sharp = visibility_step_distance_m(0.10, 0.11, 2.0, 100.0);
    double far = visibility_step_distance_m(0.10, 0.20, 2.0, 100.0);
    CHECK(sharp > 0.0);
    CHECK(far > sharp);
}
