/* accepted: an application that has nothing to do */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static int32_t deliver(void *p, wse_loop *loop, const wse_app_event *events, uint64_t count,
                       wse_batch_token *token) {
    const struct zoo_self *self = p;
    (void)loop, (void)events, (void)count;
    return self->host->batch_done(self->host, token);
}

static const wse_app_ops ops = {.struct_size = sizeof ops, .deliver = deliver};

const wse_module_def wse_module = {ZOO_GOOD("app_idle"), .kind = WSE_KIND_APP};
