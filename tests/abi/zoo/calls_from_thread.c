/* accepted: calls a host function of its loop from a thread, with a question to begin it */
/* SPDX-License-Identifier: MIT */
/* found: uv was called outside its loop's thread */
#include <pthread.h>

#include "journal.h"

struct call {
    const wse_host *host;
    wse_loop *loop;
    int refused;
};

static void *run(void *arg) {
    struct call *call = arg;
    call->refused = call->host->uv(call->host, call->loop) == NULL;
    return NULL;
}

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    struct call call = {self->host, loop, 0};
    pthread_t thread;
    (void)request;
    if (!self->host->uv(self->host, loop)) return WSE_EIO;
    if (pthread_create(&thread, NULL, run, &call) != 0) return WSE_EAGAIN;
    pthread_join(thread, NULL);
    return self->host->auth_done(self->host, token, call.refused ? WSE_EDENIED : WSE_EIO, NULL);
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("calls_from_thread")};
