/* accepted: has blocking work and a post under way when it is stopped, and stops after both */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

struct stopping {
    const struct zoo_self *self;
    wse_loop *loop;
    wse_stop_token *token;
};

static void blocking(void *arg) {
    (void)arg;
}

static void posted(void *arg) {
    struct stopping *stopping = arg;
    const wse_host *host = stopping->self->host;
    zoo_note(stopping->self->config, "stopped", host->loop_index(host, stopping->loop));
    free(stopping);
}

/* stop_done comes before the post has run: the server waits for it all the same. */
static void after(void *arg) {
    struct stopping *stopping = arg;
    const wse_host *host = stopping->self->host;
    host->post(host, stopping->loop, posted, stopping);
    host->stop_done(host, stopping->token);
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    const struct zoo_self *self = p;
    struct stopping *stopping = malloc(sizeof *stopping);
    if (!stopping) abort();
    *stopping = (struct stopping){self, loop, token};
    zoo_note(self->config, "stop", self->host->loop_index(self->host, loop));
    if (self->host->work(self->host, loop, blocking, after, stopping) != WSE_OK) abort();
}

const wse_module_def wse_module = {ZOO_GOOD("stop_later"), .stop = stop};
