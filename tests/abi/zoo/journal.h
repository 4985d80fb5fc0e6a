/* SPDX-License-Identifier: MIT
 *
 * What the good modules of the zoo share: an option `journal`, a file to which each call of the
 * server adds a line, for the tests to read; counters would be gone when destroy is called.
 */
#ifndef ZOO_JOURNAL_H
#define ZOO_JOURNAL_H

#include <stdio.h>
#include <stdlib.h>

#include <wse/module.h>

struct zoo_config {
    const char *journal;
};

static const wse_option zoo_options[] = {
    {.name = "journal", .type = WSE_OPT_STRING, .help = "file that gets a line for each call"},
    {.name = NULL},
};

static inline void zoo_note(const struct zoo_config *config, const char *call, uint32_t loop) {
    FILE *file = config->journal ? fopen(config->journal, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s %u\n", call, (unsigned)loop);
    fclose(file);
}

/* The whole of what most of them need for a self. */
struct zoo_self {
    const wse_host *host;
    const struct zoo_config *config;
};

static inline int32_t zoo_create(const wse_host *host, const void *config, void **ret_self,
                                 wse_error *error) {
    struct zoo_self *self = malloc(sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    zoo_note(config, "create", 0);
    *ret_self = self;
    return WSE_OK;
}

static inline void zoo_destroy(void *p) {
    struct zoo_self *self = p;
    zoo_note(self->config, "destroy", 0);
    free(self);
}

/* Admits as "alice". */
static inline int32_t zoo_admit(const wse_host *host, wse_auth_token *token) {
    const wse_auth_result result = {.struct_size = sizeof result, .user = {"alice", 5}};
    return host->auth_done(host, token, WSE_OK, &result);
}

#define ZOO_GOOD(module_name)                                                                    \
    WSE_MODULE(WSE_KIND_AUTH, 0), .name = module_name, .version = "1.0", .options = zoo_options, \
                                  .option_size = sizeof(wse_option),                             \
                                  .config_size = sizeof(struct zoo_config), .ops = &ops,         \
                                  .create = zoo_create, .destroy = zoo_destroy

#endif
