/* accepted: takes it for granted that there is memory */
/* SPDX-License-Identifier: MIT */
/* found: create crashes with SIGSEGV when allocation 2 fails */
#include <string.h>

#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

struct pair {
    char *volatile name;
};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct pair *pair = malloc(sizeof *pair);
    (void)host, (void)config, (void)error;
    if (!pair) return WSE_ENOMEM;
    pair->name = malloc(8);
    pair->name[0] = '\0';
    *ret_self = pair;
    return WSE_OK;
}

static void destroy(void *self) {
    struct pair *pair = self;
    free(pair->name);
    free(pair);
}

const wse_module_def wse_module = {ZOO_GOOD("needs_memory"), .create = create, .destroy = destroy};
