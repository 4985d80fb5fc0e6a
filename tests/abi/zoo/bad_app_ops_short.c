/* refused: wse_app_ops says it has 8 bytes, in ABI 1[.]0 it has 40; set struct_size */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_app_ops ops = {.struct_size = 8};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_APP, ops)};
