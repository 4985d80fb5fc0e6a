/* refused: wse_module begins with 0x46434d57, a module with 0x4d455357; begin it with WSE_MODULE */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .magic = 0x46434d57u};
