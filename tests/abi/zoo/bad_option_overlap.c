/* refused: option table: option 'second': overlaps option 'first' */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static const wse_option options[] = {
    {.name = "first", .type = WSE_OPT_INT, .offset = 0, .fallback = "1"},
    {.name = "second", .type = WSE_OPT_BOOL, .offset = 4, .fallback = "true"},
    {.name = NULL},
};

const wse_module_def wse_module = {ZOO_SOUND, .options = options, .config_size = 8};
