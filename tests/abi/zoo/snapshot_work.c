/* accepted: answers from host->work and has no stop, for the server waits for the work by itself */
/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "snapshots.h"

struct job {
    const struct zoo_self *self;
    wse_snapshot_token *token;
};

/* Long enough for destroy to come first where nobody waits. */
static void blocking(void *p) {
    const struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};
    (void)p;
    nanosleep(&pause, NULL);
}

static void after(void *p) {
    struct job *job = p;
    const wse_host *host = job->self->host;
    const wse_snapshot snapshot = {.struct_size = sizeof snapshot, .data = zoo_bytes("{}")};
    host->snapshot_done(host, job->token, WSE_OK, &snapshot);
    free(job);
}

static int32_t request(void *p, wse_loop *loop, const wse_snapshot_request *request,
                       wse_snapshot_token *token) {
    const struct zoo_self *self = p;
    struct job *job = malloc(sizeof *job);
    int32_t status;
    (void)request;
    if (!job) return WSE_ENOMEM;
    *job = (struct job){self, token};
    status = self->host->work(self->host, loop, blocking, after, job);
    if (status != WSE_OK) free(job);
    return status;
}

static const wse_snapshot_ops ops = {.struct_size = sizeof ops, .request = request};

const wse_module_def wse_module = {ZOO_SNAPSHOTS("snapshot_work"), .create = zoo_create};
