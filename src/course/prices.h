/* prices.h - what a course costs: a price list as data, applied to measured areas, dots and hours.
 *
 * prices/NAME.json, docs/schemas/prices.schema.json, docs/prices.md. Money is whole minor units
 * (cents) in 64 bits; a product with a measured quantity is rounded once, half away from zero, with
 * the quantity as it is printed: every line can be checked by hand. Fewer zones, dots, hours or
 * sessions never cost more. A quotation that was accepted does not change.
 */
#ifndef COURSE_PRICES_H
#define COURSE_PRICES_H

#include "course/date.h"
#include "course/protocol.h"

enum {
    PRICES_MAX_LINES = 48,
    PRICES_MAX_FACTORS = 16,
    PRICES_MAX_STAGES = 16,
    PRICES_MAX_TIERS = 6,
    PRICES_MAX_STEPS = 6
};
/* Minor units that one price or one sum may have: below 2^53, so that programs which keep numbers
 * of JSON as doubles read the same. */
#define PRICES_MOST_UNIT INT64_C(1000000000000)
#define PRICES_MOST_SUM  INT64_C(1000000000000000)

typedef enum PriceBasis {
    PRICE_PARTS,   /* base + per area + per 1000 dots + per hour; those that are 0 give no line */
    PRICE_SESSION, /* so much for each session */
    PRICE_PACKAGE, /* one sum for so many sessions; those beyond as PRICE_SESSION */
    PRICE_STAGE    /* by Norwood or Ludwig stage */
} PriceBasis;

typedef struct PriceList {
    size_t size; /* as read */
    const char *bytes;
    const char *id, *title, *source;
    int version;
    char currency[4];
    int minor_digits; /* of the currency: 2 for cents */
    PriceBasis basis;
    int64_t base, per_cm2, per_1000_dots, per_hour;
    int tier_count; /* of density: the price per cm2 from so many dots per cm2 on, rising */
    struct {
        int dots_per_cm2;
        int64_t per_cm2;
    } tier[PRICES_MAX_TIERS];
    int64_t session[COURSE_MAX_SESSIONS], package;
    int package_sessions; /* in the package; 0: all there are */
    int stage_count;
    struct {
        bool ludwig;
        int stage;
        int64_t price;
    } stage[PRICES_MAX_STAGES];
    int factor_count; /* on the dots and area of a zone; hours hold the difficulty already */
    struct {
        const char *zone; /* "scar", "burn", ... */
        int permille;     /* 1500: half as much again */
    } factor[PRICES_MAX_FACTORS];
    int step_count; /* volume discount: off what the lines come to above so much, up to the next */
    struct {
        int64_t above;
        int off_permille;
    } step[PRICES_MAX_STEPS];
    int64_t least;         /* the lines come to no less, before a discount; 0: no such limit */
    int discount_permille; /* of what the lines come to; the request's, if there is one, holds */
    const char *discount_text;
    int tax_permille;
    bool tax_included; /* in the prices above */
    int deposit_permille;
    int64_t deposit; /* fixed, beside the share */
    bool deposit_refundable;
    int deposit_refund_days; /* before the first session; 0: until its day */
    int payment_count;       /* shares of what is due on the days; 0: by session price or hours */
    int payment_permille[COURSE_MAX_SESSIONS];
    bool touch_up_included;
    int touch_up_months; /* within which it is */
    int64_t touch_up;    /* price of one that is not */
    int valid_days;      /* of a quotation, after the day it was issued */
} PriceList;

/* Parses and validates; texts and bytes belong to the arena. Every refusal names the key. */
MUST_CHECK bool prices_from_json(Arena *arena, size_t size, const char *bytes, PriceList *list,
                                 Err *err);
/* The prices that a protocol of format 1 held, with its difficulties as factors; the list's bytes
 * are a price document made of them. ERR_INPUT on a later format. */
MUST_CHECK bool prices_from_protocol_v1(Arena *arena, size_t size, const char *bytes,
                                        PriceList *list, Err *err);
/* One of those shipped in the program; ERR_INPUT lists them. */
MUST_CHECK bool prices_builtin(Arena *arena, const char *id, PriceList *list, Err *err);
int prices_builtin_count(void);
const char *prices_builtin_id(int index);

typedef struct PriceZone {
    const char *name;
    double area_cm2;
    int dots; /* of all sessions */
} PriceZone;

typedef struct PriceInput {
    int zone_count;
    PriceZone zone[COURSE_MAX_ZONES + 1]; /* "" : dots outside of the zones */
    int session_count;
    double hours[COURSE_MAX_SESSIONS]; /* expected */
    bool has_stage, ludwig;
    int stage;
    int discount_permille; /* < 0: the list's */
    bool has_date;
    CourseDate date; /* of the quotation */
} PriceInput;

/* What a line is for: the documents put it into words. */
typedef enum PriceLineKind {
    PRICE_LINE_BASE,
    PRICE_LINE_AREA,  /* of a zone */
    PRICE_LINE_DOTS,  /* of a zone */
    PRICE_LINE_HOURS, /* of a session */
    PRICE_LINE_SESSION,
    PRICE_LINE_PACKAGE,
    PRICE_LINE_STAGE,
    PRICE_LINE_VOLUME, /* off a part of the sum: unit_price is minus that part */
    PRICE_LINE_LEAST,  /* up to the smallest sum */
    PRICE_LINE_DISCOUNT
} PriceLineKind;
enum { PRICE_LINE_KINDS = PRICE_LINE_DISCOUNT + 1 };
const char *price_line_name(PriceLineKind kind); /* as in files */
/* Decimals with which a quantity is printed: it holds no more. 2 for cm2 and h, 3 for 1000 dots. */
int price_line_decimals(PriceLineKind kind);

typedef struct PriceLine {
    PriceLineKind kind;
    char zone[32]; /* of areas and dots; "": outside of the zones */
    int session;   /* from 0; -1: of no one */
    int stage;     /* of PRICE_LINE_STAGE; else 0 */
    bool ludwig;
    int64_t quantity_milli; /* cm2, 1000 dots, h, in thousandths */
    int factor_permille;    /* 1000: none */
    int64_t unit_price;     /* minor units; negative: taken off */
    int64_t amount;         /* = round(unit_price * quantity * factor) */
} PriceLine;

typedef struct Quote {
    char list_id[64], currency[4];
    int list_version, minor_digits;
    int line_count; /* 0: the list sets no price */
    PriceLine line[PRICES_MAX_LINES];
    int64_t net, tax, total, deposit; /* the lines sum to net or, with the tax included, to total */
    int tax_permille;
    bool tax_included;
    char discount_text[80]; /* why there is a discount of the list; "" */
    int session_count;
    int64_t due[COURSE_MAX_SESSIONS]; /* on the day of each session; with the deposit: the total */
    bool touch_up_included;
    int touch_up_months;
    int64_t touch_up;
    bool deposit_refundable;
    int deposit_refund_days;
    bool has_date;
    CourseDate issued, valid_until;
    bool accepted;
    CourseDate accepted_on;
} Quote;

/* ERR_INPUT: a stage that the list does not have, a quantity that nobody has, a sum above
 * PRICES_MOST_SUM (the text names the line). */
MUST_CHECK bool prices_quote(const PriceList *list, const PriceInput *input, Quote *quote,
                             Err *err);
/* Freezes the quotation. ERR_INPUT after its validity, before it was issued, when it has no date or
 * no price, and when it was accepted already. */
MUST_CHECK bool quote_accept(Quote *quote, CourseDate on, Err *err);
/* The discount that was asked for, to be asked for again; -1: the list's own, or none. */
int quote_own_discount_permille(const Quote *quote);
/* "1234.50 EUR": for data and logs; documents use words_money. */
void quote_money(const char *currency, int minor_digits, int64_t amount, char text[48]);

#endif
