/* SPDX-License-Identifier: MIT
 * auth_jwt.so as the server meets it: its options judged, its tokens accepted and refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/test_host.h>

#include "jwt_cases.h"
#include "support/with_cmocka.h"

static const wse_module_def *module;

static void set_option(wse_test_config *config, const char *option) {
    char name[64], value[512];
    const char *is = strchr(option, '=');
    assert_non_null(is);
    snprintf(name, sizeof name, "%.*s", (int)(is - option), option);
    if (is[1] == '@')
        snprintf(value, sizeof value, "%s/%s", mint_dir(), is + 2);
    else
        snprintf(value, sizeof value, "%s", is + 1);
    wse_test_config_set(config, name, value);
}

static void set_options(wse_test_config *config, const char *options) {
    char *copy = strdup(options), *rest = copy, *word;
    while ((word = strsep(&rest, " "))) {
        if (*word) set_option(config, word);
    }
    free(copy);
}

static void assert_absent(const char *text, const char *part, size_t length) {
    char *needle;
    if (length < 8) return; /* too short to be told from a word */
    needle = strndup(part, length);
    if (strstr(text, needle)) fail_msg("'%s' holds '%s'", text, needle);
    free(needle);
}

/* Neither a secret nor any segment of the token in what was logged or said. */
static void assert_no_leak(const wse_test_instance *instance, const char *token) {
    const char *texts[] = {wse_test_host_log(instance->host), instance->error.text};
    for (size_t i = 0; i < 2; ++i) {
        assert_absent(texts[i], SECRET_A, strlen(SECRET_A));
        assert_absent(texts[i], SECRET_B, strlen(SECRET_B));
        assert_null(strstr(texts[i], "alice"));
        for (const char *at = token; *at;) {
            const size_t length = strcspn(at, ".");
            assert_absent(texts[i], at, length);
            at += length + (at[length] == '.');
        }
    }
}

static const char *const counters[] = {
    "accepted",          "refused_missing",  "refused_too_large",     "refused_malformed",
    "refused_algorithm", "refused_critical", "refused_key_id",        "refused_signature",
    "refused_expired",   "refused_claims",   "refused_not_yet_valid", "refused_issuer",
    "refused_audience"};
#define COUNTER_COUNT (sizeof counters / sizeof counters[0])

static void assert_only_counter(const wse_test_instance *instance, const char *name,
                                int64_t value) {
    for (size_t i = 0; i < COUNTER_COUNT; ++i) {
        const int64_t wanted = strcmp(counters[i], name) == 0 ? value : 0;
        if (wse_test_host_counter(instance->host, counters[i]) != wanted)
            fail_msg("%s is %lld, %s was to go up", counters[i],
                     (long long)wse_test_host_counter(instance->host, counters[i]), name);
    }
}

static void open_with(wse_test_instance *instance, const char *options) {
    wse_test_instance_init(instance, module);
    wse_test_host_set_now(instance->host, NOW_S * 1000ull);
    set_options(instance->config, options);
    if (wse_test_instance_open(instance) != WSE_OK)
        fail_msg("%s: %s", options, instance->error.text);
}

/* Asked twice on each loop: what one token leaves behind must not touch the next. */
static void gives_each_token_its_answer(void **state) {
    (void)state;
    for (size_t i = 0; i < jwt_case_count; ++i) {
        const jwt_case *c = &jwt_cases[i];
        const int32_t wanted = strcmp(c->outcome, "accepted") == 0 ? WSE_OK : WSE_EDENIED;
        char *token = mint_token(c->signer, c->header, c->payload);
        wse_test_instance instance;
        print_message("  %s\n", c->name);
        if (c->twist) token = c->twist(token);
        open_with(&instance, c->options);
        for (uint32_t turn = 0; turn < 4; ++turn) {
            wse_auth_token answer;
            assert_int_equal(
                wse_test_instance_ask(&instance, turn % WSE_TEST_LOOPS, WSE_CREDENTIAL_BEARER,
                                      token, "192.0.2.1", &answer),
                WSE_OK);
            assert_int_equal(answer.answers, 1);
            assert_int_equal(answer.status, wanted);
            wse_auth_token_clear(&answer);
        }
        assert_only_counter(&instance, c->outcome, 4);
        assert_no_leak(&instance, token);
        assert_true(wse_test_instance_close(&instance));
        free(token);
    }
    print_message("  %zu tokens\n", jwt_case_count);
}

static void hands_over_user_claims_and_expiry(void **state) {
    static const char payload[] =
        "{\"sub\":\"al\\u00efce\",\"exp\":1767326645.5,\"wse_topics\":{\"allow\":[\"a:*\"]}}";
    char *token = mint_token(HS256_A, "{\"alg\":\"HS256\"}", payload);
    wse_test_instance instance;
    wse_auth_token answer;
    (void)state;
    open_with(&instance, "leeway=10s secret=" SECRET_A);
    wse_test_instance_ask(&instance, 1, WSE_CREDENTIAL_COOKIE, token, "192.0.2.1", &answer);
    assert_string_equal(answer.user,
                        "al\xc3\xaf"
                        "ce");
    assert_string_equal(answer.claims, payload);
    assert_int_equal(answer.expires_ms, 1767326645500ull + 10000);
    wse_auth_token_clear(&answer);
    assert_true(wse_test_instance_close(&instance));
    free(token);
}

static void follows_the_clock(void **state) {
    char *token = mint_token(HS256_A, "{\"alg\":\"HS256\"}", "{\"sub\":\"a\",\"exp\":1767326645}");
    wse_test_instance instance;
    wse_auth_token answer;
    (void)state;
    open_with(&instance, "secret=" SECRET_A);
    wse_test_host_set_now(instance.host, 1767326645000ull + 29999);
    wse_test_instance_ask(&instance, 0, WSE_CREDENTIAL_BEARER, token, "192.0.2.1", &answer);
    assert_int_equal(answer.status, WSE_OK);
    wse_auth_token_clear(&answer);
    wse_test_host_set_now(instance.host, 1767326645000ull + 30000);
    wse_test_instance_ask(&instance, 0, WSE_CREDENTIAL_BEARER, token, "192.0.2.1", &answer);
    assert_int_equal(answer.status, WSE_EDENIED);
    assert_true(wse_test_instance_close(&instance));
    free(token);
}

static void logs_the_reason_alone(void **state) {
    char *token = mint_token(HS256_B, "{\"alg\":\"HS256\"}", "{\"sub\":\"a\",\"exp\":1767326645}");
    wse_test_instance instance;
    wse_auth_token answer;
    (void)state;
    open_with(&instance, "secret=" SECRET_A);
    wse_test_instance_ask(&instance, 0, WSE_CREDENTIAL_BEARER, token, "192.0.2.1", &answer);
    assert_string_equal(wse_test_host_log(instance.host), "3 token.refused reason=signature\n");
    assert_true(wse_test_instance_close(&instance));
    free(token);
}

static void takes_no_question_on_a_loop_that_has_stopped(void **state) {
    const wse_auth_ops *ops = module->ops;
    const wse_auth_request request = {.struct_size = sizeof request};
    wse_auth_token answer = {0};
    wse_test_instance instance;
    void *self = NULL;
    (void)state;
    wse_test_instance_init(&instance, module);
    set_options(instance.config, "secret=" SECRET_A);
    assert_int_equal(module->create(wse_test_host_abi(instance.host),
                                    wse_test_config_data(instance.config), &self, &instance.error),
                     WSE_OK);
    assert_int_not_equal(
        ops->authenticate(self, wse_test_host_loop(instance.host, 0), &request, &answer), WSE_OK);
    assert_int_equal(answer.answers, 0);
    module->destroy(self);
    assert_true(wse_test_instance_close(&instance));
}

static const struct {
    const char *options;
    const char *sentence; /* part of it; NULL: accepted */
} configs[] = {
    {"secret=" SECRET_A, NULL},
    {"secret=0123456789abcdef0123456789abcdef", NULL},
    {"algorithm=HS384 secret=0123456789abcdef0123456789abcdef0123456789abcdef", NULL},
    {"algorithm=PS256 public_key=@rsa_pss.pem", NULL},
    {"", "secret: missing; HS256 needs one"},
    {"secret=", "secret: 0 bytes long; HS256 needs at least 32"},
    {"secret=0123456789abcdef0123456789abcde", "secret: 31 bytes long; HS256 needs at least 32"},
    {"algorithm=HS384 secret=0123456789abcdef0123456789abcdef0123456789abcde",
     "secret: 47 bytes long; HS384 needs at least 48"},
    {"algorithm=HS512 secret=0123456789abcdef0123456789abcdef", "HS512 needs at least 64"},
    {"previous_secret=short secret=" SECRET_A, "previous_secret: 5 bytes long"},
    {"secret=-----BEGIN_PUBLIC_KEY-----xxxxxxxxxxxxxx", "secret: a PEM key, not a secret"},
    {"public_key=@rsa_a.pem secret=" SECRET_A, "public_key: not used with HS256"},
    {"previous_public_key=@rsa_a.pem secret=" SECRET_A, "previous_public_key: not used with HS256"},
    {"algorithm=RS256", "public_key: missing; RS256 needs one"},
    {"algorithm=RS256 public_key=@rsa_a.pem secret=" SECRET_A, "secret: not used with RS256"},
    {"algorithm=RS256 public_key=@rsa_a.pem previous_secret=" SECRET_A,
     "previous_secret: not used with RS256"},
    {"algorithm=RS256 public_key=@rsa_small.pem",
     "an RSA key of 1024 bits; RS256 needs at least 2048"},
    {"algorithm=PS256 public_key=@rsa_small.pem", "PS256 needs at least 2048"},
    {"algorithm=RS256 public_key=@rsa_pss.pem", "not an RSA key, which RS256 needs"},
    {"algorithm=RS256 public_key=@ec_a.pem", "not an RSA key, which RS256 needs"},
    {"algorithm=ES256 public_key=@rsa_a.pem",
     "not an EC key on the curve P-256, which ES256 needs"},
    {"algorithm=ES256 public_key=@ec_384.pem", "not an EC key on the curve P-256"},
    {"algorithm=ES384 public_key=@ec_a.pem", "not an EC key on the curve P-384, which ES384 needs"},
    {"algorithm=ES512 public_key=@ec_384.pem", "not an EC key on the curve P-521"},
    {"algorithm=PS512 public_key=@rsa_small.pem", "PS512 needs at least 2048"},
    {"algorithm=EdDSA public_key=@ed_448.pem", "not an Ed25519 key, which EdDSA needs"},
    {"algorithm=EdDSA public_key=@ec_a.pem", "not an Ed25519 key"},
    {"algorithm=RS256 public_key=@rsa_a.key", "holds a private key; give the public one"},
    {"algorithm=RS256 public_key=@nothing.pem", "holds no PEM public key"},
    {"algorithm=RS256 public_key=@missing.pem", "missing.pem: No such file or directory"},
    {"algorithm=RS256 public_key=@rsa_a.pem previous_public_key=@ec_a.pem",
     "previous_public_key: "},
    {"issuer= secret=" SECRET_A, "issuer: is empty"},
    {"audience= secret=" SECRET_A, "audience: is empty"},
    {"key_id= secret=" SECRET_A, "key_id: is empty"},
};

static void judges_its_options(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; ++i) {
        wse_test_instance instance;
        void *self = NULL;
        wse_test_instance_init(&instance, module);
        set_options(instance.config, configs[i].options);
        const int32_t status =
            module->check(wse_test_config_data(instance.config), &instance.error);
        if (status != (configs[i].sentence ? WSE_EINVAL : WSE_OK))
            fail_msg("'%s' gives %d '%s'", configs[i].options, (int)status, instance.error.text);
        if (configs[i].sentence && !strstr(instance.error.text, configs[i].sentence))
            fail_msg("'%s' gives '%s'", configs[i].options, instance.error.text);
        assert_no_leak(&instance, "");
        /* create does not rely on check having been called. */
        assert_int_equal(
            module->create(wse_test_host_abi(instance.host), wse_test_config_data(instance.config),
                           &self, &instance.error),
            status);
        if (self) module->destroy(self);
        assert_true(wse_test_instance_close(&instance));
    }
}

static int begin(void **state) {
    (void)state;
    module = wse_test_load(MODULE_FILE);
    mint_begin();
    return 0;
}

static int end(void **state) {
    (void)state;
    mint_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_token_its_answer),
        cmocka_unit_test(hands_over_user_claims_and_expiry),
        cmocka_unit_test(follows_the_clock),
        cmocka_unit_test(logs_the_reason_alone),
        cmocka_unit_test(takes_no_question_on_a_loop_that_has_stopped),
        cmocka_unit_test(judges_its_options),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
