/* refused: extension is no token of RFC 9110, as "permessage-deflate" is */
/* SPDX-License-Identifier: MIT */
#include "kinds.h"

static const wse_transform_ops ops = {.struct_size = sizeof ops,
                                      .layer = WSE_LAYER_EXTENSION,
                                      .extension = "deflate;",
                                      .open = zoo_open,
                                      .close = zoo_close,
                                      .encode = zoo_code,
                                      .decode = zoo_code};

const wse_module_def wse_module = {ZOO_KIND(WSE_KIND_TRANSFORM, ops)};
