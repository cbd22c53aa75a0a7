#include "head/views.h"
