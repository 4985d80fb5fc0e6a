/* refused: needs module ABI 2[.]0, this server speaks 1[.]0; upgrade the server */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .abi_major = 2};
