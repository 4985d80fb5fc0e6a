/* accepted: answers with more data than a message may have */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "journal.h"

/* Static, since nothing but its size matters. */
static char data[(2 << 20) + 2];

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    const wse_snapshot snapshot = {.struct_size = sizeof snapshot, .data = {data, sizeof data}};
    (void)loop, (void)question;
    memset(data, '0', sizeof data);
    data[0] = data[sizeof data - 1] = '"';
    return self->host->snapshot_done(self->host, token, WSE_OK, &snapshot);
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("snapshot_too_large"), .kind = WSE_KIND_SNAPSHOT};
