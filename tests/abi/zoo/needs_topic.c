/* accepted: takes it for granted that a topic has a second byte */
/* SPDX-License-Identifier: MIT */
/* found: odd inputs: request crashes with SIGABRT */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    (void)p, (void)loop, (void)token;
    if (question->topic.len < 2) abort();
    return WSE_ENOTFOUND;
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("needs_topic"), .kind = WSE_KIND_SNAPSHOT};
