/* refused: version has a character that is not printable ASCII */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .version = "1.0\n"};
