/* refused: shape is empty; a module of kind event has it, or filters */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_event_ops ops = {.struct_size = sizeof ops};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_EVENT, ops)};
