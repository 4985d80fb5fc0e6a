/* refused: create is empty; every module has one */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .create = NULL};
