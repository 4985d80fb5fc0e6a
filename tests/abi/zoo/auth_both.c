/* accepted: answers yes and then says that it did not take the question */
/* SPDX-License-Identifier: MIT */
/* found: auth.*answered, and not taken, with status */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    (void)loop, (void)request;
    zoo_admit(self->host, token);
    return WSE_EAGAIN;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("auth_both")};
