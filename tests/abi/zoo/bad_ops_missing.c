/* refused: ops is empty; point it to the module.s wse_auth_ops */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .ops = NULL};
