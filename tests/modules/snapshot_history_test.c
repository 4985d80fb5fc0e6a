/* SPDX-License-Identifier: MIT
 * snapshot_history.so as the server meets it. */
#include <stdio.h>
#include <string.h>

#include "snapshot_case.h"
#include "support/with_cmocka.h"

static const wse_module_def *module;

static wse_bytes text(const char *bytes) {
    return (wse_bytes){bytes, strlen(bytes)};
}

static void keep(wse_test_instance *instance, const char *topic, uint64_t offset,
                 const char *payload) {
    char id[32];
    wse_message message = {
        .struct_size = sizeof message,
        .priority = offset == 2 ? 8 : 5,
        .topic = text(topic),
        .type = text("moved"),
        .payload = text(payload),
        .extra = text(offset == 3 ? "{\"cid\":\"c\"}" : ""),
        .time_ms = 1767323045678ull,
        .epoch = 7,
        .offset = offset,
    };
    snprintf(id, sizeof id, "m%u", (unsigned)offset);
    message.id = text(id);
    wse_test_host_keep(instance->host, &message);
}

static void open_module(wse_test_instance *instance, const char *messages) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "messages", messages);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
}

static void gives_the_last_messages_in_order_and_their_place(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    open_module(&instance, "2");
    keep(&instance, "a", 1, "{\"n\":1}");
    keep(&instance, "b", 9, "{\"n\":9}");
    keep(&instance, "a", 2, "{\"n\":2}");
    keep(&instance, "a", 3, "{\"n\":3}");
    assert_int_equal(snapshot_ask(&instance, "a", &token), WSE_OK);
    assert_string_equal(
        token.data,
        "{\"events\":[{\"t\":\"moved\",\"id\":\"m2\",\"ts\":\"2026-01-02T03:04:05.678Z\",\"pri\":8,"
        "\"p\":{\"n\":2},\"o\":2},"
        "{\"t\":\"moved\",\"id\":\"m3\",\"ts\":\"2026-01-02T03:04:05.678Z\",\"p\":{\"n\":3},"
        "\"o\":3,\"cid\":\"c\"}]}");
    assert_true(token.has_position);
    assert_int_equal(token.epoch, 7);
    assert_int_equal(token.offset, 3);
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static void says_that_there_is_none_when_nothing_is_kept(void **state) {
    wse_test_instance instance;
    (void)state;
    open_module(&instance, "50");
    snapshot_fails(&instance, "a", WSE_ENOTFOUND);
    assert_int_equal(wse_test_host_counter(instance.host, "empty"), 1);
    assert_true(wse_test_instance_close(&instance));
}

static void leaves_the_oldest_out_when_all_are_too_much(void **state) {
    static char large[800];
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    snprintf(large, sizeof large, "{\"x\":\"%0700d\"}", 0);
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "limit", "1k");
    wse_test_config_set(instance.config, "type", "moves_snapshot");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    keep(&instance, "a", 4, large);
    keep(&instance, "a", 5, large);
    assert_int_equal(snapshot_ask(&instance, "a", &token), WSE_OK);
    assert_null(strstr(token.data, "\"m4\""));
    assert_non_null(strstr(token.data, "\"m5\""));
    assert_string_equal(token.type, "moves_snapshot");
    assert_int_equal(token.offset, 5);
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static void gives_nothing_when_the_last_alone_is_too_much(void **state) {
    static char large[2000];
    wse_test_instance instance;
    (void)state;
    snprintf(large, sizeof large, "{\"x\":\"%01700d\"}", 0);
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "limit", "1k");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    keep(&instance, "a", 4, large);
    snapshot_fails(&instance, "a", WSE_ETOOBIG);
    assert_true(wse_test_instance_close(&instance));
}

static void waits_with_its_end_for_the_history(void **state) {
    const snapshot_question question = {.topic = "a"};
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    open_module(&instance, "50");
    assert_int_equal(snapshot_begin(&instance, &question, &token), WSE_OK);
    assert_true(wse_test_instance_close(&instance));
    assert_int_equal(token.answers, 1);
    wse_snapshot_token_clear(&token);
}

static void refuses_a_type_that_no_client_takes_for_a_snapshot(void **state) {
    wse_test_instance instance;
    (void)state;
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "type", "moves");
    assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
    assert_non_null(strstr(instance.error.text, "type: 'moves' neither has"));
    assert_true(wse_test_instance_close(&instance));
}

static int begin(void **state) {
    (void)state;
    module = wse_test_load(MODULE_FILE);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_last_messages_in_order_and_their_place),
        cmocka_unit_test(says_that_there_is_none_when_nothing_is_kept),
        cmocka_unit_test(leaves_the_oldest_out_when_all_are_too_much),
        cmocka_unit_test(gives_nothing_when_the_last_alone_is_too_much),
        cmocka_unit_test(waits_with_its_end_for_the_history),
        cmocka_unit_test(refuses_a_type_that_no_client_takes_for_a_snapshot),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
