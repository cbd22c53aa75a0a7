#include "mesh/mesh_internal.h"

#include "base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool mesh_text_ends_word(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

const char *mesh_text_skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

const char *mesh_text_skip_word(const char *at, const char *end)
{
    while (at < end && !mesh_text_ends_word(*at))
        at++;
    return at;
}

/* What the quick way below does not cover: long mantissas, large exponents, nan, inf, errors. */
static bool any_number(const char **at, const char *start, const char *end, double *value)
{
    *at = mesh_text_skip_word(start, end);
    return text_to_double((TextSpan){start, (size_t)(*at - start)}, value);
}

/* The digits of [sign] digits [. digits]; false when they do not fit 18 places. */
static bool digits(const char **at, const char *end, uint64_t *mantissa, int *exponent)
{
    const char *p = *at, *point = NULL;
    uint64_t m = 0;
    int count = 0;
    for (; p < end; p++) {
        if (is_digit(*p)) {
            m = m * 10 + (uint64_t)(*p - '0');
            count++;
        } else if (*p == '.' && point == NULL) {
            point = p;
        } else {
            break;
        }
        if (count > 18)
            return false;
    }
    *exponent = point != NULL ? -(int)(p - point - 1) : 0;
    *mantissa = m;
    *at = p;
    return count > 0;
}

static bool written_exponent(const char **at, const char *end, int *exponent)
{
    const char *p = *at;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    int value = 0;
    const char *first = p;
    for (; p < end && is_digit(*p); p++) {
        value = value * 10 + (*p - '0');
        if (value > 999)
            return false;
    }
    *exponent += negative ? -value : value;
    *at = p;
    return p > first;
}

/* Mantissa and power of ten are exact doubles, so one rounding gives the nearest double
 * (Clinger, "How to read floating point numbers accurately", PLDI 1990). */
bool mesh_text_number(const char **at, const char *end, double *value)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *start = mesh_text_skip_blanks(*at, end), *p = start;
    if (p >= end || mesh_text_ends_word(*p))
        return false;
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    uint64_t mantissa;
    int exponent;
    bool quick = digits(&p, end, &mantissa, &exponent);
    if (quick && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        quick = written_exponent(&p, end, &exponent);
    }
    quick = quick && mantissa <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22;
    if (!quick || (p < end && !mesh_text_ends_word(*p)))
        return any_number(at, start, end, value);
    double magnitude =
        exponent < 0 ? (double)mantissa / ten[-exponent] : (double)mantissa * ten[exponent];
    *value = negative ? -magnitude : magnitude;
    *at = p;
    return true;
}

bool mesh_text_integer(const char **at, const char *end, long *value)
{
    const char *p = *at;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    const char *first = p;
    long result = 0;
    for (; p < end && is_digit(*p); p++) {
        if (result > 99999999999999999L)
            return false;
        result = result * 10 + (*p - '0');
    }
    *value = negative ? -result : result;
    *at = p;
    return p > first;
}
