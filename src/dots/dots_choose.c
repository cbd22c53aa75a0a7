#include "dots/dots.h"
