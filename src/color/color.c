#include "color/color.h"
