/* accepted: answers inside the call, from what it was asked; counts its questions */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "journal.h"

struct self {
    struct zoo_self zoo; /* first: zoo_destroy frees it */
    uint32_t asked;      /* counters */
    uint32_t denied;
};

/* "deny" is refused; "nonsense" gets a user that no server may accept; everybody else is let in as
 * what the credential says, or by the header x-user when there is none. */
static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    struct self *self = p;
    const wse_host *host = self->zoo.host;
    wse_auth_result result = {.struct_size = sizeof result, .expires_ms = host->now_ms(host) + 1};
    (void)loop;
    host->stat_add(host, self->asked, 1);
    result.user = request->credential;
    if (request->source == WSE_CREDENTIAL_NONE &&
        host->header(host, token, "X-User", &result.user) != WSE_OK)
        return WSE_EDENIED;
    if (result.user.len == 4 && memcmp(result.user.data, "deny", 4) == 0) {
        host->stat_add(host, self->denied, 1);
        return host->auth_done(host, token, WSE_EDENIED, NULL);
    }
    if (result.user.len == 8 && memcmp(result.user.data, "nonsense", 8) == 0) result.user.len = 0;
    result.claims.data = "{\"role\":\"reader\"}";
    result.claims.len = strlen(result.claims.data);
    return host->auth_done(host, token, WSE_OK, &result);
}

/* Everybody may subscribe; only alice may publish. */
static int32_t authorize(void *p, wse_loop *loop, const wse_auth_result *who, uint32_t action,
                         wse_bytes topic) {
    (void)p, (void)loop, (void)topic;
    if (action == WSE_ACTION_SUBSCRIBE) return WSE_OK;
    return who->user.len == 5 && memcmp(who->user.data, "alice", 5) == 0 ? WSE_OK : WSE_EDENIED;
}

static const wse_auth_ops ops = {
    .struct_size = sizeof ops, .authenticate = authenticate, .authorize = authorize};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->zoo.host = host;
    self->zoo.config = config;
    host->stat(host, "asked", "questions", &self->asked);
    host->stat(host, "denied", "questions answered no", &self->denied);
    zoo_note(config, "create", 0);
    *ret_self = self;
    return WSE_OK;
}

static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    struct self *self = p;
    (void)error;
    zoo_note(self->zoo.config, "start", self->zoo.host->loop_index(self->zoo.host, loop));
    return WSE_OK;
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    struct self *self = p;
    zoo_note(self->zoo.config, "stop", self->zoo.host->loop_index(self->zoo.host, loop));
    self->zoo.host->stop_done(self->zoo.host, token);
}

const wse_module_def wse_module = {WSE_MODULE(WSE_KIND_AUTH, 0),
                                   .name = "auth_sync",
                                   .version = "1.0",
                                   .options = zoo_options,
                                   .option_size = sizeof(wse_option),
                                   .config_size = sizeof(struct zoo_config),
                                   .ops = &ops,
                                   .create = create,
                                   .start = start,
                                   .stop = stop,
                                   .destroy = zoo_destroy};
