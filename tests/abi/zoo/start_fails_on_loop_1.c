/* accepted: starts on loop 0 and fails on loop 1 */
/* SPDX-License-Identifier: MIT */
/* found: start fails */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    const struct zoo_self *self = p;
    const uint32_t index = self->host->loop_index(self->host, loop);
    zoo_note(self->config, "start", index);
    if (index != 1) return WSE_OK;
    snprintf(error->text, sizeof error->text, "loop 1 is not to my taste\nnor is loop 2");
    return WSE_EIO;
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    const struct zoo_self *self = p;
    zoo_note(self->config, "stop", self->host->loop_index(self->host, loop));
    self->host->stop_done(self->host, token);
}

const wse_module_def wse_module = {ZOO_GOOD("start_fails"), .start = start, .stop = stop};
