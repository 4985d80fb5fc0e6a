/* SPDX-License-Identifier: MIT
 * observer_log.so as the server meets it: its lines, its file rotated, full and taken away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wse/test_host.h>

#include "support/with_cmocka.h"

#define TIME_MS 1767323045678ull /* 2026-01-02T03:04:05.678Z */
#define BYTES(text)              \
    (wse_bytes) {                \
        (text), sizeof(text) - 1 \
    }

static const wse_module_def *module;
static char directory[] = "/tmp/wse-log-XXXXXX";
static char path[64];

static void prepare(wse_test_instance *instance) {
    unlink(path);
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "file", path);
}

static void observe(wse_test_instance *instance, const wse_observation *observation) {
    const wse_observer_ops *ops = module->ops;
    ops->observe(instance->self, wse_test_host_service_loop(instance->host), observation);
}

static wse_observation observation_of(uint32_t event) {
    return (wse_observation){.struct_size = sizeof(wse_observation),
                             .event = event,
                             .time_ms = TIME_MS,
                             .connection = BYTES("c1"),
                             .user = BYTES("alice"),
                             .peer = BYTES("192.0.2.1"),
                             .listener = BYTES("main")};
}

static void publish(wse_test_instance *instance, wse_bytes topic) {
    wse_observation observation = observation_of(WSE_OBSERVE_PUBLISH);
    observation.topic = topic;
    observation.detail = BYTES("news");
    observation.number = 7;
    observe(instance, &observation);
}

static void finish(wse_test_instance *instance) {
    assert_true(wse_test_instance_close(instance));
}

/* What stands in the file; the caller frees it. */
static char *read_file(const char *name) {
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(name, "r");
    assert_non_null(text);
    assert_non_null(file);
    (void)!fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}

static void assert_file(const char *name, const char *wanted) {
    char *text = read_file(name);
    assert_string_equal(text, wanted);
    free(text);
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

static void wait_for(wse_test_instance *instance, const char *counter, int64_t value) {
    struct wanted wanted = {instance, counter, value};
    assert_true(wse_test_host_turn_until(instance->host, counted, &wanted));
}

static void writes_a_line_for_each_event(void **state) {
    wse_test_instance instance;
    wse_observation close = observation_of(WSE_OBSERVE_CLOSE);
    wse_observation refused = observation_of(WSE_OBSERVE_REFUSED);
    wse_observation subscribe = observation_of(WSE_OBSERVE_SUBSCRIBE);
    wse_observation unsubscribe = observation_of(WSE_OBSERVE_UNSUBSCRIBE);
    const wse_observation open = observation_of(WSE_OBSERVE_OPEN);
    (void)state;
    prepare(&instance);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    close.detail = BYTES("server going away");
    close.number = 4300;
    refused.user.len = 0;
    refused.detail = BYTES("AUTH_FAILED");
    subscribe.topic = BYTES("jobs:*");
    unsubscribe.topic = BYTES("jobs");
    unsubscribe.detail = BYTES("workers");
    observe(&instance, &open);
    observe(&instance, &refused);
    observe(&instance, &subscribe);
    observe(&instance, &unsubscribe);
    publish(&instance, BYTES("a"));
    observe(&instance, &close);
    finish(&instance);
#define WHO " connection=c1 user=alice peer=192.0.2.1 listener=main"
#define WHEN "2026-01-02T03:04:05.678Z "
    assert_file(path, WHEN "open" WHO "\n" WHEN
                           "refused connection=c1 peer=192.0.2.1 listener=main "
                           "error=AUTH_FAILED\n" WHEN "subscribe" WHO " topic=jobs:*\n" WHEN
                           "unsubscribe" WHO " topic=jobs queue_group=workers\n" WHEN "publish" WHO
                           " topic=a type=news bytes=7\n" WHEN "close" WHO
                           " reason=\"server going away\" code=4300\n");
}

static void writes_json_objects_when_asked(void **state) {
    wse_test_instance instance;
    (void)state;
    prepare(&instance);
    wse_test_config_set(instance.config, "format", "json");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    publish(&instance, BYTES("a"));
    finish(&instance);
    assert_file(path,
                "{\"time\":\"2026-01-02T03:04:05.678Z\",\"event\":\"publish\","
                "\"connection\":\"c1\",\"user\":\"alice\",\"peer\":\"192.0.2.1\","
                "\"listener\":\"main\",\"topic\":\"a\",\"type\":\"news\",\"bytes\":7}\n");
}

/* A line is a line, and steers no terminal. */
static void escapes_what_is_not_plain(void **state) {
    static const struct {
        const char *topic, *wanted;
    } cases[] = {
        {"a\nb", "topic=\"a\\u000ab\""},          {"a\x1b[2J", "topic=\"a\\u001b[2J\""},
        {"a\x7f", "topic=\"a\\u007f\""},          {"a\xc2\x9b", "topic=\"a\\u009b\""},
        {"a\"\\", "topic=\"a\\\"\\\\\""},         {"a user=root", "topic=\"a user=root\""},
        {"gr\xc3\xbcn", "topic=\"gr\xc3\xbcn\""}, {"\xff", "topic=\"\\u00ff\""},
    };
    for (int json = 0; json < 2; ++json) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
            wse_test_instance instance;
            char *text;
            (void)state;
            prepare(&instance);
            wse_test_config_set(instance.config, "format", json ? "json" : "text");
            assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
            publish(&instance, (wse_bytes){cases[i].topic, strlen(cases[i].topic)});
            finish(&instance);
            text = read_file(path);
            assert_non_null(strstr(text, strchr(cases[i].wanted, '"')));
            assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
            free(text);
        }
    }
}

static void wants_only_the_events_that_are_named(void **state) {
    const wse_observer_ops *ops = module->ops;
    wse_test_instance instance;
    (void)state;
    prepare(&instance);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_int_equal(ops->wants(instance.self), ops->mask);
    finish(&instance);
    prepare(&instance);
    wse_test_config_set(instance.config, "events", "open,close");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_int_equal(ops->wants(instance.self), WSE_OBSERVE_OPEN | WSE_OBSERVE_CLOSE);
    finish(&instance);
}

static void refuses_options_that_cannot_be(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } cases[] = {
        {"events", "open,opened", "events: one is none of"},
        {"file", "access.log", "neither an absolute path nor -"},
        {"file", "/nowhere/at/all", "file: /nowhere/at/all: No such file"},
        {"file", "/dev/null", "file: /dev/null: not a regular file"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        wse_test_instance instance;
        prepare(&instance);
        wse_test_config_set(instance.config, cases[i].option, cases[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        assert_non_null(strstr(instance.error.text, cases[i].sentence));
        finish(&instance);
    }
}

static void begins_a_new_file_when_the_old_one_was_renamed(void **state) {
    char old[80];
    wse_test_instance instance;
    (void)state;
    snprintf(old, sizeof old, "%s.1", path);
    prepare(&instance);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    publish(&instance, BYTES("before"));
    wait_for(&instance, "lines", 1);
    assert_int_equal(rename(path, old), 0);
    publish(&instance, BYTES("after"));
    finish(&instance);
    assert_file(old, WHEN "publish" WHO " topic=before type=news bytes=7\n");
    assert_file(path, WHEN "publish" WHO " topic=after type=news bytes=7\n");
    unlink(old);
}

static void appends_to_a_file_that_is_there(void **state) {
    wse_test_instance instance;
    FILE *file;
    (void)state;
    prepare(&instance);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("old\n", file);
    fclose(file);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    publish(&instance, BYTES("a"));
    finish(&instance);
    assert_file(path, "old\n" WHEN "publish" WHO " topic=a type=news bytes=7\n");
}

/* Before the loop turns, the first line is under way and all others wait. */
static void loses_and_counts_what_the_buffer_cannot_hold(void **state) {
    static char large[32768];
    wse_test_instance instance;
    (void)state;
    memset(large, 'x', sizeof large);
    prepare(&instance);
    wse_test_config_set(instance.config, "buffer", "64k");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    for (int i = 0; i < 4; ++i) publish(&instance, (wse_bytes){large, sizeof large});
    assert_int_equal(wse_test_host_counter(instance.host, "lost"), 2);
    assert_non_null(strstr(wse_test_host_log(instance.host), "file.lost"));
    wait_for(&instance, "lines", 2);
    publish(&instance, BYTES("a"));
    wait_for(&instance, "lines", 3);
    finish(&instance);
}

static void goes_on_when_the_file_can_be_written_again(void **state) {
    char moved[80];
    wse_test_instance instance;
    char *text;
    (void)state;
    snprintf(moved, sizeof moved, "%s.away", directory);
    prepare(&instance);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_int_equal(rename(directory, moved), 0);
    publish(&instance, BYTES("lost"));
    wait_for(&instance, "lost", 1);
    publish(&instance, BYTES("lost"));
    wait_for(&instance, "lost", 2);
    assert_int_equal(rename(moved, directory), 0);
    publish(&instance, BYTES("back"));
    wait_for(&instance, "lines", 1);
    /* One failure, one line. */
    text = strstr(wse_test_host_log(instance.host), "file.lost");
    assert_non_null(text);
    assert_null(strstr(text + 1, "file.lost"));
    finish(&instance);
    assert_file(path, WHEN "publish" WHO " topic=back type=news bytes=7\n");
}

static void writes_to_the_log_of_the_server(void **state) {
    wse_test_instance instance;
    (void)state;
    prepare(&instance);
    wse_test_config_set(instance.config, "file", "-");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    publish(&instance, BYTES("a"));
    assert_non_null(strstr(wse_test_host_log(instance.host),
                           "2 " WHEN "publish" WHO " topic=a type=news bytes=7\n"));
    finish(&instance);
}

static int begin(void **state) {
    (void)state;
    module = wse_test_load(MODULE_FILE);
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/access.log", directory);
    return 0;
}

static int end(void **state) {
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_line_for_each_event),
        cmocka_unit_test(writes_json_objects_when_asked),
        cmocka_unit_test(escapes_what_is_not_plain),
        cmocka_unit_test(wants_only_the_events_that_are_named),
        cmocka_unit_test(refuses_options_that_cannot_be),
        cmocka_unit_test(begins_a_new_file_when_the_old_one_was_renamed),
        cmocka_unit_test(appends_to_a_file_that_is_there),
        cmocka_unit_test(loses_and_counts_what_the_buffer_cannot_hold),
        cmocka_unit_test(goes_on_when_the_file_can_be_written_again),
        cmocka_unit_test(writes_to_the_log_of_the_server),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
