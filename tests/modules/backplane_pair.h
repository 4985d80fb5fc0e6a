/* SPDX-License-Identifier: MIT
 * Two hosts, joined by the module under test, and a Redis for each case: what the programs share
 * that test backplane_redis.so. Included once in a program. */
#ifndef WSE_TESTS_BACKPLANE_PAIR_H
#define WSE_TESTS_BACKPLANE_PAIR_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backplane_case.h"
#include "support/with_cmocka.h"

#define PAYLOAD "{\"n\":1}"

static const wse_module_def *module; /* of load_module() */
static backplane_host a, b;

static inline void open_both(const char *const options[]) {
    backplane_open(&a, module, options);
    backplane_open(&b, module, options);
}

static inline void close_both(void) {
    backplane_close(&a);
    backplane_close(&b);
}

/* The messages 1 to count of the topic, each once, in this order. */
static inline void assert_each_once(const backplane_host *host, const char *topic, uint32_t count) {
    uint32_t next = 1;
    char head[64];
    for (uint32_t i = 0; i < host->line_count; ++i) {
        const int length = snprintf(head, sizeof head, "message %s ", topic);
        if (strncmp(host->lines[i], head, (size_t)length) != 0) continue;
        assert_int_equal(atoi(host->lines[i] + length), next);
        ++next;
    }
    assert_int_equal(next, count + 1);
}

static inline int begin(void **state) {
    (void)state;
    redis_start(false);
    return 0;
}

static inline int end(void **state) {
    (void)state;
    redis_stop();
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

static inline void load_module(void) {
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    module = wse_test_load(MODULE_FILE);
}

#endif
