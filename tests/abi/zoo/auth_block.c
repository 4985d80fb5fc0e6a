/* accepted: holds the loop for as many milliseconds as the credential says */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    char text[16] = "";
    long ms;
    (void)loop;
    if (request->credential.len < sizeof text)
        memcpy(text, request->credential.data, (size_t)request->credential.len);
    ms = strtol(text, NULL, 10);
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
    return zoo_admit(self->host, token);
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("auth_block")};
