#include "head/fit.h"
