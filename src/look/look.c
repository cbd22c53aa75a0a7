#include "look/look.h"
