/* SPDX-License-Identifier: MIT
 * snapshot_sqlite: the state behind a topic is what a query finds in an SQLite database. Requests
 * wait in a line on the service loop; one at a time runs in the thread pool. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/module.h>

#include "query.h"

#define MAX_WAITING 1024 /* the server asks once for all who want the same, so they are topics */

struct config {
    const char *database;
    const char *query;
    int32_t result;
    int32_t per_user;
    int64_t busy_timeout;
    int64_t max_size;
};

static const wse_option options[] = {
    {"database", WSE_OPT_STRING, WSE_OPT_F_REQUIRED | WSE_OPT_F_PATH,
     offsetof(struct config, database), 0, 0, NULL, NULL, NULL, "the file; it is only read"},
    {"query", WSE_OPT_STRING, WSE_OPT_F_REQUIRED, offsetof(struct config, query), 0, 0, NULL, NULL,
     NULL, "one SELECT; ?1 is the topic, ?2 the user, ?3 the params of the subscription"},
    {"result", WSE_OPT_ENUM, 0, offsetof(struct config, result), 0, 0, "array", "array|object",
     NULL, "all rows, or the first one, without which the topic has no snapshot"},
    {"per_user", WSE_OPT_BOOL, 0, offsetof(struct config, per_user), 0, 0, "false", NULL, NULL,
     "ask for each user, who is ?2 then; else one answer serves everybody"},
    {"busy_timeout", WSE_OPT_DURATION, 0, offsetof(struct config, busy_timeout), 0, 60000, "1s",
     NULL, NULL, "how long to wait for a writer that holds the database"},
    {"max_size", WSE_OPT_SIZE, 0, offsetof(struct config, max_size), 64, 64 << 20, "256k", NULL,
     NULL, "the largest snapshot; what is larger is none"},
    {NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL},
};

struct self;

/* One request, with what it asked copied behind it. */
struct job {
    struct job *next;
    struct self *self;
    wse_snapshot_token *token;
    struct query_values values;
    int canceled; /* set on the loop, read in the pool */
    int32_t status;
    struct query_result result;
    char text[];
};

struct self {
    const wse_host *host;
    const struct config *config;
    struct query *query;
    wse_loop *loop;
    struct job *first, *last; /* the first one runs */
    uint32_t waiting;
    wse_stop_token *stopping;
    uint32_t answered, failed; /* counters */
};

static void run_first(struct self *self);

static void answer(struct self *self, struct job *job, int32_t status) {
    wse_snapshot snapshot = {0};
    snapshot.struct_size = sizeof snapshot;
    snapshot.has_position = (uint32_t)job->result.has_position;
    snapshot.epoch = job->result.epoch;
    snapshot.offset = job->result.offset;
    snapshot.data.data = job->result.data.bytes;
    snapshot.data.len = job->result.data.size;
    self->host->stat_add(self->host, status == WSE_OK ? self->answered : self->failed, 1);
    self->host->snapshot_done(self->host, job->token, status, status == WSE_OK ? &snapshot : NULL);
    text_free(&job->result.data);
    free(job);
}

static void drop_first(struct self *self) {
    self->first = self->first->next;
    if (!self->first) self->last = NULL;
    --self->waiting;
}

static void finish(void *p) WSE_NOEXCEPT {
    struct job *job = p;
    struct self *self = job->self;
    if (*job->result.why) self->host->log(self->host, WSE_LOG_ERROR, job->result.why);
    drop_first(self);
    answer(self, job, job->status);
    if (self->first)
        run_first(self);
    else if (self->stopping)
        self->host->stop_done(self->host, self->stopping);
}

static void blocking(void *p) WSE_NOEXCEPT {
    struct job *job = p;
    job->status = WSE_ECANCELED;
    if (__atomic_load_n(&job->canceled, __ATOMIC_RELAXED)) return;
    job->status = query_run(job->self->query, &job->values, &job->canceled, &job->result);
}

static void run_first(struct self *self) {
    while (self->first) {
        struct job *job = self->first;
        if (self->host->work(self->host, self->loop, blocking, finish, job) == WSE_OK) return;
        drop_first(self);
        answer(self, job, WSE_EAGAIN);
    }
    if (self->stopping) self->host->stop_done(self->host, self->stopping);
}

static wse_bytes copy_to(char **at, wse_bytes bytes) {
    const wse_bytes copy = {*at, bytes.len};
    if (bytes.len) memcpy(*at, bytes.data, (size_t)bytes.len);
    *at += bytes.len;
    return copy;
}

static int32_t request_snapshot(void *p, wse_loop *loop, const wse_snapshot_request *request,
                                wse_snapshot_token *token) WSE_NOEXCEPT {
    struct self *self = p;
    const uint64_t size = request->topic.len + request->user.len + request->params.len;
    struct job *job;
    char *at;
    if (self->waiting == MAX_WAITING) return WSE_EAGAIN;
    job = calloc(1, sizeof *job + (size_t)size);
    if (!job) return WSE_ENOMEM;
    at = job->text;
    job->self = self;
    job->token = token;
    job->values.topic = copy_to(&at, request->topic);
    job->values.user = copy_to(&at, request->user);
    job->values.params = copy_to(&at, request->params);
    job->result.data.limit = (size_t)self->config->max_size;
    self->loop = loop;
    if (self->last)
        self->last->next = job;
    else
        self->first = job;
    self->last = job;
    if (self->waiting++ == 0) run_first(self);
    return WSE_OK;
}

/* The one that runs is broken off and comes home with finish; the others have not begun. */
static void cancel(void *p, wse_loop *loop, wse_snapshot_token *token) WSE_NOEXCEPT {
    struct self *self = p;
    struct job *job = self->first;
    (void)loop;
    while (job && job->token != token) job = job->next;
    if (job) __atomic_store_n(&job->canceled, 1, __ATOMIC_RELAXED);
}

static int32_t per_user(void *p) WSE_NOEXCEPT {
    const struct self *self = p;
    return self->config->per_user;
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) WSE_NOEXCEPT {
    struct self *self = p;
    struct job *job;
    (void)loop;
    if (!self->first) {
        self->host->stop_done(self->host, token);
        return;
    }
    self->stopping = token;
    for (job = self->first; job; job = job->next)
        __atomic_store_n(&job->canceled, 1, __ATOMIC_RELAXED);
}

static void destroy(void *p) WSE_NOEXCEPT {
    struct self *self = p;
    if (self->query) query_close(self->query);
    free(self);
}

static int32_t create(const wse_host *host, const void *p, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    const struct config *config = p;
    struct query_options open = {0};
    struct self *self = calloc(1, sizeof *self);
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    open.database = config->database;
    open.sql = config->query;
    open.busy_timeout_ms = config->busy_timeout;
    open.one_row = config->result == 1;
    self->query = query_open(&open, error);
    if (!self->query || host->stat(host, "answered", "snapshots given", &self->answered) ||
        host->stat(host, "failed", "requests without an answer to give", &self->failed)) {
        destroy(self);
        return WSE_EINVAL;
    }
    *ret_self = self;
    return WSE_OK;
}

static const wse_snapshot_ops ops = {sizeof ops, 0, request_snapshot, cancel, per_user};

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0),
    "snapshot_sqlite",
    "1.0",
    options,
    sizeof(wse_option),
    sizeof(struct config),
    &ops,
    NULL,
    create,
    NULL,
    stop,
    destroy,
};
