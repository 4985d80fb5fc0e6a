/* accepted: exports a function beside wse_module, which is one too many */
/* SPDX-License-Identifier: MIT */
/* found: exports .*; a module exports only wse_module */
#include "zoo.h"

WSE_EXPORT int32_t helper(void);

int32_t helper(void) {
    return 0;
}

const wse_module_def wse_module = {ZOO_SOUND};
