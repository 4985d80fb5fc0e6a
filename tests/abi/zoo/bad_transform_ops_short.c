/* refused: wse_transform_ops says it has 64 bytes, in ABI 1[.]0 it has 96; set struct_size */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_transform_ops ops = {.struct_size = 64};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_TRANSFORM, ops)};
