/* refused: wse_observer_ops says it has 8 bytes, in ABI 1[.]0 it has 24; set struct_size */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_observer_ops ops = {.struct_size = 8, .mask = WSE_OBSERVE_OPEN};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_OBSERVER, ops)};
