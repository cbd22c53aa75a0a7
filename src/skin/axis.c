#include "skin/axis.h"

#include <assert.h>
#include <math.h>

AxisPlace axis_place(int count, const double node[], double x)
{
    assert(count >= 4 && !isnan(x));
    x = fmin(fmax(x, node[0]), node[count - 1]);
    int first = 0;
    while (first < count - 4 && x > node[first + 2])
        first++;
    AxisPlace place = {.first = first};
    for (int i = 0; i < 4; i++) {
        place.weight[i] = 1.0;
        for (int k = 0; k < 4; k++)
            if (k != i)
                place.weight[i] *= (x - node[first + k]) / (node[first + i] - node[first + k]);
    }
    return place;
}

bool axis_covers(int count, const double node[], double x)
{
    const double rounding = 1e-9;
    return x >= node[0] - rounding && x <= node[count - 1] + rounding;
}
