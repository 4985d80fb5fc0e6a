/* refused: deliver is empty; every module of kind app has one */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_app_ops ops = {.struct_size = sizeof ops};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_APP, ops)};
