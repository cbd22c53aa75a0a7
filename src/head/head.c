#include "head/head.h"
