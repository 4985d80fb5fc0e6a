/* SPDX-License-Identifier: MIT
 * The tokens auth_jwt is shown, and what must become of each. */
#ifndef WSE_TESTS_JWT_CASES_H
#define WSE_TESTS_JWT_CASES_H

#include <stddef.h>

#include "mint.h"
#include "twist.h"

#define NOW_S 1767323045 /* 2026-01-02T03:04:05Z, where the fake clock stands */

typedef struct jwt_case {
    const char *name;
    const char *options; /* "name=value name=value"; @file is a file of mint_dir() */
    signer signer;
    const char *header;
    const char *payload;
    twist *twist;        /* or NULL */
    const char *outcome; /* the counter that must go up, and only it */
} jwt_case;

extern const jwt_case jwt_cases[];
extern const size_t jwt_case_count;

#endif
