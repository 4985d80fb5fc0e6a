/* refused: wse_module is not an object; define it as const wse_module_def */
/* SPDX-License-Identifier: MIT */
#include <stdint.h>

__attribute__((visibility("default"))) int32_t wse_module(void);

int32_t wse_module(void) {
    return 0;
}
