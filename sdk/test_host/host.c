/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "internal.h"

void host_misuse(wse_test_host *host, const char *sentence) {
    const size_t length = strlen(sentence);
    uv_mutex_lock(&host->lock);
    if (!strstr(host->misuse.bytes, sentence) && host->misuse.size + length + 2 < MAX_TEXT) {
        memcpy(host->misuse.bytes + host->misuse.size, sentence, length);
        host->misuse.size += length;
        host->misuse.bytes[host->misuse.size++] = '\n';
    }
    uv_mutex_unlock(&host->lock);
}

bool host_on_loop(wse_test_host *host, const char *function) {
    char sentence[128];
    const uv_thread_t self = uv_thread_self();
    if (uv_thread_equal(&host->thread, &self)) return true;
    snprintf(sentence, sizeof sentence, "%s was called outside its loop's thread", function);
    host_misuse(host, sentence);
    return false;
}

bool host_on_service_loop(wse_test_host *host, const wse_loop *loop, const char *function) {
    char sentence[128];
    if (!host_on_loop(host, function)) return false;
    if (host->has_service_loop && loop == &host->loops[host->abi.loop_count - 1]) return true;
    snprintf(sentence, sizeof sentence, "%s was called on a loop that is not the service loop",
             function);
    host_misuse(host, sentence);
    return false;
}

char *host_copy(wse_bytes bytes) {
    char *text = calloc(1, (size_t)bytes.len + 1);
    MUST(text);
    if (bytes.len) memcpy(text, bytes.data, (size_t)bytes.len);
    return text;
}

void *host_grow(void *items, uint64_t count, size_t size) {
    void *grown = items;
    /* Doubled whenever the count reaches a power of two. */
    if ((count & (count - 1)) == 0) grown = realloc(items, (size_t)(count ? count * 2 : 1) * size);
    MUST(grown);
    return grown;
}

static bool runs_on_connection_loops(wse_kind kind) {
    return kind == WSE_KIND_AUTH || kind == WSE_KIND_TRANSFORM || kind == WSE_KIND_EVENT;
}

wse_test_host *wse_test_host_new(wse_kind kind, uint32_t loops) {
    wse_test_host *host = calloc(1, sizeof *host);
    MUST(host);
    host->thread = uv_thread_self();
    MUST(uv_mutex_init_recursive(&host->lock) == 0);
    host->has_service_loop = !runs_on_connection_loops(kind) || kind == WSE_KIND_EVENT;
    host->abi.struct_size = sizeof host->abi;
    host->abi.abi_minor = WSE_ABI_MINOR;
    host->abi.loop_count = (runs_on_connection_loops(kind) ? loops : 0) + host->has_service_loop;
    functions_fill(&host->abi);
    answers_fill(&host->abi);
    messages_fill(&host->abi);
    app_fill(&host->abi);
    cluster_fill(&host->abi);
    host->log.bytes = calloc(1, MAX_TEXT);
    host->misuse.bytes = calloc(1, MAX_TEXT);
    host->loops = calloc(host->abi.loop_count, sizeof *host->loops);
    MUST(host->log.bytes && host->misuse.bytes && host->loops);
    for (uint32_t i = 0; i < host->abi.loop_count; ++i) {
        host->loops[i].index = i;
        MUST(uv_loop_init(&host->loops[i].uv) == 0);
    }
    return host;
}

bool wse_test_host_free(wse_test_host *host) {
    bool closed = true;
    for (uint32_t i = 0; i < host->abi.loop_count; ++i)
        closed = uv_loop_close(&host->loops[i].uv) == 0 && closed;
    if (!closed) return false;
    messages_free(host);
    app_free(host);
    cluster_free(host);
    uv_mutex_destroy(&host->lock);
    free(host->posted);
    free(host->loops);
    free(host->log.bytes);
    free(host->misuse.bytes);
    free(host);
    return true;
}

const wse_host *wse_test_host_abi(const wse_test_host *host) {
    return &host->abi;
}

wse_loop *wse_test_host_loop(wse_test_host *host, uint32_t index) {
    MUST(index < host->abi.loop_count);
    return &host->loops[index];
}

wse_loop *wse_test_host_service_loop(wse_test_host *host) {
    return host->has_service_loop ? &host->loops[host->abi.loop_count - 1] : NULL;
}

void wse_test_host_created(wse_test_host *host) {
    host->created = true;
}

void wse_test_host_set_now(wse_test_host *host, uint64_t wall_ms) {
    uv_mutex_lock(&host->lock);
    host->now_ms = wall_ms;
    uv_mutex_unlock(&host->lock);
}

void wse_test_host_set_header(wse_test_host *host, const char *name, const char *value) {
    MUST(host->header_count < MAX_HEADERS);
    host->headers[host->header_count++] = (struct header){name, value};
}

void wse_test_host_set_publish(wse_test_host *host, int32_t status) {
    uv_mutex_lock(&host->lock);
    host->publish_status = status;
    uv_mutex_unlock(&host->lock);
}

/* The functions may post again, which is for the next turn. */
static void run_posted(wse_test_host *host) {
    struct posted *posted;
    uint64_t count;
    uv_mutex_lock(&host->lock);
    posted = host->posted;
    count = host->posted_count;
    host->posted = NULL;
    host->posted_count = 0;
    uv_mutex_unlock(&host->lock);
    for (uint64_t i = 0; i < count; ++i) posted[i].fn(posted[i].arg);
    free(posted);
}

void wse_test_host_turn(wse_test_host *host) {
    for (uint32_t i = 0; i < host->abi.loop_count; ++i) uv_run(&host->loops[i].uv, UV_RUN_NOWAIT);
    run_posted(host);
    messages_answer_lookups(host);
    messages_answer_placings(host);
    app_answer_callings(host);
}

bool wse_test_host_turn_until(wse_test_host *host, bool (*done)(void *), void *arg) {
    const uint64_t end = uv_hrtime() + 10ull * 1000 * 1000 * 1000;
    for (;;) {
        bool is_done;
        uv_mutex_lock(&host->lock);
        is_done = done(arg);
        uv_mutex_unlock(&host->lock);
        if (is_done || uv_hrtime() > end) return is_done;
        wse_test_host_turn(host);
    }
}

bool wse_test_host_is_idle(wse_test_host *host) {
    bool idle;
    uv_mutex_lock(&host->lock);
    idle = host->job_count == 0 && host->posted_count == 0 && host->lookup_count == 0 &&
           host->placing_count == 0 && host->calling_count == 0;
    uv_mutex_unlock(&host->lock);
    return idle;
}

int64_t wse_test_host_counter(const wse_test_host *host, const char *name) {
    for (uint32_t i = 0; i < host->counter_count; ++i) {
        if (strcmp(host->counters[i].name, name) == 0) return host->counters[i].value;
    }
    return -1;
}

const char *wse_test_host_log(const wse_test_host *host) {
    return host->log.bytes;
}

const char *wse_test_host_misuse(const wse_test_host *host) {
    return host->misuse.bytes;
}
