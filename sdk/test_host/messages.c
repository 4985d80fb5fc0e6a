/* SPDX-License-Identifier: MIT
 * Messages, commands and shapings: what comes is copied, and kept for the test to look at. */
#include <string.h>

#include "internal.h"

wse_bytes bytes_copy(wse_bytes bytes) {
    return (wse_bytes){host_copy(bytes), bytes.len};
}

void bytes_free(wse_bytes bytes) {
    free((void *)(uintptr_t)bytes.data);
}

wse_message message_copy(const wse_message *message) {
    wse_message copy = *message;
    copy.topic = bytes_copy(message->topic);
    copy.type = bytes_copy(message->type);
    copy.id = bytes_copy(message->id);
    copy.payload = bytes_copy(message->payload);
    copy.extra = bytes_copy(message->extra);
    return copy;
}

void message_free(const wse_message *message) {
    bytes_free(message->topic);
    bytes_free(message->type);
    bytes_free(message->id);
    bytes_free(message->payload);
    bytes_free(message->extra);
}

bool messages_add(struct messages *messages, const wse_message *message) {
    if (messages->count == MAX_MESSAGES) return false;
    messages->items = host_grow(messages->items, messages->count, sizeof *messages->items);
    messages->items[messages->count++] = message_copy(message);
    return true;
}

static bool is_sound(wse_test_host *host, const wse_message *message) {
    if (message && message->struct_size >= sizeof *message) return true;
    host_misuse(host, "a wse_message that is none was passed");
    return false;
}

static int32_t host_publish(const wse_host *abi, const wse_message *message) {
    wse_test_host *host = host_of(abi);
    int32_t status;
    if (!is_sound(host, message) || message->topic.len == 0) return WSE_EINVAL;
    uv_mutex_lock(&host->lock);
    status = host->publish_status;
    if (status == WSE_OK && !messages_add(&host->published, message)) status = WSE_EAGAIN;
    uv_mutex_unlock(&host->lock);
    return status;
}

/* With a place: the first one of epoch 1, and so on. */
static int32_t host_publish_then(const wse_host *abi, wse_loop *loop, const wse_message *message,
                                 void (*done)(void *, int32_t, uint64_t, uint64_t), void *arg) {
    wse_test_host *host = host_of(abi);
    struct placing placing = {.done = done, .arg = arg};
    if (!host_on_service_loop(host, loop, "publish_then") || !done) return WSE_EINVAL;
    placing.status = host_publish(abi, message);
    if (placing.status == WSE_EINVAL) return WSE_EINVAL;
    uv_mutex_lock(&host->lock);
    if (placing.status == WSE_OK) placing.offset = host->published.count;
    host->placings = host_grow(host->placings, host->placing_count, sizeof *host->placings);
    host->placings[host->placing_count++] = placing;
    uv_mutex_unlock(&host->lock);
    return WSE_OK;
}

static int32_t host_history(const wse_host *abi, wse_loop *loop, wse_bytes topic, uint64_t count,
                            void (*done)(void *, int32_t, const wse_message *, uint64_t),
                            void *arg) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "history") || !done) return WSE_EINVAL;
    host->lookups = host_grow(host->lookups, host->lookup_count, sizeof *host->lookups);
    host->lookups[host->lookup_count++] = (struct lookup){host_copy(topic), count, done, arg};
    return WSE_OK;
}

static void answer_lookup(const wse_test_host *host, const struct lookup *lookup) {
    wse_message *found = calloc((size_t)host->kept.count + 1, sizeof *found);
    uint64_t count = 0, skipped;
    MUST(found);
    for (uint64_t i = 0; i < host->kept.count; ++i) {
        const wse_message *message = &host->kept.items[i];
        if (strcmp(message->topic.data, lookup->topic) == 0) found[count++] = *message;
    }
    skipped = count > lookup->count ? count - lookup->count : 0;
    lookup->done(lookup->arg, WSE_OK, found + skipped, count - skipped);
    free(found);
}

void messages_answer_lookups(wse_test_host *host) {
    struct lookup *lookups = host->lookups;
    const uint64_t count = host->lookup_count;
    host->lookups = NULL;
    host->lookup_count = 0;
    for (uint64_t i = 0; i < count; ++i) {
        answer_lookup(host, &lookups[i]);
        free(lookups[i].topic);
    }
    free(lookups);
}

void messages_answer_placings(wse_test_host *host) {
    struct placing *placings = host->placings;
    const uint64_t count = host->placing_count;
    host->placings = NULL;
    host->placing_count = 0;
    for (uint64_t i = 0; i < count; ++i) {
        const struct placing *one = &placings[i];
        one->done(one->arg, one->status, one->offset ? 1 : 0, one->offset);
    }
    free(placings);
}

static char **member_of(wse_shaping *shaping, uint32_t member) {
    char **const members[] = {NULL,
                              &shaping->type,
                              &shaping->id,
                              &shaping->payload,
                              &shaping->extra,
                              &shaping->priority,
                              &shaping->time};
    return member < sizeof members / sizeof members[0] ? members[member] : NULL;
}

static int32_t host_shape_set(const wse_host *abi, wse_shaping *shaping, uint32_t member,
                              wse_bytes value) {
    char **place = shaping ? member_of(shaping, member) : NULL;
    const bool object = member == WSE_SHAPE_PAYLOAD || member == WSE_SHAPE_EXTRA;
    if (!host_on_loop(host_of(abi), "shape_set") || !place) return WSE_EINVAL;
    if (shaping->closed) {
        host_misuse(host_of(abi), "shape_set was called outside shape");
        return WSE_EINVAL;
    }
    if (value.len > 0 && !value.data) return WSE_EINVAL;
    if (object && (value.len == 0 || *(const char *)value.data != '{')) return WSE_EINVAL;
    free(*place);
    *place = host_copy(value);
    ++shaping->count;
    return WSE_OK;
}

void wse_shaping_clear(wse_shaping *shaping) {
    for (uint32_t member = WSE_SHAPE_TYPE; member <= WSE_SHAPE_TIME; ++member)
        free(*member_of(shaping, member));
    memset(shaping, 0, sizeof *shaping);
}

void wse_test_host_keep(wse_test_host *host, const wse_message *message) {
    MUST(messages_add(&host->kept, message));
}

wse_test_messages wse_test_host_published(const wse_test_host *host) {
    return (wse_test_messages){host->published.items, host->published.count};
}

void messages_fill(wse_host *abi) {
    abi->publish = host_publish;
    abi->publish_then = host_publish_then;
    abi->history = host_history;
    abi->shape_set = host_shape_set;
}

void messages_clear(const struct messages *messages) {
    for (uint64_t i = 0; i < messages->count; ++i) message_free(&messages->items[i]);
    free(messages->items);
}

void messages_free(wse_test_host *host) {
    messages_clear(&host->published);
    messages_clear(&host->kept);
    for (uint64_t i = 0; i < host->lookup_count; ++i) free(host->lookups[i].topic);
    free(host->lookups);
    free(host->placings);
}
