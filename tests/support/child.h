/* SPDX-License-Identifier: MIT
 * A program beside a test: a server to talk with, say. It ends with the test, however that ends. */
#ifndef WSE_TESTS_CHILD_H
#define WSE_TESTS_CHILD_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct child {
    pid_t pid;
    int input;
    int output;
} child;

/* Found through PATH; arguments end with NULL. Ends the test program when it cannot be started. */
child child_start(const char *const arguments[]);
/* A line of its standard output without the newline; ends the test program when none comes. */
void child_read_line(const child *it, char *line, size_t size);
/* Kills it and waits for it. */
void child_stop(child *it);

#ifdef __cplusplus
}
#endif
#endif
