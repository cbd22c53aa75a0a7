#include "sample/sample.h"
