/* words.h - the words of a design by their index, for readers that look one up. */
#ifndef DESIGN_WORDS_H
#define DESIGN_WORDS_H

#include "design/propose.h"

const char *design_construction_word(int index);
const char *design_form_word(int index);
const char *design_front_word(int index);
const char *design_sideburn_word(int index);

#endif
