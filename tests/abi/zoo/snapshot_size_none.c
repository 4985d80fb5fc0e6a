/* accepted: answers with a struct that says it has no size */
/* SPDX-License-Identifier: MIT */
/* found: snapshot_done was called with a wse_snapshot that is none */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    const wse_snapshot snapshot = {.struct_size = 0, .data = {"{}", 2}};
    (void)loop, (void)question;
    return self->host->snapshot_done(self->host, token, WSE_OK, &snapshot);
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("snapshot_size_none"), .kind = WSE_KIND_SNAPSHOT};
