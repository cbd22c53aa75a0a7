#include "base/progress.h"

#include <stddef.h>

bool progress_at(const Progress *progress, const char *what, double fraction, Err *err)
{
    if (progress == NULL)
        return true;
    if (progress->cancel != NULL && atomic_load(progress->cancel))
        return err_set(err, ERR_CANCELLED, "stopped while %s", what);
    if (progress->report != NULL)
        progress->report(progress->ctx, what,
                         progress->from + (progress->to - progress->from) * fraction);
    return true;
}

Progress progress_part(const Progress *progress, double from, double to)
{
    if (progress == NULL)
        return (Progress){.from = from, .to = to};
    Progress part = *progress;
    part.from = progress->from + (progress->to - progress->from) * from;
    part.to = progress->from + (progress->to - progress->from) * to;
    return part;
}
