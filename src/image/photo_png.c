#include "image/photo.h"
