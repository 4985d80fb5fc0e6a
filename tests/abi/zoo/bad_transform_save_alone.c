/* refused: save or restore is empty; a module has both or none */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_transform_ops ops = {.struct_size = sizeof ops,
                                      .layer = WSE_LAYER_CIPHER,
                                      .prefix = "E:",
                                      .open = zoo_open,
                                      .close = zoo_close,
                                      .encode = zoo_code,
                                      .decode = zoo_code,
                                      .save = zoo_save};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_TRANSFORM, ops)};
