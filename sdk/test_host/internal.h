/* SPDX-License-Identifier: MIT
 * What the files of the test host know of each other. */
#ifndef WSE_TEST_HOST_INTERNAL_H
#define WSE_TEST_HOST_INTERNAL_H

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include <wse/test_host.h>

#define MAX_COUNTERS 64
#define MAX_HEADERS 16
#define MAX_POSTED 65536
#define MAX_TEXT (1 << 20)
#define MAX_MESSAGES 65536

/* assert() that is there in every build: for what the test itself relies on. */
#define MUST(condition)                                                           \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: must: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                              \
        }                                                                         \
    } while (0)

struct wse_loop {
    uv_loop_t uv;
    uint32_t index;
};

struct counter {
    char name[65];
    int64_t value;
};

struct posted {
    void (*fn)(void *);
    void *arg;
};

struct header {
    const char *name;
    const char *value;
};

/* A question about the history that is answered with the next turn. */
struct lookup {
    char *topic;
    uint64_t count;
    void (*done)(void *arg, int32_t status, const wse_message *messages, uint64_t count);
    void *arg;
};

/* A publish whose place is told with the next turn. */
struct placing {
    void (*done)(void *arg, int32_t status, uint64_t epoch, uint64_t offset);
    void *arg;
    int32_t status;
    uint64_t offset;
};

/* A command or call of an application that is answered with the next turn. */
struct calling {
    void (*done)(void *arg, int32_t status, wse_bytes answer);
    void *arg;
    int32_t status;
    wse_bytes answer;
};

struct messages {
    wse_message *items;
    uint64_t count;
};

struct text {
    char *bytes;
    size_t size;
};

struct wse_test_host {
    wse_host abi; /* first: the module's pointer is ours */
    uv_thread_t thread;
    uint64_t job_count; /* used on that thread alone */
    uv_mutex_t lock;    /* around everything that follows; recursive */
    bool has_service_loop;
    bool created;
    int32_t publish_status;
    uint64_t now_ms;
    wse_loop *loops;
    struct counter counters[MAX_COUNTERS];
    uint32_t counter_count;
    struct header headers[MAX_HEADERS];
    uint32_t header_count;
    struct posted *posted;
    uint64_t posted_count;
    struct lookup *lookups;
    uint64_t lookup_count;
    struct placing *placings;
    uint64_t placing_count;
    struct text log;
    struct text misuse;
    struct messages published, remote, kept;
    wse_app_command *commands;
    uint64_t command_count;
    wse_test_call *calls;
    uint64_t call_count;
    struct calling *callings;
    uint64_t calling_count;
    int32_t called_status;
    char *called_answer;
    int32_t remote_status;
    wse_followed *followed;
    uint64_t followed_count;
    wse_fact *facts;
    uint64_t fact_count;
    wse_bytes *broadcasts;
    uint64_t broadcast_count;
    int32_t health;
    char *health_text;
    uint64_t health_count;
};

static inline wse_test_host *host_of(const wse_host *abi) {
    return (wse_test_host *)(uintptr_t)abi;
}

/* host.c */
void host_misuse(wse_test_host *host, const char *sentence);
/* True on the test's thread, where all loops run; else a misuse. */
bool host_on_loop(wse_test_host *host, const char *function);
bool host_on_service_loop(wse_test_host *host, const wse_loop *loop, const char *function);
/* With a NUL behind it. */
char *host_copy(wse_bytes bytes);
/* Memory for one more item of `size` bytes. */
void *host_grow(void *items, uint64_t count, size_t size);

/* functions.c, answers.c, messages.c, app.c, cluster.c: their part of the table. */
void functions_fill(wse_host *abi);
void answers_fill(wse_host *abi);
void messages_fill(wse_host *abi);
void app_fill(wse_host *abi);
void cluster_fill(wse_host *abi);
/* messages.c */
wse_bytes bytes_copy(wse_bytes bytes);
void bytes_free(wse_bytes bytes);
wse_message message_copy(const wse_message *message);
void message_free(const wse_message *message);
/* False when there is no room. */
bool messages_add(struct messages *messages, const wse_message *message);
void messages_clear(const struct messages *messages);
void messages_answer_placings(wse_test_host *host);
void messages_answer_lookups(wse_test_host *host);
void messages_free(wse_test_host *host);
/* app.c */
void app_answer_callings(wse_test_host *host);
void app_free(wse_test_host *host);
/* cluster.c */
void cluster_free(wse_test_host *host);

#endif
