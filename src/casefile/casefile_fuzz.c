#include "casefile/casefile.h"

#include <stdlib.h>
#include <string.h>

/* Any bytes as any kind of document: accepted, or refused with a sentence. At most one kind can
 * accept them, since each names its schema. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const name[] = {"case",   "assessment", "design",
                                       "course", "visibility", "protocol"};
    int accepted = 0;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        Err err = {0};
        bool ok = casefile_check(name[i], size, (const char *)data, &err);
        if (!ok && (err.code == ERR_NONE || strlen(err.text) == 0))
            abort();
        accepted += ok;
    }
    if (accepted > 1)
        abort();
    return 0;
}
