/* refused: the dynamic linker refuses it: undefined symbol: zoo_nowhere; install what it needs */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

extern int32_t zoo_nowhere(const void *config, wse_error *error);

const wse_module_def wse_module = {ZOO_SOUND, .check = zoo_nowhere};
