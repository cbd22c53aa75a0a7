#include "export/solid_internal.h"

#include <assert.h>
#include <string.h>

/* Zip after PKWARE's APPNOTE 6.3, in the subset of the Usdz File Format Specification 1.3: stored,
 * not encrypted, every file's data at a multiple of 64 bytes, so that viewers map it as it is. */

enum {
    ALIGNMENT = 64,
    LOCAL_HEADER = 30,
    CENTRAL_HEADER = 46,
    END_RECORD = 22,
    EXTRA_HEADER = 4,
    EXTRA_ID = 0x1986, /* what Pixar's own writer calls its padding */
    VERSION = 10,
    FIRST_DAY = 0x0021, /* 1980-01-01: the same case gives the same bytes */
    LONGEST_NAME = 64
};

uint32_t export_crc32(size_t size, const uint8_t bytes[])
{
    uint32_t table[256], crc = 0xFFFFFFFFU;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xEDB88320U : table[i] >> 1;
    }
    for (size_t i = 0; i < size; i++)
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xFF];
    return ~crc;
}

static uint8_t *put(uint8_t *to, int bytes, size_t value)
{
    for (int k = 0; k < bytes; k++)
        *to++ = (uint8_t)(value >> (8 * k));
    return to;
}

/* Bytes of the extra field that brings the data of a header at `at` to its place. */
static size_t padding(size_t at, size_t name)
{
    size_t data = at + LOCAL_HEADER + name + EXTRA_HEADER;
    return EXTRA_HEADER + (ALIGNMENT - data % ALIGNMENT) % ALIGNMENT;
}

/* What a local header and a line of the directory say alike. */
static uint8_t *put_facts(uint8_t *to, const ExportEntry *entry, uint32_t crc, size_t extra)
{
    to = put(to, 2, VERSION);
    to = put(to, 2, 0); /* flags */
    to = put(to, 2, 0); /* stored */
    to = put(to, 2, 0); /* midnight */
    to = put(to, 2, FIRST_DAY);
    to = put(to, 4, crc);
    to = put(to, 4, entry->size);
    to = put(to, 4, entry->size);
    to = put(to, 2, strlen(entry->name));
    return put(to, 2, extra);
}

static uint8_t *put_local(uint8_t *to, size_t at, const ExportEntry *entry, uint32_t crc)
{
    size_t name = strlen(entry->name), extra = padding(at, name);
    to = put(to, 4, 0x04034b50);
    to = put_facts(to, entry, crc, extra);
    memcpy(to, entry->name, name);
    to = put(to + name, 2, EXTRA_ID);
    to = put(to, 2, extra - EXTRA_HEADER);
    to += extra - EXTRA_HEADER; /* zero */
    memcpy(to, entry->bytes, entry->size);
    return to + entry->size;
}

static uint8_t *put_central(uint8_t *to, size_t at, const ExportEntry *entry, uint32_t crc)
{
    size_t name = strlen(entry->name);
    to = put(to, 4, 0x02014b50);
    to = put(to, 2, VERSION);
    to = put_facts(to, entry, crc, 0);
    to = put(to, 2, 0); /* comment */
    to = put(to, 2, 0); /* disk */
    to = put(to, 2, 0); /* attributes */
    to = put(to, 4, 0);
    to = put(to, 4, at);
    memcpy(to, entry->name, name);
    return to + name;
}

static size_t package_size(int count, const ExportEntry entry[], size_t *directory)
{
    size_t at = 0, lines = 0;
    for (int i = 0; i < count; i++) {
        size_t name = strlen(entry[i].name);
        assert(name > 0 && name <= LONGEST_NAME);
        at += LOCAL_HEADER + name + padding(at, name) + entry[i].size;
        lines += CENTRAL_HEADER + name;
    }
    *directory = at;
    return at + lines + END_RECORD;
}

bool export_package(Arena *arena, int count, const ExportEntry entry[], ExportBytes *file, Err *err)
{
    size_t directory, size = package_size(count, entry, &directory);
    if (size > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "a package of %zu bytes is more than 4 GB", size);
    uint8_t *bytes = ARENA_NEW(arena, uint8_t, size), *to = bytes;
    size_t *at = ARENA_NEW(arena, size_t, (size_t)count);
    uint32_t *crc = ARENA_NEW(arena, uint32_t, (size_t)count);
    if (bytes == NULL || at == NULL || crc == NULL)
        return err_set(err, ERR_LIMIT, "no room for a package of %zu bytes", size);
    for (int i = 0; i < count; i++) {
        at[i] = (size_t)(to - bytes);
        crc[i] = export_crc32(entry[i].size, entry[i].bytes);
        to = put_local(to, at[i], &entry[i], crc[i]);
    }
    for (int i = 0; i < count; i++)
        to = put_central(to, at[i], &entry[i], crc[i]);
    size_t lines = (size_t)(to - bytes) - directory;
    to = put(to, 4, 0x06054b50);
    to = put(to, 4, 0); /* this disk, the directory's disk */
    to = put(to, 2, (size_t)count);
    to = put(to, 2, (size_t)count);
    to = put(to, 4, lines);
    to = put(to, 4, directory);
    to = put(to, 2, 0); /* comment */
    assert((size_t)(to - bytes) == size);
    *file = (ExportBytes){size, bytes};
    return true;
}
