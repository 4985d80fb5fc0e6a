/* SPDX-License-Identifier: MIT */
#include "app_case.h"

#include <string.h>

#include "support/with_cmocka.h"

#define MAX_EVENTS 1024

static wse_bytes bytes_of(const char *text) {
    return (wse_bytes){text, text ? strlen(text) : 0};
}

void app_begin(wse_test_instance *instance, const app_event *events, uint64_t count,
               wse_batch_token *token) {
    static wse_app_event made[MAX_EVENTS];
    const wse_app_ops *ops = instance->def->ops;
    assert_true(count <= MAX_EVENTS);
    for (uint64_t i = 0; i < count; ++i) {
        made[i] = (wse_app_event){
            .struct_size = sizeof made[i],
            .event = events[i].event,
            .connection = bytes_of(events[i].connection),
            .user = bytes_of(events[i].user),
            .topic = bytes_of(events[i].topic),
            .type = bytes_of(events[i].type),
            .id = bytes_of(events[i].id),
            .data = bytes_of(events[i].data),
            .time_ms = 1700000000000,
            .code = events[i].code,
        };
    }
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_BATCH_DONE;
    assert_int_equal(ops->deliver(instance->self, wse_test_host_service_loop(instance->host), made,
                                  count, token),
                     WSE_OK);
    memset(made, 0, sizeof made); /* they were only lent */
}

static bool done(void *p) {
    return ((const wse_batch_token *)p)->answers > 0;
}

void app_wait(wse_test_instance *instance, const wse_batch_token *token) {
    assert_true(wse_test_host_turn_until(instance->host, done, (void *)(uintptr_t)token));
    assert_int_equal(token->answers, 1);
}

void app_deliver(wse_test_instance *instance, const app_event *events, uint64_t count,
                 wse_batch_token *token) {
    app_begin(instance, events, count, token);
    app_wait(instance, token);
}

int32_t app_ask_begin(wse_test_instance *instance, const app_question *question,
                      wse_ask_token *token) {
    const wse_app_ops *ops = instance->def->ops;
    const wse_question made = {
        .struct_size = sizeof made,
        .question = question->question,
        .connection = bytes_of(question->connection),
        .user = bytes_of(question->user),
        .topic = bytes_of(question->topic),
        .type = bytes_of(question->type),
        .data = bytes_of(question->data),
        .peer = bytes_of(question->peer),
        .source = question->question == WSE_ASK_CONNECT ? WSE_CREDENTIAL_BEARER : 0,
        .deadline_ms = 60000,
    };
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_ASK_DONE;
    return ops->ask(instance->self, wse_test_host_service_loop(instance->host), &made, token);
}

static bool answered(void *p) {
    return ((const wse_ask_token *)p)->answers > 0;
}

int32_t app_ask(wse_test_instance *instance, const app_question *question, wse_ask_token *token) {
    const int32_t status = app_ask_begin(instance, question, token);
    if (status != WSE_OK) return status;
    assert_true(wse_test_host_turn_until(instance->host, answered, token));
    assert_int_equal(token->answers, 1);
    return token->status;
}

struct wanted {
    wse_test_instance *instance;
    const char *text;
    int64_t value;
};

static bool counted(void *p) {
    const struct wanted *wanted = p;
    return wse_test_host_counter(wanted->instance->host, wanted->text) >= wanted->value;
}

void app_wait_for(wse_test_instance *instance, const char *counter, int64_t value) {
    struct wanted wanted = {instance, counter, value};
    if (!wse_test_host_turn_until(instance->host, counted, &wanted))
        fail_msg("%s is %ld", counter, (long)wse_test_host_counter(instance->host, counter));
}

static bool logged(void *p) {
    const struct wanted *wanted = p;
    return strstr(wse_test_host_log(wanted->instance->host), wanted->text) != NULL;
}

void app_wait_for_log(wse_test_instance *instance, const char *part) {
    struct wanted wanted = {instance, part, 0};
    if (!wse_test_host_turn_until(instance->host, logged, &wanted))
        fail_msg("no '%s' in '%s'", part, wse_test_host_log(instance->host));
}

static bool stopped(void *p) {
    return ((const wse_stop_token *)p)->answers > 0;
}

void app_stop(wse_test_instance *instance) {
    wse_stop_token token = {.must_be = WSE_TEST_STOP_DONE};
    instance->def->stop(instance->self, wse_test_host_service_loop(instance->host), &token);
    assert_true(wse_test_host_turn_until(instance->host, stopped, &token));
}

void app_close_stopped(wse_test_instance *instance) {
    instance->def->destroy(instance->self);
    instance->opened = false;
    assert_true(wse_test_instance_close(instance));
}
