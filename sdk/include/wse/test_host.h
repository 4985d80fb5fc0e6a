/* SPDX-License-Identifier: MIT
 *
 * wse/test_host.h - a server's side of the module ABI, for the tests of modules.
 *
 * Loops that turn when the test says so, a clock that stands still, and a record of everything the
 * module answered, counted, logged and published. Link libwse_test_host.a and libuv.
 *
 *     wse_test_instance instance;
 *     wse_test_instance_init(&instance, wse_test_load("./snapshot_x.so"));
 *     wse_test_config_set(instance.config, "directory", "/tmp/x");
 *     assert(wse_test_instance_open(&instance) == WSE_OK);
 *     ... calls of the module's ops with a zeroed token, wse_test_host_turn_until(), asserts ...
 *     assert(wse_test_instance_close(&instance));
 *
 * Threads: the test has one, on which all loops run; the module may answer, log, post, count and
 * publish from others. A rule of the ABI that the module breaks is noted, see
 * wse_test_host_misuse(). Out of memory ends the program.
 */
#ifndef WSE_TEST_HOST_H
#define WSE_TEST_HOST_H

#include <stdbool.h>

#include <wse/module.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Tokens. Zero one, pass it, read it; the _clear functions free what was copied. answers
 * must become exactly 1 when the function returned WSE_OK. An answer is only read when it is the
 * first; texts are NULL when there are none, and end with a NUL that is not counted. */

#define WSE_TEST_TOKEN                                                     \
    uint32_t answers;                                                      \
    int32_t status;                                                        \
    uint32_t of;     /* set by the first answer: which function gave it */ \
    uint32_t must_be /* when not 0: an answer by another function is a misuse */

#define WSE_TEST_AUTH_DONE 1u
#define WSE_TEST_SNAPSHOT_DONE 2u
#define WSE_TEST_SUBMIT_DONE 3u
#define WSE_TEST_BATCH_DONE 4u
#define WSE_TEST_ASK_DONE 5u
#define WSE_TEST_STOP_DONE 6u
#define WSE_TEST_COMMAND_DONE 7u

struct wse_auth_token {
    WSE_TEST_TOKEN;
    char *user;
    char *claims;
    uint64_t expires_ms;
};

struct wse_snapshot_token {
    WSE_TEST_TOKEN;
    char *data;
    char *type;
    uint64_t data_size;
    uint64_t epoch;
    uint64_t offset;
    bool has_position;
};

struct wse_submit_token {
    WSE_TEST_TOKEN;
    uint64_t epoch;
    uint64_t offset;
};

struct wse_batch_token {
    WSE_TEST_TOKEN;
    uint32_t progress; /* times that host->batch_progress was called */
};

struct wse_ask_token {
    WSE_TEST_TOKEN;
    char *user;
    char *data;
    uint64_t data_size;
    uint64_t expires_ms;
};

struct wse_command_token {
    WSE_TEST_TOKEN;
    char *answer; /* or the sentence of a failure */
    uint64_t answer_size;
};

struct wse_stop_token {
    WSE_TEST_TOKEN;
};

/* What shape sets. Zero it, pass it, read it. */
struct wse_shaping {
    uint32_t count; /* of sets that were taken */
    bool closed;    /* set it after shape: a set that comes later is a misuse */
    char *type;     /* NULL: not set, as all of these */
    char *id;
    char *payload;
    char *extra;
    char *priority;
    char *time;
};

void wse_auth_token_clear(wse_auth_token *token);
void wse_snapshot_token_clear(wse_snapshot_token *token);
void wse_ask_token_clear(wse_ask_token *token);
void wse_command_token_clear(wse_command_token *token);
void wse_shaping_clear(wse_shaping *shaping);

/* ---- The host. */

typedef struct wse_test_host wse_test_host;

/* `loops` connection loops where the kind runs on them, and a service loop behind them where it
 * runs on that. */
wse_test_host *wse_test_host_new(wse_kind kind, uint32_t loops);
/* False when the module has left a handle open on a loop, which is not freed then. */
bool wse_test_host_free(wse_test_host *host);

const wse_host *wse_test_host_abi(const wse_test_host *host);
wse_loop *wse_test_host_loop(wse_test_host *host, uint32_t index);
/* NULL when the kind does not run on it. */
wse_loop *wse_test_host_service_loop(wse_test_host *host);

/* create has returned: to register a counter is a misuse from now on. */
void wse_test_host_created(wse_test_host *host);
void wse_test_host_set_now(wse_test_host *host, uint64_t wall_ms);
/* What host->header gives, for every token. The strings stay the caller's. */
void wse_test_host_set_header(wse_test_host *host, const char *name, const char *value);
/* What host->publish answers from now on, and publish_then tells with the next turn; WSE_OK at
 * first. */
void wse_test_host_set_publish(wse_test_host *host, int32_t status);
/* What remote_message, followed and remote_fact answer from now on; WSE_OK at first, and nothing is
 * recorded while it is something else. */
void wse_test_host_set_remote(wse_test_host *host, int32_t status);
/* How app_command and api_call go from now on: WSE_EAGAIN is answered at once, anything else is
 * told with the next turn; WSE_OK and no answer at first. Copied. */
void wse_test_host_set_called(wse_test_host *host, int32_t status, const char *answer);
/* Adds to what host->history finds, with the message's own topic and place; copied. */
void wse_test_host_keep(wse_test_host *host, const wse_message *message);

/* Turns every loop once, without waiting, and runs what was posted. */
void wse_test_host_turn(wse_test_host *host);
/* Turns until `done` says so, which no thread of the module disturbs meanwhile. False when it has
 * not after ten seconds. */
bool wse_test_host_turn_until(wse_test_host *host, bool (*done)(void *), void *arg);
/* Nothing of the module is under way: no posted function, no blocking work, no question about the
 * history, no publish whose place and no call whose answer is to be told. The server waits for that
 * before destroy, whether there is a stop or not. */
bool wse_test_host_is_idle(wse_test_host *host);

/* -1: no such counter. */
int64_t wse_test_host_counter(const wse_test_host *host, const char *name);
/* All lines logged so far, each "<level> <text>\n". */
const char *wse_test_host_log(const wse_test_host *host);
/* The rules of the ABI that the module broke, each once, one sentence a line. */
const char *wse_test_host_misuse(const wse_test_host *host);

/* What came, in order; valid until the next one comes. */
typedef struct wse_test_messages {
    const wse_message *items;
    uint64_t count;
} wse_test_messages;
typedef struct wse_test_commands {
    const wse_app_command *items;
    uint64_t count;
} wse_test_commands;
typedef struct wse_test_call { /* of host->api_call */
    wse_bytes operation;
    wse_bytes params;
} wse_test_call;
typedef struct wse_test_calls {
    const wse_test_call *items;
    uint64_t count;
} wse_test_calls;

typedef struct wse_test_followed {
    const wse_followed *items;
    uint64_t count;
} wse_test_followed;
typedef struct wse_test_facts {
    const wse_fact *items;
    uint64_t count;
} wse_test_facts;
typedef struct wse_test_broadcasts {
    const wse_bytes *items;
    uint64_t count;
} wse_test_broadcasts;
typedef struct wse_test_health {
    int32_t status; /* the last one that was told */
    const char *text;
    uint64_t count; /* of times that one was told */
} wse_test_health;

wse_test_messages wse_test_host_published(const wse_test_host *host);
wse_test_messages wse_test_host_remote(const wse_test_host *host);
wse_test_followed wse_test_host_followed(const wse_test_host *host);
wse_test_facts wse_test_host_facts(const wse_test_host *host);
wse_test_broadcasts wse_test_host_broadcasts(const wse_test_host *host);
wse_test_health wse_test_host_health(const wse_test_host *host);
wse_test_commands wse_test_host_commands(const wse_test_host *host);
wse_test_calls wse_test_host_calls(const wse_test_host *host);

/* ---- A config struct, filled from a module's option table as the server does. */

typedef struct wse_test_config wse_test_config;

/* With the fallbacks of the table. */
wse_test_config *wse_test_config_new(const wse_module_def *def);
/* As it would stand in the file, without quotes; items of a list and "key=value" of pairs with
 * commas between them. False when there is no such option, or it does not take the value. */
bool wse_test_config_try(wse_test_config *config, const char *name, const char *value);
/* The same, and ends the program. */
void wse_test_config_set(wse_test_config *config, const char *name, const char *value);
const void *wse_test_config_data(const wse_test_config *config);
void wse_test_config_free(wse_test_config *config);

/* ---- A built module, taken through its lifecycle. */

#define WSE_TEST_LOOPS 2

typedef struct wse_test_instance {
    const wse_module_def *def;
    wse_test_host *host;
    wse_test_config *config;
    void *self; /* NULL until opened */
    bool opened;
    wse_error error;
} wse_test_instance;

/* Loaded once and never unloaded, as by the server. Ends the program when it cannot be. */
const wse_module_def *wse_test_load(const char *path);

/* A host with WSE_TEST_LOOPS connection loops, and a config with the fallbacks; set options next.
 */
void wse_test_instance_init(wse_test_instance *instance, const wse_module_def *def);
/* check, create, and start on each loop. Gives the first status that is not WSE_OK, with its
 * sentence in `error`; what was done until there has been undone. */
int32_t wse_test_instance_open(wse_test_instance *instance);
/* Kind auth: authenticate, and the answer when it comes at once. */
int32_t wse_test_instance_ask(wse_test_instance *instance, uint32_t loop, uint32_t source,
                              const char *credential, const char *peer, wse_auth_token *ret);
/* stop, the end of what is under way, destroy, and the end of host and config. False when that did
 * not come in time, a handle was left open or a rule was broken, which standard error tells. */
bool wse_test_instance_close(wse_test_instance *instance);

#ifdef __cplusplus
}
#endif
#endif
