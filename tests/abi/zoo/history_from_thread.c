/* accepted: asks for the history from a thread of its own */
/* SPDX-License-Identifier: MIT */
/* found: history was called outside its loop's thread */
#include <pthread.h>

#include "journal.h"

struct call {
    const wse_host *host;
    wse_loop *loop;
    int32_t status;
};

static void done(void *arg, int32_t status, const wse_message *messages, uint64_t count) {
    (void)arg, (void)status, (void)messages, (void)count;
}

static void *run(void *arg) {
    struct call *call = arg;
    const wse_bytes topic = {"news", 4};
    call->status = call->host->history(call->host, call->loop, topic, 1, done, NULL);
    return NULL;
}

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *question,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    struct call call = {self->host, loop, WSE_OK};
    pthread_t thread;
    (void)question;
    if (pthread_create(&thread, NULL, run, &call) != 0) return WSE_EAGAIN;
    pthread_join(thread, NULL);
    return self->host->snapshot_done(self->host, token,
                                     call.status == WSE_OK ? WSE_EIO : WSE_ENOTFOUND, NULL);
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_GOOD("history_from_thread"), .kind = WSE_KIND_SNAPSHOT};
