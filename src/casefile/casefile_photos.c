#include "casefile/photos_doc.h"
