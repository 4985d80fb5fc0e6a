/* accepted: never returns from a post on the service loop */
/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    (void)p, (void)loop, (void)question, (void)token;
    return WSE_ENOTFOUND;
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

static void for_ever(void *arg) {
    (void)arg;
    for (;;) pause();
}

static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    const struct zoo_self *self = p;
    (void)error;
    return self->host->post(self->host, loop, for_ever, NULL);
}

const wse_module_def wse_module = {ZOO_GOOD("service_loops"), .kind = WSE_KIND_SNAPSHOT,
                                   .start = start};
