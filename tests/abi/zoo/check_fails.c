/* accepted: is never content with its options */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

static int32_t check(const void *config, wse_error *error) {
    (void)config;
    snprintf(error->text, sizeof error->text, "journal and diary cannot be given together");
    return WSE_EINVAL;
}

const wse_module_def wse_module = {ZOO_GOOD("check_fails"), .check = check};
