/* embed.h - data files that are built into the program (tools/embed.py makes the arrays). */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

typedef struct EmbedFile {
    const char *name; /* NULL ends the list */
    size_t size;
    const unsigned char *bytes; /* followed by a zero that is not counted */
} EmbedFile;

extern const EmbedFile protocols_files[];       /* protocols/ */
extern const EmbedFile prices_files[];          /* prices/ */
extern const EmbedFile screening_files[];       /* screening/ */
extern const EmbedFile spectra_files[];         /* spectra/ */
extern const EmbedFile pigments_files[];        /* pigments/ */
extern const EmbedFile presets_files[];         /* presets/ */
extern const EmbedFile preset_pictures_files[]; /* presets/, JPEG */
extern const EmbedFile rules_files[];           /* rules/ */
extern const EmbedFile po_files[];              /* po/ */
extern const EmbedFile web_files[];             /* web/ */

#endif
