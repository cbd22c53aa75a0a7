#include "visibility/visibility.h"
