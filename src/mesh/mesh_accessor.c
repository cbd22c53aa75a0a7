#include "mesh/mesh_gltf_internal.h"

#include <string.h>
#include <strings.h>

static const int64_t max_bytes = 1 << 30;

/* ---- URIs ---- */

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648, section 4. */
static bool decode_base64(const Gltf *gltf, const char *text, GltfBytes *bytes)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '=')
        length--;
    uint8_t *out = ARENA_NEW(gltf->reader.scratch, uint8_t, length / 4 * 3 + 3);
    if (out == NULL)
        return err_set(gltf->reader.err, ERR_LIMIT, "no room for a data URI of %zu bytes", length);
    size_t done = 0;
    unsigned bits = 0, kept = 0;
    for (size_t i = 0; i < length; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0)
            return err_set(gltf->reader.err, ERR_INPUT, "a data URI is not base64 at place %zu", i);
        bits = (bits << 6 | (unsigned)digit) & 0xffffu;
        kept += 6;
        if (kept >= 8) {
            kept -= 8;
            out[done++] = (uint8_t)(bits >> kept);
        }
    }
    *bytes = (GltfBytes){done, out};
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* Undoes %20 and the like in place. */
static void decode_percent(char *name)
{
    char *out = name;
    for (const char *at = name; *at != '\0'; at++) {
        int high = *at == '%' ? hex_digit(at[1]) : -1;
        int low = high >= 0 ? hex_digit(at[2]) : -1;
        if (low >= 0 && high * 16 + low != 0) {
            *out++ = (char)(high * 16 + low);
            at += 2;
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
}

bool gltf_open_uri(const Gltf *gltf, const char *uri, GltfBytes *bytes)
{
    if (strncasecmp(uri, "data:", 5) == 0) {
        const char *data = strchr(uri, ',');
        if (data == NULL || data - uri < 7 || strncasecmp(data - 7, ";base64", 7) != 0)
            return err_set(gltf->reader.err, ERR_INPUT, "a data URI is not base64: '%.40s'", uri);
        return decode_base64(gltf, data + 1, bytes);
    }
    char *name = mesh_copy_name(gltf->reader, uri, strlen(uri));
    if (name == NULL)
        return false;
    decode_percent(name);
    uint8_t *read;
    if (!mesh_open_beside(gltf->reader, name, &bytes->size, &read))
        return false;
    bytes->at = read;
    return true;
}

/* ---- buffers and their views ---- */

static bool open_buffer(const Gltf *gltf, int index, GltfBytes *bytes)
{
    const json_t *buffer = gltf_entry(gltf, "buffers", index);
    int64_t length;
    if (buffer == NULL || !gltf_int(gltf, buffer, "byteLength", -1, 0, max_bytes, &length))
        return false;
    if (gltf->buffer[index].at == NULL) {
        const char *uri = json_string_value(json_object_get(buffer, "uri"));
        if (uri == NULL && (index != 0 || gltf->bin.at == NULL))
            return err_set(gltf->reader.err, ERR_INPUT,
                           "buffer %d has neither a uri nor the binary chunk of a GLB", index);
        if (uri == NULL)
            gltf->buffer[index] = gltf->bin;
        else if (!gltf_open_uri(gltf, uri, &gltf->buffer[index]))
            return false;
    }
    *bytes = gltf->buffer[index];
    if (length < 0 || (size_t)length > bytes->size)
        return err_set(gltf->reader.err, ERR_INPUT,
                       "buffer %d states %lld bytes but has %zu: the file is cut off", index,
                       (long long)length, bytes->size);
    bytes->size = (size_t)length;
    return true;
}

bool gltf_view(const Gltf *gltf, int index, GltfBytes *bytes, size_t *stride)
{
    const json_t *view = gltf_entry(gltf, "bufferViews", index);
    int64_t buffer, offset, length, step;
    if (view == NULL || !gltf_int(gltf, view, "buffer", -1, 0, INT32_MAX, &buffer) ||
        !gltf_int(gltf, view, "byteOffset", 0, 0, max_bytes, &offset) ||
        !gltf_int(gltf, view, "byteLength", -1, 0, max_bytes, &length) ||
        !gltf_int(gltf, view, "byteStride", 0, 4, 252, &step) ||
        !open_buffer(gltf, (int)buffer, bytes))
        return false;
    if (length < 0 || (uint64_t)offset + (uint64_t)length > bytes->size)
        return err_set(gltf->reader.err, ERR_INPUT,
                       "buffer view %d (%lld bytes from %lld) leaves its buffer of %zu bytes",
                       index, (long long)length, (long long)offset, bytes->size);
    *bytes = (GltfBytes){(size_t)length, bytes->at + offset};
    *stride = (size_t)step;
    return true;
}

/* ---- accessors ---- */

static size_t type_size(int type)
{
    return type == GLTF_BYTE || type == GLTF_UBYTE     ? 1
           : type == GLTF_SHORT || type == GLTF_USHORT ? 2
                                                       : 4;
}

static bool is_type(int64_t type)
{
    return (type >= GLTF_BYTE && type <= GLTF_USHORT) || type == GLTF_UINT || type == GLTF_FLOAT;
}

static int component_count(const char *type)
{
    static const char *const names[] = {"SCALAR", "VEC2", "VEC3", "VEC4"};
    for (int i = 0; type != NULL && i < 4; i++)
        if (strcmp(type, names[i]) == 0)
            return i + 1;
    return 0;
}

/* Whether `count` elements of `element` bytes, `stride` apart, end within size bytes. */
static bool fits(int count, size_t element, size_t stride, size_t offset, size_t size)
{
    return count == 0 ||
           (offset <= size && (uint64_t)(count - 1) * stride + element <= size - offset);
}

/* Packed elements at `offset_key` of the view named in `object`. */
static bool sparse_bytes(const Gltf *gltf, const json_t *object, int count, size_t element,
                         const uint8_t **at, int accessor)
{
    int64_t view, offset;
    GltfBytes bytes;
    size_t stride;
    if (!gltf_int(gltf, object, "bufferView", -1, 0, INT32_MAX, &view) ||
        !gltf_int(gltf, object, "byteOffset", 0, 0, max_bytes, &offset) ||
        !gltf_view(gltf, (int)view, &bytes, &stride))
        return false;
    if (!fits(count, element, element, (size_t)offset, bytes.size))
        return err_set(gltf->reader.err, ERR_INPUT,
                       "the sparse values of accessor %d leave their buffer view", accessor);
    *at = bytes.at + offset;
    return true;
}

static uint32_t index_at(const uint8_t *at, int type)
{
    uint16_t two;
    uint32_t four;
    if (type == GLTF_UBYTE)
        return *at;
    if (type == GLTF_USHORT) {
        memcpy(&two, at, sizeof two);
        return two;
    }
    memcpy(&four, at, sizeof four);
    return four;
}

static bool read_sparse(const Gltf *gltf, const json_t *sparse, GltfAccessor *a)
{
    int64_t count, type;
    const json_t *indices = json_object_get(sparse, "indices");
    const json_t *values = json_object_get(sparse, "values");
    size_t element = type_size(a->type) * (size_t)a->components;
    if (!gltf_int(gltf, sparse, "count", 0, 1, a->count, &count) ||
        !gltf_int(gltf, indices, "componentType", 0, GLTF_UBYTE, GLTF_UINT, &type))
        return false;
    if (type != GLTF_UBYTE && type != GLTF_USHORT && type != GLTF_UINT)
        return err_set(gltf->reader.err, ERR_INPUT, "accessor %d: sparse indices of type %lld",
                       a->index, (long long)type);
    a->sparse_type = (int)type;
    if (!sparse_bytes(gltf, indices, (int)count, type_size((int)type), &a->sparse_index,
                      a->index) ||
        !sparse_bytes(gltf, values, (int)count, element, &a->sparse_value, a->index))
        return false;
    a->sparse_count = (int)count;
    for (int i = 0; i < a->sparse_count; i++) {
        uint32_t at = index_at(a->sparse_index + (size_t)i * type_size((int)type), (int)type);
        if (at >= (uint32_t)a->count)
            return err_set(gltf->reader.err, ERR_INPUT,
                           "accessor %d: sparse index %u is not within its %d elements", a->index,
                           at, a->count);
    }
    return true;
}

static bool read_view(const Gltf *gltf, const json_t *entry, GltfAccessor *a)
{
    int64_t view, offset;
    GltfBytes bytes;
    size_t element = type_size(a->type) * (size_t)a->components;
    if (json_object_get(entry, "bufferView") == NULL)
        return json_object_get(entry, "sparse") != NULL ||
               err_set(gltf->reader.err, ERR_INPUT,
                       "accessor %d has no data: it may have been compressed with an extension",
                       a->index);
    if (!gltf_int(gltf, entry, "bufferView", -1, 0, INT32_MAX, &view) ||
        !gltf_int(gltf, entry, "byteOffset", 0, 0, max_bytes, &offset) ||
        !gltf_view(gltf, (int)view, &bytes, &a->stride))
        return false;
    if (a->stride == 0)
        a->stride = element;
    if (a->stride < element || !fits(a->count, element, a->stride, (size_t)offset, bytes.size))
        return err_set(gltf->reader.err, ERR_INPUT,
                       "accessor %d (%d elements of %zu bytes, %zu apart) leaves its buffer view "
                       "of %zu bytes",
                       a->index, a->count, element, a->stride, bytes.size);
    a->at = bytes.at + offset;
    return true;
}

bool gltf_accessor(const Gltf *gltf, int index, GltfAccessor *a)
{
    const json_t *entry = gltf_entry(gltf, "accessors", index);
    int64_t count, type;
    if (entry == NULL ||
        !gltf_int(gltf, entry, "count", 0, 1, 3 * (int64_t)MESH_MAX_TRIANGLES, &count) ||
        !gltf_int(gltf, entry, "componentType", 0, GLTF_BYTE, GLTF_FLOAT, &type))
        return false;
    *a = (GltfAccessor){.index = index,
                        .count = (int)count,
                        .type = (int)type,
                        .components =
                            component_count(json_string_value(json_object_get(entry, "type"))),
                        .normalized = json_is_true(json_object_get(entry, "normalized"))};
    if (!is_type(type) || a->components == 0 || count == 0)
        return err_set(gltf->reader.err, ERR_INPUT,
                       "accessor %d: type, componentType and count are not usable", index);
    const json_t *sparse = json_object_get(entry, "sparse");
    return read_view(gltf, entry, a) && (sparse == NULL || read_sparse(gltf, sparse, a));
}

/* glTF is little-endian, and so is every machine this is built for (checked by the tests). */
static void convert_row(const GltfAccessor *a, const uint8_t *at, float out[])
{
    for (int i = 0; i < a->components; i++) {
        float value = 0.0f, divisor = 1.0f;
        int16_t two;
        uint16_t two_unsigned;
        uint32_t four;
        switch (a->type) {
        case GLTF_BYTE:
            value = (float)(int8_t)at[i];
            divisor = 127.0f;
            break;
        case GLTF_UBYTE:
            value = (float)at[i];
            divisor = 255.0f;
            break;
        case GLTF_SHORT:
            memcpy(&two, at + 2 * i, sizeof two);
            value = (float)two;
            divisor = 32767.0f;
            break;
        case GLTF_USHORT:
            memcpy(&two_unsigned, at + 2 * i, sizeof two_unsigned);
            value = (float)two_unsigned;
            divisor = 65535.0f;
            break;
        case GLTF_UINT:
            memcpy(&four, at + 4 * i, sizeof four);
            value = (float)four;
            divisor = 4294967295.0f;
            break;
        case GLTF_FLOAT:
            memcpy(&value, at + 4 * i, sizeof value);
            break;
        }
        if (a->normalized && a->type != GLTF_FLOAT)
            value = fmaxf(value / divisor, -1.0f);
        out[i] = value;
    }
}

void gltf_read_floats(const GltfAccessor *a, int row_floats, float out[])
{
    size_t element = type_size(a->type) * (size_t)a->components;
    if (a->at != NULL)
        for (int i = 0; i < a->count; i++)
            convert_row(a, a->at + (size_t)i * a->stride, out + (ptrdiff_t)i * row_floats);
    for (int i = 0; i < a->sparse_count; i++) {
        uint32_t at =
            index_at(a->sparse_index + (size_t)i * type_size(a->sparse_type), a->sparse_type);
        convert_row(a, a->sparse_value + (size_t)i * element, out + (ptrdiff_t)at * row_floats);
    }
}

void gltf_read_indices(const GltfAccessor *a, uint32_t out[])
{
    size_t element = type_size(a->type);
    if (a->at != NULL)
        for (int i = 0; i < a->count; i++)
            out[i] = index_at(a->at + (size_t)i * a->stride, a->type);
    for (int i = 0; i < a->sparse_count; i++) {
        uint32_t at =
            index_at(a->sparse_index + (size_t)i * type_size(a->sparse_type), a->sparse_type);
        out[at] = index_at(a->sparse_value + (size_t)i * element, a->type);
    }
}
