/* refused: option table: .*limit */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct config {
    int64_t limit;
};

static const wse_option options[] = {
    {.name = "limit", .type = WSE_OPT_INT, .max = 9, .fallback = "1"},
    {.name = "limit", .type = WSE_OPT_INT, .max = 9, .fallback = "1"},
    {.name = NULL},
};

const wse_module_def wse_module = {ZOO_SOUND, .options = options,
                                   .config_size = sizeof(struct config)};
