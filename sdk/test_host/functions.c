/* SPDX-License-Identifier: MIT
 * What every kind of module uses: log, clock, posts, blocking work, counters. */
#include <string.h>
#include <strings.h>

#include "internal.h"

struct job {
    uv_work_t request;
    wse_test_host *host;
    void (*blocking)(void *);
    void (*after)(void *);
    void *arg;
};

static void host_log(const wse_host *abi, int32_t level, const char *text) {
    wse_test_host *host = host_of(abi);
    size_t room;
    int n;
    if (!text) return;
    uv_mutex_lock(&host->lock);
    room = MAX_TEXT - host->log.size;
    n = snprintf(host->log.bytes + host->log.size, room, "%d %s\n", (int)level, text);
    if (n > 0 && (size_t)n < room)
        host->log.size += (size_t)n;
    else
        host->log.bytes[host->log.size] = '\0';
    uv_mutex_unlock(&host->lock);
}

static uint64_t host_now_ms(const wse_host *abi) {
    wse_test_host *host = host_of(abi);
    uint64_t now_ms;
    uv_mutex_lock(&host->lock);
    now_ms = host->now_ms;
    uv_mutex_unlock(&host->lock);
    return now_ms;
}

static bool knows_loop(wse_test_host *host, const wse_loop *loop) {
    if (loop >= host->loops && loop < host->loops + host->abi.loop_count) return true;
    host_misuse(host, "a loop that is not the module's own was passed");
    return false;
}

static int32_t host_post(const wse_host *abi, wse_loop *loop, void (*fn)(void *), void *arg) {
    wse_test_host *host = host_of(abi);
    int32_t status = WSE_EAGAIN;
    if (!fn || !knows_loop(host, loop)) return WSE_EINVAL;
    uv_mutex_lock(&host->lock);
    if (host->posted_count < MAX_POSTED) {
        host->posted = host_grow(host->posted, host->posted_count, sizeof *host->posted);
        host->posted[host->posted_count++] = (struct posted){fn, arg};
        status = WSE_OK;
    }
    uv_mutex_unlock(&host->lock);
    return status;
}

static void host_stat_add(const wse_host *abi, uint32_t id, int64_t delta) {
    wse_test_host *host = host_of(abi);
    uv_mutex_lock(&host->lock);
    if (id < host->counter_count)
        host->counters[id].value += delta;
    else
        host_misuse(host, "stat_add was called for a counter that is not registered");
    uv_mutex_unlock(&host->lock);
}

static bool is_counter_name(const char *name) {
    const size_t length = name ? strlen(name) : 0;
    return length > 0 && length < sizeof((struct counter *)0)->name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static int32_t host_stat(const wse_host *abi, const char *name, const char *help,
                         uint32_t *ret_id) {
    wse_test_host *host = host_of(abi);
    struct counter *counter;
    if (host->created) {
        host_misuse(host, "stat was called outside create");
        return WSE_EINVAL;
    }
    if (!help || !*help) host_misuse(host, "stat was called without a help text");
    if (!is_counter_name(name) || wse_test_host_counter(host, name) != -1) {
        host_misuse(host, "stat was called with a name that is taken, or none");
        return WSE_EINVAL;
    }
    if (host->counter_count == MAX_COUNTERS) return WSE_ETOOBIG;
    *ret_id = host->counter_count;
    counter = &host->counters[host->counter_count++];
    memcpy(counter->name, name, strlen(name) + 1);
    return WSE_OK;
}

static uint32_t host_loop_index(const wse_host *abi, const wse_loop *loop) {
    wse_test_host *host = host_of(abi);
    host_on_loop(host, "loop_index");
    return knows_loop(host, loop) ? loop->index : UINT32_MAX;
}

static void *host_uv(const wse_host *abi, wse_loop *loop) {
    wse_test_host *host = host_of(abi);
    return host_on_loop(host, "uv") && knows_loop(host, loop) ? &loop->uv : NULL;
}

static void job_run(uv_work_t *request) {
    struct job *job = request->data;
    job->blocking(job->arg);
}

static void job_after(uv_work_t *request, int status) {
    struct job *job = request->data;
    (void)status;
    if (job->after) job->after(job->arg);
    --job->host->job_count;
    free(job);
}

static int32_t host_work(const wse_host *abi, wse_loop *loop, void (*blocking)(void *),
                         void (*after)(void *), void *arg) {
    wse_test_host *host = host_of(abi);
    struct job *job;
    if (!blocking || !host_on_loop(host, "work") || !knows_loop(host, loop)) return WSE_EINVAL;
    job = calloc(1, sizeof *job);
    MUST(job);
    *job = (struct job){.host = host, .blocking = blocking, .after = after, .arg = arg};
    job->request.data = job;
    if (uv_queue_work(&loop->uv, &job->request, job_run, job_after) != 0) {
        free(job);
        return WSE_EAGAIN;
    }
    ++host->job_count;
    return WSE_OK;
}

static int32_t host_header(const wse_host *abi, const wse_auth_token *token, const char *name,
                           wse_bytes *ret) {
    wse_test_host *host = host_of(abi);
    if (!token || !name || !ret || !host_on_loop(host, "header")) return WSE_EINVAL;
    for (uint32_t i = 0; i < host->header_count; ++i) {
        const struct header *header = &host->headers[i];
        if (strcasecmp(header->name, name) != 0) continue;
        *ret = (wse_bytes){header->value, strlen(header->value)};
        return WSE_OK;
    }
    return WSE_ENOTFOUND;
}

void functions_fill(wse_host *abi) {
    abi->log = host_log;
    abi->now_ms = host_now_ms;
    abi->post = host_post;
    abi->stat_add = host_stat_add;
    abi->stat = host_stat;
    abi->loop_index = host_loop_index;
    abi->uv = host_uv;
    abi->work = host_work;
    abi->header = host_header;
}
