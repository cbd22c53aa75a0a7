/* axis.h - where a value lies on an axis of a table: four neighbours and their weights. */
#ifndef SKIN_AXIS_H
#define SKIN_AXIS_H

#include <stdbool.h>

typedef struct AxisPlace {
    int first; /* of the four nodes */
    double weight[4];
} AxisPlace;

/* The cubic through the four nodes around x; beyond the ends the value of the end. node rises,
 * count >= 4. */
AxisPlace axis_place(int count, const double node[], double x);
bool axis_covers(int count, const double node[], double x);

#endif
