/* SPDX-License-Identifier: MIT
 * snapshot_template: a module of kind snapshot for WSE.
 * What each function may do, and on which thread it runs, stands in <wse/module.h>. */
#include <stdlib.h>
#include <string.h>

#include <wse/module.h>

struct config {
    const char *state;
};

static const wse_option options[] = {
    {"state", WSE_OPT_STRING, 0, offsetof(struct config, state), 0, 0, "{}", NULL, NULL,
     "the state of every topic, JSON"},
    {NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL},
};

struct self {
    const wse_host *host;
    const struct config *config; /* the server's, until destroy */
    uint32_t calls;              /* the counter */
};

/* Yours: the state behind request->topic. Answer now, or keep the token and answer later, from any
 * thread; what waits for a disk or a network goes through host->work. */
static int32_t request_snapshot(void *p, wse_loop *loop, const wse_snapshot_request *request,
                                wse_snapshot_token *token) WSE_NOEXCEPT {
    const struct self *self = p;
    wse_snapshot snapshot = {0};
    (void)loop, (void)request;
    self->host->stat_add(self->host, self->calls, 1);
    snapshot.struct_size = sizeof snapshot;
    snapshot.data.data = self->config->state;
    snapshot.data.len = strlen(self->config->state);
    self->host->snapshot_done(self->host, token, WSE_OK, &snapshot);
    return WSE_OK;
}

static const wse_snapshot_ops ops = {sizeof ops, 0, request_snapshot, NULL, NULL};

static int32_t create(const wse_host *host, const void *config, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    struct self *self = calloc(1, sizeof *self);
    (void)error; /* one sentence for the operator, when something is wrong with the config */
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    if (host->stat(host, "calls", "calls by the server", &self->calls) != WSE_OK) {
        free(self);
        return WSE_ENOMEM;
    }
    *ret_self = self;
    return WSE_OK;
}

static void destroy(void *self) WSE_NOEXCEPT {
    free(self);
}

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0),
    "snapshot_template",
    "0.1",
    options,
    sizeof(wse_option),
    sizeof(struct config),
    &ops,
    NULL, /* check: rules between options */
    create,
    NULL, /* start: handles and connections, once for each loop */
    NULL, /* stop */
    destroy,
};
