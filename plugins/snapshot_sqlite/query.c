/* SPDX-License-Identifier: MIT */
#include "query.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUSY_PAUSE_MS 5
#define OPCODES_BETWEEN_LOOKS 1000 /* some microseconds */

struct query {
    sqlite3 *database;
    sqlite3_stmt *statement;
    int one_row;
    int64_t busy_timeout_ms;
    int64_t busy_since_ms;
    const int *canceled; /* of the run that is under way, or NULL */
    int columns, parameters;
    int data, epoch, offset; /* columns with a meaning of their own, or -1 */
};

static int column_named(const struct query *query, const char *name) {
    int i;
    for (i = 0; i < query->columns; ++i) {
        if (sqlite3_stricmp(sqlite3_column_name(query->statement, i), name) == 0) return i;
    }
    return -1;
}

/* NULL, or what is wrong with the columns. */
static const char *find_columns(struct query *query) {
    query->columns = sqlite3_column_count(query->statement);
    if (query->columns == 0) return "query: gives no columns";
    query->data = column_named(query, "data");
    query->epoch = column_named(query, "epoch");
    query->offset = column_named(query, "offset");
    if ((query->epoch < 0) != (query->offset < 0))
        return "query: gives one of epoch and offset, and a place needs both";
    return NULL;
}

/* NULL, or what is wrong with the statement. */
static const char *judge(struct query *query, const char *rest) {
    if (!query->statement) return "query: is empty";
    if (rest[strspn(rest, " \t\r\n;")]) return "query: has more than one statement";
    if (!sqlite3_stmt_readonly(query->statement)) return "query: it changes the database";
    query->parameters = sqlite3_bind_parameter_count(query->statement);
    if (query->parameters > 3) return "query: has more parameters than ?1, ?2 and ?3";
    return find_columns(query);
}

static int prepare(struct query *query, const struct query_options *options, wse_error *error) {
    const char *problem, *rest = "";
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX;
    if (sqlite3_open_v2(options->database, &query->database, flags, NULL) != SQLITE_OK) {
        snprintf(error->text, sizeof error->text, "database: %.200s",
                 query->database ? sqlite3_errmsg(query->database) : "out of memory");
        return 0;
    }
    if (sqlite3_prepare_v3(query->database, options->sql, -1, SQLITE_PREPARE_PERSISTENT,
                           &query->statement, &rest) != SQLITE_OK) {
        snprintf(error->text, sizeof error->text, "query: %.200s", sqlite3_errmsg(query->database));
        return 0;
    }
    problem = judge(query, rest);
    if (problem) snprintf(error->text, sizeof error->text, "%s", problem);
    return problem == NULL;
}

static int is_canceled(const struct query *query) {
    return query->canceled && __atomic_load_n(query->canceled, __ATOMIC_RELAXED);
}

static int look(void *p) {
    return is_canceled(p);
}

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SQLite's own would sleep on when the server stops: sqlite3_interrupt does not wake it, and is
 * forgotten when it comes before the first step. */
static int wait_for_writer(void *p, int times) {
    const struct timespec pause = {0, BUSY_PAUSE_MS * 1000000L};
    struct query *query = p;
    const int64_t now_ms = monotonic_ms();
    if (times == 0) query->busy_since_ms = now_ms;
    if (is_canceled(query) || now_ms - query->busy_since_ms >= query->busy_timeout_ms) return 0;
    nanosleep(&pause, NULL);
    return 1;
}

struct query *query_open(const struct query_options *options, wse_error *error) {
    struct query *query = calloc(1, sizeof *query);
    if (!query) return NULL;
    query->one_row = options->one_row;
    query->busy_timeout_ms = options->busy_timeout_ms;
    if (!prepare(query, options, error)) {
        query_close(query);
        return NULL;
    }
    sqlite3_busy_handler(query->database, wait_for_writer, query);
    sqlite3_progress_handler(query->database, OPCODES_BETWEEN_LOOKS, look, query);
    return query;
}

void query_close(struct query *query) {
    sqlite3_finalize(query->statement);
    sqlite3_close(query->database);
    free(query);
}

static void bind(const struct query *query, int place, wse_bytes value) {
    if (place > query->parameters) return;
    if (value.len == 0)
        sqlite3_bind_null(query->statement, place);
    else
        sqlite3_bind_text64(query->statement, place, value.data, value.len, SQLITE_STATIC,
                            SQLITE_UTF8);
}

/* Epochs are shown to people in hexadecimal; a writer may have kept them so. */
static uint64_t number_in(const struct query *query, int column, int base) {
    const char *text;
    if (sqlite3_column_type(query->statement, column) == SQLITE_INTEGER)
        return (uint64_t)sqlite3_column_int64(query->statement, column);
    text = (const char *)sqlite3_column_text(query->statement, column);
    return text ? strtoull(text, NULL, base) : 0;
}

static void add_value(const struct query *query, int column, struct text *data) {
    char number[40];
    switch (sqlite3_column_type(query->statement, column)) {
        case SQLITE_INTEGER:
            snprintf(number, sizeof number, "%lld",
                     (long long)sqlite3_column_int64(query->statement, column));
            text_add_string(data, number);
            break;
        case SQLITE_FLOAT: /* sqlite's own printf knows no locale */
            sqlite3_snprintf(sizeof number, number, "%!.17g",
                             sqlite3_column_double(query->statement, column));
            text_add_string(data, strstr(number, "Inf") ? "null" : number);
            break;
        case SQLITE_TEXT:
            text_add_json_string(data, (const char *)sqlite3_column_text(query->statement, column),
                                 (size_t)sqlite3_column_bytes(query->statement, column));
            break;
        default: /* null, and what JSON has no word for */
            text_add_string(data, "null");
    }
}

static void add_row(const struct query *query, struct text *data) {
    const char *separator = "{";
    int i;
    if (query->data >= 0) { /* JSON already */
        const char *json = (const char *)sqlite3_column_text(query->statement, query->data);
        text_add_string(data, json ? json : "null");
        return;
    }
    for (i = 0; i < query->columns; ++i) {
        const char *name = sqlite3_column_name(query->statement, i);
        if (i == query->epoch || i == query->offset) continue;
        if (!name) { /* sqlite had no memory for it */
            data->status = WSE_ENOMEM;
            return;
        }
        text_add_string(data, separator);
        text_add_json_string(data, name, strlen(name));
        text_add_string(data, ":");
        add_value(query, i, data);
        separator = ",";
    }
    text_add_string(data, *separator == '{' ? "{}" : "}");
}

static void take_position(const struct query *query, struct query_result *ret) {
    if (query->epoch < 0 || ret->has_position) return;
    if (sqlite3_column_type(query->statement, query->epoch) == SQLITE_NULL) return;
    ret->has_position = 1;
    ret->epoch = number_in(query, query->epoch, 16);
    ret->offset = number_in(query, query->offset, 10);
}

static int32_t failure(const struct query *query, int code, struct query_result *ret) {
    if (is_canceled(query)) return WSE_ECANCELED;
    snprintf(ret->why, sizeof ret->why, "%s", sqlite3_errmsg(query->database));
    return code == SQLITE_BUSY ? WSE_EAGAIN : WSE_EIO;
}

static int32_t read_rows(struct query *query, struct query_result *ret) {
    const char *problem = NULL;
    uint64_t rows = 0;
    int code;
    if (!query->one_row) text_add_string(&ret->data, "[");
    while ((code = sqlite3_step(query->statement)) == SQLITE_ROW) {
        /* The first step prepares again when the schema has changed, maybe to other columns. */
        if (rows == 0) problem = find_columns(query);
        if (problem) {
            snprintf(ret->why, sizeof ret->why, "%s", problem);
            return WSE_EIO;
        }
        if (rows++ > 0) text_add_string(&ret->data, ",");
        take_position(query, ret);
        add_row(query, &ret->data);
        if (query->one_row || ret->data.status != WSE_OK) return ret->data.status;
    }
    if (code != SQLITE_DONE) return failure(query, code, ret);
    if (query->one_row) return WSE_ENOTFOUND;
    text_add_string(&ret->data, "]");
    return ret->data.status;
}

int32_t query_run(struct query *query, const struct query_values *values, const int *canceled,
                  struct query_result *ret) {
    int32_t status;
    query->canceled = canceled;
    bind(query, 1, values->topic);
    bind(query, 2, values->user);
    bind(query, 3, values->params);
    status = read_rows(query, ret);
    sqlite3_reset(query->statement);
    sqlite3_clear_bindings(query->statement);
    query->canceled = NULL;
    return status;
}
