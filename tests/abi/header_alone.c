/* SPDX-License-Identifier: MIT */
/* The header is all that this file includes, and twice. Compiled in every language version that a
 * module may be written in, with each macro used at least once: what is not expanded is not
 * checked. */
#include <wse/module.h>

static int32_t refuse(void *self, wse_loop *loop, const wse_auth_request *request,
                      wse_auth_token *token) WSE_NOEXCEPT {
    (void)self;
    (void)loop;
    (void)token;
    return WSE_HAS(wse_auth_request, request, deadline_ms) ? WSE_EDENIED : WSE_EINVAL;
}

static int32_t create(const wse_host *host, const void *config, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    (void)config;
    (void)error;
    *ret_self = 0;
    host->log(host, WSE_LOG_INFO, "created");
    return WSE_OK;
}

static void destroy(void *self) WSE_NOEXCEPT {
    (void)self;
}

static const wse_auth_ops ops = {sizeof(wse_auth_ops), 0, refuse, 0, 0};

static const wse_option options[] = {
    {"limit", WSE_OPT_INT, WSE_OPT_F_REQUIRED | WSE_OPT_F_SECRET, 0, 1, 9, "5", 0, 0, "A limit."},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

const wse_module_def wse_module = {WSE_MODULE(WSE_KIND_AUTH, 0),
                                   "alone",
                                   "1.0",
                                   options,
                                   sizeof(wse_option),
                                   sizeof(int64_t),
                                   &ops,
                                   0,
                                   create,
                                   0,
                                   0,
                                   destroy};

#define WSE_X(name, value, text) {WSE_##name, text},
struct status {
    int32_t value;
    const char *text;
};
extern const struct status statuses[];
const struct status statuses[] = {WSE_STATUS_MAP(WSE_X){0, 0}};
#undef WSE_X
