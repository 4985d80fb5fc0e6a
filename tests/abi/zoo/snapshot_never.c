/* accepted: takes every question and answers none; notes that it was told of the end */
/* found: questions it took were not answered until destroy, the first being request with */
/* SPDX-License-Identifier: MIT */
#include "snapshots.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *request,
                       wse_snapshot_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_OK;
}

static void cancel(void *p, wse_loop *loop, wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    (void)token;
    zoo_note(self->config, "cancel", self->host->loop_index(self->host, loop));
}

static const wse_snapshot_ops ops = {
    .struct_size = sizeof ops, .request = request, .cancel = cancel};

const wse_module_def wse_module = {ZOO_SNAPSHOTS("snapshot_never"), .create = zoo_create};
