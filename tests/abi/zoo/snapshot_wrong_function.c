/* accepted: answers with the function of another kind */
/* SPDX-License-Identifier: MIT */
/* found: submit_done was called for another kind of question */
#include "journal.h"

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    (void)loop, (void)question;
    return self->host->submit_done(self->host, (wse_submit_token *)(void *)token, WSE_OK, 1, 1);
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("snapshot_wrong_function"), .kind = WSE_KIND_SNAPSHOT};
