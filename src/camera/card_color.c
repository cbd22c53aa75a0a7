#include "camera/card_color.h"
