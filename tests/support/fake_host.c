/* SPDX-License-Identifier: MIT */
#include "support/fake_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "support/must.h"

#define MAX_COUNTERS 64
#define MAX_POSTED 64
#define MAX_LOG (1 << 20)

struct wse_loop {
    uv_loop_t uv;
    uint32_t index;
};

struct counter {
    char name[64];
    int64_t value;
};

struct posted {
    void (*fn)(void *);
    void *arg;
};

struct fake_host {
    wse_host abi; /* first: the module's pointer is ours */
    uint64_t now_ms;
    wse_loop *loops;
    struct counter counters[MAX_COUNTERS];
    uint32_t counter_count;
    struct posted posted[MAX_POSTED];
    uint32_t posted_count;
    char *log;
    size_t log_size;
};

struct job {
    uv_work_t request;
    void (*blocking)(void *);
    void (*after)(void *);
    void *arg;
};

static fake_host *host_of(const wse_host *abi) {
    return (fake_host *)(uintptr_t)abi;
}

static char *copy(wse_bytes bytes) {
    char *text = calloc(1, (size_t)bytes.len + 1);
    MUST(text);
    if (bytes.len) memcpy(text, bytes.data, (size_t)bytes.len);
    return text;
}

static void host_log(const wse_host *abi, int32_t level, const char *text) {
    fake_host *host = host_of(abi);
    const size_t room = MAX_LOG - host->log_size;
    const int n = snprintf(host->log + host->log_size, room, "%d %s\n", (int)level, text);
    MUST(n > 0 && (size_t)n < room);
    host->log_size += (size_t)n;
}

static uint64_t host_now_ms(const wse_host *abi) {
    return host_of(abi)->now_ms;
}

static int32_t host_post(const wse_host *abi, wse_loop *loop, void (*fn)(void *), void *arg) {
    fake_host *host = host_of(abi);
    (void)loop;
    if (host->posted_count == MAX_POSTED) return WSE_EAGAIN;
    host->posted[host->posted_count++] = (struct posted){fn, arg};
    return WSE_OK;
}

static void host_stat_add(const wse_host *abi, uint32_t id, int64_t delta) {
    fake_host *host = host_of(abi);
    MUST(id < host->counter_count);
    host->counters[id].value += delta;
}

static int32_t host_auth_done(const wse_host *abi, wse_auth_token *token, int32_t status,
                              const wse_auth_result *result) {
    (void)abi;
    if (++token->answers > 1) return WSE_EINVAL;
    token->status = status;
    if (status != WSE_OK) return WSE_OK;
    MUST(result && result->struct_size == sizeof *result && result->user.len > 0);
    token->user = copy(result->user);
    token->claims = copy(result->claims);
    token->expires_ms = result->expires_ms;
    return WSE_OK;
}

static void host_stop_done(const wse_host *abi, wse_stop_token *token) {
    (void)abi;
    ++token->answers;
}

static uint32_t host_loop_index(const wse_host *abi, const wse_loop *loop) {
    (void)abi;
    return loop->index;
}

static void *host_uv(const wse_host *abi, wse_loop *loop) {
    (void)abi;
    return &loop->uv;
}

static void job_run(uv_work_t *request) {
    struct job *job = request->data;
    job->blocking(job->arg);
}

static void job_after(uv_work_t *request, int status) {
    struct job *job = request->data;
    (void)status;
    job->after(job->arg);
    free(job);
}

static int32_t host_work(const wse_host *abi, wse_loop *loop, void (*blocking)(void *),
                         void (*after)(void *), void *arg) {
    struct job *job = calloc(1, sizeof *job);
    (void)abi;
    MUST(job);
    *job = (struct job){.blocking = blocking, .after = after, .arg = arg};
    job->request.data = job;
    return uv_queue_work(&loop->uv, &job->request, job_run, job_after) == 0 ? WSE_OK : WSE_EAGAIN;
}

static int32_t host_header(const wse_host *abi, const wse_auth_token *token, const char *name,
                           wse_bytes *ret) {
    (void)abi, (void)token, (void)name, (void)ret;
    return WSE_ENOTFOUND;
}

static int32_t host_stat(const wse_host *abi, const char *name, const char *help,
                         uint32_t *ret_id) {
    fake_host *host = host_of(abi);
    MUST(help && *help);
    if (host->counter_count == MAX_COUNTERS) return WSE_ETOOBIG;
    *ret_id = host->counter_count;
    snprintf(host->counters[host->counter_count++].name, sizeof host->counters[0].name, "%s", name);
    return WSE_OK;
}

fake_host *fake_host_new(uint32_t loops) {
    fake_host *host = calloc(1, sizeof *host);
    MUST(host);
    host->log = calloc(1, MAX_LOG);
    host->loops = calloc(loops, sizeof *host->loops);
    MUST(host->log && host->loops);
    for (uint32_t i = 0; i < loops; ++i) {
        host->loops[i].index = i;
        uv_loop_init(&host->loops[i].uv);
    }
    host->abi = (wse_host){
        .struct_size = sizeof host->abi,
        .abi_minor = WSE_ABI_MINOR,
        .loop_count = loops,
        .log = host_log,
        .now_ms = host_now_ms,
        .post = host_post,
        .stat_add = host_stat_add,
        .auth_done = host_auth_done,
        .stop_done = host_stop_done,
        .loop_index = host_loop_index,
        .uv = host_uv,
        .work = host_work,
        .header = host_header,
        .stat = host_stat,
    };
    return host;
}

void fake_host_free(fake_host *host) {
    for (uint32_t i = 0; i < host->abi.loop_count; ++i) {
        MUST(uv_loop_close(&host->loops[i].uv) == 0 && "the module left a handle open");
    }
    free(host->loops);
    free(host->log);
    free(host);
}

const wse_host *fake_host_abi(const fake_host *host) {
    return &host->abi;
}

wse_loop *fake_host_loop(fake_host *host, uint32_t index) {
    return &host->loops[index];
}

void fake_host_set_now(fake_host *host, uint64_t wall_ms) {
    host->now_ms = wall_ms;
}

void fake_host_turn(fake_host *host) {
    const uint32_t posted = host->posted_count;
    for (uint32_t i = 0; i < host->abi.loop_count; ++i) uv_run(&host->loops[i].uv, UV_RUN_NOWAIT);
    for (uint32_t i = 0; i < posted; ++i) host->posted[i].fn(host->posted[i].arg);
    host->posted_count -= posted;
    memmove(host->posted, host->posted + posted, host->posted_count * sizeof host->posted[0]);
}

bool fake_host_turn_until(fake_host *host, bool (*done)(void *), void *arg) {
    const uint64_t end = uv_hrtime() + 10ull * 1000 * 1000 * 1000;
    while (!done(arg)) {
        if (uv_hrtime() > end) return false;
        fake_host_turn(host);
    }
    return true;
}

int64_t fake_host_counter(const fake_host *host, const char *name) {
    for (uint32_t i = 0; i < host->counter_count; ++i) {
        if (strcmp(host->counters[i].name, name) == 0) return host->counters[i].value;
    }
    return -1;
}

const char *fake_host_log(const fake_host *host) {
    return host->log;
}

void fake_token_clear(wse_auth_token *token) {
    free(token->user);
    free(token->claims);
    *token = (wse_auth_token){0};
}
