/* SPDX-License-Identifier: MIT
 * auth_http.so as the server meets it, with an HTTP server of all sorts behind it. */
#include <stdio.h>
#include <string.h>

#include <wse/test_host.h>

#include "support/child.h"
#include "support/with_cmocka.h"

#define NOW_MS 1767323045000ull /* 2026-01-02T03:04:05Z, where the fake clock stands */

static const wse_module_def *module;
static child server;
static char origin[64];

/* Options as name, value, ..., NULL. */
static void open_path(wse_test_instance *instance, const char *path, const char *const options[]) {
    char url[256];
    snprintf(url, sizeof url, "%s%s", origin, path);
    wse_test_instance_init(instance, module);
    wse_test_host_set_now(instance->host, NOW_MS);
    wse_test_config_set(instance->config, "url", url);
    wse_test_config_set(instance->config, "timeout", "60s");
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(instance->config, options[i], options[i + 1]);
    if (wse_test_instance_open(instance) != WSE_OK) fail_msg("%s", instance->error.text);
}

static void close_it(wse_test_instance *instance) {
    assert_true(wse_test_instance_close(instance));
}

static wse_bytes bytes_of(const char *text) {
    return (wse_bytes){text, strlen(text)};
}

static int32_t begin_question(wse_test_instance *instance, const wse_auth_request *request,
                              wse_auth_token *token) {
    const wse_auth_ops *ops = module->ops;
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_AUTH_DONE;
    return ops->authenticate(instance->self, wse_test_host_loop(instance->host, 1), request, token);
}

static bool is_answered(void *p) {
    return ((const wse_auth_token *)p)->answers > 0;
}

static int32_t ask_from(wse_test_instance *instance, const char *credential, const char *peer,
                        wse_auth_token *token) {
    const wse_auth_request request = {
        .struct_size = sizeof request,
        .source = WSE_CREDENTIAL_BEARER,
        .credential = bytes_of(credential),
        .peer = bytes_of(peer),
        .listener = bytes_of("main"),
    };
    assert_int_equal(begin_question(instance, &request, token), WSE_OK);
    assert_true(wse_test_host_turn_until(instance->host, is_answered, token));
    assert_int_equal(token->answers, 1);
    return token->status;
}

static int32_t ask(wse_test_instance *instance, const char *credential, wse_auth_token *token) {
    return ask_from(instance, credential, "192.0.2.1", token);
}

static void has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("no '%s' in '%s'", part, text);
}

static void tells_the_application_what_it_must_know(void **state) {
    static const char *const options[] = {"headers", "X-Key=sesame", "request_headers",
                                          "User-Agent,X-Tenant,X-Absent", NULL};
    const wse_auth_request request = {
        .struct_size = sizeof request,
        .source = WSE_CREDENTIAL_COOKIE,
        .credential = bytes_of("dora \"x\""),
        .peer = bytes_of("2001:db8::1"),
        .listener = bytes_of("main"),
        .subject = bytes_of("CN=dora"),
    };
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/auth?app=1", options);
    wse_test_host_set_header(instance.host, "user-agent", "j\xc3\xbcrgen/1");
    wse_test_host_set_header(instance.host, "x-tenant", "7");
    wse_test_host_set_header(instance.host, "x-other", "8");
    assert_int_equal(begin_question(&instance, &request, &token), WSE_OK);
    assert_true(wse_test_host_turn_until(instance.host, is_answered, &token));
    assert_int_equal(token.status, WSE_OK);
    assert_string_equal(token.user, "dora");
    assert_int_equal(token.expires_ms, 0);
    has(token.claims, "\"method\": \"POST\"");
    has(token.claims, "\"target\": \"/auth?app=1\"");
    has(token.claims, "\"x-key\": \"sesame\"");
    has(token.claims, "\"content-type\": \"application/json\"");
    has(token.claims,
        "\"body\": {\"source\": \"cookie\", \"credential\": \"dora \\\"x\\\"\", "
        "\"peer\": \"2001:db8::1\", \"listener\": \"main\", \"subject\": \"CN=dora\", "
        "\"headers\": {\"user-agent\": \"j\\u00fcrgen/1\", \"x-tenant\": \"7\"}}");
    wse_auth_token_clear(&token);
    close_it(&instance);
}

static void asks_for_clients_without_a_credential_too(void **state) {
    const wse_auth_request request = {.struct_size = sizeof request, .peer = bytes_of("::1")};
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/auth", NULL);
    assert_int_equal(begin_question(&instance, &request, &token), WSE_OK);
    assert_true(wse_test_host_turn_until(instance.host, is_answered, &token));
    assert_int_equal(token.status, WSE_EIO); /* this server names no user for it */
    has(wse_test_host_log(instance.host), "problem=\"user is no text");
    close_it(&instance);
}

static void answers_lets_in_refuses_or_says_nothing(void **state) {
    static const struct {
        const char *credential;
        int32_t status;
        uint64_t expires_ms;
        const char *problem, *claims;
    } answers[] = {
        {"answer {\"user\":\"a\"}", WSE_OK, 0, NULL, ""},
        {"answer {\"user\":\"a\",\"claims\":null,\"expires\":null}", WSE_OK, 0, NULL, ""},
        {"answer {\"user\":\"a\",\"claims\":{\"n\": 1.50}}", WSE_OK, 0, NULL, "{\"n\": 1.50}"},
        {"answer {\"user\":\"a\",\"expires_ms\":1767323045001}", WSE_OK, NOW_MS + 1, NULL, ""},
        {"answer {\"user\":\"a\",\"expires\":1767323046}", WSE_OK, NOW_MS + 1000, NULL, ""},
        {"answer {\"user\":\"a\",\"expires\":1767323045}", WSE_EDENIED, 0, NULL, ""},
        {"answer {\"user\":\"a\",\"expires_ms\":1767323045000}", WSE_EDENIED, 0, NULL, ""},
        {"answer {\"user\":\"a\",\"expires\":1,\"expires_ms\":1}", WSE_EIO, 0, "or both are there",
         NULL},
        {"answer {\"user\":\"a\",\"expires\":\"1767323046\"}", WSE_EIO, 0, "are no date", NULL},
        {"answer {\"user\":\"a\",\"expires\":0}", WSE_EIO, 0, "are no date", NULL},
        {"answer {\"user\":\"a\",\"expires_ms\":0}", WSE_EIO, 0, "are no date", NULL},
        {"answer {\"user\":\"a\",\"expires_ms\":1e300}", WSE_EIO, 0, "are no date", NULL},
        {"answer {\"user\":\"a\",\"expires\":1767323046000}", WSE_EIO, 0, "are no date", NULL},
        {"answer {\"user\":\"\"}", WSE_EIO, 0, "user is no text", NULL},
        {"answer {\"user\":7}", WSE_EIO, 0, "user is no text", NULL},
        {"answer {\"user\":\"a\\nb\"}", WSE_EIO, 0, "user is no text", NULL},
        {"answer {\"user\":\"a\",\"user\":\"b\"}", WSE_EIO, 0, "no plain JSON object", NULL},
        {"answer {\"user\":\"a\",\"claims\":[]}", WSE_EIO, 0, "claims is no", NULL},
        {"answer {\"user\":\"a\",\"claims\":{\"b\":1,\"b\":2}}", WSE_EIO, 0, "claims is no", NULL},
        {"answer [\"a\"]", WSE_EIO, 0, "no plain JSON object", NULL},
        {"answer true", WSE_EIO, 0, "no plain JSON object", NULL},
        {"answer {\"user\":\"a\"", WSE_EIO, 0, "not JSON", NULL},
        {"answer ", WSE_EIO, 0, "not JSON", NULL},
        {"status 401", WSE_EDENIED, 0, NULL, ""},
        {"status 403", WSE_EDENIED, 0, NULL, ""},
        {"status 201", WSE_EIO, 0, "\"status 201\"", NULL},
        {"status 204", WSE_EIO, 0, "\"status 204\"", NULL},
        {"status 302", WSE_EIO, 0, "\"status 302\"", NULL},
        {"status 404", WSE_EIO, 0, "\"status 404\"", NULL},
        {"status 500", WSE_EIO, 0, "\"status 500\"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; ++i) {
        wse_test_instance instance;
        wse_auth_token token;
        open_path(&instance, "/auth?key=hush", NULL);
        if (ask(&instance, answers[i].credential, &token) != answers[i].status)
            fail_msg("%s: %d, %s", answers[i].credential, (int)token.status,
                     wse_test_host_log(instance.host));
        if (answers[i].problem)
            has(wse_test_host_log(instance.host), answers[i].problem);
        else
            assert_string_equal(wse_test_host_log(instance.host), "");
        assert_null(strstr(wse_test_host_log(instance.host), "hush"));
        if (strlen(answers[i].credential) > 10)
            assert_null(strstr(wse_test_host_log(instance.host), answers[i].credential));
        if (token.status == WSE_OK) {
            assert_string_equal(token.user, "a");
            assert_int_equal(token.expires_ms, answers[i].expires_ms);
            assert_string_equal(token.claims ? token.claims : "", answers[i].claims);
        } else {
            assert_null(token.user);
        }
        wse_auth_token_clear(&token);
        close_it(&instance);
    }
}

static void a_server_that_fails_lets_nobody_in(void **state) {
    static const struct {
        const char *path;
        int32_t status;
        const char *problem;
    } answers[] = {
        {"/garbage", WSE_EIO, "problem="},       {"/half", WSE_EIO, "problem="},
        {"/drop", WSE_EIO, "problem="},          {"/endless", WSE_EIO, "over 1024 bytes"},
        {"/never", WSE_ETIMEDOUT, " in time\""}, {"/status/401", WSE_EDENIED, NULL},
    };
    static const char *const options[] = {"limit", "1k", NULL};
    static const char *const short_options[] = {"timeout", "100ms", NULL};
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; ++i) {
        open_path(&instance, answers[i].path,
                  answers[i].status == WSE_ETIMEDOUT ? short_options : options);
        assert_int_equal(ask(&instance, "alice", &token), answers[i].status);
        if (answers[i].problem) has(wse_test_host_log(instance.host), answers[i].problem);
        close_it(&instance);
    }
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "url", "http://127.0.0.1:1/");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_int_equal(ask(&instance, "alice", &token), WSE_EIO);
    assert_int_equal(wse_test_host_counter(instance.host, "failed"), 1);
    close_it(&instance);
}

static void does_not_pass_on_what_is_no_text(void **state) {
    static const char *const options[] = {"request_headers", "x-name", NULL};
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/auth", options);
    assert_int_equal(ask(&instance, "al\xffice", &token), WSE_EDENIED);
    wse_test_host_set_header(instance.host, "x-name", "J\xfcrgen");
    assert_int_equal(ask(&instance, "alice", &token), WSE_EDENIED);
    assert_int_equal(wse_test_host_counter(instance.host, "refused_unreadable"), 2);
    close_it(&instance);
}

static void keeps_nothing_unless_told(void **state) {
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/auth", NULL);
    for (int i = 1; i <= 2; ++i) {
        char request[32];
        assert_int_equal(ask(&instance, "alice", &token), WSE_OK);
        snprintf(request, sizeof request, "\"request\": %d}", i);
        has(token.claims, request);
        wse_auth_token_clear(&token);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 0);
    close_it(&instance);
}

static void keeps_who_was_let_in_for_the_same_question(void **state) {
    static const char *const options[] = {"cache_ttl", "1h", NULL};
    static const char *const soon = "answer {\"user\":\"a\",\"expires_ms\":1767323045500}";
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/auth", options);
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(ask(&instance, "alice", &token), WSE_OK);
        assert_string_equal(token.user, "alice");
        has(token.claims, "\"request\": 1}");
        wse_auth_token_clear(&token);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 1);
    /* Another credential, and another peer, which the application may look at. */
    assert_int_equal(ask(&instance, "bob", &token), WSE_OK);
    wse_auth_token_clear(&token);
    assert_int_equal(ask_from(&instance, "alice", "192.0.2.2", &token), WSE_OK);
    wse_auth_token_clear(&token);
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 1);
    /* Who was refused, or was not judged, is asked for each time. */
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(ask(&instance, "status 401", &token), WSE_EDENIED);
        assert_int_equal(ask(&instance, "status 500", &token), WSE_EIO);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "refused"), 2);
    assert_int_equal(wse_test_host_counter(instance.host, "failed"), 2);
    /* Not past the end of the client's time. */
    assert_int_equal(ask(&instance, soon, &token), WSE_OK);
    wse_auth_token_clear(&token);
    wse_test_host_set_now(instance.host, NOW_MS + 499);
    assert_int_equal(ask(&instance, soon, &token), WSE_OK);
    wse_auth_token_clear(&token);
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 2);
    wse_test_host_set_now(instance.host, NOW_MS + 500);
    assert_int_equal(ask(&instance, soon, &token), WSE_EDENIED);
    close_it(&instance);
}

static void what_is_kept_has_an_end_and_a_bound(void **state) {
    static const char *const briefly[] = {"cache_ttl", "1ms", NULL};
    static const char *const little[] = {"cache_ttl", "1h", "cache_size", "1k", NULL};
    wse_test_instance instance;
    wse_auth_token token;
    int64_t asked = 0;
    (void)state;
    open_path(&instance, "/auth", briefly);
    for (; asked < 2; asked = wse_test_host_counter(instance.host, "accepted") -
                              wse_test_host_counter(instance.host, "cached")) {
        assert_int_equal(ask(&instance, "alice", &token), WSE_OK);
        wse_auth_token_clear(&token);
        wse_test_host_turn(instance.host);
    }
    close_it(&instance);

    open_path(&instance, "/auth", little);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 10; ++i) {
            char credential[16];
            snprintf(credential, sizeof credential, "user%d", i);
            assert_int_equal(ask(&instance, credential, &token), WSE_OK);
            wse_auth_token_clear(&token);
        }
    }
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 0);
    close_it(&instance);
}

static void refuses_what_is_too_much_at_once(void **state) {
    static const char *const options[] = {"max_requests", "2", NULL}; /* one for each loop */
    const wse_auth_request request = {.struct_size = sizeof request, .credential = bytes_of("a")};
    wse_test_instance instance;
    wse_auth_token tokens[6];
    (void)state;
    open_path(&instance, "/never", options);
    for (int i = 0; i < 5; ++i)
        assert_int_equal(begin_question(&instance, &request, &tokens[i]), WSE_OK);
    assert_int_equal(begin_question(&instance, &request, &tokens[5]), WSE_EAGAIN);
    assert_int_equal(tokens[5].answers, 0);
    assert_int_equal(wse_test_host_counter(instance.host, "crowded"), 1);
    close_it(&instance);
    for (int i = 0; i < 5; ++i) {
        assert_int_equal(tokens[i].answers, 1);
        assert_int_equal(tokens[i].status, WSE_ECANCELED);
    }
}

static void answers_a_question_that_is_taken_back(void **state) {
    const wse_auth_request request = {.struct_size = sizeof request, .credential = bytes_of("a")};
    const wse_auth_ops *ops = module->ops;
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/never", NULL);
    assert_int_equal(begin_question(&instance, &request, &token), WSE_OK);
    for (int i = 0; i < 2; ++i) {
        ops->cancel(instance.self, wse_test_host_loop(instance.host, 1), &token);
        assert_int_equal(token.answers, 1);
        assert_int_equal(token.status, WSE_ECANCELED);
    }
    close_it(&instance);
}

static void waits_no_longer_than_the_server(void **state) {
    const wse_auth_request request = {
        .struct_size = sizeof request, .credential = bytes_of("a"), .deadline_ms = 50};
    wse_test_instance instance;
    wse_auth_token token;
    (void)state;
    open_path(&instance, "/never", NULL);
    assert_int_equal(begin_question(&instance, &request, &token), WSE_OK);
    assert_true(wse_test_host_turn_until(instance.host, is_answered, &token));
    assert_int_equal(token.status, WSE_ETIMEDOUT);
    close_it(&instance);
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *url, *option, *value, *sentence;
    } wrong[] = {
        {"auth", NULL, NULL, "url: is no http or https URL"},
        {"https://u:hush@a.example/", NULL, NULL, "url: is no http or https URL"},
        {"http://a.example/", NULL, NULL, "url: credentials would go over http"},
        {"http://127.0.0.1/", "headers", "Host=x", "headers: 'Host' cannot be set"},
        {"http://127.0.0.1/", "headers", "A=hush\n", "headers: the value of 'A' has"},
        {"http://127.0.0.1/", "request_headers", "a b", "request_headers: 'a b' cannot be"},
        {"http://127.0.0.1/", "ca_file", "/etc/hostname", "ca_file: the url is not https"},
        {"https://a.example/", "ca_file", "/etc/hostname", "ca_file: /etc/hostname: no cert"},
    };
    wse_test_instance instance;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, "url", wrong[i].url);
        if (wrong[i].option) wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        has(instance.error.text, wrong[i].sentence);
        assert_null(strstr(instance.error.text, "hush"));
        close_it(&instance);
    }
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "url", "http://a.example/");
    wse_test_config_set(instance.config, "plain_http", "true");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    close_it(&instance);
}

static int begin(void **state) {
    static const char *const arguments[] = {"/usr/bin/python3", WSE_ODD_HTTP_SERVER, NULL};
    char port[16];
    (void)state;
    module = wse_test_load(MODULE_FILE);
    server = child_start(arguments);
    child_read_line(&server, port, sizeof port);
    snprintf(origin, sizeof origin, "http://127.0.0.1:%s", port);
    return 0;
}

static int end(void **state) {
    (void)state;
    child_stop(&server);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_application_what_it_must_know),
        cmocka_unit_test(asks_for_clients_without_a_credential_too),
        cmocka_unit_test(answers_lets_in_refuses_or_says_nothing),
        cmocka_unit_test(a_server_that_fails_lets_nobody_in),
        cmocka_unit_test(does_not_pass_on_what_is_no_text),
        cmocka_unit_test(keeps_nothing_unless_told),
        cmocka_unit_test(keeps_who_was_let_in_for_the_same_question),
        cmocka_unit_test(what_is_kept_has_an_end_and_a_bound),
        cmocka_unit_test(refuses_what_is_too_much_at_once),
        cmocka_unit_test(answers_a_question_that_is_taken_back),
        cmocka_unit_test(waits_no_longer_than_the_server),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
