/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/module.h>

static int grow(struct text *text, size_t size) {
    size_t room = text->room ? text->room : 256;
    char *bytes;
    while (room < size) room *= 2;
    bytes = realloc(text->bytes, room);
    if (!bytes) return 0;
    text->bytes = bytes;
    text->room = room;
    return 1;
}

void text_add(struct text *text, const char *bytes, size_t size) {
    if (text->status != WSE_OK || size == 0) return;
    if (size > text->limit - text->size) {
        text->status = WSE_ETOOBIG;
    } else if (text->size + size > text->room && !grow(text, text->size + size)) {
        text->status = WSE_ENOMEM;
    } else {
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
    }
}

void text_add_string(struct text *text, const char *string) {
    text_add(text, string, strlen(string));
}

void text_add_json_string(struct text *text, const char *bytes, size_t size) {
    size_t from = 0, i;
    text_add_string(text, "\"");
    for (i = 0; i < size; ++i) {
        const unsigned char c = (unsigned char)bytes[i];
        char escape[8];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        text_add(text, bytes + from, i - from);
        snprintf(escape, sizeof escape, "\\u%04x", c);
        text_add_string(text, escape);
        from = i + 1;
    }
    text_add(text, bytes + from, size - from);
    text_add_string(text, "\"");
}

void text_free(struct text *text) {
    free(text->bytes);
    memset(text, 0, sizeof *text);
}
