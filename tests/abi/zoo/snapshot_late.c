/* accepted: answers, but only when nobody waits any more */
/* SPDX-License-Identifier: MIT */
#include "snapshots.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *request,
                       wse_snapshot_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_OK;
}

static void cancel(void *p, wse_loop *loop, wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    const wse_snapshot snapshot = {.struct_size = sizeof snapshot, .data = zoo_bytes("{}")};
    (void)loop;
    zoo_note(self->config,
             self->host->snapshot_done(self->host, token, WSE_OK, &snapshot) == WSE_OK ? "accepted"
                                                                                       : "rejected",
             0);
}

static const wse_snapshot_ops ops = {
    .struct_size = sizeof ops, .request = request, .cancel = cancel};

const wse_module_def wse_module = {ZOO_SNAPSHOTS("snapshot_late"), .create = zoo_create};
