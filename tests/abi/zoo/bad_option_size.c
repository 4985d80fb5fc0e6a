/* refused: option_size is 8, in ABI 1[.]0 it is 72; set it to sizeof\(wse_option\) */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

struct config {
    int64_t limit;
};

static const wse_option options[] = {
    {.name = "limit", .type = WSE_OPT_INT, .max = 9, .fallback = "1"},
    {.name = NULL},
};

const wse_module_def wse_module = {ZOO_SOUND, .options = options, .option_size = 8,
                                   .config_size = sizeof(struct config)};
