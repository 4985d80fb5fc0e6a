/* accepted: answers inside the call, from what it was asked; counts its questions */
/* SPDX-License-Identifier: MIT */
#include "snapshots.h"

struct self {
    struct zoo_self zoo; /* first: zoo_destroy frees it */
    uint32_t asked;      /* counter */
};

/* By the end of the topic's name: one has no state, one is broken, one has nonsense. */
static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *request,
                       wse_snapshot_token *token) {
    const struct self *self = p;
    const wse_host *host = self->zoo.host;
    (void)loop;
    host->stat_add(host, self->asked, 1);
    if (zoo_ends_in(request->topic, ":none")) return WSE_ENOTFOUND;
    if (zoo_ends_in(request->topic, ":broken"))
        return host->snapshot_done(host, token, WSE_EIO, NULL);
    if (zoo_ends_in(request->topic, ":nonsense")) {
        const wse_snapshot nonsense = {.struct_size = sizeof nonsense, .data = zoo_bytes("{")};
        return host->snapshot_done(host, token, WSE_OK, &nonsense);
    }
    return zoo_state(host, request, token);
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->zoo.host = host;
    self->zoo.config = config;
    host->stat(host, "asked", "questions", &self->asked);
    *ret_self = self;
    return WSE_OK;
}

const wse_module_def wse_module = {ZOO_SNAPSHOTS("snapshot_sync"), .create = create};
