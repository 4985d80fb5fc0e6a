/* accepted: has nothing but what it must have */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

/* No options, no start, no stop. */
static int32_t create_nothing(const wse_host *host, const void *config, void **ret_self,
                              wse_error *error) {
    (void)host, (void)config, (void)ret_self, (void)error;
    return WSE_OK;
}

static void destroy_nothing(void *self) {
    (void)self;
}

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_AUTH, 0), .name = "minimal",         .version = "1.0", .ops = &ops,
    .create = create_nothing,     .destroy = destroy_nothing};
