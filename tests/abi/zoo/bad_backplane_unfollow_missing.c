/* refused: submit, follow or unfollow is empty; every module of kind backplane */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_backplane_ops ops = {
    .struct_size = sizeof ops, .submit = zoo_submit, .follow = zoo_follow};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_BACKPLANE, ops)};
