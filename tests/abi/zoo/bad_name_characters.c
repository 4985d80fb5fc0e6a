/* refused: name has the character 0x2e at place 5; only lower-case letters, digits and '_' */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .name = "auth.jwt"};
