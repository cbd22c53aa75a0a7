#include "head/place.h"
