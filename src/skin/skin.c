#include "skin/skin.h"
