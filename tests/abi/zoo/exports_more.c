/* accepted: exports a function beside wse_module, which is for exported_symbols to find */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

WSE_EXPORT int32_t helper(void);

int32_t helper(void) {
    return 0;
}

const wse_module_def wse_module = {ZOO_SOUND};
