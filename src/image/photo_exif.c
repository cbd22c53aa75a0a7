#include "image/photo_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* TIFF 6.0 and Exif 2.32 (CIPA DC-008). Only the tags of this table are ever looked at; the
 * directory of places (0x8825), the second directory with the thumbnail, serial numbers (0xA431,
 * 0xA435), names (0x013B, 0xA430) and the makers' notes (0x927C) are never followed. */
enum {
    TAG_INTEROP_INDEX = 0x0001,
    TAG_MAKE = 0x010f,
    TAG_MODEL = 0x0110,
    TAG_ORIENTATION = 0x0112,
    TAG_X_RESOLUTION = 0x011a,
    TAG_Y_RESOLUTION = 0x011b,
    TAG_RESOLUTION_UNIT = 0x0128,
    TAG_SOFTWARE = 0x0131,
    TAG_CHROMA_PLACE = 0x0213,
    TAG_EXIF = 0x8769,
    TAG_EXIF_VERSION = 0x9000,
    TAG_TAKEN = 0x9003,
    TAG_COMPONENTS = 0x9101,
    TAG_FOCAL = 0x920a,
    TAG_FLASHPIX = 0xa000,
    TAG_COLOR_SPACE = 0xa001,
    TAG_WIDTH = 0xa002,
    TAG_HEIGHT = 0xa003,
    TAG_INTEROP = 0xa005,
    TAG_DIGITAL_ZOOM = 0xa404,
    TAG_FOCAL_35MM = 0xa405,
    TAG_LENS = 0xa434,
};
enum { TYPE_ASCII = 2, TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_RATIONAL = 5, TYPE_UNDEFINED = 7 };
enum { ENTRY_BYTES = 12 };

typedef struct Tiff {
    size_t size;
    const uint8_t *bytes;
    bool big_endian;
} Tiff;

typedef struct Entry {
    int tag, type;
    uint32_t count;
    size_t at; /* of the value, wherever it stands */
    size_t room;
} Entry;

static uint32_t number(const Tiff *tiff, size_t at, int width)
{
    uint32_t value = 0;
    if (at > tiff->size || tiff->size - at < (size_t)width)
        return 0;
    for (int i = 0; i < width; i++)
        value = value << 8 | tiff->bytes[at + (size_t)(tiff->big_endian ? i : width - 1 - i)];
    return value;
}

static int type_bytes(int type)
{
    static const int bytes[8] = {0, 1, 1, 2, 4, 8, 1, 1};
    return type >= 1 && type <= 7 ? bytes[type] : 0;
}

static bool read_entry(const Tiff *tiff, size_t at, Entry *entry)
{
    *entry = (Entry){.tag = (int)number(tiff, at, 2),
                     .type = (int)number(tiff, at + 2, 2),
                     .count = number(tiff, at + 4, 4)};
    size_t bytes = (size_t)entry->count * (size_t)type_bytes(entry->type);
    entry->at = bytes <= 4 ? at + 8 : number(tiff, at + 8, 4);
    entry->room = bytes;
    return bytes > 0 && entry->at <= tiff->size && bytes <= tiff->size - entry->at;
}

/* 0 when it is no number. */
static double value_of(const Tiff *tiff, const Entry *entry)
{
    if (entry->type == TYPE_SHORT)
        return number(tiff, entry->at, 2);
    if (entry->type == TYPE_LONG)
        return number(tiff, entry->at, 4);
    if (entry->type != TYPE_RATIONAL)
        return 0.0;
    double below = number(tiff, entry->at + 4, 4);
    return below > 0.0 ? number(tiff, entry->at, 4) / below : 0.0;
}

/* Printable ASCII alone, blanks at the end cut off: these words go to terminals and pages. */
static void text_of(const Tiff *tiff, const Entry *entry, size_t room, char text[])
{
    size_t length = 0;
    if (entry->type != TYPE_ASCII)
        return;
    for (size_t i = 0; i < entry->room && length + 1 < room; i++) {
        uint8_t c = tiff->bytes[entry->at + i];
        if (c == '\0')
            break;
        if (c >= ' ' && c <= '~')
            text[length++] = (char)c;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
}

/* "2026:03:01 09:30:00" to "2026-03-01T09:30:00"; anything else (blanks for "unknown") to "". */
static void time_of(const Tiff *tiff, const Entry *entry, char taken[20])
{
    static const char form[] = "dddd:dd:dd dd:dd:dd";
    char text[20] = "";
    text_of(tiff, entry, sizeof text, text);
    bool good = strlen(text) == sizeof form - 1;
    for (size_t i = 0; good && i < sizeof form - 1; i++)
        good = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
    if (!good)
        return;
    text[4] = text[7] = '-';
    text[10] = 'T';
    memcpy(taken, text, sizeof text);
}

typedef struct Found {
    PhotoFacts *facts;
    PhotoExif *exif;
    char make[64], model[64];
    size_t exif_at, interop_at;
} Found;

typedef void TakeFn(const Tiff *tiff, const Entry *entry, Found *found);

static void take_main(const Tiff *tiff, const Entry *entry, Found *found)
{
    PhotoFacts *facts = found->facts;
    double value = value_of(tiff, entry);
    if (entry->tag == TAG_MAKE)
        text_of(tiff, entry, sizeof found->make, found->make);
    else if (entry->tag == TAG_MODEL)
        text_of(tiff, entry, sizeof found->model, found->model);
    else if (entry->tag == TAG_SOFTWARE)
        text_of(tiff, entry, sizeof facts->software, facts->software);
    else if (entry->tag == TAG_ORIENTATION && value >= 1.0 && value <= 8.0)
        facts->orientation = (int)value;
    else if (entry->tag == TAG_EXIF)
        found->exif_at = (size_t)value;
}

static void take_exif(const Tiff *tiff, const Entry *entry, Found *found)
{
    PhotoFacts *facts = found->facts;
    double value = value_of(tiff, entry);
    if (entry->tag == TAG_TAKEN)
        time_of(tiff, entry, facts->taken);
    else if (entry->tag == TAG_FOCAL)
        facts->focal_mm = value;
    else if (entry->tag == TAG_FOCAL_35MM)
        facts->focal_35mm = value;
    else if (entry->tag == TAG_DIGITAL_ZOOM)
        facts->digital_zoom = value;
    else if (entry->tag == TAG_LENS)
        text_of(tiff, entry, sizeof facts->lens, facts->lens);
    else if (entry->tag == TAG_COLOR_SPACE)
        found->exif->adobe_rgb |= value == 2.0; /* not in the standard, but written by cameras */
    else if (entry->tag == TAG_INTEROP)
        found->interop_at = (size_t)value;
}

/* DCF 2.0: "R03" stands for the optional colour space, Adobe RGB. */
static void take_interop(const Tiff *tiff, const Entry *entry, Found *found)
{
    char text[4] = "";
    if (entry->tag == TAG_INTEROP_INDEX)
        text_of(tiff, entry, sizeof text, text);
    found->exif->adobe_rgb |= strcmp(text, "R03") == 0;
}

/* One directory; the one it points to as the next is never read. */
static void read_directory(const Tiff *tiff, size_t at, TakeFn *take, Found *found)
{
    Entry entry;
    int count = (int)number(tiff, at, 2);
    for (int i = 0; i < count; i++) {
        size_t here = at + 2 + (size_t)i * ENTRY_BYTES;
        if (here > tiff->size || tiff->size - here < ENTRY_BYTES)
            return;
        if (read_entry(tiff, here, &entry))
            take(tiff, &entry, found);
    }
}

/* "Apple" and "iPhone 14" to "Apple iPhone 14", but not "Canon Canon EOS R6". */
static void name_camera(const Found *found, char camera[64])
{
    bool twice =
        found->make[0] == '\0' || strncmp(found->model, found->make, strlen(found->make)) == 0;
    char both[130];
    snprintf(both, sizeof both, "%s%s%s", twice ? "" : found->make,
             twice || found->model[0] == '\0' ? "" : " ", found->model);
    snprintf(camera, 64, "%.63s", both);
}

void photo_exif_read(size_t size, const uint8_t tiff[], PhotoFacts *facts, PhotoExif *exif)
{
    if (size < 8 || (memcmp(tiff, "II*", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return;
    Tiff file = {size, tiff, tiff[0] == 'M'};
    Found found = {.facts = facts, .exif = exif};
    read_directory(&file, number(&file, 4, 4), take_main, &found);
    if (found.exif_at > 0)
        read_directory(&file, found.exif_at, take_exif, &found);
    if (found.interop_at > 0)
        read_directory(&file, found.interop_at, take_interop, &found);
    name_camera(&found, facts->camera);
}

/* ---- writing: big endian, entries in order of their tags, values behind their directory ---- */

typedef struct Writer {
    uint8_t *tiff;
    size_t used, entry_at, count_at;
} Writer;

static void put(uint8_t *at, uint32_t value, int width)
{
    for (int i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * (width - 1 - i));
}

/* Room for the entries of a directory and its "no next one". */
static void begin_directory(Writer *w, int entries)
{
    w->count_at = w->used;
    w->entry_at = w->used + 2;
    w->used = w->entry_at + (size_t)entries * ENTRY_BYTES + 4;
}

/* Returns where the value of `bytes` bytes goes. */
static uint8_t *put_entry(Writer *w, int tag, int type, uint32_t count)
{
    uint8_t *entry = w->tiff + w->entry_at;
    uint32_t bytes = count * (uint32_t)type_bytes(type);
    put(w->tiff + w->count_at, (w->tiff[w->count_at] << 8 | w->tiff[w->count_at + 1]) + 1u, 2);
    put(entry, (uint32_t)tag, 2);
    put(entry + 2, (uint32_t)type, 2);
    put(entry + 4, count, 4);
    w->entry_at += ENTRY_BYTES;
    if (bytes <= 4)
        return entry + 8;
    put(entry + 8, (uint32_t)w->used, 4);
    uint8_t *value = w->tiff + w->used;
    w->used += (bytes + 1) / 2 * 2;
    return value;
}

static void put_number(Writer *w, int tag, int type, uint32_t value)
{
    put(put_entry(w, tag, type, 1), value, type_bytes(type));
}

static void put_text(Writer *w, int tag, const char *text)
{
    size_t count = strlen(text) + 1;
    if (count > 1)
        memcpy(put_entry(w, tag, TYPE_ASCII, (uint32_t)count), text, count);
}

/* To 1/1000, as cameras write it. */
static void put_ratio(Writer *w, int tag, double value)
{
    if (!(value > 0.0 && value < 1e6))
        return;
    uint8_t *at = put_entry(w, tag, TYPE_RATIONAL, 1);
    put(at, (uint32_t)lround(1000.0 * value), 4);
    put(at + 4, 1000, 4);
}

static void put_time(Writer *w, const char taken[20])
{
    char text[20];
    if (strlen(taken) != sizeof text - 1)
        return;
    memcpy(text, taken, sizeof text);
    text[4] = text[7] = ':';
    text[10] = ' ';
    put_text(w, TAG_TAKEN, text);
}

size_t photo_exif_write(const PhotoFacts *facts, int orientation, bool srgb, int width_px,
                        int height_px, uint8_t tiff[PHOTO_EXIF_MAX])
{
    static const PhotoFacts none = {0};
    Writer w = {.tiff = tiff, .used = 8};
    const PhotoFacts *f = facts != NULL ? facts : &none;
    memset(tiff, 0, PHOTO_EXIF_MAX);
    memcpy(tiff, "MM\0*\0\0\0\10", 8);
    int main_entries = 6 + (f->camera[0] != '\0') + (f->software[0] != '\0');
    begin_directory(&w, main_entries);
    put_text(&w, TAG_MODEL, f->camera);
    put_number(&w, TAG_ORIENTATION, TYPE_SHORT, (uint32_t)orientation);
    put_ratio(&w, TAG_X_RESOLUTION, 72.0); /* the standard's word for "unknown" */
    put_ratio(&w, TAG_Y_RESOLUTION, 72.0);
    put_number(&w, TAG_RESOLUTION_UNIT, TYPE_SHORT, 2); /* inches */
    put_text(&w, TAG_SOFTWARE, f->software);
    put_number(&w, TAG_CHROMA_PLACE, TYPE_SHORT, 1); /* centred, as JFIF */
    put_number(&w, TAG_EXIF, TYPE_LONG, (uint32_t)w.used);
    int exif_entries = 6 + (strlen(f->taken) == 19) + (f->focal_mm > 0.0 && f->focal_mm < 1e6) +
                       (f->digital_zoom > 0.0 && f->digital_zoom < 1e6) +
                       (f->focal_35mm >= 0.5 && f->focal_35mm < 65535.0) + (f->lens[0] != '\0');
    begin_directory(&w, exif_entries);
    memcpy(put_entry(&w, TAG_EXIF_VERSION, TYPE_UNDEFINED, 4), "0232", 4);
    put_time(&w, f->taken);
    memcpy(put_entry(&w, TAG_COMPONENTS, TYPE_UNDEFINED, 4), "\1\2\3", 4); /* Y, Cb, Cr */
    put_ratio(&w, TAG_FOCAL, f->focal_mm);
    memcpy(put_entry(&w, TAG_FLASHPIX, TYPE_UNDEFINED, 4), "0100", 4);
    put_number(&w, TAG_COLOR_SPACE, TYPE_SHORT, srgb ? 1 : 0xffff);
    put_number(&w, TAG_WIDTH, TYPE_LONG, (uint32_t)width_px);
    put_number(&w, TAG_HEIGHT, TYPE_LONG, (uint32_t)height_px);
    put_ratio(&w, TAG_DIGITAL_ZOOM, f->digital_zoom);
    if (f->focal_35mm >= 0.5 && f->focal_35mm < 65535.0)
        put_number(&w, TAG_FOCAL_35MM, TYPE_SHORT, (uint32_t)lround(f->focal_35mm));
    put_text(&w, TAG_LENS, f->lens);
    return w.used;
}
