/* refused: option table: option 'mode': an empty choice */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static const wse_option options[] = {
    {.name = "mode", .type = WSE_OPT_ENUM, .choices = "one||two", .fallback = "one"},
    {.name = NULL},
};

const wse_module_def wse_module = {ZOO_SOUND, .options = options, .config_size = 8};
