/* accepted: check opens a file, changes its mind, and nobody is helped by the options */
/* SPDX-License-Identifier: MIT */
/* found: check gives another verdict the second time */
/* found: check leaves a descriptor or a thread behind */
/* found: option 'limit': no help; the manual page is made of it */
/* found: option 'limit': neither required nor a fallback */
/* found: option 'mode': a choice stands twice */
#include <fcntl.h>

#include "zoo.h"

static const wse_option options[] = {
    {.name = "limit", .type = WSE_OPT_INT, .offset = 0},
    {.name = "mode",
     .type = WSE_OPT_ENUM,
     .offset = 8,
     .choices = "one|two|one",
     .fallback = "one",
     .help = "a choice"},
    {.name = NULL},
};

static int32_t check(const void *config, wse_error *error) {
    static int calls;
    (void)config;
    error->text[0] = '!';
    if (open("/dev/null", O_RDONLY) < 0) return WSE_EIO;
    return calls++ > 0 ? WSE_EINVAL : WSE_OK;
}

const wse_module_def wse_module = {ZOO_SOUND, .options = options, .config_size = 16,
                                   .check = check};
