/* accepted: says twice that it has stopped */
/* SPDX-License-Identifier: MIT */
/* found: stop_done was called twice */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    const struct zoo_self *self = p;
    (void)loop;
    self->host->stop_done(self->host, token);
    self->host->stop_done(self->host, token);
}

const wse_module_def wse_module = {ZOO_GOOD("stop_twice"), .stop = stop};
