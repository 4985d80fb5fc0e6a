/* refused: authenticate is empty; every module of kind auth has one */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

static const wse_auth_ops ops = {.struct_size = sizeof ops};

const wse_module_def wse_module = {ZOO_SOUND, .ops = &ops};
