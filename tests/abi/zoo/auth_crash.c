/* accepted: ends the process as the credential says: "segv", "abort", "thread", "thread-abort" */
/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>

#include "journal.h"

/* In the first page, which nobody has. Not null: UBSan would report that, and end the process in a
 * way of its own. */
static volatile int *volatile nowhere = (volatile int *)64;

static void *crash(void *how) {
    if (strcmp(how, "abort") == 0) abort();
    *nowhere = 1;
    return NULL;
}

static int is(const wse_auth_request *request, const char *word) {
    return request->credential.len == strlen(word) &&
           memcmp(request->credential.data, word, strlen(word)) == 0;
}

static void crash_in_thread(const char *how) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, crash, (void *)(uintptr_t)how) != 0) abort();
    pthread_detach(thread);
}

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) {
    const struct zoo_self *self = p;
    (void)loop;
    if (is(request, "segv")) crash("segv");
    if (is(request, "abort")) crash("abort");
    if (is(request, "thread")) crash_in_thread("segv");
    if (is(request, "thread-abort")) crash_in_thread("abort");
    return zoo_admit(self->host, token);
}

static const wse_auth_ops ops = {.struct_size = sizeof ops, .authenticate = authenticate};

const wse_module_def wse_module = {ZOO_GOOD("auth_crash")};
