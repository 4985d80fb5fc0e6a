/* accepted: leaves a descriptor open, a thread running and a handle on its loop */
/* SPDX-License-Identifier: MIT */
/* found: descriptor .* is left open after destroy */
/* found: threads are left running after destroy */
/* found: a handle is left open on a loop after destroy */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>
#include <uv.h>

#include "journal.h"

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    (void)p, (void)loop, (void)request, (void)token;
    return WSE_EDENIED;
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

static void *run(void *arg) {
    for (;;) pause();
    return arg;
}

static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    static uv_timer_t timers[64];
    static int count;
    const struct zoo_self *self = p;
    uv_timer_t *timer = &timers[count++ % 64];
    pthread_t thread;
    (void)error;
    if (uv_timer_init(self->host->uv(self->host, loop), timer) != 0) return WSE_EIO;
    if (pthread_create(&thread, NULL, run, NULL) != 0) return WSE_EIO;
    return open("/dev/null", O_RDONLY) < 0 ? WSE_EIO : WSE_OK;
}

const wse_module_def wse_module = {ZOO_GOOD("leaks"), .start = start};
