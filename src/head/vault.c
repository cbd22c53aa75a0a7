#include "head/vault.h"
