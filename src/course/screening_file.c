/* screening.json and answers.json, read. */
#include "base/embed.h"
#include "course/date_doc.h"
#include "course/screening.h"

#include <stdio.h>
#include <string.h>

enum { SCREENING_FORMAT = 1, ANSWERS_FORMAT = 1, TEXT_BYTES = 500, MOST_WAIT_DAYS = 3650 };

static const char *const then_name[] = {[SCREENING_REFUSE] = "refuse",
                                        [SCREENING_LETTER] = "letter",
                                        [SCREENING_WAIT] = "wait",
                                        [SCREENING_TALK] = "talk"};

const char *screening_then_name(ScreeningThen then)
{
    return then_name[then];
}

static bool read_then(const Node *node, ScreeningThen *then)
{
    char word[16];
    if (!node_text(node, "then", sizeof word, word))
        return false;
    for (int i = SCREENING_REFUSE; i <= SCREENING_TALK; i++)
        if (strcmp(word, then_name[i]) == 0) {
            *then = (ScreeningThen)i;
            return true;
        }
    return node_refuse(node, "has then '%s', not refuse, letter, wait or talk", word);
}

static bool is_new(const Node *node, const Screening *list, const char *id)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->question[i].id, id) == 0)
            return node_refuse(node, "is the question '%s' once more", id);
    return true;
}

static bool read_question(Arena *arena, const Node *node, Screening *list)
{
    static const char *const known[] = {"id",        "group",      "ask",         "then",   "text",
                                        "wait_days", "on_the_day", "yes_is_fine", "source", NULL};
    ScreeningQuestion *question = &list->question[list->count];
    if (!node_only(node, known) || !node_line(arena, node, "id", TEXT_BYTES, &question->id) ||
        !is_new(node, list, question->id) ||
        !node_line(arena, node, "group", TEXT_BYTES, &question->group) ||
        !node_line(arena, node, "ask", TEXT_BYTES, &question->ask) ||
        !node_line(arena, node, "text", TEXT_BYTES, &question->text) ||
        !node_line(arena, node, "source", TEXT_BYTES, &question->source) ||
        !read_then(node, &question->then) ||
        (node_has(node, "on_the_day") && !node_flag(node, "on_the_day", &question->on_the_day)) ||
        (node_has(node, "yes_is_fine") && !node_flag(node, "yes_is_fine", &question->yes_is_fine)))
        return false;
    if (node_has(node, "wait_days") && question->then != SCREENING_WAIT)
        return node_refuse(node, "has wait_days, but then is '%s'", then_name[question->then]);
    if (node_has(node, "wait_days") &&
        !node_int(node, "wait_days", 0, MOST_WAIT_DAYS, &question->wait_days))
        return false;
    list->count++;
    return true;
}

static bool read_list(Arena *arena, const Node *root, Screening *list)
{
    static const char *const known[] = {"schema", "version", "id",         "screening_version",
                                        "title",  "source",  "valid_days", "questions",
                                        NULL};
    Node questions, item;
    int count;
    if (!node_only(root, known) || !node_line(arena, root, "id", 64, &list->id) ||
        !node_line(arena, root, "title", TEXT_BYTES, &list->title) ||
        !node_line(arena, root, "source", TEXT_BYTES, &list->source) ||
        !node_int(root, "screening_version", 0, 1000000, &list->version) ||
        !node_int(root, "valid_days", 0, MOST_WAIT_DAYS, &list->valid_days) ||
        !node_list(root, "questions", SCREENING_MAX, &questions, &count))
        return false;
    if (count == 0)
        return node_refuse(&questions, "is empty: nothing is asked");
    for (int i = 0; i < count; i++)
        if (!node_item(&questions, i, &item) || !read_question(arena, &item, list))
            return false;
    return true;
}

static bool keep_bytes(Arena *arena, size_t size, const char *bytes, Screening *list, Err *err)
{
    char *copy = ARENA_NEW(arena, char, size + 1);
    if (copy == NULL)
        return err_set(err, ERR_LIMIT, "no room for the questions");
    memcpy(copy, bytes, size);
    list->size = size;
    list->bytes = copy;
    return true;
}

bool screening_from_json(Arena *arena, size_t size, const char *bytes, Screening *list, Err *err)
{
    Node root;
    int version;
    memset(list, 0, sizeof *list);
    if (!node_open("screening", SCREENING_FORMAT, size, bytes, &root, &version, err))
        return false;
    bool ok = read_list(arena, &root, list);
    node_close(&root);
    return ok && keep_bytes(arena, size, bytes, list, err);
}

bool screening_builtin(Arena *arena, const char *id, Screening *list, Err *err)
{
    for (const EmbedFile *file = screening_files; file->name != NULL; file++) {
        size_t stem = strcspn(file->name, ".");
        if (strlen(id) == stem && memcmp(id, file->name, stem) == 0)
            return screening_from_json(arena, file->size, (const char *)file->bytes, list, err);
    }
    return err_set(err, ERR_INPUT, "there are no questions '%.60s' in the program, only 'standard'",
                   id);
}

/* ---- answers ---- */

static bool read_answer(Arena *arena, const Node *node, ScreeningAnswer *answer)
{
    static const char *const known[] = {"id", "yes", "since", "remark", NULL};
    answer->remark = "";
    answer->has_since = node_has(node, "since");
    return node_only(node, known) && node_flag(node, "yes", &answer->yes) &&
           node_line(arena, node, "id", TEXT_BYTES, &answer->id) &&
           (!answer->has_since || course_date_read(node, "since", &answer->since)) &&
           (!node_has(node, "remark") ||
            node_line(arena, node, "remark", TEXT_BYTES, &answer->remark));
}

static bool read_answers(Arena *arena, const Node *root, ScreeningAnswers *answers)
{
    static const char *const known[] = {"schema",   "version", "screening", "screening_version",
                                        "given_on", "answers", NULL};
    Node list, item;
    if (!node_only(root, known) || !node_line(arena, root, "screening", 64, &answers->list_id) ||
        !node_int(root, "screening_version", 0, 1000000, &answers->list_version) ||
        !course_date_read(root, "given_on", &answers->given_on) ||
        !node_list(root, "answers", SCREENING_MAX, &list, &answers->count))
        return false;
    for (int i = 0; i < answers->count; i++) {
        if (!node_item(&list, i, &item) || !read_answer(arena, &item, &answers->answer[i]))
            return false;
        for (int k = 0; k < i; k++)
            if (strcmp(answers->answer[k].id, answers->answer[i].id) == 0)
                return node_refuse(&item, "answers '%s' once more", answers->answer[i].id);
    }
    return true;
}

bool screening_answers_from_json(Arena *arena, size_t size, const char *bytes,
                                 ScreeningAnswers *answers, Err *err)
{
    Node root;
    int version;
    memset(answers, 0, sizeof *answers);
    if (!node_open("answers", ANSWERS_FORMAT, size, bytes, &root, &version, err))
        return false;
    bool ok = read_answers(arena, &root, answers);
    node_close(&root);
    return ok;
}
