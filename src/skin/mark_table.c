#include "skin/mark_internal.h"

#include "base/embed.h"
#include "base/sha256.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const size_t plug_values = (size_t)TABLE_SCATTERS * TABLE_SKINS * PLUG_CELLS;
static const size_t rod_values = (size_t)TABLE_SCATTERS * TABLE_SKINS * ROD_CELLS;

size_t table_bytes(void)
{
    return sizeof(SkinTableHead) + 2 * (plug_values + rod_values);
}

void table_head_axes(uint32_t axes[12])
{
    const uint32_t counts[12] = {TABLE_SCATTERS, TABLE_EPIDERMES, TABLE_DERMES, PLUG_DEPTHS,
                                 PLUG_DIAMETERS, PLUG_STRENGTHS,  SKIN_RINGS,   ROD_TILTS,
                                 ROD_DIAMETERS,  ROD_STRENGTHS,   ROD_RINGS,    0};
    memcpy(axes, counts, sizeof counts);
}

static bool check_head(size_t size, const SkinTableHead *head, Err *err)
{
    uint32_t axes[12];
    table_head_axes(axes);
    if (memcmp(head->magic, TABLE_MAGIC, sizeof head->magic) != 0)
        return err_set(err, ERR_INPUT, "mark table: does not begin with '%s'", TABLE_MAGIC);
    if (head->version != TABLE_VERSION)
        return err_set(err, ERR_INPUT, "mark table: version %u, this program reads %d",
                       (unsigned)head->version, TABLE_VERSION);
    if (memcmp(axes, head->axes, sizeof axes) != 0)
        return err_set(err, ERR_INPUT,
                       "mark table: its axes are not those of this program; make "
                       "it again with skin_table");
    if (size != table_bytes())
        return err_set(err, ERR_INPUT, "mark table: %zu bytes, %zu expected", size, table_bytes());
    return true;
}

bool skin_table_parse(size_t size, const void *bytes, SkinTable *table, Err *err)
{
    SkinTableHead head;
    if (size < sizeof head)
        return err_set(err, ERR_INPUT, "mark table: %zu bytes are no table", size);
    if ((uintptr_t)bytes % sizeof(uint16_t) != 0)
        return err_set(err, ERR_INPUT, "mark table: lies at an odd address");
    memcpy(&head, bytes, sizeof head);
    if (!check_head(size, &head, err))
        return false;
    const uint8_t *values = (const uint8_t *)bytes + sizeof head;
    char hex[65];
    sha256_hex(size - sizeof head, values, hex);
    if (memcmp(hex, head.sha256, sizeof head.sha256) != 0)
        return err_set(err, ERR_INPUT, "mark table: damaged, its SHA-256 is %s", hex);
    table->plug = (const uint16_t *)(const void *)values;
    table->rod = table->plug + plug_values;
    return true;
}

bool skin_table_load(SkinTable *table, Err *err)
{
    for (const EmbedFile *file = spectra_files; file->name != NULL; file++) {
        if (strcmp(file->name, "marks.bin") == 0)
            return skin_table_parse(file->size, file->bytes, table, err);
    }
    return err_set(err, ERR_INPUT, "this build contains no spectra/marks.bin");
}

/* A contrast as 16 bits of its logarithm, and back. */
uint16_t table_code(double contrast)
{
    double step = (log(fmax(contrast, 1e-30)) - CODE_LOWEST) / CODE_STEP;
    return (uint16_t)(fmin(fmax(step, 0.0), 65535.0) + 0.5);
}

double table_log_contrast(uint16_t code)
{
    return CODE_LOWEST + CODE_STEP * code;
}
