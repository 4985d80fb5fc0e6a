/* accepted: adds to a counter that it has not registered */
/* SPDX-License-Identifier: MIT */
/* found: stat_add was called for a counter that is not registered */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    (void)loop, (void)question, (void)token;
    self->host->stat_add(self->host, 1000000, 1);
    return WSE_ENOTFOUND;
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("counts_unregistered"), .kind = WSE_KIND_SNAPSHOT};
