/* refused: wse_module says it has 4096 bytes, the symbol has 96; begin it with WSE_MODULE */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .struct_size = 4096};
