/* accepted: registers a counter outside create, and adds to one that does not exist */
/* SPDX-License-Identifier: MIT */
/* found: stat was called outside create */
#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    uint32_t id = 0;
    (void)loop, (void)request, (void)token;
    self->host->stat_add(self->host, 77, 1);
    return self->host->stat(self->host, "late", "a counter", &id) == WSE_OK ? WSE_EIO : WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("counts_too_late")};
