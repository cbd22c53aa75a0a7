#include "hair/hair.h"
