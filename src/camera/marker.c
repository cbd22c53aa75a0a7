#include "camera/marker.h"
