#include "sample/photos.h"
