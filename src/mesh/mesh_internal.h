/* mesh_internal.h - what the readers of the formats share. */
#ifndef MESH_MESH_INTERNAL_H
#define MESH_MESH_INTERNAL_H

#include "mesh/mesh.h"

#include "base/text.h"

#include <stddef.h>

/* What a reader works with; handed down instead of five parameters. */
typedef struct MeshReader {
    Arena *arena;   /* for what becomes part of the mesh */
    Arena *scratch; /* rewound by mesh_from_bytes */
    MeshFiles files;
    Err *err;
} MeshReader;

bool mesh_read_gltf(MeshReader reader, MeshFormat format, size_t size, const uint8_t bytes[],
                    Mesh *mesh);
bool mesh_read_obj(MeshReader reader, size_t size, const uint8_t bytes[], Mesh *mesh);
bool mesh_read_ply(MeshReader reader, size_t size, const uint8_t bytes[], Mesh *mesh);

/* Opens a file beside the mesh; ERR_IO when nothing can be opened at all. */
bool mesh_open_beside(MeshReader reader, const char *name, size_t *size, uint8_t **bytes);
/* Opens and decodes a picture beside the mesh. */
bool mesh_open_image(MeshReader reader, const char *name, Image *image);
/* A terminated copy in scratch; NULL with *err set when it does not fit. */
char *mesh_copy_name(MeshReader reader, const char *start, size_t length);

/* Numbers out of [*at, end), moved past what was read. A number may have blanks before it and must
 * end with a word; false at the end of the line or when it is not one. Doubles may be inf or nan.
 */
bool mesh_text_number(const char **at, const char *end, double *value);
/* Digits with a sign, no blanks; whatever follows is left. */
bool mesh_text_integer(const char **at, const char *end, long *value);
bool mesh_text_ends_word(char c);
const char *mesh_text_skip_blanks(const char *at, const char *end);
const char *mesh_text_skip_word(const char *at, const char *end);

/* Materials of an OBJ by name. */
typedef struct MeshMtlEntry {
    TextSpan name, picture; /* picture: length 0 for none */
    Rgb color;
    bool used;
} MeshMtlEntry;
typedef struct MeshMtl {
    int count;
    MeshMtlEntry *list;
} MeshMtl;

/* The material of this name, made (white) when it is new. */
bool mesh_mtl_find(MeshReader reader, MeshMtl *mtl, TextSpan name, int *index);
/* Adds what the library says; one that cannot be opened (ERR_IO) adds nothing. */
bool mesh_mtl_read(MeshReader reader, const char *name, MeshMtl *mtl);
/* Gives the mesh its materials and the pictures of those that are used. */
bool mesh_mtl_finish(MeshReader reader, const MeshMtl *mtl, Mesh *mesh);

/* Vertices of files in which a point may carry several texture coordinates. Vertex v of the file
 * stays vertex v of the mesh and takes the first tag it is used with; every further tag makes a
 * copy behind the last vertex of the file. */
typedef struct MeshSplit {
    Arena *scratch;
    Err *err;
    int file_count, count; /* vertices of the file; with the copies */
    uint64_t *tag;         /* [file_count] */
    bool *used;            /* [file_count] */
    struct MeshSplitCopy {
        uint64_t tag;
        int vertex, copy; /* of the file; of the mesh, 0 for an empty slot */
    } * slot;             /* [slot_count], open addressing */
    size_t slot_count;    /* a power of two, or 0 */
} MeshSplit;

bool mesh_split_init(MeshSplit *split, Arena *scratch, int file_count, Err *err);
/* The mesh vertex for this vertex of the file with this tag, -1 with *err set when there is no
 * room. */
int mesh_split_vertex(MeshSplit *split, int vertex, uint64_t tag);
/* For every mesh vertex the vertex of the file and the tag it was made from; unused ones have tag
 * `none`. Arrays are [split->count]. */
void mesh_split_list(const MeshSplit *split, uint64_t none, int vertex[], uint64_t tag[]);

#endif
