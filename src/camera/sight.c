#include "camera/sight.h"
