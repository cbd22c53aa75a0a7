#include "base/node.h"
#include "casefile/casefile_internal.h"
#include "design/file.h"

#include <string.h>

int casefile_version(const char *name)
{
    static const struct {
        const char *name;
        int version;
    } known[] = {{"case", 1},    {"assessment", 1}, {"design", DESIGN_FORMAT},
                 {"course", 2},  {"protocol", 2},   {"audit", 1},
                 {"prices", 1},  {"clinic", 1},     {"screening", 1},
                 {"answers", 1}, {"projector", 1},  {"visibility", 1},
                 {"shade", 1},   {"swatches", 1},   {"layout", 1},
                 {"findings", 1}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i].name) == 0)
            return known[i].version;
    return 0;
}

bool casefile_check(const char *name, size_t size, const char *bytes, Err *err)
{
    Node root;
    int version, newest = casefile_version(name);
    if (newest == 0)
        return err_set(err, ERR_INPUT, "there is no document of the kind '%.40s'", name);
    if (!node_open(name, newest, size, bytes, &root, &version, err))
        return false;
    node_close(&root);
    return true;
}
