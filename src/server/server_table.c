#include "server/server_internal.h"

#include "base/embed.h"
#include "look/look.h"

#include <assert.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PAGE_BYTES = 64 << 10 };

static const struct {
    const char *name, *type, *label;
} documents[] = {
    {"plan.pdf", "application/pdf", "Plan (practitioner)"},
    {"work.pdf", "application/pdf", "Order of work 1:1"},
    {"client.pdf", "application/pdf", "For the client"},
    {"consent.pdf", "application/pdf", "Consent, to be signed"},
    {"quote.pdf", "application/pdf", "Quotation"},
    {"swatches.pdf", "application/pdf", "Shade through time"},
    {"template.pdf", "application/pdf", "Template 1:1"},
    {"course.ics", "text/calendar", "Calendar"},
    {"case.json", "application/json", "Case"},
    {"assessment.json", "application/json", "Assessment"},
    {"design.json", "application/json", "Design"},
    {"layout.json", "application/json", "Design in mm"},
    {"findings.json", "application/json", "Guard-rails"},
    {"shade.json", "application/json", "Shade"},
    {"course.json", "application/json", "Course"},
    {"protocol.json", "application/json", "Protocol"},
    {"prices.json", "application/json", "Prices"},
    {"clinic.json", "application/json", "Clinic"},
    {"visibility.json", "application/json", "Visibility"},
    {"history.json", "application/json", "Changes of the design"},
    {"dots.csv", "text/csv", "Dots"},
    {"dots.ply", "application/octet-stream", "Dots for 3D programs"},
    {"field.csv", "text/csv", "Wanted density"},
    {"fixed.csv", "text/csv", "What stood there"},
    {"head.glb", "model/gltf-binary", "Head"},
    {"preview/contact-sheet.png", "image/png", "All pictures"},
    {"preview/loss-sheet.png", "image/png", "If the loss goes on"},
    {"preview/photo-sheet.png", "image/png", "On the photographs"},
};
enum { DOCUMENTS = sizeof documents / sizeof documents[0] };

/* In the order in which a person looks at them. */
static const struct {
    const char *name, *caption;
} states[] = {{"before", "Before"},
              {"session1", "After session 1, same day"},
              {"session2", "After session 2, same day"},
              {"session3", "After session 3, same day"},
              {"session4", "After session 4, same day"},
              {"healed", "Healed"},
              {"year1", "After 1 year"},
              {"year3", "After 3 years"},
              {"year5", "After 5 years"},
              {"year10", "After 10 years"},
              {"loss-stage2", "If the hair loss goes on to stage 2: healed, the same dots"},
              {"loss-stage3", "If the hair loss goes on to stage 3: healed, the same dots"},
              {"loss-stage4", "If the hair loss goes on to stage 4: healed, the same dots"},
              {"loss-stage5", "If the hair loss goes on to stage 5: healed, the same dots"},
              {"loss-stage6", "If the hair loss goes on to stage 6: healed, the same dots"},
              {"loss-stage7", "If the hair loss goes on to stage 7: healed, the same dots"}};
enum { STATES = sizeof states / sizeof states[0] };

static bool add_file(ServerTable *table, const char *folder, const char *name, const char *type,
                     Err *err)
{
    struct stat info;
    if (table->count == SERVER_MAX_FILES)
        return err_set(err, ERR_LIMIT, "the case has more than %d files to show", SERVER_MAX_FILES);
    ServerFile *file = &table->file[table->count];
    *file = (ServerFile){.type = type};
    if (!io_join(file->path, folder, name, err))
        return false;
    if (stat(file->path, &info) != 0 || !S_ISREG(info.st_mode))
        return true; /* a case need not have every document */
    int wrote = snprintf(file->url, sizeof file->url, "/%s", name);
    assert(wrote > 0 && wrote < SERVER_URL);
    table->count++;
    return true;
}

/* ---- the plan on the client's photographs: named after the files that came ---- */

static int compare_urls(const void *a, const void *b)
{
    const ServerFile *first = a, *second = b;
    return strcmp(first->url, second->url);
}

static bool is_photo(const char *name)
{
    size_t length = strlen(name);
    return length + sizeof "/preview/" <= SERVER_URL && length > 10 &&
           strncmp(name, "photo-", 6) == 0 && strcmp(name + length - 4, ".jpg") == 0;
}

/* Sorted, because a folder's own order is another on every disk. */
static bool add_photos(ServerTable *table, const char *folder, Err *err)
{
    char path[IO_PATH_LIMIT], name[SERVER_URL];
    int first = table->count;
    bool ok = io_join(path, folder, "preview", err);
    DIR *list = ok ? opendir(path) : NULL;
    if (list == NULL)
        return ok; /* a case need not have pictures */
    for (const struct dirent *entry = readdir(list); ok && entry != NULL; entry = readdir(list)) {
        if (!is_photo(entry->d_name))
            continue;
        int wrote = snprintf(name, sizeof name, "preview/%s", entry->d_name);
        assert(wrote > 0 && wrote < SERVER_URL);
        ok = add_file(table, folder, name, "image/jpeg", err);
    }
    closedir(list);
    qsort(&table->file[first], (size_t)(table->count - first), sizeof table->file[0], compare_urls);
    return ok;
}

static bool add_bytes(ServerTable *table, const char *url, const char *type, size_t size,
                      const char *bytes, Err *err)
{
    if (table->count == SERVER_MAX_FILES)
        return err_set(err, ERR_LIMIT, "the case has more than %d files to show", SERVER_MAX_FILES);
    ServerFile *file = &table->file[table->count++];
    *file = (ServerFile){.type = type, .size = size, .bytes = bytes};
    snprintf(file->url, sizeof file->url, "%s", url);
    return true;
}

typedef struct Page {
    char *bytes;
    size_t used;
} Page;

static void put(Page *page, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(Page *page, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    int wrote = vsnprintf(page->bytes + page->used, PAGE_BYTES - page->used, fmt, list);
    va_end(list);
    if (wrote > 0 && (size_t)wrote < PAGE_BYTES - page->used)
        page->used += (size_t)wrote;
}

static void put_state(Page *page, const ServerTable *table, int state)
{
    char url[SERVER_URL];
    bool any = false;
    for (int v = 0; v < LOOK_VIEWS; v++) {
        const char *view = look_view_caption((LookView)v);
        snprintf(url, sizeof url, "/preview/%s-%s.png", states[state].name,
                 look_view_name((LookView)v));
        if (server_table_find(table, url) == NULL)
            continue;
        if (!any)
            put(page, "<section><h2>%s</h2><div class=\"row\">\n", states[state].caption);
        any = true;
        put(page,
            "<a href=\"%s\"><figure><img src=\"%s\" alt=\"%s: %s\" "
            "loading=\"lazy\"><figcaption>%s</figcaption></figure></a>\n",
            url, url, states[state].caption, view, view);
    }
    if (any)
        put(page, "</div></section>\n");
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._/ ", c) != NULL;
}

/* A file's name may hold anything: as an address (%26) or as text of the page (&#38;). */
static void put_name(Page *page, const char *name, bool address)
{
    for (; *name != '\0'; name++)
        if (is_plain(*name) && !(address && *name == ' '))
            put(page, "%c", *name);
        else if (address)
            put(page, "%%%02X", (unsigned)(unsigned char)*name);
        else if ((unsigned char)*name >= 0x80)
            put(page, "%c", *name); /* UTF-8, as the page is */
        else
            put(page, "&#%d;", *name);
}

static void put_photos(Page *page, const ServerTable *table)
{
    static const char begin[] = "/preview/photo-";
    bool any = false;
    for (int i = 0; i < table->count; i++) {
        const char *url = table->file[i].url;
        if (strncmp(url, begin, sizeof begin - 1) != 0 ||
            strcmp(table->file[i].type, "image/jpeg") != 0)
            continue;
        if (!any)
            put(page, "<section><h2>On the photographs</h2><div class=\"row\">\n");
        any = true;
        put(page, "<a href=\"");
        put_name(page, url, true);
        put(page, "\"><figure><img src=\"");
        put_name(page, url, true);
        put(page, "\" alt=\"\" loading=\"lazy\"><figcaption>");
        put_name(page, url + sizeof begin - 1, false);
        put(page, "</figcaption></figure></a>\n");
    }
    if (any)
        put(page, "</div></section>\n");
}

static void write_page(Page *page, const ServerTable *table)
{
    put(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
              "<meta name=\"viewport\" content=\"width=device-width\">"
              "<title>Follicle: a case</title><link rel=\"stylesheet\" href=\"/case.css\"></head>\n"
              "<body><header><h1>Follicle</h1><nav>\n");
    for (int i = 0; i < DOCUMENTS; i++) {
        char url[SERVER_URL];
        snprintf(url, sizeof url, "/%s", documents[i].name);
        if (server_table_find(table, url) != NULL)
            put(page, "<a href=\"%s\">%s</a>\n", url, documents[i].label);
    }
    put(page, "</nav></header><main>\n");
    for (int s = 0; s < STATES; s++)
        put_state(page, table, s);
    put_photos(page, table);
    put(page, "</main><footer>Simulation, not a promise. Nothing on this page leaves this "
              "machine.</footer></body></html>\n");
}

bool server_table_make(Arena *arena, const char *folder, ServerTable *table, Err *err)
{
    char name[SERVER_URL];
    table->file = ARENA_NEW(arena, ServerFile, SERVER_MAX_FILES);
    Page page = {.bytes = ARENA_NEW(arena, char, PAGE_BYTES)};
    if (table->file == NULL || page.bytes == NULL)
        return err_set(err, ERR_LIMIT, "no room for the table of files");
    for (int i = 0; i < DOCUMENTS; i++)
        if (!add_file(table, folder, documents[i].name, documents[i].type, err))
            return false;
    for (int s = 0; s < STATES; s++)
        for (int v = 0; v < LOOK_VIEWS; v++) {
            snprintf(name, sizeof name, "preview/%s-%s.png", states[s].name,
                     look_view_name((LookView)v));
            if (!add_file(table, folder, name, "image/png", err))
                return false;
        }
    if (!add_photos(table, folder, err))
        return false;
    if (server_table_find(table, "/case.json") == NULL)
        return err_set(err, ERR_INPUT, "'%s' is not a case: it has no case.json", folder);
    write_page(&page, table);
    return add_bytes(table, "/", "text/html; charset=utf-8", page.used, page.bytes, err) &&
           add_bytes(table, "/case.css", "text/css", web_files[0].size,
                     (const char *)web_files[0].bytes, err);
}

const ServerFile *server_table_find(const ServerTable *table, const char *url)
{
    for (int i = 0; i < table->count; i++)
        if (strcmp(table->file[i].url, url) == 0)
            return &table->file[i];
    return NULL;
}

bool server_host_is_local(const char *host, int port)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char want[64];
    for (int i = 0; host != NULL && i < 3; i++) {
        snprintf(want, sizeof want, "%s:%d", names[i], port);
        if (strcmp(host, want) == 0 || (port == 80 && strcmp(host, names[i]) == 0))
            return true;
    }
    return false;
}
