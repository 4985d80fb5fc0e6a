/* SPDX-License-Identifier: MIT
 * cmocka.h does not include what it needs, and the formatter would sort it first. */
#ifndef WSE_TESTS_WITH_CMOCKA_H
#define WSE_TESTS_WITH_CMOCKA_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
