/* SPDX-License-Identifier: MIT
 * event_map.so as the server meets it: what it makes of events. */
#include <stdio.h>
#include <string.h>

#include <wse/test_host.h>

#include "support/with_cmocka.h"

#define NOW_MS 1767323045678ull /* 2026-01-02T03:04:05.678Z */

static const wse_module_def *module;
static wse_test_instance instance;
static struct wse_shaping shaped;

static void open_with(const char *name, const char *value) {
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "types", "ItemCreated=item_created,Status=status_update");
    if (name) wse_test_config_set(instance.config, name, value);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
}

static void close_all(void) {
    wse_shaping_clear(&shaped);
    assert_true(wse_test_instance_close(&instance));
}

static wse_bytes bytes(const char *text) {
    const wse_bytes all = {text, strlen(text)};
    return all;
}

static int32_t verdict_on(const char *topic, const char *type, const char *payload) {
    const wse_event_ops *ops = module->ops;
    const wse_message message = {.struct_size = sizeof message,
                                 .priority = 5,
                                 .topic = bytes(topic),
                                 .type = bytes(type),
                                 .payload = bytes(payload)};
    const wse_event event = {.struct_size = sizeof event,
                             .source = WSE_SOURCE_CLIENT,
                             .message = &message,
                             .now_ms = NOW_MS};
    wse_shaping_clear(&shaped);
    memset(&shaped, 0, sizeof shaped);
    return ops->shape(instance.self, wse_test_host_loop(instance.host, 0), &event, &shaped);
}

static void shape(const char *topic, const char *type, const char *payload) {
    assert_int_equal(verdict_on(topic, type, payload), WSE_OK);
}

static int64_t counter(const char *name) {
    return wse_test_host_counter(instance.host, name);
}

static void makes_a_message_of_a_domain_event(void **state) {
    (void)state;
    open_with(NULL, NULL);
    shape("t", "",
          "{\"event_type\":\"ItemCreated\",\"payload\":{ \"n\": 1.10 },\"_metadata\":{"
          "\"event_id\":\"e-1\",\"timestamp\":\"2026-01-02T03:04:05.666Z\",\"priority\":8,"
          "\"correlation_id\":\"c-1\",\"trace_id\":\"t-1\",\"event_version\":2}}");
    assert_string_equal(shaped.type, "item_created");
    assert_string_equal(shaped.id, "e-1");
    assert_string_equal(shaped.payload, "{ \"n\": 1.10 }");
    assert_string_equal(shaped.priority, "8");
    assert_string_equal(shaped.time, "1767323045666");
    assert_string_equal(
        shaped.extra,
        "{\"original_event_type\":\"ItemCreated\",\"latency_ms\":12,\"cid\":\"c-1\","
        "\"trace_id\":\"t-1\",\"event_version\":2}");
    assert_int_equal(counter("mapped"), 1);
    close_all();
}

static void sends_the_event_without_its_metadata_when_it_has_no_payload(void **state) {
    (void)state;
    open_with(NULL, NULL);
    shape("t", "", "{\"type\":\"Status\",\"n\":9007199254740993,\"_metadata\":{},\"x\":[1, 2]}");
    assert_string_equal(shaped.type, "status_update");
    assert_string_equal(shaped.payload,
                        "{\"type\":\"Status\",\"n\":9007199254740993,\"x\":[1, 2]}");
    assert_null(shaped.id);
    assert_null(shaped.time);
    assert_string_equal(shaped.extra, "{\"original_event_type\":\"Status\",\"event_version\":1}");
    close_all();
}

static void leaves_a_plain_message_alone(void **state) {
    (void)state;
    open_with(NULL, NULL);
    shape("t", "message", "{ \"text\": \"hi\" }");
    assert_int_equal(shaped.count, 0);
    shape("t", "", "{}");
    assert_int_equal(shaped.count, 0);
    assert_int_equal(counter("unmapped"), 2);
    close_all();
}

static void lowers_the_case_of_types_that_it_does_not_know(void **state) {
    (void)state;
    open_with(NULL, NULL);
    shape("t", "OrderPlaced", "{}");
    assert_string_equal(shaped.type, "orderplaced");
    assert_string_equal(shaped.extra, "{\"original_event_type\":\"OrderPlaced\"}");
    shape("t", "Status", "{}");
    assert_string_equal(shaped.type, "status_update");
    close_all();
    open_with("lower_case", "false");
    shape("t", "OrderPlaced", "{}");
    assert_int_equal(shaped.count, 0);
    close_all();
}

static void takes_what_is_on_the_wire_already(void **state) {
    (void)state;
    open_with(NULL, NULL);
    shape("t", "",
          "{\"v\":1,\"t\":\"Made\",\"id\":\"i\",\"ts\":1767323045000,\"p\":{\"a\":1},\"seq\":7,"
          "\"cid\":\"c\",\"pri\":1}");
    assert_string_equal(shaped.type, "Made");
    assert_string_equal(shaped.id, "i");
    assert_string_equal(shaped.time, "1767323045000");
    assert_string_equal(shaped.payload, "{\"a\":1}");
    assert_string_equal(shaped.extra, "{\"cid\":\"c\"}");
    assert_string_equal(shaped.priority, "1");
    shape("t", "", "{\"v\":1,\"t\":\"a\",\"id\":\"i\",\"ts\":null,\"p\":[1]}");
    assert_string_equal(shaped.payload, "{\"data\":[1]}");
    assert_int_equal(counter("on_wire"), 2);
    close_all();
}

static void reads_times_as_people_write_them(void **state) {
    static const struct {
        const char *written, *time;
    } cases[] = {
        {"\"2026-01-02T03:04:05Z\"", "1767323045000"},
        {"\"2026-01-02t05:04:05.678901+02:00\"", "1767323045678"},
        {"\"2026-01-01T22:34:05.6-04:30\"", "1767323045600"},
        {"1767323045678.9", "1767323045678"},
        {"\"2026-01-02T03:04:05\"", NULL},
        {"\"2026-13-02T03:04:05Z\"", NULL},
        {"\"2026-01-02T03:04:05.Z\"", NULL},
        {"\"yesterday\"", NULL},
        {"\"\"", NULL},
        {"1767323045", NULL},
        {"-1", NULL},
        {"1e300", NULL},
        {"true", NULL},
        {"{}", NULL},
    };
    int64_t faults = 0;
    size_t i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        char payload[128];
        snprintf(payload, sizeof payload, "{\"timestamp\":%s}", cases[i].written);
        shape("t", "x", payload);
        if (cases[i].time) {
            assert_string_equal(shaped.time, cases[i].time);
        } else {
            assert_null(shaped.time);
            ++faults;
        }
    }
    assert_int_equal(counter("faulty"), faults);
    close_all();
}

static void tells_no_negative_latency(void **state) {
    (void)state;
    open_with(NULL, NULL);
    shape("t", "x", "{\"timestamp\":\"2026-01-02T03:04:06Z\"}");
    assert_string_equal(shaped.extra, "{\"latency_ms\":0}");
    close_all();
}

static void leaves_alone_what_makes_no_sense(void **state) {
    char payload[2000];
    int i;
    (void)state;
    open_with(NULL, NULL);
    shape("t", "given",
          "{\"event_type\":{},\"type\":\"two\\nlines\",\"event_id\":7,\"_metadata\":[1],"
          "\"correlation_id\":[1],\"trace_id\":null}");
    assert_null(shaped.type);
    assert_null(shaped.id);
    assert_null(shaped.extra);
    shape("t", "given", "{\"_metadata\":{\"priority\":\"high\",\"event_id\":\"a\\u0000b\"}}");
    assert_null(shaped.priority);
    assert_null(shaped.id);
    shape("t", "given", "{\"_metadata\":{\"priority\":-1}}");
    assert_null(shaped.priority);
    assert_int_equal(counter("faulty"), 3);
    strcpy(payload, "{\"event_type\":\"ItemCreated\"");
    for (i = 0; i < 64; ++i)
        snprintf(payload + strlen(payload), sizeof payload - strlen(payload), ",\"m%d\":1", i);
    strcat(payload, "}");
    shape("t", "given", payload);
    assert_int_equal(shaped.count, 0);
    assert_int_equal(counter("unreadable"), 1);
    close_all();
}

static void keeps_drops_and_renames_members(void **state) {
    static const char event[] = "{\"payload\":{\"a\":1,\"b\":{\"a\":2},\"c\":3}}";
    (void)state;
    open_with("keep", "a,c");
    shape("t", "x", event);
    assert_string_equal(shaped.payload, "{\"a\":1,\"c\":3}");
    close_all();
    open_with("drop", "a");
    shape("t", "x", event);
    assert_string_equal(shaped.payload, "{\"b\":{\"a\":2},\"c\":3}");
    close_all();
    open_with("rename", "a=alpha,b=c");
    shape("t", "x", event);
    assert_string_equal(shaped.payload, "{\"alpha\":1,\"b\":{\"a\":2},\"c\":3}");
    close_all();
}

/* An object of more members than can be told apart, in which "secret" is the first. */
static const char *crowd(void) {
    static char text[2000];
    int i;
    strcpy(text, "{\"secret\":1");
    for (i = 0; i < 64; ++i)
        snprintf(text + strlen(text), sizeof text - strlen(text), ",\"m%d\":1", i);
    return strcat(text, "}");
}

static void withholds_what_it_cannot_take_members_out_of(void **state) {
    static const char *const options[][2] = {
        {"keep", "m1"}, {"drop", "secret"}, {"rename", "secret=open"}};
    char event[2100];
    size_t i;
    (void)state;
    snprintf(event, sizeof event, "{\"payload\":%s}", crowd());
    for (i = 0; i < sizeof options / sizeof *options; ++i) {
        open_with(options[i][0], options[i][1]);
        assert_int_equal(verdict_on("t", "x", event), WSE_EDENIED);
        assert_int_equal(verdict_on("t", "x", crowd()), WSE_EDENIED);
        assert_int_equal(shaped.count, 0);
        assert_int_equal(counter("withheld"), 2);
        assert_non_null(strstr(wse_test_host_log(instance.host), "event.withheld topic=\"t\""));
        close_all();
    }
}

static void withholds_nothing_when_no_member_is_to_be_held_back(void **state) {
    char event[2100];
    (void)state;
    snprintf(event, sizeof event, "{\"payload\":%s}", crowd());
    open_with(NULL, NULL);
    shape("t", "x", event);
    assert_string_equal(shaped.payload, crowd());
    close_all();
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "drop", "secret");
    wse_test_config_set(instance.config, "topics", "orders:*");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    shape("chat", "x", event);
    assert_int_equal(shaped.count, 0);
    close_all();
}

static void knows_names_however_they_are_escaped(void **state) {
    static const char event[] = "{\"p\\u0061yload\":{\"internal\\u005fnote\":1,\"b\\\"\":2}}";
    char crowded[1200];
    (void)state;
    open_with("drop", "internal_note");
    shape("t", "x", event);
    assert_string_equal(shaped.payload, "{\"b\\\"\":2}");
    /* No name is too long to be looked at. */
    snprintf(crowded, sizeof crowded, "{\"payload\":{\"%0800d\\u0031\":1}}", 0);
    shape("t", "x", crowded);
    assert_non_null(strstr(shaped.payload, "00\\u0031\":1}"));
    close_all();
    open_with("drop", "b\"");
    shape("t", "x", event);
    assert_string_equal(shaped.payload, "{\"internal\\u005fnote\":1}");
    close_all();
    open_with("keep", "internal_note");
    shape("t", "x", "{\"payload\":{\"internal_note\\u0000\":1,\"internal\\u005Fnote\":2}}");
    assert_string_equal(shaped.payload, "{\"internal\\u005Fnote\":2}");
    close_all();
    open_with("rename", "internal_note=say \"\\");
    shape("t", "x", event);
    assert_string_equal(shaped.payload, "{\"say \\\"\\\\\":1,\"b\\\"\":2}");
    close_all();
}

static void knows_types_and_metadata_however_they_are_escaped(void **state) {
    (void)state;
    open_with("metadata", "_meta/data");
    shape("t", "",
          "{\"event\\u005ftype\":\"Item\\u0043reated\",\"n\":1,"
          "\"_meta\\/data\":{\"event_\\u0069d\":\"e\"}}");
    assert_string_equal(shaped.type, "item_created");
    assert_string_equal(shaped.id, "e");
    assert_string_equal(shaped.payload, "{\"event\\u005ftype\":\"Item\\u0043reated\",\"n\":1}");
    close_all();
}

static void is_for_some_topics(void **state) {
    (void)state;
    open_with("topics", "orders:*,chat");
    shape("orders:7", "Status", "{}");
    assert_string_equal(shaped.type, "status_update");
    shape("chat", "Status", "{}");
    assert_string_equal(shaped.type, "status_update");
    shape("chats", "Status", "{}");
    assert_int_equal(shaped.count, 0);
    close_all();
}

static void reads_metadata_under_another_name(void **state) {
    (void)state;
    open_with("metadata", "meta");
    shape("t", "x", "{\"meta\":{\"event_id\":\"e\"},\"_metadata\":{\"event_id\":\"f\"}}");
    assert_string_equal(shaped.id, "e");
    assert_string_equal(shaped.payload, "{\"_metadata\":{\"event_id\":\"f\"}}");
    close_all();
}

static void refuses_options_that_cannot_be(void **state) {
    static const struct {
        const char *name, *value, *problem;
    } cases[] = {
        {"metadata", "", "metadata: empty"},
        {"types", "A=", "types.A: a type has 1 to 128 bytes of plain text"},
        {"rename", "a=x,b=x", "rename: two members would be 'x'"},
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, cases[i].name, cases[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        assert_string_equal(instance.error.text, cases[i].problem);
        assert_true(wse_test_instance_close(&instance));
    }
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "keep", "a");
    wse_test_config_set(instance.config, "drop", "b");
    assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
    assert_true(wse_test_instance_close(&instance));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_message_of_a_domain_event),
        cmocka_unit_test(sends_the_event_without_its_metadata_when_it_has_no_payload),
        cmocka_unit_test(leaves_a_plain_message_alone),
        cmocka_unit_test(lowers_the_case_of_types_that_it_does_not_know),
        cmocka_unit_test(takes_what_is_on_the_wire_already),
        cmocka_unit_test(reads_times_as_people_write_them),
        cmocka_unit_test(tells_no_negative_latency),
        cmocka_unit_test(leaves_alone_what_makes_no_sense),
        cmocka_unit_test(keeps_drops_and_renames_members),
        cmocka_unit_test(withholds_what_it_cannot_take_members_out_of),
        cmocka_unit_test(withholds_nothing_when_no_member_is_to_be_held_back),
        cmocka_unit_test(knows_names_however_they_are_escaped),
        cmocka_unit_test(knows_types_and_metadata_however_they_are_escaped),
        cmocka_unit_test(is_for_some_topics),
        cmocka_unit_test(reads_metadata_under_another_name),
        cmocka_unit_test(refuses_options_that_cannot_be),
    };
    module = wse_test_load(MODULE_FILE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
