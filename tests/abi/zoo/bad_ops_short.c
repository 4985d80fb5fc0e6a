/* refused: wse_auth_ops says it has 8 bytes, in ABI 1[.]0 it has 32; set struct_size */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static const wse_auth_ops ops = {.struct_size = 8, .authenticate = zoo_authenticate};

const wse_module_def wse_module = {ZOO_SOUND, .ops = &ops};
