#include "base/words_internal.h"

#include <stdio.h>
#include <string.h>

/* Reads and evaluates in one go: expressions are a line long and asked for rarely. */
typedef struct Plural {
    const char *at;
    unsigned long n;
    int depth;
    const char *wrong; /* the first thing */
} Plural;

/* The longest chain of conditions in the CLDR has 6. */
enum { DEEPEST = 24 };

static unsigned long choice(Plural *plural);

static void fail(Plural *plural, const char *wrong)
{
    if (plural->wrong == NULL)
        plural->wrong = wrong;
}

static bool takes(Plural *plural, const char *sign)
{
    size_t length = strlen(sign);
    plural->at += strspn(plural->at, " \t");
    if (strncmp(plural->at, sign, length) != 0)
        return false;
    plural->at += length;
    return true;
}

static unsigned long whole(Plural *plural)
{
    unsigned long value = 0;
    plural->at += strspn(plural->at, " \t");
    size_t digits = strspn(plural->at, "0123456789");
    if (digits == 0 || digits > 9)
        fail(plural, "there is no number of up to 9 digits");
    for (size_t i = 0; i < digits; i++)
        value = 10 * value + (unsigned long)(*plural->at++ - '0');
    return value;
}

static unsigned long atom(Plural *plural)
{
    if (takes(plural, "n"))
        return plural->n;
    if (!takes(plural, "("))
        return whole(plural);
    unsigned long value = choice(plural);
    if (!takes(plural, ")"))
        fail(plural, "a ')' is missing");
    return value;
}

static unsigned long remainder_of(Plural *plural)
{
    unsigned long value = atom(plural);
    while (takes(plural, "%")) {
        unsigned long by = whole(plural);
        if (by == 0)
            fail(plural, "the remainder is not by a number above 0");
        value = by == 0 ? 0 : value % by;
    }
    return value;
}

static unsigned long comparison(Plural *plural)
{
    unsigned long value = remainder_of(plural);
    for (;;) {
        if (takes(plural, "<="))
            value = value <= remainder_of(plural);
        else if (takes(plural, ">="))
            value = value >= remainder_of(plural);
        else if (takes(plural, "<"))
            value = value < remainder_of(plural);
        else if (takes(plural, ">"))
            value = value > remainder_of(plural);
        else
            return value;
    }
}

static unsigned long equality(Plural *plural)
{
    unsigned long value = comparison(plural);
    for (;;) {
        if (takes(plural, "=="))
            value = value == comparison(plural);
        else if (takes(plural, "!="))
            value = value != comparison(plural);
        else
            return value;
    }
}

static unsigned long both(Plural *plural)
{
    unsigned long value = equality(plural);
    while (takes(plural, "&&")) {
        unsigned long right = equality(plural); /* read in any case */
        value = value != 0 && right != 0;
    }
    return value;
}

static unsigned long either(Plural *plural)
{
    unsigned long value = both(plural);
    while (takes(plural, "||")) {
        unsigned long right = both(plural);
        value = value != 0 || right != 0;
    }
    return value;
}

static unsigned long choice(Plural *plural)
{
    unsigned long value = 0;
    if (++plural->depth > DEEPEST)
        fail(plural, "it is nested too deeply");
    if (plural->wrong == NULL)
        value = either(plural);
    if (plural->wrong == NULL && takes(plural, "?")) {
        unsigned long yes = choice(plural), no;
        if (!takes(plural, ":"))
            fail(plural, "a ':' is missing");
        no = choice(plural);
        value = value != 0 ? yes : no;
    }
    plural->depth--;
    return value;
}

static unsigned long evaluate(const char *expression, unsigned long n, Plural *plural)
{
    *plural = (Plural){.at = expression, .n = n};
    unsigned long value = choice(plural);
    plural->at += strspn(plural->at, " \t");
    if (*plural->at != '\0')
        fail(plural, "it goes on where it should end");
    return value;
}

bool words_plural_is_valid(const char *expression, int forms, bool single[WORDS_FORMS],
                           char why[96])
{
    Plural plural;
    int taken[WORDS_FORMS] = {0};
    for (unsigned long n = 0; n <= WORDS_PLURAL_TRIED; n++) {
        unsigned long form = evaluate(expression, n, &plural);
        if (plural.wrong != NULL) {
            snprintf(why, 96, "%s at its byte %d", plural.wrong, (int)(plural.at - expression) + 1);
            return false;
        }
        if (form >= (unsigned long)forms) {
            snprintf(why, 96, "it gives form %lu for n = %lu, there are %d", form, n, forms);
            return false;
        }
        taken[form]++;
    }
    for (int i = 0; i < WORDS_FORMS; i++)
        single[i] = taken[i] < 2;
    return true;
}

int words_plural_form(const char *expression, int forms, unsigned long n)
{
    Plural plural;
    unsigned long form = evaluate(expression, n, &plural);
    return form < (unsigned long)forms ? (int)form : forms - 1;
}
