/* SPDX-License-Identifier: MIT */
#include "support/fake_instance.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const wse_module_def *fake_module_load(const char *name) {
    char path[1024];
    void *library, *symbol = NULL;
    snprintf(path, sizeof path, "%s/%s.so", WSE_MODULE_DIR, name);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library) symbol = dlsym(library, "wse_module");
    if (!symbol) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    return symbol;
}

void fake_instance_init(fake_instance *instance, const wse_module_def *def) {
    memset(instance, 0, sizeof *instance);
    instance->def = def;
    instance->host = fake_host_new(FAKE_LOOPS);
    instance->config = fake_config_new(def);
    instance->error.struct_size = sizeof instance->error;
}

static bool stopped(void *token) {
    return ((wse_stop_token *)token)->answers > 0;
}

static bool stop(fake_instance *instance, uint32_t loop) {
    wse_stop_token token = {0};
    if (!instance->def->stop) return true;
    instance->def->stop(instance->self, fake_host_loop(instance->host, loop), &token);
    return fake_host_turn_until(instance->host, stopped, &token) && token.answers == 1;
}

int32_t fake_instance_open(fake_instance *instance) {
    const wse_module_def *def = instance->def;
    const void *data = fake_config_data(instance->config);
    int32_t status = WSE_OK;
    if (def->check) status = def->check(data, &instance->error);
    if (status != WSE_OK) return status;
    status = def->create(fake_host_abi(instance->host), data, &instance->self, &instance->error);
    if (status != WSE_OK) return status;
    for (uint32_t i = 0; def->start && i < FAKE_LOOPS; ++i) {
        status = def->start(instance->self, fake_host_loop(instance->host, i), &instance->error);
        if (status == WSE_OK) continue;
        while (i-- > 0) stop(instance, i);
        def->destroy(instance->self);
        instance->self = NULL;
        break;
    }
    return status;
}

int32_t fake_instance_ask(fake_instance *instance, uint32_t loop, uint32_t source,
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
    return ops->authenticate(instance->self, fake_host_loop(instance->host, loop), &request, ret);
}

bool fake_instance_close(fake_instance *instance) {
    bool in_time = true;
    if (instance->self) {
        for (uint32_t i = 0; i < FAKE_LOOPS; ++i) in_time = stop(instance, i) && in_time;
        instance->def->destroy(instance->self);
    }
    fake_config_free(instance->config);
    fake_host_free(instance->host);
    return in_time;
}
