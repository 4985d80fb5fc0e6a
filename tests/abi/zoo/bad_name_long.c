/* refused: name is longer than 64 characters; shorten it */
/* SPDX-License-Identifier: MIT */
#include "zoo.h"

const wse_module_def wse_module = {
    ZOO_SOUND,
    .name = "a_name_that_is_longer_than_any_column_of_any_table_that_wsectl_will_ever_print"};
