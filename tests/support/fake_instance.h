/* SPDX-License-Identifier: MIT
 * A built module from its .so, taken through its lifecycle with a fake host. */
#ifndef WSE_TESTS_FAKE_INSTANCE_H
#define WSE_TESTS_FAKE_INSTANCE_H

#include "support/fake_config.h"
#include "support/fake_host.h"

#define FAKE_LOOPS 2

/* Loaded once and never unloaded, as by the server. Ends the test program when it cannot be. */
const wse_module_def *fake_module_load(const char *name);

typedef struct fake_instance {
    const wse_module_def *def;
    fake_host *host;
    fake_config *config;
    void *self; /* NULL until opened */
    wse_error error;
} fake_instance;

/* A host and a config with the module's fallbacks; set options next. */
void fake_instance_init(fake_instance *instance, const wse_module_def *def);
/* check, create, and start on each loop. Gives the first status that is not WSE_OK, with its
 * sentence in `error`; what was done until there has been undone. */
int32_t fake_instance_open(fake_instance *instance);
/* authenticate, and the answer when it comes at once. */
int32_t fake_instance_ask(fake_instance *instance, uint32_t loop, uint32_t source,
                          const char *credential, const char *peer, wse_auth_token *ret);
/* stop, destroy, and the end of the host. False when a loop has not stopped in time. */
bool fake_instance_close(fake_instance *instance);

#endif
