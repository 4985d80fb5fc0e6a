/* accepted: a cluster of this host alone: it gives the places, and what is published comes back */
/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <string.h>

#include "journal.h"

#define TOPICS 64
#define ROOM 1024 /* messages that are kept, of all topics */
#define TEXT 512  /* bytes of a message's texts together */
#define EPOCH 7u
#define HOST "0123456789abcdef"
#define OTHER_HOST "feedfeedfeedfeed"

struct topic {
    char name[128]; /* or a pattern */
    uint64_t last;
    int is_followed;
};

struct kept {
    wse_message message; /* its texts are in `text` */
    char text[TEXT];
};

struct self {
    struct zoo_self zoo; /* first: zoo_destroy frees it */
    wse_loop *loop;
    struct topic topics[TOPICS];
    uint32_t topic_count;
    struct kept kept[ROOM];
    uint32_t kept_count;
    uint32_t passed_on; /* of those, to the server */
    int is_posted;
};

static wse_bytes bytes_of(const char *text) {
    const wse_bytes bytes = {text, strlen(text)};
    return bytes;
}

static int is(wse_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

/* NULL: no such topic, and no room for it. */
static struct topic *topic_of(struct self *self, wse_bytes name) {
    struct topic *topic = self->topics;
    for (; topic < self->topics + self->topic_count; ++topic)
        if (is(name, topic->name)) return topic;
    if (self->topic_count == TOPICS || name.len == 0 || name.len >= sizeof topic->name) return NULL;
    if (memchr(name.data, 0, name.len)) return NULL;
    memcpy(topic->name, name.data, name.len);
    ++self->topic_count;
    return topic;
}

static int is_wanted(const struct self *self, wse_bytes name) {
    char text[128] = "";
    memcpy(text, name.data, name.len);
    for (uint32_t i = 0; i < self->topic_count; ++i)
        if (self->topics[i].is_followed && fnmatch(self->topics[i].name, text, 0) == 0) return 1;
    return 0;
}

/* In order, and again later where the server cannot take more. */
static void pass_on(void *p) {
    struct self *self = p;
    const wse_host *host = self->zoo.host;
    self->is_posted = 0;
    for (; self->passed_on < self->kept_count; ++self->passed_on) {
        const wse_message *message = &self->kept[self->passed_on].message;
        if (!is_wanted(self, message->topic)) continue;
        if (host->remote_message(host, self->loop, message) != WSE_EAGAIN) continue;
        self->is_posted = host->post(host, self->loop, pass_on, self) == WSE_OK;
        return;
    }
}

static int keep(struct self *self, const wse_message *message, uint64_t offset) {
    struct kept *kept = &self->kept[self->kept_count];
    wse_bytes *const texts[] = {&kept->message.topic, &kept->message.type, &kept->message.id,
                                &kept->message.payload, &kept->message.extra};
    size_t used = 0;
    if (self->kept_count == ROOM) return 0;
    kept->message = *message;
    kept->message.epoch = EPOCH;
    kept->message.offset = offset;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
        if (texts[i]->len > TEXT - used) return 0;
        if (texts[i]->len) memcpy(kept->text + used, texts[i]->data, texts[i]->len);
        texts[i]->data = kept->text + used;
        used += texts[i]->len;
    }
    ++self->kept_count;
    return 1;
}

/* Topics by which a test says what else is to happen. */
static void obey(struct self *self, const wse_message *message) {
    const wse_host *host = self->zoo.host;
    wse_fact fact = {.struct_size = sizeof fact,
                     .kind = WSE_FACT_PRESENT,
                     .topic = bytes_of("room"),
                     .key = bytes_of("bob"),
                     .value = bytes_of("{\"from\":\"afar\"}"),
                     .host = bytes_of(OTHER_HOST)};
    const wse_fact gone = {
        .struct_size = sizeof gone, .kind = WSE_FACT_PRESENT, .host = bytes_of(OTHER_HOST)};
    if (is(message->topic, "zoo:deaf"))
        host->health(host, self->loop, WSE_EAGAIN, "the zoo is closed");
    if (is(message->topic, "zoo:hear")) host->health(host, self->loop, WSE_OK, "");
    if (is(message->topic, "zoo:join")) host->remote_fact(host, self->loop, &fact);
    if (is(message->topic, "zoo:gone")) host->remote_fact(host, self->loop, &gone);
    if (is(message->topic, "zoo:say")) host->broadcast_received(host, self->loop, message->payload);
}

static int32_t submit(void *p, wse_loop *loop, const wse_message *message, const wse_topic_use *use,
                      wse_submit_token *token) {
    struct self *self = p;
    const wse_host *host = self->zoo.host;
    struct topic *topic = topic_of(self, message->topic);
    if (!topic || is(message->topic, "zoo:full")) return WSE_EAGAIN;
    if (is(message->topic, "zoo:slow")) return WSE_OK; /* and never answered */
    zoo_note(self->zoo.config, use->id_given ? "submit_given" : "submit", 0);
    self->loop = loop;
    if (!keep(self, message, topic->last + 1)) return WSE_EAGAIN;
    ++topic->last;
    host->submit_done(host, token, WSE_OK, EPOCH, topic->last);
    obey(self, message);
    if (!self->is_posted) pass_on(self);
    return WSE_OK;
}

static void cancel(void *p, wse_loop *loop, wse_submit_token *token) {
    const struct self *self = p;
    (void)loop;
    self->zoo.host->submit_done(self->zoo.host, token, WSE_ECANCELED, 0, 0);
}

/* Those after the use's place, or all. */
static int32_t tell_place(struct self *self, const struct topic *topic, const wse_topic_use *use) {
    const wse_host *host = self->zoo.host;
    static wse_message messages[ROOM];
    wse_followed followed = {.struct_size = sizeof followed,
                             .topic = use->topic,
                             .epoch = EPOCH,
                             .offset = topic->last,
                             .messages = messages,
                             .host = bytes_of(HOST)};
    for (uint32_t i = 0; i < self->kept_count; ++i) {
        const wse_message *message = &self->kept[i].message;
        if (!is(message->topic, topic->name)) continue;
        if (use->epoch == EPOCH && message->offset <= use->offset) continue;
        messages[followed.count++] = *message;
    }
    return host->followed(host, self->loop, &followed);
}

static int32_t follow(void *p, wse_loop *loop, const wse_topic_use *use) {
    struct self *self = p;
    const wse_host *host = self->zoo.host;
    struct topic *topic = topic_of(self, use->topic);
    const wse_followed pattern = {
        .struct_size = sizeof pattern, .topic = use->topic, .host = bytes_of(HOST)};
    int32_t status;
    if (!topic || self->is_posted) return WSE_EAGAIN;
    zoo_note(self->zoo.config, "follow", 0);
    self->loop = loop;
    status = strpbrk(topic->name, "*?") ? host->followed(host, loop, &pattern)
                                        : tell_place(self, topic, use);
    topic->is_followed = status == WSE_OK;
    return status;
}

static void unfollow(void *p, wse_loop *loop, wse_bytes name) {
    struct self *self = p;
    struct topic *topic = topic_of(self, name);
    (void)loop;
    zoo_note(self->zoo.config, "unfollow", 0);
    if (topic) topic->is_followed = 0;
}

static int32_t set_fact(void *p, wse_loop *loop, const wse_fact *fact) {
    const struct self *self = p;
    wse_fact back = *fact;
    zoo_note(self->zoo.config, "set_fact", 0);
    back.host = bytes_of(HOST);
    return self->zoo.host->remote_fact(self->zoo.host, loop, &back);
}

static int32_t broadcast(void *p, wse_loop *loop, wse_bytes data) {
    const struct self *self = p;
    (void)loop, (void)data;
    zoo_note(self->zoo.config, "broadcast", 0);
    return WSE_OK;
}

static int32_t command(void *p, wse_loop *loop, wse_bytes request, wse_command_token *token) {
    const struct self *self = p;
    const wse_host *host = self->zoo.host;
    (void)loop;
    if (is(request, "{\"command\":\"status\"}"))
        return host->command_done(host, token, WSE_OK,
                                  bytes_of("{\"host\":\"" HOST "\",\"hosts\":[\"" HOST "\"]}"));
    return host->command_done(host, token, WSE_ENOTFOUND, bytes_of("the zoo has no letters"));
}

static const wse_backplane_ops ops = {.struct_size = sizeof ops,
                                      .submit = submit,
                                      .cancel = cancel,
                                      .follow = follow,
                                      .unfollow = unfollow,
                                      .set_fact = set_fact,
                                      .broadcast = broadcast,
                                      .command = command};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->zoo.host = host;
    self->zoo.config = config;
    *ret_self = self;
    return WSE_OK;
}

static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    struct self *self = p;
    (void)error;
    self->loop = loop;
    self->zoo.host->health(self->zoo.host, loop, WSE_OK, "");
    return WSE_OK;
}

const wse_module_def wse_module = {ZOO_GOOD("backplane_loop"), .kind = WSE_KIND_BACKPLANE,
                                   .create = create, .start = start};
