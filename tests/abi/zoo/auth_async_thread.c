/* accepted: one thread of its own answers the questions of all loops, in the order of asking */
/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "journal.h"

#define ROOM 4096 /* questions that may wait; more are not taken */

struct self {
    struct zoo_self zoo; /* first: zoo_destroy frees it */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    wse_auth_token *waiting[ROOM];
    uint32_t first, count;
    uint32_t loops; /* started and not stopped yet */
    int ending;
};

static void *answer_all(void *p) {
    struct self *self = p;
    pthread_mutex_lock(&self->mutex);
    for (;;) {
        while (self->count == 0 && !self->ending) pthread_cond_wait(&self->wake, &self->mutex);
        if (self->count == 0) break;
        wse_auth_token *token = self->waiting[self->first];
        self->first = (self->first + 1) % ROOM;
        --self->count;
        pthread_mutex_unlock(&self->mutex);
        zoo_admit(self->zoo.host, token);
        pthread_mutex_lock(&self->mutex);
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    struct self *self = p;
    int32_t status = WSE_EAGAIN;
    (void)loop, (void)request;
    pthread_mutex_lock(&self->mutex);
    if (self->count < ROOM) {
        self->waiting[(self->first + self->count++) % ROOM] = token;
        pthread_cond_signal(&self->wake);
        status = WSE_OK;
    }
    pthread_mutex_unlock(&self->mutex);
    return status;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->zoo.host = host;
    self->zoo.config = config;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->wake, NULL);
    *ret_self = self;
    return WSE_OK;
}

/* create may start no thread, so the first loop does. */
static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    struct self *self = p;
    int32_t status = WSE_OK;
    (void)loop;
    pthread_mutex_lock(&self->mutex);
    if (self->loops == 0 && pthread_create(&self->thread, NULL, answer_all, self) != 0) {
        snprintf(error->text, sizeof error->text, "no thread to be had");
        status = WSE_EAGAIN;
    } else {
        ++self->loops;
    }
    pthread_mutex_unlock(&self->mutex);
    return status;
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    struct self *self = p;
    int last;
    (void)loop;
    pthread_mutex_lock(&self->mutex);
    last = --self->loops == 0;
    self->ending = last;
    pthread_cond_signal(&self->wake);
    pthread_mutex_unlock(&self->mutex);
    if (last) pthread_join(self->thread, NULL);
    self->zoo.host->stop_done(self->zoo.host, token);
}

static void destroy(void *p) {
    struct self *self = p;
    pthread_cond_destroy(&self->wake);
    pthread_mutex_destroy(&self->mutex);
    zoo_destroy(self);
}

const wse_module_def wse_module = {WSE_MODULE(WSE_KIND_AUTH, 0),
                                   .name = "auth_async_thread",
                                   .version = "1.0",
                                   .options = zoo_options,
                                   .option_size = sizeof(wse_option),
                                   .config_size = sizeof(struct zoo_config),
                                   .ops = &ops,
                                   .create = create,
                                   .start = start,
                                   .stop = stop,
                                   .destroy = destroy};
