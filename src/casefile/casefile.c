#include "casefile/casefile.h"
