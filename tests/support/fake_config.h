/* SPDX-License-Identifier: MIT
 * Fills a module's config struct from its option table, as the server does, from words as they
 * would stand in the file (lists with commas between the items). */
#ifndef WSE_TESTS_FAKE_CONFIG_H
#define WSE_TESTS_FAKE_CONFIG_H

#include <wse/module.h>

typedef struct fake_config fake_config;

/* With the fallbacks of the table. */
fake_config *fake_config_new(const wse_module_def *def);
/* The option must exist and the value be of its type, or the test ends. */
void fake_config_set(fake_config *config, const char *name, const char *value);
const void *fake_config_data(const fake_config *config);
void fake_config_free(fake_config *config);

#endif
