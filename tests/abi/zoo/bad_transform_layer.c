/* refused: layer 0 is none of 1 [(]compression[)], 2 [(]codec[)], 3 [(]cipher[)] and 4 */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_transform_ops ops = {.struct_size = sizeof ops,
                                      .prefix = "C:",
                                      .open = zoo_open,
                                      .close = zoo_close,
                                      .encode = zoo_code,
                                      .decode = zoo_code};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_TRANSFORM, ops)};
