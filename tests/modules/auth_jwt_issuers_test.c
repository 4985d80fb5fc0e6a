/* SPDX-License-Identifier: MIT
 * auth_jwt.so with issuers whose keys come from elsewhere: files, and an HTTP server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wse/test_host.h>

#include "mint.h"
#include "support/child.h"
#include "support/must.h"
#include "support/with_cmocka.h"

#define NOW_S 1767323045 /* 2026-01-02T03:04:05Z, where the fake clock stands */
#define CLAIMS(issuer) "{\"iss\":\"" issuer "\",\"sub\":\"alice\",\"exp\":1767326645}"
#define US CLAIMS("https://us")
#define HEADER(alg, kid) "{\"alg\":\"" alg "\",\"kid\":\"" kid "\"}"
#define KID(kid) "\"kid\":\"" kid "\""
#define FOREVER "1h"

static const wse_module_def *module;
static child server;
static char origin[64];

static void path_of(const char *name, char *ret, size_t size) {
    snprintf(ret, size, "%s/%s", mint_dir(), name);
}

/* In one step, as a reader may come at any time. */
static void write_file(const char *name, const char *text) {
    char path[256], draft[256];
    FILE *file;
    path_of(name, path, sizeof path);
    path_of("draft", draft, sizeof draft);
    file = fopen(draft, "w");
    MUST(file && fputs(text, file) >= 0 && fclose(file) == 0);
    MUST(rename(draft, path) == 0);
}

static void remove_file(const char *name) {
    char path[256];
    path_of(name, path, sizeof path);
    unlink(path);
}

/* Pairs of a key's name and members of its JWK, NULL. */
static void write_keys(const char *file, const char *const keys[]) {
    char set[32768] = "{\"keys\":[";
    for (size_t i = 0; keys[i]; i += 2) {
        char *jwk = mint_jwk(keys[i], keys[i + 1]);
        snprintf(set + strlen(set), sizeof set - strlen(set), "%s%s", i > 0 ? "," : "", jwk);
        free(jwk);
    }
    snprintf(set + strlen(set), sizeof set - strlen(set), "]}");
    write_file(file, set);
}

static void write_key(const char *file, const char *key, const char *members) {
    const char *const keys[] = {key, members, NULL};
    write_keys(file, keys);
}

/* Options as name, value, ..., NULL. In `issuers`, URL is the server and DIR the directory. */
static void prepare(wse_test_instance *instance, const char *issuers, const char *const options[]) {
    char value[2048] = "";
    for (const char *at = issuers; *at;) {
        const char *word = strncmp(at, "URL", 3) == 0   ? origin
                           : strncmp(at, "DIR", 3) == 0 ? mint_dir()
                                                        : NULL;
        const size_t length = strlen(value);
        snprintf(value + length, sizeof value - length, "%.*s", word ? 64 : 1, word ? word : at);
        at += word ? 3 : 1;
    }
    wse_test_instance_init(instance, module);
    wse_test_host_set_now(instance->host, NOW_S * 1000ull);
    wse_test_config_set(instance->config, "issuers", value);
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(instance->config, options[i], options[i + 1]);
}

static void open_with(wse_test_instance *instance, const char *issuers,
                      const char *const options[]) {
    prepare(instance, issuers, options);
    if (wse_test_instance_open(instance) != WSE_OK) fail_msg("%s", instance->error.text);
}

static void close_it(wse_test_instance *instance) {
    assert_true(wse_test_instance_close(instance));
}

static bool is_answered(void *p) {
    return ((const wse_auth_token *)p)->answers > 0;
}

static void begin_question(wse_test_instance *instance, const char *token,
                           wse_auth_token *question) {
    assert_int_equal(
        wse_test_instance_ask(instance, 1, WSE_CREDENTIAL_BEARER, token, "192.0.2.1", question),
        WSE_OK);
}

/* The status of a token, however long its answer takes. */
static int32_t status_of(wse_test_instance *instance, const char *token) {
    wse_auth_token question;
    int32_t status;
    begin_question(instance, token, &question);
    assert_true(wse_test_host_turn_until(instance->host, is_answered, &question));
    assert_int_equal(question.answers, 1);
    status = question.status;
    if (status == WSE_OK) assert_string_equal(question.user, "alice");
    wse_auth_token_clear(&question);
    return status;
}

static int32_t ask(wse_test_instance *instance, signer how, const char *header,
                   const char *payload) {
    char *token = mint_token(how, header, payload);
    const int32_t status = status_of(instance, token);
    free(token);
    return status;
}

static int64_t counter(const wse_test_instance *instance, const char *name) {
    return wse_test_host_counter(instance->host, name);
}

struct wish {
    wse_test_instance *instance;
    const char *counter;
    int64_t value;
    const char *token;
    int32_t status;
};

static bool has_counted(void *p) {
    const struct wish *wish = p;
    return counter(wish->instance, wish->counter) >= wish->value;
}

static void wait_for(wse_test_instance *instance, const char *name, int64_t value) {
    struct wish wish = {.instance = instance, .counter = name, .value = value};
    assert_true(wse_test_host_turn_until(instance->host, has_counted, &wish));
}

/* Asks until the answer is this one. */
static void wait_for_status(wse_test_instance *instance, const char *token, int32_t status) {
    for (int i = 0; i < 100000; ++i) {
        if (status_of(instance, token) == status) return;
        wse_test_host_turn(instance->host);
    }
    fail_msg("the status never became %d", status);
}

static void has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("no '%s' in '%s'", part, text);
}

static const struct {
    signer signer;
    const char *header;
    const char *payload;
    const char *outcome; /* the counter that must go up */
} cases[] = {
    {RS256_A, HEADER("RS256", "rsa"), US, "accepted"},
    {RS384_A, HEADER("RS384", "rsa"), US, "accepted"},
    {RS512_A, HEADER("RS512", "rsa"), US, "accepted"},
    {PS256_A, HEADER("PS256", "rsa"), US, "accepted"},
    {PS384_A, HEADER("PS384", "rsa"), US, "accepted"},
    {PS512_A, HEADER("PS512", "rsa"), US, "accepted"},
    {ES256_A, HEADER("ES256", "ec"), US, "accepted"},
    {ES384_A, HEADER("ES384", "ec384"), US, "accepted"},
    {ES512_A, HEADER("ES512", "ec521"), US, "accepted"},
    {EDDSA_A, HEADER("EdDSA", "ed"), US, "accepted"},
    {PS256_A, HEADER("PS256", "pss only"), US, "accepted"},
    /* Without kid whatever fits is tried. */
    {EDDSA_A, "{\"alg\":\"EdDSA\"}", US, "accepted"},
    {RS256_A, "{\"alg\":\"RS256\"}", US, "accepted"},
    {RS256_B, "{\"alg\":\"RS256\"}", US, "refused_signature"},
    /* Another key, or not one for this. */
    {RS256_B, HEADER("RS256", "rsa"), US, "refused_signature"},
    {ES256_B, HEADER("ES256", "ec"), US, "refused_signature"},
    {ES256_P384, HEADER("ES384", "ec384"), US, "refused_signature"},
    {RS256_A, HEADER("RS256", "pss only"), US, "refused_algorithm"},
    {RS256_A, HEADER("RS256", "ec"), US, "refused_algorithm"},
    {ES256_A, HEADER("ES384", "ec"), US, "refused_algorithm"},
    {EDDSA_A, HEADER("EdDSA", "rsa"), US, "refused_algorithm"},
    {RS256_A, HEADER("RS256", "RSA"), US, "refused_key_id"},
    {RS256_A, HEADER("RS256", ""), US, "refused_key_id"},
    {RS256_A, "{\"alg\":\"RS256\",\"kid\":7}", US, "refused_key_id"},
    {RS256_A, HEADER("RS256", "for secrets"), US, "refused_key_id"},
    {RS256_A, HEADER("RS256", "for signing"), US, "refused_key_id"},
    {RS256_A, HEADER("RS256", "private"), US, "refused_key_id"},
    {RS256_A, HEADER("RS256", "twice"), US, "refused_key_id"},
    {RS256_A, HEADER("RS256", "small"), US, "refused_key_id"},
    /* Secrets, public keys as secrets, nothing. */
    {HS256_RSA_PEM, HEADER("HS256", "rsa"), US, "refused_algorithm"},
    {HS256_EMPTY, HEADER("HS256", "rsa"), US, "refused_algorithm"},
    {HS256_A, HEADER("none", "rsa"), US, "refused_algorithm"},
    {HS256_A, "{\"alg\":\"HS256\"}", US, "refused_algorithm"},
    {RS256_A, "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"exp\"]}", US, "refused_critical"},
    /* Another issuer, or none, and what follows the signature. */
    {RS256_A, HEADER("RS256", "rsa"), CLAIMS("https://them"), "refused_issuer"},
    {RS256_A, HEADER("RS256", "rsa"), CLAIMS("https://us/"), "refused_issuer"},
    {RS256_A, HEADER("RS256", "rsa"), "{\"sub\":\"alice\",\"exp\":1767326645}", "refused_issuer"},
    {RS256_A, HEADER("RS256", "rsa"), "{\"iss\":[\"https://us\"],\"sub\":\"a\"}", "refused_issuer"},
    {RS256_A, HEADER("RS256", "rsa"), "nonsense", "refused_malformed"},
    {RS256_A, HEADER("RS256", "rsa"), "{\"iss\":\"https://us\",\"sub\":\"a\",\"exp\":1767319445}",
     "refused_expired"},
};

static void binds_tokens_to_the_keys_of_their_issuer(void **state) {
    static const char *const keys[] = {"rsa_a",     KID("rsa") ",\"use\":\"sig\",\"x5t\":\"x\"",
                                       "ec_a",      KID("ec") ",\"key_ops\":[\"verify\"]",
                                       "ec_384",    KID("ec384"),
                                       "ec_521",    KID("ec521"),
                                       "ed_a",      KID("ed") ",\"alg\":\"EdDSA\"",
                                       "rsa_a",     KID("pss only") ",\"alg\":\"PS256\"",
                                       "rsa_a",     KID("for secrets") ",\"use\":\"enc\"",
                                       "rsa_a",     KID("for signing") ",\"key_ops\":[\"sign\"]",
                                       "rsa_a",     KID("private") ",\"d\":\"AQAB\"",
                                       "rsa_a",     KID("twice") ",\"use\":\"sig\",\"use\":\"sig\"",
                                       "rsa_small", KID("small"),
                                       NULL};
    static const char *const options[] = {"jwks_refresh", FOREVER, "jwks_cooldown", FOREVER, NULL};
    wse_test_instance instance;
    (void)state;
    write_keys("us.json", keys);
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", options);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        const int64_t before = counter(&instance, cases[i].outcome);
        const int32_t wanted = strcmp(cases[i].outcome, "accepted") == 0 ? WSE_OK : WSE_EDENIED;
        const int32_t status = ask(&instance, cases[i].signer, cases[i].header, cases[i].payload);
        if (status != wanted || counter(&instance, cases[i].outcome) != before + 1)
            fail_msg("case %zu, %s: status %d, and no %s", i, cases[i].header, (int)status,
                     cases[i].outcome);
    }
    has(wse_test_host_log(instance.host), "keys.loaded issuer=\"https://us\"");
    has(wse_test_host_log(instance.host), "problem=\"key 11: too small\"");
    has(wse_test_host_log(instance.host), "problem=\"key 9: a private key");
    assert_null(strstr(wse_test_host_log(instance.host), "us.json"));
    assert_int_equal(counter(&instance, "key_fetches"), 1);
    close_it(&instance);
}

static void allows_no_more_algorithms_than_configured(void **state) {
    static const char *const options[] = {"algorithms", "ES256,RS256", NULL};
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", options);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_OK);
    assert_int_equal(ask(&instance, PS256_A, HEADER("PS256", "1"), US), WSE_EDENIED);
    close_it(&instance);
}

static void keeps_issuers_apart(void **state) {
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    write_key("them.json", "rsa_b", KID("1"));
    open_with(&instance,
              "https://us=URL/keys?file=DIR/us.json,https://them=URL/keys?file=DIR/them.json",
              NULL);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_OK);
    assert_int_equal(ask(&instance, RS256_B, HEADER("RS256", "1"), CLAIMS("https://them")), WSE_OK);
    assert_int_equal(ask(&instance, RS256_B, HEADER("RS256", "1"), US), WSE_EDENIED);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), CLAIMS("https://them")),
                     WSE_EDENIED);
    assert_int_equal(counter(&instance, "refused_signature"), 2);
    close_it(&instance);
}

static void one_issuer_that_is_away_harms_no_other(void **state) {
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json,https://them=http://127.0.0.1:1/",
              NULL);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_OK);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), CLAIMS("https://them")),
                     WSE_EAGAIN);
    close_it(&instance);
}

/* The first tokens are there before the keys, on both loops. */
static void tokens_wait_for_the_first_keys(void **state) {
    char *token = mint_token(RS256_A, HEADER("RS256", "1"), US);
    wse_auth_token questions[4];
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", NULL);
    for (uint32_t i = 0; i < 4; ++i) {
        assert_int_equal(wse_test_instance_ask(&instance, i % WSE_TEST_LOOPS, WSE_CREDENTIAL_COOKIE,
                                               token, "192.0.2.1", &questions[i]),
                         WSE_OK);
        assert_int_equal(questions[i].answers, 0);
    }
    for (int i = 0; i < 4; ++i) {
        assert_true(wse_test_host_turn_until(instance.host, is_answered, &questions[i]));
        assert_int_equal(questions[i].status, WSE_OK);
        assert_string_equal(questions[i].claims, US);
        assert_int_equal(questions[i].expires_ms, 1767326645000ull + 30000);
        wse_auth_token_clear(&questions[i]);
    }
    assert_int_equal(counter(&instance, "key_fetches"), 1);
    close_it(&instance);
    free(token);
}

static void a_token_whose_keys_never_came_may_come_again(void **state) {
    static const char *const options[] = {"jwks_cooldown", "10ms", NULL};
    char *token = mint_token(RS256_A, HEADER("RS256", "1"), US);
    wse_test_instance instance;
    (void)state;
    remove_file("us.json");
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", options);
    assert_int_equal(status_of(&instance, token), WSE_EAGAIN);
    assert_int_equal(counter(&instance, "refused_no_keys"), 1);
    has(wse_test_host_log(instance.host), "keys.failed issuer=\"https://us\"");
    has(wse_test_host_log(instance.host), "problem=\"status 503\"");
    /* An issuer without any key may be starting. */
    write_file("us.json", "{\"keys\":[]}");
    wait_for(&instance, "key_fetches", counter(&instance, "key_failures") + 1);
    assert_int_equal(status_of(&instance, token), WSE_EAGAIN);
    write_key("us.json", "rsa_a", KID("1"));
    wait_for_status(&instance, token, WSE_OK);
    close_it(&instance);
    free(token);
}

static void an_unknown_key_is_asked_for(void **state) {
    static const char *const options[] = {"jwks_cooldown", "10ms", NULL};
    char *token = mint_token(ES256_A, HEADER("ES256", "2"), US);
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", options);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_OK);
    assert_int_equal(status_of(&instance, token), WSE_EDENIED);
    write_key("us.json", "ec_a", KID("2"));
    wait_for_status(&instance, token, WSE_OK);
    /* The old key is gone, and its tokens with it. */
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_EDENIED);
    close_it(&instance);
    free(token);
}

static void unknown_keys_do_not_flood_the_issuer(void **state) {
    static const char *const options[] = {"jwks_refresh", FOREVER, "jwks_cooldown", FOREVER, NULL};
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", options);
    wait_for(&instance, "key_fetches", 1);
    for (int i = 0; i < 1000; ++i) {
        char header[64];
        snprintf(header, sizeof header, HEADER("RS256", "%d"), i + 2);
        assert_int_equal(ask(&instance, RS256_A, header, US), WSE_EDENIED);
    }
    assert_int_equal(counter(&instance, "key_fetches"), 1);
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_OK);
    close_it(&instance);
}

enum { FLOOD = 600 }; /* more than may wait */

static void a_flood_meets_one_fetch_and_a_bound(void **state) {
    static const char *const options[] = {"jwks_refresh", FOREVER, "jwks_cooldown", "10ms", NULL};
    static wse_auth_token questions[FLOOD];
    char *token = mint_token(RS256_A, HEADER("RS256", "2"), US);
    char *good = mint_token(RS256_A, HEADER("RS256", "1"), US);
    wse_test_instance instance;
    wse_auth_token known;
    int64_t fetches;
    int at_once = 0;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", options);
    assert_int_equal(status_of(&instance, good), WSE_OK);
    /* Until one waits: the cooldown is over then. */
    do {
        fetches = counter(&instance, "key_fetches");
        begin_question(&instance, token, &questions[0]);
        if (questions[0].answers > 0) wse_test_host_turn(instance.host);
    } while (questions[0].answers > 0);
    for (int i = 1; i < FLOOD; ++i) {
        begin_question(&instance, token, &questions[i]);
        if (questions[i].answers == 0) continue;
        assert_int_equal(questions[i].status, WSE_EAGAIN);
        ++at_once;
    }
    assert_int_equal(at_once, FLOOD - 256);
    /* Who is known is not held up. */
    begin_question(&instance, good, &known);
    assert_int_equal(known.answers, 1);
    assert_int_equal(known.status, WSE_OK);
    wse_auth_token_clear(&known);
    for (int i = 0; i < FLOOD; ++i) {
        assert_true(wse_test_host_turn_until(instance.host, is_answered, &questions[i]));
        assert_int_equal(questions[i].answers, 1);
        if (i < 256) assert_int_equal(questions[i].status, WSE_EDENIED);
    }
    assert_int_equal(counter(&instance, "key_fetches"), fetches + 1);
    close_it(&instance);
    free(token);
    free(good);
}

static void keys_outlive_the_issuer_for_a_while(void **state) {
    static const char *const long_enough[] = {"jwks_refresh", "20ms", "jwks_cooldown", "10ms",
                                              NULL};
    static const char *const briefly[] = {
        "jwks_refresh", "20ms", "jwks_cooldown", "10ms", "jwks_max_stale", "30ms", NULL};
    char *token = mint_token(RS256_A, HEADER("RS256", "1"), US);
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", long_enough);
    assert_int_equal(status_of(&instance, token), WSE_OK);
    remove_file("us.json");
    wait_for(&instance, "key_failures", 1);
    assert_int_equal(status_of(&instance, token), WSE_OK);
    /* Nobody knows whether the issuer has that key by now. */
    assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "2"), US), WSE_EAGAIN);
    close_it(&instance);

    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", briefly);
    wait_for_status(&instance, token, WSE_OK);
    remove_file("us.json");
    wait_for_status(&instance, token, WSE_EAGAIN);
    write_key("us.json", "rsa_a", KID("1"));
    wait_for_status(&instance, token, WSE_OK);
    close_it(&instance);
    free(token);
}

static void fetches_as_often_as_the_issuer_says(void **state) {
    static const char *const options[] = {"jwks_refresh", FOREVER, "jwks_cooldown", "10ms", NULL};
    wse_test_instance instance;
    (void)state;
    write_key("us.json", "rsa_a", KID("1"));
    open_with(&instance, "https://us=URL/keys?age=max-age=1&file=DIR/us.json", options);
    wait_for(&instance, "key_fetches", 3);
    close_it(&instance);
}

static void answers_that_are_no_keys_are_failures(void **state) {
    static const struct {
        const char *issuers, *problem;
    } wrong[] = {
        {"https://us=URL/status/302?x=DIR/x", "problem=\"status 302\""},
        {"https://us=URL/status/200", "problem=\"no JWK Set\""},
        {"https://us=URL/echo", "problem=\"no JWK Set\""},
        {"https://us=URL/chunked", "problem=\"no JWK Set\""},
        {"https://us=URL/endless", "problem=\"the response is over 262144 bytes\""},
        {"https://us=URL/garbage", "problem="},
        {"https://us=URL/half", "problem="},
        {"https://us=http://127.0.0.1:1/", "problem=\"connect: connection refused\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        open_with(&instance, wrong[i].issuers, NULL);
        assert_int_equal(ask(&instance, RS256_A, HEADER("RS256", "1"), US), WSE_EAGAIN);
        has(wse_test_host_log(instance.host), wrong[i].problem);
        close_it(&instance);
    }
}

/* SECRET_A in base64url. */
static const char secret_set[] =
    "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"1\",\"alg\":\"HS256\",\"k\":"
    "\"WnEzdlQ4eFdtMUtjNVJiOVlkMk5nNkhzNExmN1BqMFpxM3ZUOHhXbTFLYzVSYjlZZDJOZzZIczRMZjdQajBBQQ\"}]}";

static void secrets_that_are_published_are_none(void **state) {
    wse_test_instance instance;
    (void)state;
    write_file("us.json", secret_set);
    open_with(&instance, "https://us=URL/keys?file=DIR/us.json", NULL);
    assert_int_equal(ask(&instance, HS256_A, HEADER("HS256", "1"), US), WSE_EAGAIN);
    has(wse_test_host_log(instance.host), "problem=\"key 1: a secret, which nobody may publish\"");
    assert_null(strstr(wse_test_host_log(instance.host), "WnEz"));
    close_it(&instance);
}

static void files_may_have_secrets(void **state) {
    static const char *const options[] = {"jwks_cooldown", "10ms", NULL};
    char *token = mint_token(RS256_A, HEADER("RS256", "2"), US);
    wse_test_instance instance;
    (void)state;
    write_file("us.json", secret_set);
    open_with(&instance, "https://us=DIR/us.json", options);
    assert_int_equal(ask(&instance, HS256_A, HEADER("HS256", "1"), US), WSE_OK);
    assert_int_equal(ask(&instance, HS256_B, HEADER("HS256", "1"), US), WSE_EDENIED);
    assert_int_equal(ask(&instance, HS512_A, HEADER("HS512", "1"), US), WSE_EDENIED);
    write_key("us.json", "rsa_a", KID("2"));
    wait_for_status(&instance, token, WSE_OK);
    assert_null(strstr(wse_test_host_log(instance.host), "WnEz"));
    close_it(&instance);
    free(token);
}

static void answers_tokens_that_wait_when_it_stops(void **state) {
    char *token = mint_token(RS256_A, HEADER("RS256", "1"), US);
    const wse_auth_ops *ops = module->ops;
    wse_auth_token questions[3];
    wse_test_instance instance;
    (void)state;
    open_with(&instance, "https://us=URL/never", NULL);
    for (uint32_t i = 0; i < 3; ++i) {
        wse_test_instance_ask(&instance, i % WSE_TEST_LOOPS, WSE_CREDENTIAL_BEARER, token,
                              "192.0.2.1", &questions[i]);
        assert_int_equal(questions[i].answers, 0);
    }
    ops->cancel(instance.self, wse_test_host_loop(instance.host, 0), &questions[0]);
    ops->cancel(instance.self, wse_test_host_loop(instance.host, 0), &questions[0]);
    assert_int_equal(questions[0].answers, 1);
    close_it(&instance);
    for (int i = 0; i < 3; ++i) assert_int_equal(questions[i].answers, 1);
    assert_int_equal(questions[0].status, WSE_ECANCELED);
    /* The fetch ended with the loop that had it, before the other loop did. */
    assert_int_equal(questions[1].status, WSE_EAGAIN);
    assert_int_equal(questions[2].status, WSE_ECANCELED);
    free(token);
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *issuers, *option, *value, *sentence;
    } wrong[] = {
        {"=https://a.example/", NULL, NULL, "issuers: a name that is empty"},
        {"a=keys.json", NULL, NULL, "issuers: a: neither an http or https URL nor an absolute"},
        {"a=ftp://a.example/", NULL, NULL, "issuers: a: neither"},
        {"a=https://u:hush@a.example/", NULL, NULL, "issuers: a: neither"},
        {"a=http://a.example/", NULL, NULL, "issuers: a: keys that come over http"},
        {"a=DIR/missing.json", NULL, NULL, "missing.json: No such file"},
        {"a=DIR/nothing.pem", NULL, NULL, "nothing.pem: no JWK Set"},
        {"a=DIR/small.json", NULL, NULL, "no key that can be used; key 1: too small"},
        {"a=https://a.example/", "secret", SECRET_A, "secret: not used with issuers"},
        {"a=https://a.example/", "issuer", "a", "issuer: not used with issuers; it stands in"},
        {"a=https://a.example/", "key_id", "1", "key_id: not used with issuers"},
        {"a=https://a.example/", "algorithm", "RS256", "algorithm: not used with issuers; write"},
        {"a=https://a.example/", "algorithms", "RS256,none", "algorithms: knows no 'none'"},
        {"a=https://a.example/", "audience", "", "audience: is empty"},
        {"a=https://a.example/", "jwks_cooldown", "20m", "jwks_cooldown: longer than"},
        {"a=https://a.example/", "jwks_max_stale", "15m", "jwks_max_stale: not longer than"},
        {"a=https://a.example/", "ca_file", "/etc/hostname", "ca_file: /etc/hostname: no cert"},
        {"a=http://localhost/", "ca_file", "/etc/hostname", "ca_file: no issuer's keys come over"},
        {NULL, "algorithms", "RS256", "algorithms: only with issuers"},
        {NULL, "ca_file", "/etc/hostname", "ca_file: only with issuers"},
    };
    (void)state;
    write_key("small.json", "rsa_small", KID("1"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        if (wrong[i].issuers) {
            prepare(&instance, wrong[i].issuers, NULL);
        } else {
            wse_test_instance_init(&instance, module);
            wse_test_config_set(instance.config, "secret", SECRET_A);
        }
        if (wrong[i].option) wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        has(instance.error.text, wrong[i].sentence);
        assert_null(strstr(instance.error.text, "hush"));
        close_it(&instance);
    }
}

static int begin(void **state) {
    static const char *const arguments[] = {"/usr/bin/python3", WSE_ODD_HTTP_SERVER, NULL};
    char port[16];
    (void)state;
    module = wse_test_load(MODULE_FILE);
    mint_begin();
    server = child_start(arguments);
    child_read_line(&server, port, sizeof port);
    snprintf(origin, sizeof origin, "http://127.0.0.1:%s", port);
    return 0;
}

static int end(void **state) {
    (void)state;
    child_stop(&server);
    remove_file("us.json");
    remove_file("them.json");
    remove_file("small.json");
    mint_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds_tokens_to_the_keys_of_their_issuer),
        cmocka_unit_test(allows_no_more_algorithms_than_configured),
        cmocka_unit_test(keeps_issuers_apart),
        cmocka_unit_test(one_issuer_that_is_away_harms_no_other),
        cmocka_unit_test(tokens_wait_for_the_first_keys),
        cmocka_unit_test(a_token_whose_keys_never_came_may_come_again),
        cmocka_unit_test(an_unknown_key_is_asked_for),
        cmocka_unit_test(unknown_keys_do_not_flood_the_issuer),
        cmocka_unit_test(a_flood_meets_one_fetch_and_a_bound),
        cmocka_unit_test(keys_outlive_the_issuer_for_a_while),
        cmocka_unit_test(fetches_as_often_as_the_issuer_says),
        cmocka_unit_test(answers_that_are_no_keys_are_failures),
        cmocka_unit_test(secrets_that_are_published_are_none),
        cmocka_unit_test(files_may_have_secrets),
        cmocka_unit_test(answers_tokens_that_wait_when_it_stops),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
