/* accepted: takes every question and answers none; notes that it was told of the end */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_OK;
}

static void cancel(void *p, wse_loop *loop, wse_auth_token *token) {
    const struct zoo_self *self = p;
    (void)token;
    zoo_note(self->config, "cancel", self->host->loop_index(self->host, loop));
}

static const wse_auth_ops ops = {
    .struct_size = sizeof ops, .authenticate = authenticate, .cancel = cancel};

const wse_module_def wse_module = {ZOO_GOOD("auth_never")};
