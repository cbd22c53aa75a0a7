/* Price lists as documents, and those that are built in (prices/). */
#include "course/prices.h"

#include "base/embed.h"
#include "base/node.h"
#include "design/design.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { PRICES_FORMAT = 1, PRICES_SIZE_LIMIT = 64 * 1024, TITLE_BYTES = 161, SOURCE_BYTES = 1025 };

/* ---- values ---- */

static bool read_money(const Node *node, const char *key, int64_t *amount)
{
    return node_int64(node, key, 0, PRICES_MOST_UNIT, amount);
}

/* ---- currency ---- */

/* Digits behind the point, ISO 4217 list one; all others that are in use have two. */
static int currency_digits(const char *code)
{
    static const char none[] =
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
    return strstr(none, code) != NULL ? 0 : strstr(three, code) != NULL ? 3 : 2;
}

/* Fewer digits than the currency has are a clinic's own: whole euros. More are a mistake that makes
 * every price a hundredth. */
static bool read_currency(const Node *root, PriceList *list)
{
    Node inner;
    if (!node_text(root, "currency", sizeof list->currency, list->currency) ||
        !node_child(root, "currency", &inner))
        return false;
    if (strlen(list->currency) != 3 || strspn(list->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return node_refuse(&inner, "is '%s', no code of three capitals (ISO 4217)", list->currency);
    int most = currency_digits(list->currency);
    if (!node_int(root, "minor_digits", 0, 3, &list->minor_digits))
        return false;
    return list->minor_digits <= most ||
           node_refuse(root,
                       "has minor_digits %d, but %s has %d: write prices in its smallest unit",
                       list->minor_digits, list->currency, most);
}

/* ---- what is charged ---- */

static bool read_tiers(const Node *parts, PriceList *list)
{
    static const char *const known[] = {"from_dots_per_cm2", "per_cm2_minor", NULL};
    Node tiers, entry;
    if (!node_has(parts, "density_tiers"))
        return true;
    if (!node_list(parts, "density_tiers", PRICES_MAX_TIERS, &tiers, &list->tier_count))
        return false;
    int before_dots = 0;
    int64_t before = list->per_cm2;
    for (int i = 0; i < list->tier_count; i++) {
        if (!node_enter_item(&tiers, i, known, &entry) ||
            !node_int(&entry, "from_dots_per_cm2", 1, 100000, &list->tier[i].dots_per_cm2) ||
            !read_money(&entry, "per_cm2_minor", &list->tier[i].per_cm2))
            return false;
        if (list->tier[i].dots_per_cm2 <= before_dots || list->tier[i].per_cm2 < before)
            return node_refuse(&entry, "does not follow: tiers rise, and denser is not cheaper");
        before_dots = list->tier[i].dots_per_cm2;
        before = list->tier[i].per_cm2;
    }
    return true;
}

static bool read_parts(const Node *root, PriceList *list)
{
    static const char *const known[] = {"base_minor",     "per_cm2_minor", "per_1000_dots_minor",
                                        "per_hour_minor", "density_tiers", NULL};
    Node parts;
    return node_enter_child(root, "parts", known, &parts) &&
           read_money(&parts, "base_minor", &list->base) &&
           read_money(&parts, "per_cm2_minor", &list->per_cm2) &&
           read_money(&parts, "per_1000_dots_minor", &list->per_1000_dots) &&
           read_money(&parts, "per_hour_minor", &list->per_hour) && read_tiers(&parts, list);
}

/* The last price holds for the sessions after it. */
static bool read_sessions(const Node *root, PriceList *list)
{
    Node sessions, entry;
    int count;
    if (!node_list(root, "sessions_minor", COURSE_MAX_SESSIONS, &sessions, &count))
        return false;
    if (count == 0)
        return node_refuse(&sessions, "has no price");
    for (int i = 0; i < COURSE_MAX_SESSIONS; i++) {
        if (i >= count)
            list->session[i] = list->session[count - 1];
        else if (!node_item(&sessions, i, &entry) ||
                 !node_is_int64(&entry, 0, PRICES_MOST_UNIT, &list->session[i]))
            return false;
    }
    return true;
}

static bool read_package(const Node *root, PriceList *list)
{
    static const char *const known[] = {"minor", "sessions", "further_minor", NULL};
    Node package;
    int64_t further = 0;
    if (!node_enter_child(root, "package", known, &package) ||
        !read_money(&package, "minor", &list->package) ||
        !node_int(&package, "sessions", 0, COURSE_MAX_SESSIONS, &list->package_sessions) ||
        (list->package_sessions > 0 && !read_money(&package, "further_minor", &further)))
        return false;
    if (list->package_sessions == 0 && node_has(&package, "further_minor"))
        return node_refuse(&package, "has further_minor, but 0 sessions: it holds all there are");
    for (int i = 0; i < COURSE_MAX_SESSIONS; i++)
        list->session[i] = further;
    return true;
}

static bool read_scale(const Node *entry, bool *ludwig)
{
    char scale[16];
    if (!node_text(entry, "scale", sizeof scale, scale))
        return false;
    *ludwig = strcmp(scale, "ludwig") == 0;
    return *ludwig || strcmp(scale, "norwood") == 0 ||
           node_refuse(entry, "has the scale '%s', neither 'norwood' nor 'ludwig'", scale);
}

static bool read_stages(const Node *root, PriceList *list)
{
    static const char *const known[] = {"scale", "stage", "minor", NULL};
    Node stages, entry;
    if (!node_list(root, "stages", PRICES_MAX_STAGES, &stages, &list->stage_count))
        return false;
    for (int i = 0; i < list->stage_count; i++) {
        if (!node_enter_item(&stages, i, known, &entry) ||
            !read_scale(&entry, &list->stage[i].ludwig) ||
            !node_int(&entry, "stage", 1, list->stage[i].ludwig ? 3 : 7, &list->stage[i].stage) ||
            !read_money(&entry, "minor", &list->stage[i].price))
            return false;
        for (int k = 0; k < i; k++)
            if (list->stage[k].ludwig == list->stage[i].ludwig &&
                list->stage[k].stage == list->stage[i].stage)
                return node_refuse(&entry, "names a stage for the second time");
    }
    return list->stage_count > 0 || node_refuse(&stages, "has no stage");
}

/* Each basis has its own object, and one of another would be silently ignored. */
static bool read_basis(const Node *root, PriceList *list)
{
    static const struct {
        const char *word, *key;
        bool (*read)(const Node *root, PriceList *list);
    } basis[] = {{"parts", "parts", read_parts},
                 {"session", "sessions_minor", read_sessions},
                 {"package", "package", read_package},
                 {"stage", "stages", read_stages}};
    enum { COUNT = sizeof basis / sizeof basis[0] };
    char word[16];
    int found = -1;
    if (!node_text(root, "basis", sizeof word, word))
        return false;
    for (int i = 0; i < COUNT; i++)
        if (strcmp(basis[i].word, word) == 0)
            found = i;
    if (found < 0)
        return node_refuse(root, "has the basis '%s', none of parts, session, package, stage",
                           word);
    for (int i = 0; i < COUNT; i++)
        if (i != found && node_has(root, basis[i].key))
            return node_refuse(root, "has '%s', which prices by %s do not use", basis[i].key, word);
    list->basis = (PriceBasis)found;
    return basis[found].read(root, list);
}

/* ---- what changes it ---- */

static bool is_zone(const char *name)
{
    for (int i = DESIGN_HAIRLINE; i <= DESIGN_FRINGE; i++)
        if (strcmp(name, design_zone_name((DesignZone)i)) == 0)
            return true;
    return false;
}

static bool read_factors(Arena *arena, const Node *root, PriceList *list)
{
    Node factors;
    const char *key;
    json_t *value;
    if (!node_has(root, "factors_permille"))
        return true;
    if (!node_child(root, "factors_permille", &factors))
        return false;
    if (!json_is_object(factors.value))
        return node_refuse(&factors, "is no object");
    if (list->basis != PRICE_PARTS)
        return node_refuse(&factors, "changes areas and dots, which only 'parts' charge for");
    json_object_foreach(factors.value, key, value)
    {
        int index = list->factor_count;
        if (!is_zone(key) || index == PRICES_MAX_FACTORS)
            return node_refuse(&factors, "has '%.40s', no zone of a design (scar, crown, ...)",
                               key);
        char *zone = ARENA_NEW(arena, char, strlen(key) + 1);
        if (zone == NULL)
            return err_set(root->err, ERR_LIMIT, "no room for a zone of a price list");
        memcpy(zone, key, strlen(key) + 1);
        list->factor[index].zone = zone;
        if (!node_int(&factors, key, 0, 10000, &list->factor[index].permille))
            return false;
        list->factor_count++;
    }
    return true;
}

static bool read_volume(const Node *root, PriceList *list)
{
    static const char *const known[] = {"above_minor", "off_permille", NULL};
    Node steps, entry;
    if (!node_has(root, "volume"))
        return true;
    if (!node_list(root, "volume", PRICES_MAX_STEPS, &steps, &list->step_count))
        return false;
    for (int i = 0; i < list->step_count; i++) {
        if (!node_enter_item(&steps, i, known, &entry) ||
            !read_money(&entry, "above_minor", &list->step[i].above) ||
            !node_int(&entry, "off_permille", 0, 1000, &list->step[i].off_permille))
            return false;
        if (i > 0 && list->step[i].above <= list->step[i - 1].above)
            return node_refuse(&entry, "does not follow: above_minor has to rise");
    }
    return true;
}

static bool read_discount(Arena *arena, const Node *root, PriceList *list)
{
    static const char *const known[] = {"permille", "text", NULL};
    Node discount;
    list->discount_text = "";
    return !node_has(root, "discount") ||
           (node_enter_child(root, "discount", known, &discount) &&
            node_int(&discount, "permille", 0, 1000, &list->discount_permille) &&
            node_line(arena, &discount, "text", sizeof((Quote *)0)->discount_text,
                      &list->discount_text));
}

/* ---- terms ---- */

static bool read_tax(const Node *root, PriceList *list)
{
    static const char *const known[] = {"permille", "included", NULL};
    Node tax;
    return node_enter_child(root, "tax", known, &tax) &&
           node_int(&tax, "permille", 0, 1000, &list->tax_permille) &&
           node_flag(&tax, "included", &list->tax_included);
}

static bool read_deposit(const Node *root, PriceList *list)
{
    static const char *const known[] = {"permille", "minor", "refundable", "refund_days", NULL};
    Node deposit;
    if (!node_enter_child(root, "deposit", known, &deposit) ||
        !node_int(&deposit, "permille", 0, 1000, &list->deposit_permille) ||
        !read_money(&deposit, "minor", &list->deposit) ||
        !node_flag(&deposit, "refundable", &list->deposit_refundable) ||
        !node_int(&deposit, "refund_days", 0, 365, &list->deposit_refund_days))
        return false;
    return list->deposit_refundable || list->deposit_refund_days == 0 ||
           node_refuse(&deposit, "has refund_days %d, but is not refundable",
                       list->deposit_refund_days);
}

static bool read_payments(const Node *root, PriceList *list)
{
    Node payments, entry;
    int sum = 0;
    if (!node_has(root, "payments_permille"))
        return true;
    if (!node_list(root, "payments_permille", COURSE_MAX_SESSIONS, &payments, &list->payment_count))
        return false;
    for (int i = 0; i < list->payment_count; i++) {
        if (!node_item(&payments, i, &entry) ||
            !node_is_int(&entry, 0, 1000, &list->payment_permille[i]))
            return false;
        sum += list->payment_permille[i];
    }
    return sum == 1000 || node_refuse(&payments, "sums to %d, not to 1000", sum);
}

static bool read_touch_up(const Node *root, PriceList *list)
{
    static const char *const known[] = {"included", "months", "minor", NULL};
    Node touch_up;
    if (!node_enter_child(root, "touch_up", known, &touch_up) ||
        !node_flag(&touch_up, "included", &list->touch_up_included) ||
        !node_int(&touch_up, "months", 0, 240, &list->touch_up_months) ||
        !read_money(&touch_up, "minor", &list->touch_up))
        return false;
    return list->touch_up_included == (list->touch_up_months > 0) ||
           node_refuse(&touch_up, "has months %d: one that is included has its months, another 0",
                       list->touch_up_months);
}

/* ---- the document ---- */

/* An id becomes part of messages, file names and addresses. */
static bool read_id(Arena *arena, const Node *root, PriceList *list)
{
    if (!node_line(arena, root, "id", sizeof((Quote *)0)->list_id, &list->id))
        return false;
    return list->id[strspn(list->id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0' ||
           node_refuse(root, "has the id '%s': use a-z, 0-9, _ and -", list->id);
}

static bool read_list(Arena *arena, const Node *root, PriceList *list)
{
    static const char *const known[] = {
        "schema",   "version",          "id",     "prices_version", "title",
        "source",   "currency",         "basis",  "minor_digits",   "parts",
        "package",  "sessions_minor",   "stages", "least_minor",    "volume",
        "discount", "factors_permille", "tax",    "deposit",        "payments_permille",
        "touch_up", "valid_days",       NULL};
    return node_only(root, known) && read_id(arena, root, list) &&
           node_int(root, "prices_version", 1, 1000000, &list->version) &&
           node_line(arena, root, "title", TITLE_BYTES, &list->title) &&
           node_line(arena, root, "source", SOURCE_BYTES, &list->source) &&
           read_currency(root, list) && read_basis(root, list) && read_factors(arena, root, list) &&
           read_volume(root, list) &&
           (!node_has(root, "least_minor") || read_money(root, "least_minor", &list->least)) &&
           read_discount(arena, root, list) && read_tax(root, list) && read_deposit(root, list) &&
           read_payments(root, list) && read_touch_up(root, list) &&
           node_int(root, "valid_days", 1, 3650, &list->valid_days);
}

static bool keep_bytes(Arena *arena, size_t size, const char *bytes, PriceList *list, Err *err)
{
    char *copy = ARENA_NEW(arena, char, size + 1);
    if (copy == NULL)
        return err_set(err, ERR_LIMIT, "no room for a price list of %zu bytes", size);
    memcpy(copy, bytes, size);
    list->size = size;
    list->bytes = copy;
    return true;
}

bool prices_from_json(Arena *arena, size_t size, const char *bytes, PriceList *list, Err *err)
{
    Node root;
    int version;
    *list = (PriceList){0};
    if (size > PRICES_SIZE_LIMIT)
        return err_set(err, ERR_LIMIT, "prices: %zu bytes are more than the limit of %d", size,
                       PRICES_SIZE_LIMIT);
    if (!node_open("prices", PRICES_FORMAT, size, bytes, &root, &version, err))
        return false;
    bool ok = read_list(arena, &root, list);
    node_close(&root);
    return ok && keep_bytes(arena, size, bytes, list, err);
}

/* ---- those in the program ---- */

/* In the order of the files (tested). */
static const char *const builtin_id[] = {"by_dots",     "by_area", "by_hour",
                                         "per_session", "package", "by_stage"};
enum { BUILTIN_COUNT = sizeof builtin_id / sizeof builtin_id[0] };

int prices_builtin_count(void)
{
    return BUILTIN_COUNT;
}

const char *prices_builtin_id(int index)
{
    assert(index >= 0 && index < BUILTIN_COUNT);
    return builtin_id[index];
}

bool prices_builtin(Arena *arena, const char *id, PriceList *list, Err *err)
{
    char known[256] = "";
    size_t used = 0;
    for (int i = 0; i < BUILTIN_COUNT; i++) {
        const EmbedFile *file = &prices_files[i];
        if (strcmp(builtin_id[i], id) == 0)
            return prices_from_json(arena, file->size, (const char *)file->bytes, list, err);
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                                 builtin_id[i]);
        assert(used < sizeof known);
    }
    return err_set(err, ERR_INPUT, "there is no price list '%.60s' in the program, only %s", id,
                   known);
}
