/* accepted: cannot be created, and says nothing of the reason */
/* SPDX-License-Identifier: MIT */
/* found: create fails */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    (void)host, (void)ret_self, (void)error;
    zoo_note(config, "create", 0);
    return WSE_ENOMEM;
}

const wse_module_def wse_module = {WSE_MODULE(WSE_KIND_AUTH, 0),
                                   .name = "create_fails",
                                   .version = "1.0",
                                   .options = zoo_options,
                                   .option_size = sizeof(wse_option),
                                   .config_size = sizeof(struct zoo_config),
                                   .ops = &ops,
                                   .create = create,
                                   .destroy = zoo_destroy};
