/* refused: wse_backplane_ops says it has 63 bytes, in ABI 1[.]0 it has 64; set struct_size */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_backplane_ops ops = {.struct_size = 63};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_BACKPLANE, ops)};
