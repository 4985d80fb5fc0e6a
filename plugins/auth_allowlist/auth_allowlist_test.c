/* SPDX-License-Identifier: MIT
 * auth_allowlist.so as the server meets it. */
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

static const wse_module_def *module;

static const struct {
    const char *networks;
    const char *peer;
    int32_t status;
} peers[] = {
    {"10.0.0.0/8", "10.255.255.255", WSE_OK},
    {"10.0.0.0/8", "11.0.0.0", WSE_EDENIED},
    {"10.0.0.0/8", "9.255.255.255", WSE_EDENIED},
    {"10.0.0.0/8", "::ffff:10.1.2.3", WSE_OK},
    {"10.0.0.0/8", "0a00::1", WSE_EDENIED},
    {"172.16.0.0/12", "172.31.0.1", WSE_OK},
    {"172.16.0.0/12", "172.32.0.1", WSE_EDENIED},
    {"192.0.2.7", "192.0.2.7", WSE_OK},
    {"192.0.2.7", "192.0.2.6", WSE_EDENIED},
    {"192.0.2.7/32", "192.0.2.7", WSE_OK},
    {"192.0.2.6/31", "192.0.2.7", WSE_OK},
    {"192.0.2.6/31", "192.0.2.8", WSE_EDENIED},
    {"0.0.0.0/0", "203.0.113.9", WSE_OK},
    {"0.0.0.0/0", "2001:db8::1", WSE_EDENIED},
    {"::/0", "2001:db8::1", WSE_OK},
    {"2001:db8::/32", "2001:db8:ffff::1", WSE_OK},
    {"2001:db8::/32", "2001:db9::1", WSE_EDENIED},
    {"::1", "::1", WSE_OK},
    {"::1", "::2", WSE_EDENIED},
    {"10.0.0.0/8,192.0.2.7", "192.0.2.7", WSE_OK},
    {"10.0.0.0/8", "", WSE_EDENIED},
    {"10.0.0.0/8", "10.1", WSE_EDENIED},
    {"10.0.0.0/8", "not an address, and a long one at that, over 46 characters", WSE_EDENIED},
};

static void knows_its_networks(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; ++i) {
        const int granted = peers[i].status == WSE_OK;
        wse_test_instance instance;
        wse_auth_token answer;
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, "networks", peers[i].networks);
        assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
        assert_int_equal(
            wse_test_instance_ask(&instance, 0, WSE_CREDENTIAL_NONE, "", peers[i].peer, &answer),
            WSE_OK);
        assert_int_equal(answer.answers, 1);
        if (answer.status != peers[i].status)
            fail_msg("%s for %s", peers[i].peer, peers[i].networks);
        if (granted) assert_string_equal(answer.user, "guest");
        assert_int_equal(wse_test_host_counter(instance.host, "accepted"), granted);
        assert_int_equal(wse_test_host_counter(instance.host, "refused"), !granted);
        wse_auth_token_clear(&answer);
        assert_true(wse_test_instance_close(&instance));
    }
}

static const struct {
    const char *networks;
    const char *user;
    const char *sentence;
} configs[] = {
    {"10.0.0.0/8", "sensor", NULL},
    {"", "sensor", "networks: is empty"},
    {"10.0.0.0/8", "", "user: is empty"},
    {"10.0.0.0/33", "sensor", "networks: 10.0.0.0/33: the prefix is too long or no number"},
    {"::/129", "sensor", "networks: ::/129: the prefix is too long"},
    {"10.0.0.0/", "sensor", "the prefix is too long or no number"},
    {"10.0.0.0/8x", "sensor", "the prefix is too long or no number"},
    {"10.0.0.0/-1", "sensor", "the prefix is too long or no number"},
    {"10.0.0.0/ 8", "sensor", "the prefix is too long or no number"},
    {"10.0.0.1/8", "sensor", "networks: 10.0.0.1/8: bits are set behind the prefix"},
    {"2001:db8::1/64", "sensor", "bits are set behind the prefix"},
    {"10.0.0/8", "sensor", "not an IP address"},
    {"example.com", "sensor", "networks: example.com: not an IP address"},
    {"10.0.0.0/8,localhost", "sensor", "networks: localhost: not an IP address"},
};

static void judges_its_options(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; ++i) {
        wse_test_instance instance;
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, "networks", configs[i].networks);
        wse_test_config_set(instance.config, "user", configs[i].user);
        assert_int_equal(wse_test_instance_open(&instance),
                         configs[i].sentence ? WSE_EINVAL : WSE_OK);
        if (configs[i].sentence && !strstr(instance.error.text, configs[i].sentence))
            fail_msg("'%s' for '%s'", instance.error.text, configs[i].sentence);
        assert_true(wse_test_instance_close(&instance));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_networks),
        cmocka_unit_test(judges_its_options),
    };
    module = wse_test_load(MODULE_FILE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
