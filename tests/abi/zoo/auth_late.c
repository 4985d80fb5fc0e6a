/* accepted: answers yes, but only when nobody waits any more */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_OK;
}

static void cancel(void *p, wse_loop *loop, wse_auth_token *token) {
    const struct zoo_self *self = p;
    (void)loop;
    zoo_note(self->config, zoo_admit(self->host, token) == WSE_OK ? "accepted" : "rejected", 0);
}

static const wse_auth_ops ops = {
    .struct_size = sizeof ops, .authenticate = authenticate, .cancel = cancel};

const wse_module_def wse_module = {ZOO_GOOD("auth_late")};
