#include "course/care.h"

#include "base/test.h"
