/* refused: destroy is empty; every module has one */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .destroy = NULL};
