/* refused: mask is 0; a module of kind observer names the events it wants to */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_observer_ops ops = {.struct_size = sizeof ops, .observe = zoo_observe};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_OBSERVER, ops)};
