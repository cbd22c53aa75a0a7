#include "look/photo.h"
