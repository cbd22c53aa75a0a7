/* protocol.h - how a clinic works, as data: sessions, gaps, pace, rules by day, touch-ups.
 *
 * protocols/NAME.json, docs/schemas/protocol.schema.json; with an id, a version and its sources.
 * Published practices disagree, so nothing of one is compiled in, and a plan keeps the bytes of the
 * protocol that it was made with. Texts are English msgids of the catalogues (base/words.h) and
 * belong to the arena that the protocol was read into.
 *
 * as_in: where a practice says nothing, the id of the protocol whose value stands in for it; NULL
 * where the value is its own. What is borrowed never counts as something that the practice said.
 */
#ifndef COURSE_PROTOCOL_H
#define COURSE_PROTOCOL_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    COURSE_MAX_SESSIONS = 4,
    COURSE_MAX_ZONES = 16,
    PROTOCOL_MAX_RULES = 40,
    PROTOCOL_MAX_VARIANTS = 4,
    PROTOCOL_MAX_DAYS = 12,
    PROTOCOL_MAX_FACTORS = 12,
    PROTOCOL_MAX_NOTES = 12,
    PROTOCOL_FOR_GOOD = 3650 /* to_day of a rule that has no end */
};

typedef struct CourseGap { /* days after the last day of the session before */
    int min_days, target_days, max_days;
} CourseGap;

typedef enum ProtocolRuleKind { PROTOCOL_DO, PROTOCOL_DONT } ProtocolRuleKind;
typedef struct ProtocolRule { /* one line of aftercare or of "what to expect" */
    int from_day, to_day;     /* after each session, inclusive; negative: before it */
    ProtocolRuleKind kind;    /* of aftercare */
    const char *topic;        /* "water", "shampoo", "sun", ...: what protocols are compared by */
    const char *text;
    const char *source; /* who says so, and how far the sources disagree */
    const char *as_in;
} ProtocolRule;

typedef struct ProtocolSession {
    double share;                 /* of the dots; a variant's sum to 1 */
    double strength;              /* of the pigment relative to the matched shade */
    CourseGap gap;                /* before the session; of the first unused */
    double hours_low, hours_high; /* as published, for comparison; 0: not stated */
    const char *source, *gap_as_in;
} ProtocolSession;

/* How many sessions a case gets: the first entry is the usual one and has no conditions; the first
 * of the others that has some, all of which hold, goes before it. Others without conditions are the
 * practitioner's to choose. */
typedef struct ProtocolVariant {
    int session_count;
    ProtocolSession session[COURSE_MAX_SESSIONS];
    double least_area_cm2, most_area_cm2; /* 0: no such limit */
    double least_scar_share;              /* of the area; 0: none needed */
    const char *when, *source;            /* in words */
    const char *as_in;
} ProtocolVariant;

typedef enum ProtocolCause { /* what makes a touch-up due sooner or later */
                             PROTOCOL_SUN,
                             PROTOCOL_OILY_SKIN,
                             PROTOCOL_IMMUNE_RESPONSE,
                             PROTOCOL_SCAR,
                             PROTOCOL_LIGHT_SHADE,
                             PROTOCOL_SWEAT,
                             PROTOCOL_CAUSES
} ProtocolCause;
const char *protocol_cause_name(ProtocolCause cause); /* as in files: "sun", "oily_skin", ... */

typedef struct ProtocolFactor { /* on the touch-up interval, at full strength of the cause */
    ProtocolCause cause;
    double low, expected, high;
    const char *text, *source;
    const char *text_opposite; /* of dry skin and of a slow response; NULL: there is no opposite */
} ProtocolFactor;

typedef struct ProtocolNote { /* beside a transplant, with a lotion, ... */
    const char *topic, *text, *source;
} ProtocolNote;

typedef struct ProtocolPractice { /* what belongs to the day, beside the dots */
    bool numbing_offered, numbing_required;
    double numbing_minutes;
    bool patch_test_required;
    double patch_test_hours_before;
    int patch_test_valid_days;
    double reflection_hours;        /* between being told and the first session */
    double dot_low_mm, dot_high_mm; /* as published; 0: not stated */
    const char *numbing_source, *patch_test_source, *dot_source, *reflection_source;
    const char *numbing_as_in, *patch_test_as_in;
} ProtocolPractice;

typedef struct Protocol {
    int format;  /* of that document: one of format 1 holds prices (prices_from_protocol_v1) */
    size_t size; /* the document as it was read, for the case's record */
    const char *bytes;
    const char *id, *title, *source;
    int version;
    bool absorbable; /* the temporary variant, tricopigmentation */
    int variant_count;
    ProtocolVariant variant[PROTOCOL_MAX_VARIANTS];
    int settled; /* the variant that holds; what follows is taken from it */
    int session_count;
    double share[COURSE_MAX_SESSIONS], strength[COURSE_MAX_SESSIONS];
    CourseGap gap[COURSE_MAX_SESSIONS];
    double dots_per_minute[3]; /* slow, expected, fast */
    double setup_minutes, break_every_minutes, break_minutes, max_hours_per_day;
    int difficulty_count; /* of zones whose work is not plain */
    struct {
        const char *zone;
        double factor; /* on the time per dot, 0.1..10 */
    } difficulty[COURSE_MAX_ZONES];
    ProtocolPractice practice;
    const char *work_source, *work_as_in;
    double touch_up_years[3]; /* low, expected, high */
    const char *touch_up_source, *touch_up_as_in;
    int factor_count;
    ProtocolFactor factor[PROTOCOL_MAX_FACTORS];
    int review_days, check_count, follow_up_count; /* check: healing, after each session */
    int check_day[PROTOCOL_MAX_DAYS], follow_up_day[PROTOCOL_MAX_DAYS];
    const char *visits_source; /* of the checks, follow-ups and photographs */
    int view_count;
    const char *view[PROTOCOL_MAX_DAYS]; /* photographs to take, look_view_name-like words */
    int expect_count, aftercare_count, call_count, note_count;
    ProtocolRule expect[PROTOCOL_MAX_RULES], aftercare[PROTOCOL_MAX_RULES];
    ProtocolRule call[PROTOCOL_MAX_RULES]; /* when to call the practitioner */
    ProtocolNote note[PROTOCOL_MAX_NOTES];
} Protocol;

/* Parses and validates; settled on its first variant. Every refusal names the key. Format 1 (which
 * had one row of sessions, and prices: prices.h reads those) is brought to format 2. */
MUST_CHECK bool protocol_from_json(Arena *arena, size_t size, const char *bytes, Protocol *protocol,
                                   Err *err);
/* One of those shipped in the program; ERR_INPUT lists them. */
MUST_CHECK bool protocol_builtin(Arena *arena, const char *id, Protocol *protocol, Err *err);
int protocol_builtin_count(void);
const char *protocol_builtin_id(int index);

typedef struct ProtocolSituation {
    double area_cm2, scar_share;
    int session_count; /* wanted by the practitioner; 0: as the protocol says */
} ProtocolSituation;
/* Chooses the variant. ERR_INPUT when a session count is wanted that no variant has. */
MUST_CHECK bool protocol_settle(Protocol *protocol, ProtocolSituation situation, Err *err);
void protocol_settle_on(Protocol *protocol, int variant); /* below variant_count */
/* How much longer a dot takes in a zone than on plain skin; 1 where the protocol says nothing. */
double protocol_difficulty(const Protocol *protocol, const char *zone);

/* What protocols say about one thing, side by side. */
typedef struct ProtocolTopic {
    const char *topic;       /* "sessions", "touch-up", "days: shampoo", ... */
    const char *const *says; /* [protocols], of their own; NULL: nothing */
    const char *const *uses; /* [protocols], own or borrowed; NULL: nothing */
    bool differs;            /* two that speak do not agree */
} ProtocolTopic;
/* Sessions, gaps, hours, numbing, patch test, dots, touch-up, then every topic of the rules as
 * ranges of days. */
MUST_CHECK bool protocol_compare(Arena *arena, int count, const Protocol *const protocol[],
                                 int *topic_count, ProtocolTopic **topic, Err *err);
/* The same as a table of Markdown, which reads as plain text as well: a line per topic, * before
 * the topics that differ, what is borrowed in brackets. Ends in a newline. */
MUST_CHECK bool protocol_compare_text(Arena *arena, int count, const Protocol *const protocol[],
                                      const char **text, Err *err);

#endif
