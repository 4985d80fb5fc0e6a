/* refused: observe is empty; every module of kind observer has one */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_observer_ops ops = {.struct_size = sizeof ops, .mask = WSE_OBSERVE_OPEN};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_OBSERVER, ops)};
