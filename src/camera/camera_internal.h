#ifndef CAMERA_CAMERA_INTERNAL_H
#define CAMERA_CAMERA_INTERNAL_H

#include <stdbool.h>

/* Solves a x = b for a symmetric a[n][n], of which the lower half is read and overwritten, by
 * Cholesky; the result stands in b. False when a is not positive definite to rounding: a pivot is
 * less than 1e-13 of its diagonal element. */
bool camera_solve(int n, double a[], double b[]);

#endif
