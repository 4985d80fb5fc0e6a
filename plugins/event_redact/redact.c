/* SPDX-License-Identifier: MIT */
#include "redact.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64

/* What is not copied is left out by moving the start of the next copy; the input is read once. */
struct walk {
    const struct rules *rules;
    const char *at, *end;
    const char *copied; /* what stands before it is in `out`, or was left out */
    char *out;
    uint64_t size, room;
    int64_t touched;
    int32_t status;
};

static int fail(struct walk *walk, int32_t status) {
    if (walk->status == WSE_OK) walk->status = status;
    return 0;
}

static void put(struct walk *walk, const char *bytes, uint64_t size) {
    if (size == 0 || walk->status != WSE_OK) return;
    if (walk->size + size > walk->room) {
        const uint64_t room = (walk->size + size) * 2;
        char *out = realloc(walk->out, (size_t)room);
        if (!out) {
            fail(walk, WSE_ENOMEM);
            return;
        }
        walk->out = out;
        walk->room = room;
    }
    memcpy(walk->out + walk->size, bytes, (size_t)size);
    walk->size += size;
}

static void copy_until(struct walk *walk, const char *end) {
    if (end > walk->copied) put(walk, walk->copied, (uint64_t)(end - walk->copied));
    walk->copied = end;
}

static void skip_blanks(struct walk *walk) {
    while (walk->at < walk->end && strchr(" \t\r\n", *walk->at) && *walk->at) ++walk->at;
}

static int take(struct walk *walk, char c) {
    skip_blanks(walk);
    if (walk->at == walk->end || *walk->at != c) return 0;
    ++walk->at;
    return 1;
}

static int read_hex(const char *at, const char *end, uint32_t *ret) {
    int i;
    *ret = 0;
    if (end - at < 4) return 0;
    for (i = 0; i < 4; ++i) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
        uint32_t value;
        if (!digit) return 0;
        value = (uint32_t)(digit - digits);
        *ret = *ret << 4 | (value > 15 ? value - 6 : value);
    }
    return 1;
}

static unsigned encode(uint32_t code, char *ret) {
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    const unsigned size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    unsigned i;
    for (i = size - 1; i > 0; --i) {
        ret[i] = (char)(0x80u | (code & 0x3fu));
        code >>= 6;
    }
    ret[0] = (char)(code | heads[size]);
    return size;
}

/* The character behind a backslash, one or two \u of a pair; moves *at behind it. */
static unsigned unescape(const char **at, const char *end, char *ret) {
    static const char names[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char c = *(*at)++, *name;
    uint32_t code, low;
    if (c != 'u') {
        name = c ? strchr(names, c) : NULL;
        ret[0] = name ? meanings[name - names] : c;
        return 1;
    }
    if (!read_hex(*at, end, &code)) return 0;
    *at += 4;
    if (code >= 0xd800 && code < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
        read_hex(*at + 2, end, &low) && low >= 0xdc00 && low < 0xe000) {
        *at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    return encode(code, ret);
}

/* Is the text between the quotes that name? */
static int is_name(const char *at, const char *end, const char *name) {
    const char *rest = name + strlen(name);
    while (at < end) {
        char character[4];
        unsigned size = 1;
        character[0] = *at++;
        if (character[0] == '\\') size = at < end ? unescape(&at, end, character) : 0;
        if (size == 0 || (size_t)(rest - name) < size || memcmp(name, character, size) != 0)
            return 0;
        name += size;
    }
    return name == rest;
}

static int is_listed(const struct walk *walk, const char *at, const char *end) {
    uint64_t i;
    for (i = 0; i < walk->rules->members.count; ++i) {
        if (is_name(at, end, walk->rules->members.items[i])) return 1;
    }
    return 0;
}

static int skip_string(struct walk *walk) {
    if (!take(walk, '"')) return fail(walk, WSE_EINVAL);
    while (walk->at < walk->end && *walk->at != '"') {
        if (*walk->at++ == '\\' && walk->at < walk->end) ++walk->at;
    }
    return take(walk, '"') ? 1 : fail(walk, WSE_EINVAL);
}

static int walk_value(struct walk *walk, int depth, int listed);

/* Behind the name and colon of a member that stands in the list. */
static int mask_value(struct walk *walk, int depth) {
    skip_blanks(walk);
    copy_until(walk, walk->at);
    put(walk, "\"", 1);
    put(walk, walk->rules->mask, strlen(walk->rules->mask));
    put(walk, "\"", 1);
    if (!walk_value(walk, depth, 1)) return 0;
    walk->copied = walk->at;
    return 1;
}

/* `kept`: members of this object that were copied so far. */
static int walk_member(struct walk *walk, int depth, int listed, uint64_t *kept) {
    const char *begin, *name;
    int found;
    skip_blanks(walk);
    begin = walk->at;
    if (!skip_string(walk)) return 0;
    name = begin + 1;
    found = !listed && is_listed(walk, name, walk->at - 1);
    if (!take(walk, ':')) return fail(walk, WSE_EINVAL);
    if (!found || walk->rules->mask) {
        if (!listed && (*kept)++ > 0) put(walk, ",", 1);
        if (!listed) {
            walk->copied = begin;
            copy_until(walk, walk->at);
        }
    }
    walk->touched += found;
    if (found && walk->rules->mask) return mask_value(walk, depth);
    if (!walk_value(walk, depth, listed || found)) return 0;
    if (!listed && !found) copy_until(walk, walk->at);
    walk->copied = listed ? walk->copied : walk->at;
    return 1;
}

static int walk_object(struct walk *walk, int depth, int listed) {
    uint64_t kept = 0;
    if (!listed) copy_until(walk, walk->at);
    if (!take(walk, '}')) {
        do {
            if (!walk_member(walk, depth, listed, &kept)) return 0;
        } while (take(walk, ','));
        if (!take(walk, '}')) return fail(walk, WSE_EINVAL);
        if (!listed) walk->copied = walk->at - 1;
    }
    return 1;
}

static int walk_array(struct walk *walk, int depth, int listed) {
    if (take(walk, ']')) return 1;
    do {
        if (!walk_value(walk, depth, listed)) return 0;
    } while (take(walk, ','));
    return take(walk, ']') ? 1 : fail(walk, WSE_EINVAL);
}

/* `listed`: nothing of it is copied, it is only read to its end. */
static int walk_value(struct walk *walk, int depth, int listed) {
    if (depth == MAX_DEPTH) return fail(walk, WSE_EINVAL);
    if (take(walk, '{')) return walk_object(walk, depth + 1, listed);
    if (take(walk, '[')) return walk_array(walk, depth + 1, listed);
    if (walk->at < walk->end && *walk->at == '"') return skip_string(walk);
    if (walk->at == walk->end || strchr(",:]}", *walk->at)) return fail(walk, WSE_EINVAL);
    while (walk->at < walk->end && !strchr(",]} \t\r\n", *walk->at)) ++walk->at;
    return 1;
}

int64_t redact(const struct rules *rules, wse_bytes json, char **ret_data, uint64_t *ret_size) {
    struct walk walk = {0};
    walk.rules = rules;
    walk.at = walk.copied = json.data;
    walk.end = walk.at + json.len;
    if (json.len == 0) return 0;
    if (walk_value(&walk, 0, 0)) {
        skip_blanks(&walk);
        if (walk.at != walk.end) fail(&walk, WSE_EINVAL);
        copy_until(&walk, walk.end);
    }
    if (walk.status != WSE_OK || walk.touched == 0) {
        free(walk.out);
        return walk.status;
    }
    *ret_data = walk.out;
    *ret_size = walk.size;
    return walk.touched;
}

int glob_matches(const char *pattern, wse_bytes text) {
    const char *at = text.data, *end = at + text.len;
    const char *star = NULL, *again = NULL;
    while (at < end) {
        if (*pattern == '*') {
            star = ++pattern;
            again = at;
        } else if (*pattern == '?' || (*pattern && *pattern == *at)) {
            ++pattern;
            ++at;
        } else if (star) {
            pattern = star;
            at = ++again;
        } else {
            return 0;
        }
    }
    while (*pattern == '*') ++pattern;
    return !*pattern;
}
