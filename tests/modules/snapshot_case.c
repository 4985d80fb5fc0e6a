/* SPDX-License-Identifier: MIT */
#include "snapshot_case.h"

#include <string.h>

#include "support/with_cmocka.h"

static wse_bytes bytes_of(const char *text) {
    return (wse_bytes){text, text ? strlen(text) : 0};
}

int32_t snapshot_begin(wse_test_instance *instance, const snapshot_question *question,
                       wse_snapshot_token *token) {
    const wse_snapshot_ops *ops = instance->def->ops;
    const wse_snapshot_request request = {
        .struct_size = sizeof request,
        .topic = bytes_of(question->topic),
        .user = bytes_of(question->user),
        .params = bytes_of(question->params),
        .epoch = question->epoch,
        .offset = question->offset,
        .deadline_ms = 60000,
    };
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_SNAPSHOT_DONE;
    return ops->request(instance->self, wse_test_host_service_loop(instance->host), &request,
                        token);
}

static bool answered(void *p) {
    return ((const wse_snapshot_token *)p)->answers > 0;
}

void snapshot_wait(wse_test_instance *instance, const wse_snapshot_token *token) {
    assert_true(wse_test_host_turn_until(instance->host, answered, (void *)(uintptr_t)token));
    assert_int_equal(token->answers, 1);
}

int32_t snapshot_ask(wse_test_instance *instance, const char *topic, wse_snapshot_token *token) {
    const snapshot_question question = {.topic = topic};
    const int32_t status = snapshot_begin(instance, &question, token);
    if (status != WSE_OK) {
        assert_int_equal(token->answers, 0);
        return status;
    }
    snapshot_wait(instance, token);
    return token->status;
}

void snapshot_is(wse_test_instance *instance, const char *topic, const char *data) {
    wse_snapshot_token token;
    assert_int_equal(snapshot_ask(instance, topic, &token), WSE_OK);
    assert_string_equal(token.data, data);
    wse_snapshot_token_clear(&token);
}

void snapshot_fails(wse_test_instance *instance, const char *topic, int32_t status) {
    wse_snapshot_token token;
    assert_int_equal(snapshot_ask(instance, topic, &token), status);
    wse_snapshot_token_clear(&token);
}

struct wanted {
    wse_test_instance *instance;
    const char *counter;
    int64_t value;
};

static bool counted(void *p) {
    const struct wanted *wanted = p;
    return wse_test_host_counter(wanted->instance->host, wanted->counter) >= wanted->value;
}

void snapshot_wait_for(wse_test_instance *instance, const char *counter, int64_t value) {
    struct wanted wanted = {instance, counter, value};
    assert_true(wse_test_host_turn_until(instance->host, counted, &wanted));
}
