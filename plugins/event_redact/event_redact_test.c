/* SPDX-License-Identifier: MIT
 * event_redact.so as the server meets it. */
/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include <wse/test_host.h>

static const wse_module_def *module;

/* What becomes of the payload: the new one, or NULL when it stays; freed by wse_shaping_clear. */
static int32_t shape(wse_test_instance *instance, const char *topic, const char *payload,
                     uint64_t size, wse_shaping *ret) {
    const wse_event_ops *ops = module->ops;
    const wse_message message = {
        .struct_size = sizeof message,
        .priority = 5,
        .topic = {topic, strlen(topic)},
        .payload = {payload, size},
    };
    const wse_event event = {
        .struct_size = sizeof event, .source = WSE_SOURCE_CLIENT, .message = &message};
    memset(ret, 0, sizeof *ret);
    return ops->shape(instance->self, wse_test_host_loop(instance->host, 0), &event, ret);
}

static void open_with(wse_test_instance *instance, const char *members, const char *mask) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "topics", "orders:*,chat");
    wse_test_config_set(instance->config, "members", members);
    if (mask) wse_test_config_set(instance->config, "mask", mask);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
}

/* With the members "secret" and "\xc3\xa9"; `masked` with "***". NULL: it stays as it is. */
static const struct {
    const char *payload, *removed, *masked;
} payloads[] = {
    {"{}", NULL, NULL},
    {"{\"a\":1}", NULL, NULL},
    {"{\"secret\":1}", "{}", "{\"secret\":\"***\"}"},
    {"{\"secret\":1,\"a\":2}", "{\"a\":2}", "{\"secret\":\"***\",\"a\":2}"},
    {"{\"a\":2,\"secret\":{\"b\":[1,{\"secret\":2}]}}", "{\"a\":2}",
     "{\"a\":2,\"secret\":\"***\"}"},
    {"{\"a\":2 , \"secret\" : [] , \"b\":3}", "{\"a\":2,\"b\":3}",
     "{\"a\":2,\"secret\" : \"***\",\"b\":3}"},
    {"{\"a\":[{\"secret\":\"x\"},{\"b\":{\"secret\":null}}]}", "{\"a\":[{},{\"b\":{}}]}",
     "{\"a\":[{\"secret\":\"***\"},{\"b\":{\"secret\":\"***\"}}]}"},
    {"{\"secret\":1,\"secret\":2}", "{}", "{\"secret\":\"***\",\"secret\":\"***\"}"},
    {"{\"s\\u0065cret\":1}", "{}", "{\"s\\u0065cret\":\"***\"}"},
    {"{\"\\u00e9\":1,\"\xc3\xa9\":2,\"e\":3}", "{\"e\":3}",
     "{\"\\u00e9\":\"***\",\"\xc3\xa9\":\"***\",\"e\":3}"},
    {"{\"secrets\":1,\"secre\":2,\"a\":\"secret\"}", NULL, NULL},
    {"{\"a\":\"\\\"secret\\\":1\"}", NULL, NULL},
    {"{\"n\":12345678901234567890.5e3,\"secret\":\"}\\\"\"}", "{\"n\":12345678901234567890.5e3}",
     "{\"n\":12345678901234567890.5e3,\"secret\":\"***\"}"},
};

static void redacts_every_payload_once(const char *mask) {
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; ++i) {
        const char *wanted = mask ? payloads[i].masked : payloads[i].removed;
        wse_test_instance instance;
        wse_shaping shaping;
        open_with(&instance, "secret,\xc3\xa9", mask);
        assert_int_equal(shape(&instance, "orders:7", payloads[i].payload,
                               strlen(payloads[i].payload), &shaping),
                         WSE_OK);
        if (!wanted)
            assert_null(shaping.payload);
        else
            assert_string_equal(shaping.payload, wanted);
        wse_shaping_clear(&shaping);
        assert_true(wse_test_instance_close(&instance));
    }
}

static void takes_members_out(void **state) {
    (void)state;
    redacts_every_payload_once(NULL);
}

static void masks_members(void **state) {
    (void)state;
    redacts_every_payload_once("***");
}

static void looks_at_its_topics_only(void **state) {
    static const char payload[] = "{\"secret\":1}";
    static const struct {
        const char *topic;
        int ours;
    } topics[] = {{"orders:7", 1}, {"chat", 1}, {"chat:7", 0}, {"order", 0}};
    wse_test_instance instance;
    (void)state;
    open_with(&instance, "secret", NULL);
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; ++i) {
        wse_shaping shaping;
        assert_int_equal(shape(&instance, topics[i].topic, payload, sizeof payload - 1, &shaping),
                         WSE_OK);
        assert_int_equal(shaping.payload != NULL, topics[i].ours);
        wse_shaping_clear(&shaping);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "redacted"), 2);
    assert_true(wse_test_instance_close(&instance));
}

/* What is cut anywhere is dropped, and nothing is read beyond its end. */
static void drops_what_it_cannot_read(void **state) {
    static const char whole[] = "{\"a\":[1,{\"s\\u0065cret\":\"\\\"x\"}],\"b\":null}";
    wse_test_instance instance;
    (void)state;
    open_with(&instance, "secret", NULL);
    for (uint64_t size = 1; size < sizeof whole - 1; ++size) {
        char *cut = malloc(size);
        wse_shaping shaping;
        memcpy(cut, whole, size);
        assert_int_equal(shape(&instance, "chat", cut, size, &shaping), WSE_EDENIED);
        wse_shaping_clear(&shaping);
        free(cut);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "failed"), sizeof whole - 2);
    assert_true(wse_test_instance_close(&instance));
}

static void judges_its_options(void **state) {
    wse_test_instance instance;
    (void)state;
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "members", "a");
    wse_test_config_set(instance.config, "mask", "a\"b");
    assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
    assert_non_null(strstr(instance.error.text, "mask: has a quote"));
    assert_true(wse_test_instance_close(&instance));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_members_out),        cmocka_unit_test(masks_members),
        cmocka_unit_test(looks_at_its_topics_only), cmocka_unit_test(drops_what_it_cannot_read),
        cmocka_unit_test(judges_its_options),
    };
    module = wse_test_load(MODULE_FILE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
