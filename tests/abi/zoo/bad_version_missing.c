/* refused: version is empty; give wse_module a version */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .version = NULL};
