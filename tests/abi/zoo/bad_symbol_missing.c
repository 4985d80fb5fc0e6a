/* refused: exports no symbol wse_module; it is no module */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

/* What forgetting WSE_EXPORT in a header of one's own comes to. */
extern const wse_module_def module;
WSE_EXPORT const wse_module_def module = {ZOO_SOUND};
