/* refused: is of kind 7 \(app\), this server serves only kind 1 \(auth\); upgrade */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .kind = WSE_KIND_APP};
