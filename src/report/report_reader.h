/* report_reader.h - what other programs read in a document: poppler's tools, for tests.
 */
#ifndef REPORT_REPORT_READER_H
#define REPORT_REPORT_READER_H

#include "base/arena.h"
#include "base/io.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool reader_installed(const char *command)
{
    char line[80];
    snprintf(line, sizeof line, "command -v %s >/dev/null 2>&1", command);
    if (system(line) == 0)
        return true;
    printf("# skipped: needs %s\n", command);
    return false;
}

/* Runs "COMMAND FILE [-]" on the bytes; NULL where it finds the document broken. */
static const char *reader_run(Arena *arena, const char *command, size_t size, const uint8_t *bytes)
{
    enum { MOST = 4 << 20 };
    char path[] = "/tmp/report_test_XXXXXX", line[400];
    Err err = {0};
    int fd = mkstemp(path);
    if (fd < 0)
        return NULL;
    close(fd);
    snprintf(line, sizeof line, "%s %s%s 2>&1", command, path,
             strncmp(command, "pdftotext", 9) == 0 ? " -" : "");
    char *out = ARENA_NEW(arena, char, MOST);
    FILE *pipe = io_write_file(path, size, bytes, &err) && out != NULL ? popen(line, "r") : NULL;
    size_t used = pipe != NULL ? fread(out, 1, MOST - 1, pipe) : 0;
    bool ok = pipe != NULL && pclose(pipe) == 0;
    remove(path);
    return ok && used > 0 ? out : NULL;
}

typedef struct ReaderWord { /* in points from the upper left corner of the page */
    int page;
    double left, top, right, bottom;
    char text[120];
} ReaderWord;

typedef struct ReaderPage {
    double width, height;
} ReaderPage;

enum { READER_PAGES = 60, READER_WORDS = 20000 };

typedef struct ReaderText {
    int page_count, word_count;
    ReaderPage page[READER_PAGES];
    ReaderWord *word;
} ReaderText;

/* "&amp;" and its like. */
static void reader_plain(char *text)
{
    static const char *const code[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    for (size_t i = 0; i < sizeof code / sizeof code[0]; i++)
        for (char *at = text; (at = strstr(at, code[i][0])) != NULL; at++) {
            *at = code[i][1][0];
            memmove(at + 1, at + strlen(code[i][0]), strlen(at + strlen(code[i][0])) + 1);
        }
}

/* Every word with its box. false: pdftotext is not there or does not like the document. */
static bool reader_words(Arena *arena, size_t size, const uint8_t *bytes, ReaderText *text)
{
    const char *out = reader_run(arena, "pdftotext -bbox", size, bytes);
    *text = (ReaderText){.word = ARENA_NEW(arena, ReaderWord, READER_WORDS)};
    if (out == NULL || text->word == NULL)
        return false;
    for (const char *line = out; line != NULL && *line != '\0';
         line = strchr(line, '\n') == NULL ? NULL : strchr(line, '\n') + 1) {
        ReaderPage page;
        ReaderWord word = {.page = text->page_count - 1};
        while (*line == ' ')
            line++;
        if (sscanf(line, "<page width=\"%lf\" height=\"%lf\">", &page.width, &page.height) == 2) {
            if (text->page_count == READER_PAGES)
                return false;
            text->page[text->page_count++] = page;
        } else if (sscanf(line,
                          "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\">%119[^<\n]",
                          &word.left, &word.top, &word.right, &word.bottom, word.text) == 5) {
            if (text->word_count == READER_WORDS)
                return false;
            reader_plain(word.text);
            text->word[text->word_count++] = word;
        }
    }
    return text->page_count > 0;
}

/* The first word that holds this text; NULL: none. */
static inline const ReaderWord *reader_find(const ReaderText *text, const char *part)
{
    for (int i = 0; i < text->word_count; i++)
        if (strstr(text->word[i].text, part) != NULL)
            return &text->word[i];
    return NULL;
}

#endif
