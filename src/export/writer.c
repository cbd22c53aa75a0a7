#include "export/writer.h"

#include <string.h>

enum { CHUNK = 1 << 16 };

struct WriterChunk {
    WriterChunk *next;
    size_t used;
    char bytes[CHUNK];
};

Writer writer_make(Arena *scratch)
{
    return (Writer){.scratch = scratch};
}

static void put(Writer *writer, size_t size, const char *bytes)
{
    while (size > 0 && !writer->full) {
        if (writer->last == NULL || writer->last->used == CHUNK) {
            WriterChunk *chunk = arena_alloc(writer->scratch, 1, sizeof *chunk);
            if (chunk == NULL) {
                writer->full = true;
                return;
            }
            *(writer->last == NULL ? &writer->first : &writer->last->next) = chunk;
            writer->last = chunk;
        }
        size_t room = CHUNK - writer->last->used, part = size < room ? size : room;
        memcpy(writer->last->bytes + writer->last->used, bytes, part);
        writer->last->used += part;
        writer->size += part;
        bytes += part;
        size -= part;
    }
}

void writer_put(Writer *writer, const char *text)
{
    put(writer, strlen(text), text);
}

void writer_number(Writer *writer, double value, int decimals)
{
    char text[40], *at = text + sizeof text;
    double factor = 1.0;
    for (int i = 0; i < decimals; i++)
        factor *= 10.0;
    long long whole = llround(fabs(value) * factor);
    bool negative = value < 0.0 && whole > 0, started = false;
    for (int i = 0; i < decimals; i++, whole /= 10) {
        started |= whole % 10 != 0;
        if (started)
            *--at = (char)('0' + whole % 10);
    }
    if (started)
        *--at = '.';
    do {
        *--at = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    if (negative)
        *--at = '-';
    put(writer, (size_t)(text + sizeof text - at), at);
}

void writer_int(Writer *writer, int value)
{
    writer_number(writer, value, 0);
}

/* Length of the letter at text by RFC 3629; 0: none. */
static int letter_length(const unsigned char *text)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = text[0] < 0x80       ? 1
                 : text[0] >> 5 == 6  ? 2
                 : text[0] >> 4 == 14 ? 3
                 : text[0] >> 3 == 30 ? 4
                                      : 0;
    unsigned code = length == 1 ? text[0] : length == 0 ? 0 : text[0] & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        code = code << 6 | (text[i] & 0x3Fu);
    }
    bool barred = code < 0x20 || code == 0x7F || (code >= 0xD800 && code <= 0xDFFF) ||
                  code == 0xFFFE || code == 0xFFFF || code > 0x10FFFF;
    return length == 0 || barred || code < least[length] ? 0 : length;
}

void writer_xml(Writer *writer, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        int length = letter_length((const unsigned char *)at);
        const char *instead = *at == '&'    ? "&amp;"
                              : *at == '<'  ? "&lt;"
                              : *at == '>'  ? "&gt;"
                              : *at == '"'  ? "&quot;"
                              : length == 0 ? "?"
                                            : NULL;
        if (instead != NULL)
            writer_put(writer, instead);
        else
            put(writer, (size_t)length, at);
        at += length > 0 ? length : 1;
    }
}

bool writer_end(Writer *writer, Arena *arena, const char *name, ExportBytes *file, Err *err)
{
    size_t used = 0;
    *file =
        (ExportBytes){.size = writer->size, .bytes = ARENA_NEW(arena, uint8_t, writer->size + 1)};
    if (writer->full || file->bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the file %s within the memory limit", name);
    for (const WriterChunk *chunk = writer->first; chunk != NULL; chunk = chunk->next) {
        memcpy(file->bytes + used, chunk->bytes, chunk->used);
        used += chunk->used;
    }
    return true;
}
