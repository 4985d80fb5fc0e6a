/* accepted: answers every question twice */
/* SPDX-License-Identifier: MIT */
/* found: snapshot_done was called twice for one question */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    const wse_snapshot snapshot = {.struct_size = sizeof snapshot, .data = {"{}", 2}};
    (void)loop, (void)question;
    self->host->snapshot_done(self->host, token, WSE_OK, &snapshot);
    self->host->snapshot_done(self->host, token, WSE_ENOTFOUND, NULL);
    return WSE_OK;
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("snapshot_double"), .kind = WSE_KIND_SNAPSHOT};
