#include "dots/route_internal.h"

/* How many parts of at most this work the stops make, filled from the front; a stop that is more is
 * one of its own. */
static int parts_of(int count, const RouteStop stop[], double most)
{
    int parts = count > 0;
    double sum = 0.0;
    for (int k = 0; k < count; k++) {
        if (k > 0 && sum + stop[k].work > most) {
            parts++;
            sum = 0.0;
        }
        sum += stop[k].work;
    }
    return parts;
}

/* The smallest limit that needs no more than `parts`, by bisection. */
static double even_work(int count, const RouteStop stop[], int parts)
{
    double low = 0.0, high = 0.0;
    for (int k = 0; k < count; k++) {
        low = fmax(low, stop[k].work);
        high += stop[k].work;
    }
    high *= 1.0 + 1e-9; /* the sums of parts are rounded */
    for (int n = 0; n < 60; n++) {
        double middle = 0.5 * (low + high);
        if (parts_of(count, stop, middle) <= parts)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Notes `rest` after each part but the last; returns the number of parts. */
static int part(int count, RouteStop stop[], int parts, RouteRest rest)
{
    double most = even_work(count, stop, parts), sum = 0.0;
    int made = 1;
    for (int k = 0; k < count; k++) {
        if (k > 0 && sum + stop[k].work > most) {
            stop[k - 1].rest = rest;
            made++;
            sum = 0.0;
        }
        sum += stop[k].work;
    }
    return made;
}

void route_rest(const RouteParams *params, int sittings, RouteStop stop[], RouteSession *session)
{
    int count = session->stop_count;
    for (int k = 0; k < count; k++)
        stop[k].rest = ROUTE_GO_ON;
    if (count == 0)
        return;
    session->sittings = part(count, stop, sittings, ROUTE_END);
    stop[count - 1].rest = ROUTE_END;
    session->breaks = 0;
    for (int first = 0, last; first < count && params->dots_between_breaks > 0.0;
         first = last + 1) {
        for (last = first; stop[last].rest != ROUTE_END;)
            last++;
        int parts = parts_of(last - first + 1, stop + first, params->dots_between_breaks);
        session->breaks += part(last - first + 1, stop + first, parts, ROUTE_BREAK) - 1;
    }
}
