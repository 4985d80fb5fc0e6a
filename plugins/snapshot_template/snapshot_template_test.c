/* SPDX-License-Identifier: MIT
 * snapshot_template as the server meets it, without a server. */
/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include <wse/test_host.h>

static wse_test_instance instance;

static int load(void **state) {
    (void)state;
    wse_test_instance_init(&instance, wse_test_load(MODULE_FILE));
    return 0;
}

/* Fails when the module has left something open, or broken a rule of the ABI. */
static int end(void **state) {
    (void)state;
    return wse_test_instance_close(&instance) ? 0 : -1;
}

static void does_its_work(void **state) {
    const wse_snapshot_ops *ops = instance.def->ops;
    wse_snapshot_request request = {0};
    wse_snapshot_token token = {0};
    (void)state;
    wse_test_config_set(instance.config, "state", "{\"open\":true}");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    request.struct_size = sizeof request;
    request.topic.data = "demo";
    request.topic.len = 4;
    request.deadline_ms = 1000;
    assert_int_equal(
        ops->request(instance.self, wse_test_host_service_loop(instance.host), &request, &token),
        WSE_OK);
    assert_int_equal(token.answers, 1);
    assert_int_equal(token.status, WSE_OK);
    assert_string_equal(token.data, "{\"open\":true}");
    wse_snapshot_token_clear(&token);
    assert_int_equal(wse_test_host_counter(instance.host, "calls"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(does_its_work, load, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
