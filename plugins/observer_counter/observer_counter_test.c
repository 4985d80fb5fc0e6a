/* SPDX-License-Identifier: MIT
 * observer_counter.so as the server meets it. */
/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wse/test_host.h>

static const wse_module_def *module;

static void see(wse_test_instance *instance, uint32_t event, int times) {
    const wse_observer_ops *ops = module->ops;
    const wse_observation seen = {.struct_size = sizeof seen, .event = event};
    for (; times > 0; --times)
        ops->observe(instance->self, wse_test_host_service_loop(instance->host), &seen);
}

static void counts_by_event(void **state) {
    wse_test_instance instance;
    (void)state;
    wse_test_instance_init(&instance, module);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    see(&instance, WSE_OBSERVE_OPEN, 3);
    see(&instance, WSE_OBSERVE_PUBLISH, 5);
    see(&instance, WSE_OBSERVE_REFUSED, 1);
    see(&instance, 1u << 30, 1); /* of a later server */
    assert_int_equal(wse_test_host_counter(instance.host, "opened"), 3);
    assert_int_equal(wse_test_host_counter(instance.host, "published"), 5);
    assert_int_equal(wse_test_host_counter(instance.host, "refused"), 1);
    assert_int_equal(wse_test_host_counter(instance.host, "closed"), 0);
    assert_true(wse_test_instance_close(&instance));
}

static void writes_the_counts_when_it_stops(void **state) {
    char path[] = "/tmp/wse-counts-XXXXXX", text[256] = "";
    const int fd = mkstemp(path);
    wse_test_instance instance;
    (void)state;
    assert_true(fd >= 0);
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "file", path);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    see(&instance, WSE_OBSERVE_SUBSCRIBE, 2);
    assert_true(wse_test_instance_close(&instance));
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_string_equal(text,
                        "opened 0\nclosed 0\nrefused 0\nsubscribed 2\nunsubscribed 0\npublished "
                        "0\n");
    close(fd);
    unlink(path);
}

static void stops_when_the_file_cannot_be_written(void **state) {
    wse_test_instance instance;
    (void)state;
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "file", "/nowhere/counts");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_true(wse_test_instance_close(&instance));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_event),
        cmocka_unit_test(writes_the_counts_when_it_stops),
        cmocka_unit_test(stops_when_the_file_cannot_be_written),
    };
    module = wse_test_load(MODULE_FILE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
