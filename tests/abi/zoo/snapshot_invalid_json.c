/* accepted: answers with what is no JSON */
/* SPDX-License-Identifier: MIT */
/* found: request with a plain topic: data in the answer is no JSON */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    const wse_snapshot snapshot = {.struct_size = sizeof snapshot, .data = {"{\"open\":", 8}};
    (void)loop, (void)question;
    return self->host->snapshot_done(self->host, token, WSE_OK, &snapshot);
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("snapshot_invalid_json"), .kind = WSE_KIND_SNAPSHOT};
