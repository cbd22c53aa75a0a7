#include "course/date.h"

#include <stdio.h>
#include <string.h>

/* A clock that is not a multiple of a minute ahead of UTC (Monrovia until 1972) is rounded down to
 * one. libical reads the same files, but was an hour off in four zones of 598 at random moments of
 * 2020..2060 (tz 2025b: St John's from 2038, Easter Island), and keeps global state. */

enum { DAY_MINUTES = 1440, DAY_S = 86400, LAST_YEAR = 2200, OPENING = 44 /* bytes of a header */ };

static const CourseDate epoch = {1970, 1, 1};

/* ---- reading ---- */

static int64_t big_endian(int octets, const uint8_t bytes[])
{
    uint64_t value = (bytes[0] & 0x80) ? ~(uint64_t)0 : 0;
    for (int i = 0; i < octets; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

/* Numerator over denominator, rounded down. */
static int64_t floor_div(int64_t numerator, int64_t denominator)
{
    int64_t quotient = numerator / denominator;
    return quotient - (numerator % denominator < 0);
}

/* One of the two blocks of a TZif file, RFC 8536 3.2. */
typedef struct Block {
    int64_t times, types, letters, leaps, standards, universals;
    int time_octets;
    const uint8_t *begin; /* of its data */
    size_t size;
} Block;

static bool read_block(size_t size, const uint8_t bytes[], int time_octets, Block *block)
{
    if (size < OPENING || memcmp(bytes, "TZif", 4) != 0)
        return false;
    int64_t count[6];
    for (int i = 0; i < 6; i++) {
        count[i] = big_endian(4, bytes + 20 + 4 * i);
        if (count[i] < 0 || count[i] > COURSE_ZONE_FILE_BYTES)
            return false;
    }
    *block = (Block){.universals = count[0],
                     .standards = count[1],
                     .leaps = count[2],
                     .times = count[3],
                     .types = count[4],
                     .letters = count[5],
                     .time_octets = time_octets,
                     .begin = bytes + OPENING};
    int64_t need = block->times * (time_octets + 1) + block->types * 6 + block->letters +
                   block->leaps * (time_octets + 4) + block->standards + block->universals;
    block->size = (size_t)need;
    return block->types > 0 && (size_t)need <= size - OPENING;
}

static bool type_offset(const Block *block, int type, int *minutes)
{
    if (type >= block->types)
        return false;
    const uint8_t *at = block->begin + block->times * (block->time_octets + 1) + 6 * type;
    int64_t seconds = big_endian(4, at);
    *minutes = (int)floor_div(seconds, 60);
    return seconds > -DAY_S && seconds < DAY_S;
}

static bool add_change(CourseZoneTime *zone, int64_t moment, int offset)
{
    int last = zone->change_count - 1;
    if (moment <= 0) {
        zone->first_offset = offset;
        return true;
    }
    if (offset == (last >= 0 ? zone->offset[last] : zone->first_offset))
        return true;
    if (zone->change_count == COURSE_ZONE_CHANGES || moment > INT32_MAX ||
        (last >= 0 && moment <= zone->change[last]))
        return false;
    zone->change[zone->change_count] = (int32_t)moment;
    zone->offset[zone->change_count++] = (int16_t)offset;
    return true;
}

static bool read_changes(const Block *block, CourseZoneTime *zone)
{
    const uint8_t *types = block->begin + block->times * block->time_octets;
    if (!type_offset(block, 0, &zone->first_offset))
        return false;
    for (int64_t i = 0; i < block->times; i++) {
        int offset;
        int64_t time_s = big_endian(block->time_octets, block->begin + i * block->time_octets);
        if (!type_offset(block, types[i], &offset) ||
            !add_change(zone, floor_div(time_s, 60), offset))
            return false;
    }
    return true;
}

/* ---- the rule for all years after the last change, as in POSIX's TZ (RFC 8536 3.3) ---- */

typedef struct Turn { /* of the clock, once a year */
    char kind; /* 'M' month, week, day; 'J' day without the 29th of February; 'D' day from 0 */
    int month, week, day;
    int time_s; /* local, may be negative or past midnight */
} Turn;

typedef struct Rule {
    int standard, summer; /* minutes ahead of UTC */
    bool has_summer;
    Turn begin, end; /* of summer time */
} Rule;

static bool skip_name(const char **at)
{
    const char *start = *at;
    if (**at == '<') {
        while (**at != '\0' && **at != '>')
            ++*at;
        if (**at == '\0')
            return false;
        ++*at;
        return true;
    }
    while ((**at >= 'a' && **at <= 'z') || (**at >= 'A' && **at <= 'Z'))
        ++*at;
    return *at - start >= 3;
}

static bool read_whole(const char **at, int most, int *value)
{
    const char *start = *at;
    *value = 0;
    while (**at >= '0' && **at <= '9' && *value <= most)
        *value = 10 * *value + (*(*at)++ - '0');
    return *at > start && *value <= most;
}

/* [+-]h[h][h][:mm[:ss]] */
static bool read_time(const char **at, int *seconds)
{
    int sign = **at == '-' ? -1 : 1, part = 0;
    if (**at == '-' || **at == '+')
        ++*at;
    if (!read_whole(at, 167, &part))
        return false;
    *seconds = 3600 * part;
    for (int unit = 60; unit >= 1 && **at == ':'; unit /= 60) {
        ++*at;
        if (!read_whole(at, 59, &part))
            return false;
        *seconds += unit * part;
    }
    *seconds *= sign;
    return true;
}

static bool read_turn(const char **at, Turn *turn)
{
    *turn = (Turn){.kind = 'D', .time_s = 2 * 3600};
    if (*(*at)++ != ',')
        return false;
    bool ok;
    if (**at == 'M') {
        turn->kind = *(*at)++;
        ok = read_whole(at, 12, &turn->month) && turn->month >= 1 && *(*at)++ == '.' &&
             read_whole(at, 5, &turn->week) && turn->week >= 1 && *(*at)++ == '.' &&
             read_whole(at, 6, &turn->day);
    } else {
        if (**at == 'J')
            turn->kind = *(*at)++;
        ok = read_whole(at, 365, &turn->day) && (turn->kind == 'D' || turn->day >= 1);
    }
    if (!ok || **at != '/')
        return ok;
    ++*at;
    return read_time(at, &turn->time_s);
}

static bool read_rule(const char *at, Rule *rule)
{
    int west_s;
    *rule = (Rule){0};
    if (!skip_name(&at) || !read_time(&at, &west_s))
        return false;
    rule->standard = (int)floor_div(-west_s, 60);
    rule->has_summer = *at != '\0';
    if (!rule->has_summer)
        return true;
    if (!skip_name(&at))
        return false;
    west_s -= 3600;
    if (*at != ',' && !read_time(&at, &west_s))
        return false;
    rule->summer = (int)floor_div(-west_s, 60);
    return read_turn(&at, &rule->begin) && read_turn(&at, &rule->end) && *at == '\0';
}

static CourseDate turn_date(const Turn *turn, int year)
{
    if (turn->kind == 'D')
        return course_date_add((CourseDate){year, 1, 1}, turn->day);
    if (turn->kind == 'J') { /* in 2001 as in every other year but the 29th of February */
        CourseDate date = course_date_add((CourseDate){2001, 1, 1}, turn->day - 1);
        return (CourseDate){year, date.month, date.day};
    }
    CourseDate first = {year, turn->month, 1};
    int weekday = (turn->day + 6) % 7; /* theirs begins with Sunday */
    int skip = (weekday - course_date_weekday(first) + 7) % 7 + 7 * (turn->week - 1);
    CourseDate date = course_date_add(first, skip);
    return date.month == turn->month ? date : course_date_add(date, -7); /* week 5: the last */
}

static int64_t turn_moment(const Turn *turn, int year, int offset)
{
    int64_t days = course_date_between(epoch, turn_date(turn, year));
    return days * DAY_MINUTES + floor_div(turn->time_s, 60) - offset;
}

static bool add_rule(const Rule *rule, CourseZoneTime *zone)
{
    int64_t last = zone->change_count > 0 ? zone->change[zone->change_count - 1] : 0;
    int year = course_date_add(epoch, (int)(last / DAY_MINUTES)).year;
    if (!rule->has_summer)
        return zone->change_count > 0 || add_change(zone, 0, rule->standard);
    for (; year <= LAST_YEAR; year++) {
        int64_t begin = turn_moment(&rule->begin, year, rule->standard);
        int64_t end = turn_moment(&rule->end, year, rule->summer);
        for (int turn = 0; turn < 2; turn++) {
            bool into_summer = (begin < end) == (turn == 0);
            int64_t moment = into_summer ? begin : end;
            if (moment > last &&
                !add_change(zone, moment, into_summer ? rule->summer : rule->standard))
                return false;
        }
    }
    return true;
}

/* ---- a zone ---- */

bool course_zone_from_tzif(const char *name, size_t size, const uint8_t *bytes,
                           CourseZoneTime *zone, Err *err)
{
    char footer[128];
    Block old, block;
    Rule rule;
    memset(zone, 0, sizeof *zone);
    snprintf(zone->name, sizeof zone->name, "%s", name);
    if (size > COURSE_ZONE_FILE_BYTES || !read_block(size, bytes, 4, &old) || bytes[4] < '2')
        return err_set(err, ERR_INPUT, "the file of the time zone '%.60s' is not TZif 2", name);
    size_t skip = OPENING + old.size;
    if (!read_block(size - skip, bytes + skip, 8, &block) || !read_changes(&block, zone))
        return err_set(err, ERR_INPUT, "the file of the time zone '%.60s' is damaged", name);
    skip += OPENING + block.size;
    size_t left = size - skip, length = left > 2 ? left - 2 : 0;
    if (length >= sizeof footer || left < 2 || bytes[skip] != '\n' || bytes[size - 1] != '\n')
        return err_set(err, ERR_INPUT, "the file of the time zone '%.60s' is cut off", name);
    memcpy(footer, bytes + skip + 1, length);
    footer[length] = '\0';
    if (length > 0 && (!read_rule(footer, &rule) || !add_rule(&rule, zone)))
        return err_set(err, ERR_INPUT, "the time zone '%.60s' has the odd rule '%.60s'", name,
                       footer);
    return true;
}

/* Names are letters, digits and "+-_/", so that none leads out of the database. */
bool course_zone_is_name(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && strchr("+-_/", c) == NULL)
            return false;
    }
    return length > 0 && length < 64 && name[0] != '/' && name[length - 1] != '/';
}

/* Where systems keep the database. */
static FILE *open_file(const char *name)
{
    static const char *const folder[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                         "/usr/share/lib/zoneinfo"};
    FILE *file = NULL;
    for (int i = 0; i < 3 && file == NULL; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%.63s", folder[i], name);
        file = fopen(path, "rbe");
    }
    return file;
}

bool course_zone_open(const char *name, CourseZoneTime *zone, Err *err)
{
    static const char *const utc[] = {"UTC", "Etc/UTC", "Z"};
    uint8_t bytes[8192]; /* the longest of tz 2025b has 3.5 kB */
    for (int i = 0; i < 3; i++)
        if (strcmp(name, utc[i]) == 0) {
            memset(zone, 0, sizeof *zone);
            snprintf(zone->name, sizeof zone->name, "UTC");
            return true;
        }
    FILE *file = course_zone_is_name(name) ? open_file(name) : NULL;
    if (file == NULL)
        return err_set(err, ERR_INPUT,
                       "there is no time zone '%.60s' on this system: give one of the tz "
                       "database, as Europe/Berlin, or UTC (is tzdata installed?)",
                       name);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    bool whole = size < sizeof bytes && !ferror(file);
    fclose(file);
    if (!whole)
        return err_set(err, ERR_INPUT, "'%.60s' of the tz database is no time zone", name);
    return course_zone_from_tzif(name, size, bytes, zone, err);
}

/* ---- from one clock to the other ---- */

int course_zone_offset(const CourseZoneTime *zone, int64_t moment)
{
    int low = 0, high = zone->change_count; /* changes that have happened by then */
    while (low < high) {
        int middle = (low + high) / 2;
        if (zone->change[middle] <= moment)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? zone->offset[low - 1] : zone->first_offset;
}

/* The clock a day before tells how a local time is meant: if it then shows it, that moment is the
 * first (or the only) one. If it does not, the clock was turned in between. Where that leads to the
 * local time after the turn, good; in a gap it does not, and the clock before the turn gives the
 * moment that is as much later. */
int64_t course_zone_moment(const CourseZoneTime *zone, CourseDate date, int minute)
{
    int64_t local = (int64_t)course_date_between(epoch, date) * DAY_MINUTES + minute;
    int before = course_zone_offset(zone, local - DAY_MINUTES);
    int after = course_zone_offset(zone, local + DAY_MINUTES);
    int64_t first = local - before, second = local - after;
    if (course_zone_offset(zone, first) == before)
        return first;
    return course_zone_offset(zone, second) == after ? second : first;
}

void course_zone_local(const CourseZoneTime *zone, int64_t moment, CourseDate *date, int *minute)
{
    int64_t local = moment + course_zone_offset(zone, moment);
    int64_t days = floor_div(local, DAY_MINUTES);
    *date = course_date_add(epoch, (int)days);
    *minute = (int)(local - days * DAY_MINUTES);
}
