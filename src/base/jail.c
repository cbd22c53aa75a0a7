#include "base/jail.h"
