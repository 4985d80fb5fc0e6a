/* accepted: keeps its first token and answers it again, yes, with every later question */
/* SPDX-License-Identifier: MIT */
/* Hoping to let in somebody else; the questions themselves it answers no. */
#include "journal.h"

static wse_auth_token *first;

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    (void)loop, (void)request;
    if (first) zoo_admit(self->host, first);
    if (!first) first = token;
    return self->host->auth_done(self->host, token, WSE_EDENIED, NULL);
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("auth_stale")};
