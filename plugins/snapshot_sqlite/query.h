/* SPDX-License-Identifier: MIT
 * The statement of a snapshot_sqlite: opened read-only, run for one request at a time. */
#ifndef SNAPSHOT_SQLITE_QUERY_H
#define SNAPSHOT_SQLITE_QUERY_H

#include <wse/module.h>

#include "json.h"

struct query; /* used by one thread at a time */

struct query_options {
    const char *database;
    const char *sql;
    int64_t busy_timeout_ms;
    int one_row; /* an object, not an array */
};

struct query_result {
    struct text data; /* its limit is the caller's */
    int has_position;
    uint64_t epoch, offset;
    char why[160]; /* when the status is WSE_EIO or WSE_EINVAL */
};

/* The parameters of the statement. */
struct query_values {
    wse_bytes topic, user, params;
};

/* On failure one sentence in `error`, and NULL. Does not wait for a lock. */
struct query *query_open(const struct query_options *options, wse_error *error);
void query_close(struct query *query);

/* Waits for the disk. WSE_ENOTFOUND: no row where there must be one. Soon after any thread has made
 * `canceled` other than 0, atomically, it ends with WSE_ECANCELED. */
int32_t query_run(struct query *query, const struct query_values *values, const int *canceled,
                  struct query_result *ret);

#endif
