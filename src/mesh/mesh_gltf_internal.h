/* mesh_gltf_internal.h - a glTF document, its buffers and its accessors. */
#ifndef MESH_MESH_GLTF_INTERNAL_H
#define MESH_MESH_GLTF_INTERNAL_H

#include "mesh/mesh_internal.h"

#include <jansson.h>

typedef struct GltfBytes {
    size_t size;
    const uint8_t *at; /* NULL: not opened yet */
} GltfBytes;

typedef struct Gltf {
    MeshReader reader;
    json_t *root;
    GltfBytes bin;     /* the binary chunk of a GLB */
    GltfBytes *buffer; /* [number of buffers] */
} Gltf;

/* Elements as they stand in the file, rows of at most 4 components. */
typedef struct GltfAccessor {
    int index; /* in the document, for messages */
    int count, components;
    int type; /* GLTF_BYTE ... */
    bool normalized;
    const uint8_t *at; /* NULL: all zero, until sparse values are laid over it */
    size_t stride;
    int sparse_count;
    const uint8_t *sparse_index, *sparse_value;
    int sparse_type; /* of the indices */
} GltfAccessor;

enum { GLTF_BYTE = 5120, GLTF_UBYTE, GLTF_SHORT, GLTF_USHORT, GLTF_UINT = 5125, GLTF_FLOAT };

/* Parses JSON that is neither deep nor huge: memory stays within a small multiple of the limits
 * even for hostile text. NULL with *err set. */
json_t *mesh_json_load(size_t size, const uint8_t bytes[], Err *err);
/* Entry `index` of the array `list` of the document; NULL with *err set. */
json_t *gltf_entry(const Gltf *gltf, const char *list, int index);
int gltf_list_size(const Gltf *gltf, const char *list);
/* A whole number within low..high; `absent` where the key is missing. False with *err set. */
bool gltf_int(const Gltf *gltf, const json_t *object, const char *key, int64_t absent, int64_t low,
              int64_t high, int64_t *value);
/* Finite numbers into value[count], left as they are where the key is missing. */
bool gltf_numbers(const Gltf *gltf, const json_t *object, const char *key, int count,
                  double value[]);
/* The bytes behind a URI: "data:" or a file beside the document. */
bool gltf_open_uri(const Gltf *gltf, const char *uri, GltfBytes *bytes);
/* The bytes of a buffer view; stride 0 where it states none. */
bool gltf_view(const Gltf *gltf, int index, GltfBytes *bytes, size_t *stride);
bool gltf_accessor(const Gltf *gltf, int index, GltfAccessor *accessor);
/* Converts the elements; integers are divided as KHR_mesh_quantization says when normalised.
 * row_floats >= components is the distance between rows of out. */
void gltf_read_floats(const GltfAccessor *accessor, int row_floats, float out[]);
/* Same for plain unsigned indices. */
void gltf_read_indices(const GltfAccessor *accessor, uint32_t out[]);

#endif
