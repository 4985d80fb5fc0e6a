/* SPDX-License-Identifier: MIT
 * event_redact: takes named members out of payloads before anybody sees them, or masks them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/module.h>

#include "redact.h"

struct config {
    wse_strings topics;
    wse_strings members;
    const char *mask;
};

static const wse_option options[] = {
    {"topics", WSE_OPT_STRINGS, 0, offsetof(struct config, topics), 0, 0, "[\"*\"]", NULL, NULL,
     "patterns of topics whose payloads are looked at; * and ? are wildcards"},
    {"members", WSE_OPT_STRINGS, WSE_OPT_F_REQUIRED, offsetof(struct config, members), 0, 0, NULL,
     NULL, NULL, "names of the members, found at any depth"},
    {"mask", WSE_OPT_STRING, 0, offsetof(struct config, mask), 0, 0, NULL, NULL, NULL,
     "the text that takes the place of their values; without it they go altogether"},
    {NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL},
};

struct self {
    const wse_host *host;
    const struct config *config;
    struct rules rules;
    uint32_t redacted, failed; /* counters */
};

static int32_t check(const void *p, wse_error *error) WSE_NOEXCEPT {
    const struct config *config = p;
    const char *mask = config->mask ? config->mask : "";
    const char *problem = NULL;
    if (config->members.count == 0) problem = "members: is empty";
    for (; *mask && !problem; ++mask) {
        /* It is written into JSON as it is. */
        if ((unsigned char)*mask < 0x20 || *mask == '"' || *mask == '\\')
            problem = "mask: has a quote, a backslash or a control character";
    }
    if (!problem) return WSE_OK;
    snprintf(error->text, sizeof error->text, "%s", problem);
    return WSE_EINVAL;
}

static int is_ours(const struct self *self, wse_bytes topic) {
    uint64_t i;
    for (i = 0; i < self->config->topics.count; ++i) {
        if (glob_matches(self->config->topics.items[i], topic)) return 1;
    }
    return 0;
}

/* A payload that cannot be read, or has become too large, is not passed on: nobody knows what is in
 * it. */
static int32_t shape(void *p, wse_loop *loop, const wse_event *event,
                     wse_shaping *shaping) WSE_NOEXCEPT {
    struct self *self = p;
    const wse_host *host = self->host;
    wse_bytes payload;
    char *data = NULL;
    int64_t touched;
    int32_t status = WSE_OK;
    (void)loop;
    if (!is_ours(self, event->message->topic)) return WSE_OK;
    payload.len = 0;
    touched = redact(&self->rules, event->message->payload, &data, &payload.len);
    if (touched == 0) return WSE_OK;
    payload.data = data;
    if (touched > 0) status = host->shape_set(host, shaping, WSE_SHAPE_PAYLOAD, payload);
    free(data);
    if (touched > 0 && status == WSE_OK) {
        host->stat_add(host, self->redacted, touched);
        return WSE_OK;
    }
    host->stat_add(host, self->failed, 1);
    return WSE_EDENIED;
}

static void destroy(void *p) WSE_NOEXCEPT {
    free(p);
}

static int32_t create(const wse_host *host, const void *p, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    const struct config *config = p;
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    self->rules.members = config->members;
    self->rules.mask = config->mask;
    if (host->stat(host, "redacted", "members taken out or masked", &self->redacted) ||
        host->stat(host, "failed", "events dropped, since they could not be read", &self->failed)) {
        free(self);
        return WSE_ENOMEM;
    }
    *ret_self = self;
    return WSE_OK;
}

static const wse_event_ops ops = {sizeof ops, 0, shape, NULL, NULL, NULL, NULL, NULL};

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_EVENT, 0),
    "event_redact",
    "1.0",
    options,
    sizeof(wse_option),
    sizeof(struct config),
    &ops,
    check,
    create,
    NULL,
    NULL,
    destroy,
};
