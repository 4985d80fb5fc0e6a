/* refused: is of kind 0, this server knows kinds 1 to 7 */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .kind = 0};
