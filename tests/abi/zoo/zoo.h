/* SPDX-License-Identifier: MIT
 *
 * A module in which nothing is wrong. Each bad module takes it and spoils one thing:
 *     const wse_module_def wse_module = {ZOO_SOUND, .name = NULL};
 * Its first comment holds the refusal it must meet, as a regular expression.
 */
#ifndef ZOO_H
#define ZOO_H

#include <wse/module.h>

static inline int32_t zoo_authenticate(void *self, wse_loop *loop, const wse_auth_request *request,
                                       wse_auth_token *token) {
    (void)self, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops zoo_ops = {.struct_size = sizeof(wse_auth_ops),
                                     .authenticate = zoo_authenticate};

static inline int32_t zoo_create(const wse_host *host, const void *config, void **ret_self,
                                 wse_error *error) {
    (void)host, (void)config, (void)ret_self, (void)error;
    return WSE_OK;
}

static inline void zoo_destroy(void *self) {
    (void)self;
}

#define ZOO_SOUND                                                                                  \
    .magic = WSE_MODULE_MAGIC, .abi_major = WSE_ABI_MAJOR, .abi_minor = 0,                         \
    .struct_size = sizeof(wse_module_def), .kind = WSE_KIND_AUTH, .name = "zoo", .version = "1.0", \
    .options = NULL, .option_size = sizeof(wse_option), .config_size = 0, .ops = &zoo_ops,         \
    .check = NULL, .create = zoo_create, .start = NULL, .stop = NULL, .destroy = zoo_destroy

#endif
