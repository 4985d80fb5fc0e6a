/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <string.h>

#include "internal.h"

const wse_module_def *wse_test_load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const void *symbol = library ? dlsym(library, "wse_module") : NULL;
    if (symbol) return symbol;
    fprintf(stderr, "%s\n", dlerror());
    abort();
}

void wse_test_instance_init(wse_test_instance *instance, const wse_module_def *def) {
    memset(instance, 0, sizeof *instance);
    instance->def = def;
    instance->host = wse_test_host_new(def->kind, WSE_TEST_LOOPS);
    instance->config = wse_test_config_new(def);
    instance->error.struct_size = sizeof instance->error;
}

static bool stopped(void *token) {
    return ((wse_stop_token *)token)->answers > 0;
}

static bool stop(wse_test_instance *instance, uint32_t loop) {
    wse_stop_token token = {0};
    if (!instance->def->stop) return true;
    token.must_be = WSE_TEST_STOP_DONE;
    instance->def->stop(instance->self, wse_test_host_loop(instance->host, loop), &token);
    return wse_test_host_turn_until(instance->host, stopped, &token) && token.answers == 1;
}

static bool is_idle(void *host) {
    return wse_test_host_is_idle(host);
}

static uint32_t loops_of(const wse_test_instance *instance) {
    return wse_test_host_abi(instance->host)->loop_count;
}

static int32_t create(wse_test_instance *instance, const void *data) {
    int32_t status;
    status = instance->def->create(wse_test_host_abi(instance->host), data, &instance->self,
                                   &instance->error);
    wse_test_host_created(instance->host);
    instance->opened = status == WSE_OK;
    return status;
}

int32_t wse_test_instance_open(wse_test_instance *instance) {
    const wse_module_def *def = instance->def;
    const void *data = wse_test_config_data(instance->config);
    int32_t status = WSE_OK;
    if (def->check) status = def->check(data, &instance->error);
    if (status == WSE_OK) status = create(instance, data);
    if (status != WSE_OK) return status;
    for (uint32_t i = 0; def->start && i < loops_of(instance); ++i) {
        wse_loop *loop = wse_test_host_loop(instance->host, i);
        status = def->start(instance->self, loop, &instance->error);
        if (status == WSE_OK) continue;
        while (i-- > 0) stop(instance, i);
        def->destroy(instance->self);
        instance->opened = false;
        instance->self = NULL;
        break;
    }
    return status;
}

int32_t wse_test_instance_ask(wse_test_instance *instance, uint32_t loop, uint32_t source,
                              const char *credential, const char *peer, wse_auth_token *ret) {
    const wse_auth_ops *ops = instance->def->ops;
    const wse_auth_request request = {
        .struct_size = sizeof request,
        .source = source,
        .credential = {credential, strlen(credential)},
        .peer = {peer, strlen(peer)},
        .listener = {"main", 4},
        .deadline_ms = 1000,
    };
    memset(ret, 0, sizeof *ret);
    return ops->authenticate(instance->self, wse_test_host_loop(instance->host, loop), &request,
                             ret);
}

bool wse_test_instance_close(wse_test_instance *instance) {
    bool sound = true;
    if (instance->opened) {
        for (uint32_t i = 0; i < loops_of(instance); ++i) sound = stop(instance, i) && sound;
        if (!sound) fputs("stop was not answered in time\n", stderr);
        if (!wse_test_host_turn_until(instance->host, is_idle, instance->host)) {
            fputs("posts or blocking work were not through in time\n", stderr);
            sound = false;
        }
        instance->def->destroy(instance->self);
    }
    if (*wse_test_host_misuse(instance->host)) sound = false;
    fputs(wse_test_host_misuse(instance->host), stderr);
    wse_test_config_free(instance->config);
    if (wse_test_host_free(instance->host)) return sound;
    fputs("the module left a handle open\n", stderr);
    return false;
}
