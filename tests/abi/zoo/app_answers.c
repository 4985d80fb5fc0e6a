/* accepted: answers by rules that it reads out of what it is asked, and notes every question */
/* SPDX-License-Identifier: MIT
 *
 * The rule is the first word of a topic behind its first ':' ("ask:deny:1"), or of a credential in
 * front of its '.' ("deny.bob"), whose rest is the user's name:
 *     deny       no
 *     silent     no answer
 *     busy       does not take the question
 *     slow       the answer comes when it is asked about a topic with the rule "release"
 *     none       no state, for a snapshot
 *     replace    another payload; of a credential, claims that allow live:* alone
 *     nonsense   JSON that is no object, and no user
 *     empty      no user
 *     anything else: yes
 */
#include <string.h>

#include "journal.h"

#define SLOW 64

struct self {
    struct zoo_self zoo; /* first: zoo_destroy frees it */
    wse_ask_token *slow[SLOW];
    uint32_t slow_count;
};

static wse_bytes bytes_of(const char *text) {
    const wse_bytes bytes = {text, strlen(text)};
    return bytes;
}

static int has_rule(const wse_question *question, const char *rule) {
    const int is_connect = question->question == WSE_ASK_CONNECT;
    const wse_bytes text = is_connect ? question->data : question->topic;
    const char *begin = text.data;
    uint64_t length = text.len;
    if (!is_connect) {
        const char *colon = length ? memchr(begin, ':', length) : NULL;
        if (!colon) return 0;
        length -= (uint64_t)(colon + 1 - begin);
        begin = colon + 1;
    }
    return length >= strlen(rule) && memcmp(begin, rule, strlen(rule)) == 0;
}

static void note(const struct self *self, const wse_question *question) {
    static const char *const names[] = {"", "connect", "subscribe", "publish", "snapshot"};
    char line[512];
    snprintf(line, sizeof line, "%s %.*s by %.*s of %.*s", names[question->question],
             (int)question->topic.len, (const char *)question->topic.data, (int)question->user.len,
             (const char *)question->user.data, (int)question->data.len,
             (const char *)question->data.data);
    zoo_note(self->zoo.config, line, question->source);
}

static wse_bytes user_of(const wse_question *question) {
    const char *dot =
        question->data.len ? memchr(question->data.data, '.', question->data.len) : NULL;
    wse_bytes user = {NULL, 0};
    if (!dot) return user;
    user.data = dot + 1;
    user.len = question->data.len - (uint64_t)(dot + 1 - (const char *)question->data.data);
    return user;
}

static int32_t yes(const struct self *self, const wse_question *question, wse_ask_token *token) {
    const wse_host *host = self->zoo.host;
    wse_reply reply = {.struct_size = sizeof reply};
    char state[512];
    if (has_rule(question, "nonsense")) {
        reply.data = bytes_of("[1]");
        return host->ask_done(host, token, WSE_OK, &reply);
    }
    if (question->question == WSE_ASK_CONNECT) {
        if (!has_rule(question, "empty")) reply.user = user_of(question);
        if (has_rule(question, "replace"))
            reply.data = bytes_of("{\"wse_topics\":{\"allow\":[\"live:*\"]}}");
    } else if (question->question == WSE_ASK_PUBLISH && has_rule(question, "replace")) {
        reply.data = bytes_of("{\"text\":\"another\"}");
    } else if (question->question == WSE_ASK_SNAPSHOT) {
        snprintf(state, sizeof state, "{\"user\":\"%.*s\"}", (int)question->user.len,
                 (const char *)question->user.data);
        reply.data = bytes_of(state);
    }
    return host->ask_done(host, token, WSE_OK, &reply);
}

static void release(struct self *self) {
    const wse_host *host = self->zoo.host;
    const wse_reply reply = {.struct_size = sizeof reply, .user = {"slow", 4}};
    for (uint32_t i = 0; i < self->slow_count; ++i)
        host->ask_done(host, self->slow[i], WSE_OK, &reply);
    self->slow_count = 0;
}

static int32_t ask(void *p, wse_loop *loop, const wse_question *question, wse_ask_token *token) {
    struct self *self = p;
    const wse_host *host = self->zoo.host;
    (void)loop;
    note(self, question);
    if (has_rule(question, "busy")) return WSE_EAGAIN;
    if (has_rule(question, "silent")) return WSE_OK;
    if (has_rule(question, "deny")) return host->ask_done(host, token, WSE_EDENIED, NULL);
    if (has_rule(question, "none")) return host->ask_done(host, token, WSE_ENOTFOUND, NULL);
    if (has_rule(question, "slow")) {
        if (self->slow_count == SLOW) return WSE_EAGAIN;
        self->slow[self->slow_count++] = token;
        return WSE_OK;
    }
    if (has_rule(question, "release")) release(self);
    return yes(self, question, token);
}

/* The answer is owed all the same, but for those that have none. */
static void cancel(void *p, wse_loop *loop, wse_ask_token *token) {
    struct self *self = p;
    (void)loop;
    zoo_note(self->zoo.config, "cancel", 0);
    for (uint32_t i = 0; i < self->slow_count; ++i) {
        if (self->slow[i] != token) continue;
        self->slow[i] = self->slow[--self->slow_count];
        self->zoo.host->ask_done(self->zoo.host, token, WSE_ECANCELED, NULL);
        return;
    }
}

static int32_t deliver(void *p, wse_loop *loop, const wse_app_event *events, uint64_t count,
                       wse_batch_token *token) {
    const struct self *self = p;
    (void)loop, (void)events, (void)count;
    return self->zoo.host->batch_done(self->zoo.host, token);
}

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->zoo.host = host;
    self->zoo.config = config;
    *ret_self = self;
    return WSE_OK;
}

static const wse_app_ops ops = {
    .struct_size = sizeof ops, .deliver = deliver, .ask = ask, .cancel = cancel};

const wse_module_def wse_module = {ZOO_GOOD("app_answers"), .kind = WSE_KIND_APP, .create = create};
