/* SPDX-License-Identifier: MIT
 * A JSON text copied without the members of some names, at any depth. */
#ifndef EVENT_REDACT_REDACT_H
#define EVENT_REDACT_REDACT_H

#include <stdint.h>

#include <wse/module.h>

struct rules {
    wse_strings members; /* names, in UTF-8 */
    const char *mask;    /* NULL: they go; else a plain text that takes the place of the value */
};

/* How many members were touched; with 0 nothing was allocated. Else *ret_data is the caller's to
 * free. Negative: WSE_ENOMEM, or WSE_EINVAL for what is not JSON or nested too deeply. A name is
 * found however it is escaped, since who reads it does not see the escapes. */
int64_t redact(const struct rules *rules, wse_bytes json, char **ret_data, uint64_t *ret_size);

/* `*` is any run of bytes, also none, `?` one byte. */
int glob_matches(const char *pattern, wse_bytes text);

#endif
