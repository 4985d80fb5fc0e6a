/* refused: has 3 of the 5 functions for filters .compile, discard, read, match, close. */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_event_ops ops = {
    .struct_size = sizeof ops, .compile = zoo_compile, .discard = zoo_close, .read = zoo_read};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_EVENT, ops)};
