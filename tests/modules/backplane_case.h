/* SPDX-License-Identifier: MIT
 * Hosts that are joined by a built module of kind backplane, in one process, and a Redis between
 * them. What a module tells its host is kept as lines, in the order in which it came. */
#ifndef WSE_TESTS_BACKPLANE_CASE_H
#define WSE_TESTS_BACKPLANE_CASE_H

#include <wse/test_host.h>

#define BACKPLANE_MAX_LINES 8192

typedef struct backplane_host {
    wse_test_instance instance;
    /* "followed <topic> <offset> <payload>...", "message <topic> <offset> <payload>",
     * "fact <kind> <topic> <key> <value>", "broadcast <data>", "health <status> <text>" */
    char *lines[BACKPLANE_MAX_LINES];
    uint32_t line_count;
    uint64_t epoch;     /* of the last message, or of the last topic that was followed */
    uint64_t last_ms;   /* time_ms of the last message */
    char last_id[64];   /* id of the last message */
    bool is_busy;       /* answers WSE_EAGAIN */
    uint32_t held;      /* messages it has answered so */
    int32_t health;     /* 1: not told */
    int32_t answered;   /* status of command_done; 1: none */
    char answer[16384]; /* of command_done */
    bool is_open;
} backplane_host;

/* Redis on a port that the kernel chose; with its log of what was done, which a kill does not lose,
 * when it is durable. Each test starts and stops its own. */
void redis_start(bool is_durable);
void redis_stop(void);
void redis_restart(void); /* the same, killed */
void redis_freeze(bool frozen);
/* What it answers to a command; ends with the connection. Valid until the next one. */
const char *redis_command(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* With these options, which end with NULL, and connected when Redis runs. */
void backplane_open(backplane_host *host, const wse_module_def *module,
                    const char *const options[]);
void backplane_close(backplane_host *host);

int32_t backplane_submit(backplane_host *host, const char *topic, const char *id,
                         const char *payload, uint64_t history, wse_submit_token *token);
/* Waits for the answer, which must be WSE_OK, and gives the offset. */
uint64_t backplane_publish(backplane_host *host, const char *topic, const char *payload,
                           uint64_t history);
void backplane_follow(backplane_host *host, const char *topic, uint64_t epoch, uint64_t offset,
                      uint64_t history);
void backplane_unfollow(backplane_host *host, const char *topic);
void backplane_set_fact(backplane_host *host, const char *topic, const char *key,
                        const char *value);

/* Turns all open hosts until it is so; fails the test when it is not after twenty seconds. */
void backplane_wait(bool (*done)(const void *), const void *arg);
void backplane_wait_for(const wse_submit_token *token);
/* Until the host has been told this so often, exactly. */
void backplane_wait_line(const backplane_host *host, const char *line, uint32_t times);
/* … or more often: that a fact holds may be told once more. */
void backplane_wait_fact(const backplane_host *host, const char *line, uint32_t least);
void backplane_wait_counter(const backplane_host *host, const char *counter, int64_t least);
/* Until it has answered WSE_EAGAIN to a message. */
void backplane_wait_held(const backplane_host *host);
void backplane_wait_health(const backplane_host *host, int32_t status);
void backplane_wait_log(const backplane_host *host, const char *event);
/* Lines that begin so. */
uint32_t backplane_count(const backplane_host *host, const char *beginning);
int64_t backplane_counter(const backplane_host *host, const char *counter);

#endif
