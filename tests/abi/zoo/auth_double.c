/* accepted: answers no, and then, to the same question, yes */
/* SPDX-License-Identifier: MIT */
/* found: auth_done was called twice for one question */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    (void)loop, (void)request;
    self->host->auth_done(self->host, token, WSE_EDENIED, NULL);
    zoo_note(self->config, zoo_admit(self->host, token) == WSE_OK ? "accepted" : "rejected", 0);
    return WSE_OK;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("auth_double")};
