/* accepted: answers each user from a thread, when the topic that opens the gate is asked for */
/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "snapshots.h"

#define ROOM 64 /* questions that may wait; more are not taken */

struct question {
    wse_snapshot_token *token;
    uint64_t offset;
    char user[64];
};

struct self {
    struct zoo_self zoo; /* first: zoo_destroy frees it */
    uint32_t asked;      /* counter */
    struct question waiting[ROOM];
    uint32_t count;
    pthread_t thread;
    int is_open;
};

static void *answer_all(void *p) {
    struct self *self = p;
    for (uint32_t i = 0; i < self->count; ++i) {
        const struct question *question = &self->waiting[i];
        const wse_snapshot_request request = {.struct_size = sizeof request,
                                              .topic = zoo_bytes("gate"),
                                              .user = zoo_bytes(question->user),
                                              .offset = question->offset};
        zoo_state(self->zoo.host, &request, question->token);
    }
    return NULL;
}

/* Open, it answers at once. */
static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *request,
                       wse_snapshot_token *token) {
    struct self *self = p;
    const wse_host *host = self->zoo.host;
    struct question *question = &self->waiting[self->count];
    (void)loop;
    host->stat_add(host, self->asked, 1);
    if (self->is_open) return zoo_state(host, request, token);
    if (self->count == ROOM || request->user.len >= sizeof question->user) return WSE_EAGAIN;
    question->token = token;
    question->offset = request->offset;
    memcpy(question->user, request->user.data, request->user.len);
    ++self->count;
    if (zoo_ends_in(request->topic, ":open")) {
        self->is_open = pthread_create(&self->thread, NULL, answer_all, self) == 0;
        if (!self->is_open) --self->count;
        return self->is_open ? WSE_OK : WSE_EAGAIN;
    }
    return WSE_OK;
}

static int32_t per_user(void *p) {
    (void)p;
    return 1;
}

static const wse_snapshot_ops ops = {
    .struct_size = sizeof ops, .request = request, .per_user = per_user};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->zoo.host = host;
    self->zoo.config = config;
    host->stat(host, "asked", "questions", &self->asked);
    *ret_self = self;
    return WSE_OK;
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    struct self *self = p;
    (void)loop;
    if (self->is_open) pthread_join(self->thread, NULL);
    self->zoo.host->stop_done(self->zoo.host, token);
}

const wse_module_def wse_module = {ZOO_SNAPSHOTS("snapshot_gate"), .create = create, .stop = stop};
