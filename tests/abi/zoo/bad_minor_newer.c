/* refused: needs module ABI 1[.]3, this server speaks 1[.]0; upgrade the server or build it */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .abi_minor = 3};
