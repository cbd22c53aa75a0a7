/* skin_table - makes spectra/marks.bin, the table behind skin/mark.h: skin_table OUT [PHOTONS]
 *
 * The same file for any number of threads and on any machine. */
#include "base/io.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "skin/mark_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 2, WAVE = 8, DEFAULT_PHOTONS = 1500000 };
static const uint64_t seed = 20261121;

typedef struct Wave { /* blocks that run at the same time */
    int scatter, first_block;
    Walk *walk;    /* [WAVE] */
    TableSum *sum; /* [WAVE] */
} Wave;

typedef struct Total { /* of one scattering node */
    double base[TABLE_TURNS][TABLE_SKINS];
    double plug[SKIN_RINGS][PLUG_MARKS][TABLE_SKINS];
    double rod[ROD_RINGS][ROD_MARKS][TABLE_SKINS];
} Total;

static void run_block(void *ctx, int block, int begin, int end)
{
    const Wave *wave = ctx;
    (void)begin;
    (void)end;
    table_sum_block(wave->scatter, seed, (wave->first_block + block) * TABLE_BLOCK_PHOTONS,
                    TABLE_BLOCK_PHOTONS, &wave->walk[block], &wave->sum[block]);
}

static void add(Total *total, const TableSum *sum)
{
    for (int t = 0; t < TABLE_TURNS; t++)
        for (int s = 0; s < TABLE_SKINS; s++)
            total->base[t][s] += sum->base[t][s];
    for (int r = 0; r < SKIN_RINGS; r++)
        for (int m = 0; m < PLUG_MARKS; m++)
            for (int s = 0; s < TABLE_SKINS; s++)
                total->plug[r][m][s] += (double)sum->plug[r][m][s];
    for (int r = 0; r < ROD_RINGS; r++)
        for (int m = 0; m < ROD_MARKS; m++)
            for (int s = 0; s < TABLE_SKINS; s++)
                total->rod[r][m][s] += (double)sum->rod[r][m][s];
}

/* Light that came back from the walks that met a mark: those whose number leaves `rest`. */
static double base_of(const Total *total, int skin, int modulus, int rest)
{
    double sum = 0.0;
    for (int t = rest; t < TABLE_TURNS; t += modulus)
        sum += total->base[t][skin];
    return sum;
}

static void encode(const Total *total, uint16_t *plug, uint16_t *rod)
{
    for (int s = 0; s < TABLE_SKINS; s++) {
        for (int m = 0; m < PLUG_MARKS; m++)
            for (int r = 0; r < SKIN_RINGS; r++) {
                int d = m / PLUG_STRENGTHS % PLUG_DIAMETERS;
                int rest = (d - r + 3 * PLUG_DIAMETERS) % PLUG_DIAMETERS;
                double base = r < INNER_RINGS ? base_of(total, s, 1, 0)
                                              : base_of(total, s, PLUG_DIAMETERS, rest);
                *plug++ = table_code(total->plug[r][m][s] / base);
            }
        for (int m = 0; m < ROD_MARKS; m++)
            for (int r = 0; r < ROD_RINGS; r++)
                *rod++ = table_code(total->rod[r][m][s] / base_of(total, s, ROD_RINGS, r));
    }
}

static void make_node(int scatter, int blocks, Wave *wave, Total *total, SkinTableHead *head)
{
    memset(total, 0, sizeof *total);
    wave->scatter = scatter;
    for (int first = 0; first < blocks; first += WAVE) {
        int count = blocks - first < WAVE ? blocks - first : WAVE;
        wave->first_block = first;
        parallel_for(THREADS, count, 1, run_block, wave);
        for (int b = 0; b < count; b++)
            add(total, &wave->sum[b]);
        if (first == 0)
            head->witness[scatter] = table_witness(&wave->sum[0]);
        fprintf(stderr, "\rscattering %d of %d: %3d %%", scatter + 1, TABLE_SCATTERS,
                100 * (first + count) / blocks);
    }
}

static bool make(Arena *arena, const char *path, int blocks, Err *err)
{
    uint8_t *bytes = ARENA_NEW(arena, uint8_t, table_bytes());
    Total *total = ARENA_NEW(arena, Total, 1);
    Wave wave = {.walk = ARENA_NEW(arena, Walk, WAVE), .sum = ARENA_NEW(arena, TableSum, WAVE)};
    if (bytes == NULL || total == NULL || wave.walk == NULL || wave.sum == NULL)
        return err_set(err, ERR_LIMIT, "no room for the table");
    SkinTableHead head = {.magic = TABLE_MAGIC, .version = TABLE_VERSION, .seed = seed};
    head.photons = (uint32_t)(blocks * TABLE_BLOCK_PHOTONS);
    table_head_axes(head.axes);
    uint16_t *plug = (uint16_t *)(void *)(bytes + sizeof head);
    uint16_t *rod = plug + (size_t)TABLE_SCATTERS * TABLE_SKINS * PLUG_CELLS;
    for (int s = 0; s < TABLE_SCATTERS; s++) {
        make_node(s, blocks, &wave, total, &head);
        encode(total, plug + (size_t)s * TABLE_SKINS * PLUG_CELLS,
               rod + (size_t)s * TABLE_SKINS * ROD_CELLS);
    }
    fputc('\n', stderr);
    char hex[65];
    sha256_hex(table_bytes() - sizeof head, bytes + sizeof head, hex);
    memcpy(head.sha256, hex, sizeof head.sha256);
    memcpy(bytes, &head, sizeof head);
    return io_write_file(path, table_bytes(), bytes, err);
}

int main(int argc, char *argv[])
{
    Arena arena;
    Err err;
    long photons = argc > 2 ? strtol(argv[2], NULL, 10) : DEFAULT_PHOTONS;
    if (argc < 2 || argc > 3 || photons < TABLE_BLOCK_PHOTONS || photons > 1000000000) {
        fprintf(stderr, "usage: skin_table OUT [PHOTONS]   (at least %d, per scattering node)\n",
                TABLE_BLOCK_PHOTONS);
        return 2;
    }
    bool ok = arena_open(&arena, (size_t)512 << 20, &err);
    ok = ok && make(&arena, argv[1], (int)(photons / TABLE_BLOCK_PHOTONS), &err);
    if (!ok)
        fprintf(stderr, "skin_table: %s\n", err.text);
    arena_close(&arena);
    return ok ? 0 : 1;
}
