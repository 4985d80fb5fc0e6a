/* refused: name is empty; give wse_module a name */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .name = NULL};
