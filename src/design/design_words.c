/* The words of a design, as files and people read them. */
#include "design/words.h"

static const char *word(int count, const char *const words[], int index)
{
    return index >= 0 && index < count ? words[index] : "unknown";
}

#define WORD(index, ...)                                                                           \
    static const char *const words[] = {__VA_ARGS__};                                              \
    return word((int)(sizeof words / sizeof words[0]), words, (int)(index))

const char *design_zone_name(DesignZone zone)
{
    WORD(zone, "none", "hairline", "frontal", "midscalp", "crown", "temple", "patch", "scar",
         "diffuse", "punch", "burn", "fringe", "keep_out");
}

const char *design_form_name(DesignForm form)
{
    WORD(form, "linear", "m", "round", "triangular", "widows_peak");
}

const char *design_front_name(DesignFront front)
{
    WORD(front, "natural", "soft", "defined", "straight");
}

const char *design_sideburn_name(DesignSideburn sideburn)
{
    WORD(sideburn, "kept", "tapered", "square");
}

const char *design_shape_name(DesignShapeKind kind)
{
    WORD(kind, "outline", "band", "discs", "norwood", "ludwig", "bare", "scalp");
}

const char *design_join_name(DesignJoin join)
{
    WORD(join, "add", "remove", "within");
}

const char *design_construction_name(DesignConstruction construction)
{
    WORD(construction, "eight_cm", "height", "thirds", "by_age", "old_line");
}

const char *design_construction_word(int index)
{
    return design_construction_name((DesignConstruction)index);
}

const char *design_form_word(int index)
{
    return design_form_name((DesignForm)index);
}

const char *design_front_word(int index)
{
    return design_front_name((DesignFront)index);
}

const char *design_sideburn_word(int index)
{
    return design_sideburn_name((DesignSideburn)index);
}
