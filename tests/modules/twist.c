/* SPDX-License-Identifier: MIT */
#include "twist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/must.h"

/* The segments of the token as text of their own; `token` is freed at the end. */
static char *rebuild(char *token, const char *format, int a, int b, int c) {
    char *segments[3], *out = malloc(strlen(token) * 3 + 64), *end;
    segments[0] = strdup(token);
    segments[1] = strchr(segments[0], '.');
    *segments[1]++ = '\0';
    segments[2] = strchr(segments[1], '.');
    *segments[2]++ = '\0';
    MUST(out);
    end = out;
    for (const int order[] = {a, b, c}, *next = order; *format; ++format) {
        if (*format == '#') {
            end += sprintf(end, "%s", segments[*next++]);
        } else {
            *end++ = *format;
        }
    }
    *end = '\0';
    free(segments[0]);
    free(token);
    return out;
}

static char *first_dot(char *token) {
    return strchr(token, '.');
}

static char *last_dot(char *token) {
    return strrchr(token, '.');
}

static char *replace(char *token, const char *text) {
    free(token);
    return strdup(text);
}

/* Another character of the alphabet, two steps or more away, so that its decoded bits differ even
 * where the last ones do not count. */
static void flip(char *c) {
    *c = *c == 'A' ? 'Q' : 'A';
}

char *drop_signature(char *token) {
    last_dot(token)[1] = '\0';
    return token;
}

char *drop_last_segment(char *token) {
    *last_dot(token) = '\0';
    return token;
}

char *keep_header_only(char *token) {
    *first_dot(token) = '\0';
    return token;
}

char *add_segment(char *token) {
    return rebuild(token, "#.#.#.AAAA", 0, 1, 2);
}

char *add_dot(char *token) {
    return rebuild(token, "#.#.#.", 0, 1, 2);
}

char *lead_with_dot(char *token) {
    return rebuild(token, ".#.#.#", 0, 1, 2);
}

char *drop_header(char *token) {
    return rebuild(token, ".#.#", 1, 2, 0);
}

char *drop_payload(char *token) {
    return rebuild(token, "#..#", 0, 2, 0);
}

char *swap_header_payload(char *token) {
    return rebuild(token, "#.#.#", 1, 0, 2);
}

char *swap_payload_signature(char *token) {
    return rebuild(token, "#.#.#", 0, 2, 1);
}

char *pad_signature(char *token) {
    return rebuild(token, "#.#.#=", 0, 1, 2);
}

char *pad_payload(char *token) {
    return rebuild(token, "#.#=.#", 0, 1, 2);
}

char *plus_in_signature(char *token) {
    last_dot(token)[1] = '+';
    return token;
}

char *slash_in_payload(char *token) {
    first_dot(token)[3] = '/';
    return token;
}

char *percent_in_signature(char *token) {
    return rebuild(token, "#.#.%2D#", 0, 1, 2);
}

char *blank_in_payload(char *token) {
    return rebuild(token, "#. #.#", 0, 1, 2);
}

char *newline_after(char *token) {
    return rebuild(token, "#.#.#\n", 0, 1, 2);
}

char *blank_before(char *token) {
    return rebuild(token, " #.#.#", 0, 1, 2);
}

char *scheme_before(char *token) {
    return rebuild(token, "Bearer #.#.#", 0, 1, 2);
}

char *set_trailing_bits(char *token) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *last = token + strlen(token) - 1;
    const size_t value = (size_t)(strchr(alphabet, *last) - alphabet);
    MUST((value & 3) == 0); /* 32 octets leave two bits over */
    *last = alphabet[value | 1];
    return token;
}

char *cut_signature(char *token) {
    char *signature = last_dot(token) + 1;
    signature[(strlen(signature) - 1) & ~(size_t)3] = '\0'; /* whole groups: valid base64 */
    return token;
}

char *lone_character(char *token) {
    token[strlen(token) - 2] = '\0';
    return token;
}

char *lengthen_signature(char *token) {
    return rebuild(token, "#.#.AAAA#", 0, 1, 2);
}

char *flip_signature_start(char *token) {
    flip(last_dot(token) + 1);
    return token;
}

char *flip_signature_end(char *token) {
    flip(token + strlen(token) - 4);
    return token;
}

char *flip_payload(char *token) {
    flip(last_dot(token) - 4);
    return token;
}

char *zero_signature(char *token) {
    for (char *c = last_dot(token) + 1; *c; ++c) *c = 'A';
    return token;
}

char *two_letters(char *token) {
    return replace(token, "..");
}

char *only_garbage(char *token) {
    return replace(token, "not a token at all");
}

char *nothing(char *token) {
    return replace(token, "");
}
