/* Protocols of format 1 held prices: a price document is made of them and read like any other. */
#include "course/prices.h"

#include "base/doc.h"
#include "base/node.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { OLD_FORMAT = 1 };
/* Format 1 knew no end of a quotation: as long as those that are shipped [assumption]. */
enum { VALID_DAYS = 30 };

static bool copy_text(Doc *doc, const Node *from, const char *key, size_t capacity,
                      char text[capacity])
{
    if (!node_text(from, key, capacity, text))
        return false;
    doc_put(doc, doc->root, key, doc_text(text));
    return true;
}

static bool copy_whole(Doc *doc, json_t *to, const char *name, const Node *from, const char *key)
{
    Node value;
    if (!node_child(from, key, &value))
        return false;
    if (!json_is_integer(value.value))
        return node_refuse(&value, "is no whole number");
    doc_put(doc, to, name, json_integer(json_integer_value(value.value)));
    return true;
}

/* Hard zones cost as much more as they took longer. */
static bool copy_factors(Doc *doc, const Node *root)
{
    Node work, difficulty;
    const char *key;
    json_t *value;
    if (!node_child(root, "work", &work) || !node_child(&work, "difficulty", &difficulty))
        return false;
    if (!json_is_object(difficulty.value))
        return node_refuse(&difficulty, "is no object");
    json_t *factors = doc_object(doc, doc->root, "factors_permille");
    json_object_foreach(difficulty.value, key, value)
    {
        double factor;
        if (!node_number(&difficulty, key, 0.1, 10.0, &factor))
            return false;
        doc_put(doc, factors, key, json_integer(llround(1000.0 * factor)));
    }
    return true;
}

static bool copy_price(Doc *doc, const Node *price)
{
    static const char *const known[] = {"currency",
                                        "minor_digits",
                                        "base_minor",
                                        "per_hour_minor",
                                        "per_1000_dots_minor",
                                        "tax_permille",
                                        "deposit_permille",
                                        "source",
                                        NULL};
    char text[1024];
    if (!json_is_object(price->value))
        return node_refuse(price, "is no object");
    if (!node_only(price, known) || !copy_text(doc, price, "source", sizeof text, text) ||
        !copy_text(doc, price, "currency", sizeof text, text) ||
        !copy_whole(doc, doc->root, "minor_digits", price, "minor_digits"))
        return false;
    doc_put(doc, doc->root, "basis", json_string("parts"));
    json_t *parts = doc_object(doc, doc->root, "parts");
    doc_put(doc, parts, "per_cm2_minor", json_integer(0));
    json_t *tax = doc_object(doc, doc->root, "tax");
    doc_put(doc, tax, "included", json_false());
    json_t *deposit = doc_object(doc, doc->root, "deposit");
    doc_put(doc, deposit, "minor", json_integer(0));
    doc_put(doc, deposit, "refundable", json_false());
    doc_put(doc, deposit, "refund_days", json_integer(0));
    return copy_whole(doc, parts, "base_minor", price, "base_minor") &&
           copy_whole(doc, parts, "per_1000_dots_minor", price, "per_1000_dots_minor") &&
           copy_whole(doc, parts, "per_hour_minor", price, "per_hour_minor") &&
           copy_whole(doc, tax, "permille", price, "tax_permille") &&
           copy_whole(doc, deposit, "permille", price, "deposit_permille");
}

static bool copy_document(Doc *doc, const Node *root)
{
    char text[1024];
    Node price;
    json_t *touch_up = doc_object(doc, doc->root, "touch_up");
    doc_put(doc, touch_up, "included", json_false());
    doc_put(doc, touch_up, "months", json_integer(0));
    doc_put(doc, touch_up, "minor", json_integer(0));
    doc_put(doc, doc->root, "valid_days", json_integer(VALID_DAYS));
    return copy_text(doc, root, "id", sizeof text, text) &&
           copy_whole(doc, doc->root, "prices_version", root, "protocol_version") &&
           copy_text(doc, root, "title", sizeof text, text) && node_child(root, "price", &price) &&
           copy_price(doc, &price) && copy_factors(doc, root);
}

static bool render(Arena *arena, const Node *root, size_t *size, char **text, Err *err)
{
    Doc doc;
    if (!doc_start(&doc, "prices", 1, err))
        return false;
    if (!copy_document(&doc, root)) {
        json_decref(doc.root);
        return false;
    }
    return doc_render(arena, &doc, "prices", size, text, err);
}

bool prices_from_protocol_v1(Arena *arena, size_t size, const char *bytes, PriceList *list,
                             Err *err)
{
    Node root;
    int version;
    size_t price_size = 0;
    char *price_text = NULL;
    if (!node_open("protocol", INT32_MAX, size, bytes, &root, &version, err))
        return false;
    bool ok =
        version == OLD_FORMAT ||
        err_set(err, ERR_INPUT,
                "protocol: version %d holds no prices: they are a document of their own", version);
    ok = ok && render(arena, &root, &price_size, &price_text, err);
    node_close(&root);
    return ok && prices_from_json(arena, price_size, price_text, list, err);
}
