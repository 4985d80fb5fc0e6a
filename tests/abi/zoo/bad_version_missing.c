/* refused: version is empty; give wse_module a version */
#include "zoo.h"

const wse_module_def wse_module = {ZOO_SOUND, .version = NULL};
