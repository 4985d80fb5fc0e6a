/* SPDX-License-Identifier: MIT
 * assert() that is there in every build: for what the test itself relies on. */
#ifndef WSE_TESTS_MUST_H
#define WSE_TESTS_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                           \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "%s:%d: must: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                              \
        }                                                                         \
    } while (0)

#endif
