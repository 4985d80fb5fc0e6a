/* SPDX-License-Identifier: MIT
 * auth_token_file.so as the server meets it: its file read, replaced, broken and taken away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wse/test_host.h>

#include "support/with_cmocka.h"

#define ALICE "alice-token-47b1c0d2"
#define BOB "bob-token-9f3e77aa"
#define NOW_MS 1767323045000ull

static const wse_module_def *module;
static char directory[] = "/tmp/wse-tokens-XXXXXX";
static char path[64];

/* Replaced whole, as an editor does. */
static void write_file(const char *text) {
    char fresh[80];
    FILE *file;
    snprintf(fresh, sizeof fresh, "%s.new", path);
    file = fopen(fresh, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(fresh, 0600);
    assert_int_equal(rename(fresh, path), 0);
}

static int32_t open_file(wse_test_instance *instance, const char *text) {
    if (text) write_file(text);
    wse_test_instance_init(instance, module);
    wse_test_host_set_now(instance->host, NOW_MS);
    wse_test_config_set(instance->config, "file", path);
    wse_test_config_set(instance->config, "check_interval", "10ms");
    return wse_test_instance_open(instance);
}

static int32_t ask(wse_test_instance *instance, const char *token, wse_auth_token *ret) {
    assert_int_equal(
        wse_test_instance_ask(instance, 1, WSE_CREDENTIAL_BEARER, token, "192.0.2.1", ret), WSE_OK);
    assert_int_equal(ret->answers, 1);
    return ret->status;
}

static int32_t status_of(wse_test_instance *instance, const char *token) {
    wse_auth_token answer;
    const int32_t status = ask(instance, token, &answer);
    wse_auth_token_clear(&answer);
    return status;
}

static void close_and_check(wse_test_instance *instance) {
    assert_null(strstr(wse_test_host_log(instance->host), ALICE));
    assert_null(strstr(wse_test_host_log(instance->host), BOB));
    assert_null(strstr(instance->error.text, ALICE));
    assert_null(strstr(instance->error.text, BOB));
    assert_true(wse_test_instance_close(instance));
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

static void lets_in_who_stands_in_the_file(void **state) {
    wse_test_instance instance;
    wse_auth_token answer;
    (void)state;
    assert_int_equal(open_file(&instance,
                               "# our people\n\n"
                               "  " ALICE "  alice \t {\"wse_topics\": {\"allow\":[\"a:*\"]}}  \r\n"
                               "sha256:9B74C9897BAC770FFC029102A200C5DE"
                               "9b74c9897bac770ffc029102a200c5de carol\n"
                               "sha256:ca978112ca1bbdcafac231b39a23dc4d"
                               "a786eff8147c4e72b9807785afee48bb j\xc3\xbcrgen"),
                     WSE_OK);
    assert_int_equal(ask(&instance, ALICE, &answer), WSE_OK);
    assert_string_equal(answer.user, "alice");
    assert_string_equal(answer.claims, "{\"wse_topics\": {\"allow\":[\"a:*\"]}}");
    assert_int_equal(answer.expires_ms, 0);
    wse_auth_token_clear(&answer);
    /* The second digest is that of "a" (FIPS 180 has it for tests). */
    assert_int_equal(ask(&instance, "a", &answer), WSE_OK);
    assert_string_equal(answer.user, "j\xc3\xbcrgen");
    assert_string_equal(answer.claims, "");
    wse_auth_token_clear(&answer);
    assert_int_equal(wse_test_host_counter(instance.host, "accepted"), 2);
    close_and_check(&instance);
}

static void refuses_everybody_else(void **state) {
    static char huge[9001];
    static const char *const tokens[] = {
        "b",
        "A",
        "a ",
        " a",
        "alice",
        "alice-token-47b1c0d",
        ALICE "x",
        "#",
        "# our people",
        "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"};
    const size_t count = sizeof tokens / sizeof tokens[0];
    wse_test_instance instance;
    (void)state;
    memset(huge, 'a', sizeof huge - 1);
    assert_int_equal(open_file(&instance, "# our people\n" ALICE " alice\n"
                                          "sha256:ca978112ca1bbdcafac231b39a23dc4d"
                                          "a786eff8147c4e72b9807785afee48bb j\n"),
                     WSE_OK);
    for (size_t i = 0; i < count; ++i)
        assert_int_equal(status_of(&instance, tokens[i]), WSE_EDENIED);
    assert_int_equal(status_of(&instance, huge), WSE_EDENIED);
    assert_int_equal(wse_test_host_counter(instance.host, "refused_unknown"), count + 1);
    assert_int_equal(status_of(&instance, ""), WSE_EDENIED);
    assert_int_equal(wse_test_host_counter(instance.host, "refused_missing"), 1);
    close_and_check(&instance);
}

static void ends_a_token_at_the_exp_of_its_claims(void **state) {
    wse_test_instance instance;
    wse_auth_token answer;
    (void)state;
    assert_int_equal(open_file(&instance, ALICE " alice {\"exp\":1767323046}\n"), WSE_OK);
    assert_int_equal(ask(&instance, ALICE, &answer), WSE_OK);
    assert_int_equal(answer.expires_ms, 1767323046000ull);
    wse_auth_token_clear(&answer);
    wse_test_host_set_now(instance.host, 1767323046000ull);
    assert_int_equal(status_of(&instance, ALICE), WSE_EDENIED);
    assert_int_equal(wse_test_host_counter(instance.host, "refused_expired"), 1);
    close_and_check(&instance);
}

static const struct {
    const char *text;
    const char *sentence;
} broken[] = {
    {"", "tokens:1: no token in the whole file"},
    {"# only this\n", "no token in the whole file"},
    {ALICE " alice\n\n" BOB "\n", "tokens:3: no user behind the token"},
    {ALICE " a\xc2\x85z\n", "tokens:1: the user is over 256 bytes or has a control character"},
    {ALICE " alice claims\n", "tokens:1: what follows the user is no JSON object"},
    {ALICE " alice {\"a\":1,}\n", "tokens:1: what follows the user is no JSON object"},
    {ALICE " alice [1]\n", "tokens:1: what follows the user is no JSON object"},
    {ALICE " alice {\"a\":1,\"a\":2}\n", "tokens:1: what follows the user is no JSON object"},
    {ALICE " alice {\"exp\":\"tomorrow\"}\n", "tokens:1: exp is no number of seconds since 1970"},
    {"sha256: alice\n", "tokens:1: sha256: wants 64 hexadecimal digits"},
    {"sha256:ca97 alice\n", "tokens:1: sha256: wants 64 hexadecimal digits"},
    {"sha256:zz978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb alice\n",
     "tokens:1: sha256: wants 64 hexadecimal digits"},
    {ALICE " alice\n" BOB " bob\n" ALICE " mallory\n", "tokens:3: the token of line 1 again"},
    {"a x\nsha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb y\n",
     "tokens:2: the token of line 1 again"},
    {ALICE " al\xff"
           "ice\n",
     "tokens:1: not plain UTF-8 text"},
    {ALICE " al\x01ice\n", "tokens:1: not plain UTF-8 text"},
};

static void names_the_line_that_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; ++i) {
        wse_test_instance instance;
        void *self = NULL;
        assert_int_equal(open_file(&instance, broken[i].text), WSE_EINVAL);
        if (!strstr(instance.error.text, broken[i].sentence))
            fail_msg("'%s' for '%s'", instance.error.text, broken[i].sentence);
        assert_int_equal(
            module->create(wse_test_host_abi(instance.host), wse_test_config_data(instance.config),
                           &self, &instance.error),
            WSE_EINVAL);
        close_and_check(&instance);
    }
}

static void names_a_file_that_cannot_be_read(void **state) {
    wse_test_instance instance;
    (void)state;
    unlink(path);
    assert_int_equal(open_file(&instance, NULL), WSE_EINVAL);
    assert_non_null(strstr(instance.error.text, "tokens: No such file or directory"));
    close_and_check(&instance);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(open_file(&instance, NULL), WSE_EINVAL);
    assert_non_null(strstr(instance.error.text, "not a regular file"));
    close_and_check(&instance);
}

static void follows_the_file(void **state) {
    wse_test_instance instance;
    (void)state;
    assert_int_equal(open_file(&instance, ALICE " alice\n"), WSE_OK);
    assert_int_equal(status_of(&instance, BOB), WSE_EDENIED);
    write_file(BOB " bob\n");
    wait_for(&instance, "reloads", 1);
    assert_int_equal(status_of(&instance, BOB), WSE_OK);
    assert_int_equal(status_of(&instance, ALICE), WSE_EDENIED);
    assert_non_null(strstr(wse_test_host_log(instance.host), "2 file.reloaded tokens=1\n"));
    close_and_check(&instance);
}

static void keeps_the_old_tokens_when_the_new_file_is_broken(void **state) {
    wse_test_instance instance;
    (void)state;
    assert_int_equal(open_file(&instance, ALICE " alice\n"), WSE_OK);
    write_file(BOB " bob\n" BOB "\n");
    wait_for(&instance, "reload_failures", 1);
    assert_int_equal(status_of(&instance, ALICE), WSE_OK);
    assert_int_equal(status_of(&instance, BOB), WSE_EDENIED);
    assert_non_null(strstr(wse_test_host_log(instance.host), "0 file.refused"));
    assert_non_null(strstr(wse_test_host_log(instance.host), "tokens:2: no user behind the token"));
    unlink(path);
    wait_for(&instance, "reload_failures", 2);
    assert_int_equal(status_of(&instance, ALICE), WSE_OK);
    write_file(BOB " bob\n");
    wait_for(&instance, "reloads", 1);
    assert_int_equal(status_of(&instance, BOB), WSE_OK);
    /* Once per broken file, not once per look. */
    assert_int_equal(wse_test_host_counter(instance.host, "reload_failures"), 2);
    close_and_check(&instance);
}

static void warns_of_a_file_that_everybody_can_read(void **state) {
    wse_test_instance instance;
    (void)state;
    write_file(ALICE " alice\n");
    assert_int_equal(open_file(&instance, NULL), WSE_OK);
    assert_null(strstr(wse_test_host_log(instance.host), "readable_by_all"));
    close_and_check(&instance);
    chmod(path, 0644);
    assert_int_equal(open_file(&instance, NULL), WSE_OK);
    assert_non_null(strstr(wse_test_host_log(instance.host), "1 file.readable_by_all path="));
    close_and_check(&instance);
}

static void stops_while_it_is_reading(void **state) {
    (void)state;
    for (int turns = 0; turns < 40; ++turns) {
        wse_test_instance instance;
        assert_int_equal(open_file(&instance, ALICE " alice\n"), WSE_OK);
        for (int i = 0; i < turns * 200; ++i) wse_test_host_turn(instance.host);
        write_file(BOB " bob\n");
        close_and_check(&instance);
    }
}

static int begin(void **state) {
    (void)state;
    module = wse_test_load(MODULE_FILE);
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/tokens", directory);
    return 0;
}

static int end(void **state) {
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_in_who_stands_in_the_file),
        cmocka_unit_test(refuses_everybody_else),
        cmocka_unit_test(ends_a_token_at_the_exp_of_its_claims),
        cmocka_unit_test(names_the_line_that_is_wrong),
        cmocka_unit_test(names_a_file_that_cannot_be_read),
        cmocka_unit_test(follows_the_file),
        cmocka_unit_test(keeps_the_old_tokens_when_the_new_file_is_broken),
        cmocka_unit_test(warns_of_a_file_that_everybody_can_read),
        cmocka_unit_test(stops_while_it_is_reading),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
