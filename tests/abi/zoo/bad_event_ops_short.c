/* refused: wse_event_ops says it has 16 bytes, in ABI 1[.]0 it has 56; set struct_size */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_event_ops ops = {.struct_size = 16};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_EVENT, ops)};
