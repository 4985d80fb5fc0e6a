/* SPDX-License-Identifier: MIT
 * A server's side of the module ABI for tests: loops that turn when the test says so, a clock that
 * stands still, and a record of everything the module answered, counted and logged. One thread. */
#ifndef WSE_TESTS_FAKE_HOST_H
#define WSE_TESTS_FAKE_HOST_H

#include <stdbool.h>

#include <wse/module.h>

typedef struct fake_host fake_host;

/* A question under way. Zero it, pass it, read it, then fake_token_clear(). */
struct wse_auth_token {
    int answers; /* must become exactly 1 when authenticate returned WSE_OK */
    int32_t status;
    char *user; /* NULL unless granted */
    char *claims;
    uint64_t expires_ms;
};

struct wse_stop_token {
    int answers;
};

fake_host *fake_host_new(uint32_t loops);
void fake_host_free(fake_host *host);

const wse_host *fake_host_abi(const fake_host *host);
wse_loop *fake_host_loop(fake_host *host, uint32_t index);

void fake_host_set_now(fake_host *host, uint64_t wall_ms);
/* Turns every loop once, without waiting, and runs what was posted. */
void fake_host_turn(fake_host *host);
/* Turns until `done` says so. False when it has not after ten seconds. */
bool fake_host_turn_until(fake_host *host, bool (*done)(void *), void *arg);

/* -1: no such counter. */
int64_t fake_host_counter(const fake_host *host, const char *name);
/* All lines logged so far, each "<level> <text>\n". */
const char *fake_host_log(const fake_host *host);

void fake_token_clear(wse_auth_token *token);

#endif
