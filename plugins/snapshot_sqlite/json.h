/* SPDX-License-Identifier: MIT
 * A text that grows up to a limit, and JSON written into it. */
#ifndef SNAPSHOT_SQLITE_JSON_H
#define SNAPSHOT_SQLITE_JSON_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes;
    size_t size, room;
    size_t limit;   /* of size */
    int32_t status; /* WSE_OK, or why nothing more was added: WSE_ETOOBIG, WSE_ENOMEM */
};

void text_add(struct text *text, const char *bytes, size_t size);
void text_add_string(struct text *text, const char *string);
/* In quotes, escaped. */
void text_add_json_string(struct text *text, const char *bytes, size_t size);
void text_free(struct text *text);

#endif
