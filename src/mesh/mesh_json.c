#include "mesh/mesh_gltf_internal.h"

enum {
    MAX_JSON_BYTES = 256 << 20, /* most of it data URIs */
    MAX_DEPTH = 128,
    MAX_VALUES = 1 << 19 /* an empty object costs jansson some 250 bytes */
};

/* One pass without memory: nesting and number of values, outside strings. */
static bool is_bounded(size_t size, const uint8_t bytes[], Err *err)
{
    int depth = 0, values = 0;
    bool in_string = false;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = bytes[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
            continue;
        }
        in_string = c == '"';
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        values += c == ',' || c == '{' || c == '[';
        if (depth > MAX_DEPTH)
            return err_set(err, ERR_INPUT, "the JSON is nested deeper than %d levels", MAX_DEPTH);
        if (values > MAX_VALUES)
            return err_set(err, ERR_INPUT, "the JSON has more than %d values", MAX_VALUES);
    }
    return true;
}

json_t *mesh_json_load(size_t size, const uint8_t bytes[], Err *err)
{
    if (size > MAX_JSON_BYTES) {
        err_set(err, ERR_INPUT, "%zu bytes of JSON are more than %d MB", size,
                MAX_JSON_BYTES >> 20);
        return NULL;
    }
    if (!is_bounded(size, bytes, err))
        return NULL;
    json_error_t error;
    json_t *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        err_set(err, ERR_INPUT, "the JSON is broken in line %d: %s", error.line, error.text);
    return root;
}

int gltf_list_size(const Gltf *gltf, const char *list)
{
    return (int)json_array_size(json_object_get(gltf->root, list));
}

json_t *gltf_entry(const Gltf *gltf, const char *list, int index)
{
    json_t *array = json_object_get(gltf->root, list);
    json_t *entry = index >= 0 ? json_array_get(array, (size_t)index) : NULL;
    if (!json_is_object(entry)) {
        err_set(gltf->reader.err, ERR_INPUT, "%s has no entry %d (it has %zu)", list, index,
                json_array_size(array));
        return NULL;
    }
    return entry;
}

bool gltf_int(const Gltf *gltf, const json_t *object, const char *key, int64_t absent, int64_t low,
              int64_t high, int64_t *value)
{
    const json_t *number = json_object_get(object, key);
    *value = absent;
    if (number == NULL)
        return true;
    /* Some exporters write 3.0 for 3. */
    double real = json_is_number(number) ? json_number_value(number) : -1.0;
    if (!json_is_number(number) || real != floor(real) || !(real >= (double)low) ||
        !(real <= (double)high))
        return err_set(gltf->reader.err, ERR_INPUT,
                       "%s (%g) is not a whole number within %lld..%lld", key, real, (long long)low,
                       (long long)high);
    *value = (int64_t)real;
    return true;
}

bool gltf_numbers(const Gltf *gltf, const json_t *object, const char *key, int count,
                  double value[])
{
    const json_t *array = json_object_get(object, key);
    if (array == NULL)
        return true;
    bool ok = json_array_size(array) == (size_t)count;
    for (int i = 0; i < count && ok; i++) {
        const json_t *number = json_array_get(array, (size_t)i);
        value[i] = json_number_value(number);
        ok = json_is_number(number) && isfinite(value[i]) && fabs(value[i]) < 1e30;
    }
    return ok || err_set(gltf->reader.err, ERR_INPUT, "%s is not a list of %d numbers", key, count);
}
