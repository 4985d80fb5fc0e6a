/* accepted: forgets to say that it has stopped, on the service loop */
/* SPDX-License-Identifier: MIT */
/* found: stop is not answered with stop_done within 5 s */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    (void)p, (void)loop, (void)question, (void)token;
    return WSE_ENOTFOUND;
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    (void)p, (void)loop, (void)token;
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("snapshot_stop_never"), .kind = WSE_KIND_SNAPSHOT,
                                   .stop = stop};
