/* accepted: shapes every event, drops or fails on two topics, and filters by the length of payloads
 */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "journal.h"

static wse_bytes text(const char *text) {
    const wse_bytes bytes = {text, strlen(text)};
    return bytes;
}

static int is(wse_bytes bytes, const char *other) {
    return bytes.len == strlen(other) && memcmp(bytes.data, other, bytes.len) == 0;
}

/* The type becomes who published; the id what he gave. */
static int32_t shape(void *p, wse_loop *loop, const wse_event *event, wse_shaping *shaping) {
    const wse_host *host = ((struct zoo_self *)p)->host;
    (void)loop;
    if (is(event->message->topic, "drop")) return WSE_EDENIED;
    if (is(event->message->topic, "fail")) return WSE_EIO;
    if (host->shape_set(host, shaping, WSE_SHAPE_TYPE, event->user) != WSE_OK) return WSE_EIO;
    if (host->shape_set(host, shaping, 77, event->user) != WSE_EINVAL) return WSE_EIO;
    if (host->shape_set(host, shaping, WSE_SHAPE_PAYLOAD, text("[1]")) != WSE_EINVAL)
        return WSE_EIO;
    host->shape_set(host, shaping, WSE_SHAPE_PRIORITY, text("8"));
    return WSE_OK;
}

/* The filter is a length, that of its own criteria. */
static int32_t compile(void *p, wse_loop *loop, wse_bytes criteria, void **ret_filter,
                       wse_error *error) {
    uint64_t *length = malloc(sizeof *length);
    (void)loop;
    if (!length) return WSE_ENOMEM;
    *length = criteria.len;
    if (is(criteria, "{}")) {
        free(length);
        strcpy(error->text, "nothing to\nfilter by");
        return WSE_EINVAL;
    }
    zoo_note(((struct zoo_self *)p)->config, "compile", 0);
    *ret_filter = length;
    return WSE_OK;
}

static void discard(void *p, wse_loop *loop, void *filter) {
    (void)loop;
    zoo_note(((struct zoo_self *)p)->config, "discard", 0);
    free(filter);
}

static int32_t read_message(void *p, wse_loop *loop, const wse_message *message, void **ret_view) {
    uint64_t *length = malloc(sizeof *length);
    (void)p, (void)loop;
    if (!length) return WSE_ENOMEM;
    *length = message->payload.len;
    *ret_view = length;
    return WSE_OK;
}

static int32_t match(void *p, const void *filter, const void *view) {
    (void)p;
    return *(const uint64_t *)filter == *(const uint64_t *)view;
}

static void close_view(void *p, wse_loop *loop, void *view) {
    (void)loop;
    zoo_note(((struct zoo_self *)p)->config, "close", 0);
    free(view);
}

static const wse_event_ops ops = {sizeof ops,   0,     shape,     compile, discard,
                                  read_message, match, close_view};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct zoo_self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    *ret_self = self;
    return WSE_OK;
}

const wse_module_def wse_module = {WSE_MODULE(WSE_KIND_EVENT, 0),
                                   .name = "event_all",
                                   .version = "1.0",
                                   .options = zoo_options,
                                   .option_size = sizeof(wse_option),
                                   .config_size = sizeof(struct zoo_config),
                                   .ops = &ops,
                                   .create = create,
                                   .destroy = zoo_destroy};
