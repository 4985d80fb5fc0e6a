/* refused: is of kind 42, this server knows kinds 1 to 7; upgrade the server */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .kind = 42};
