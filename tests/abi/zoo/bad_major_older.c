/* refused: needs module ABI 0[.]9, this server speaks 1[.]0; build the module with this */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .abi_major = 0, .abi_minor = 9};
