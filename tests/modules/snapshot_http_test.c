/* SPDX-License-Identifier: MIT
 * snapshot_http.so as the server meets it, with an HTTP server of all sorts behind it. */
#include <stdio.h>
#include <string.h>

#include "snapshot_case.h"
#include "support/child.h"
#include "support/with_cmocka.h"

static const wse_module_def *module;
static child server;
static char origin[64];

/* Options as name, value, ..., NULL. */
static void prepare(wse_test_instance *instance, const char *path, const char *const options[]) {
    char url[256];
    snprintf(url, sizeof url, "%s%s", origin, path);
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "url", url);
    wse_test_config_set(instance->config, "timeout", "60s");
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(instance->config, options[i], options[i + 1]);
}

static void open_url(wse_test_instance *instance, const char *path, const char *const options[]) {
    prepare(instance, path, options);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
}

/* The state, to be freed by clearing the token. */
static const char *ask(wse_test_instance *instance, const snapshot_question *question,
                       wse_snapshot_token *token) {
    assert_int_equal(snapshot_begin(instance, question, token), WSE_OK);
    snapshot_wait(instance, token);
    assert_int_equal(token->status, WSE_OK);
    return token->data;
}

static void has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("no '%s' in '%s'", part, text);
}

static void fills_the_url_with_what_is_asked(void **state) {
    static const char *const options[] = {"headers", "X-Key=sesame,Accept=application/x", NULL};
    const snapshot_question question = {
        .topic = "user:7/x?", .user = "j\xc3\xbcrgen", .params = "{\"all\": true}"};
    wse_test_instance instance;
    wse_snapshot_token token;
    const char *data;
    (void)state;
    open_url(&instance, "/echo/{topic}?u={user}&p={params}&k=1", options);
    assert_int_equal(((const wse_snapshot_ops *)module->ops)->per_user(instance.self), 1);
    data = ask(&instance, &question, &token);
    has(data,
        "\"target\": \"/echo/user%3A7%2Fx%3F?u=j%C3%BCrgen&p=%7B%22all%22%3A%20true%7D&k=1\"");
    has(data, "\"method\": \"GET\"");
    has(data, "\"x-key\": \"sesame\"");
    has(data, "\"accept\": \"application/x\"");
    has(data, "\"host\": \"127.0.0.1:");
    assert_null(strstr(data, "application/json"));
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static void posts_what_is_asked(void **state) {
    static const char *const options[] = {"method", "POST", NULL};
    const snapshot_question question = {
        .topic = "a\"b", .params = "{\"x\":1}", .epoch = 0xabcd, .offset = 41};
    wse_test_instance instance;
    wse_snapshot_token token;
    const char *data;
    (void)state;
    open_url(&instance, "/echo", options);
    assert_int_equal(((const wse_snapshot_ops *)module->ops)->per_user(instance.self), 0);
    data = ask(&instance, &question, &token);
    has(data, "\"method\": \"POST\"");
    has(data, "\"content-type\": \"application/json\"");
    has(data,
        "\"body\": \"{\\\"topic\\\":\\\"a\\\\\\\"b\\\",\\\"params\\\":{\\\"x\\\":1},"
        "\\\"epoch\\\":\\\"0000abcd\\\",\\\"offset\\\":41}\"");
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static void takes_the_place_from_the_headers(void **state) {
    static const char *const options[] = {"type", "x_snapshot", NULL};
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    open_url(&instance, "/state?t={topic}", options);
    assert_int_equal(snapshot_ask(&instance, "plain", &token), WSE_OK);
    assert_false(token.has_position);
    assert_string_equal(token.type, "x_snapshot");
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));

    open_url(&instance, "/state?at=0000002a,17&t={topic}", NULL);
    assert_int_equal(snapshot_ask(&instance, "a", &token), WSE_OK);
    assert_true(token.has_position);
    assert_int_equal(token.epoch, 42);
    assert_int_equal(token.offset, 17);
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));

    open_url(&instance, "/state?at=42,17", NULL);
    snapshot_fails(&instance, "a", WSE_EIO);
    has(wse_test_host_log(instance.host), "WSE-Epoch and WSE-Offset are no place");
    assert_true(wse_test_instance_close(&instance));
}

static void turns_what_comes_into_a_status(void **state) {
    static const struct {
        const char *path;
        int32_t status;
        const char *problem;
    } answers[] = {
        {"/status/204", WSE_ENOTFOUND, NULL},
        {"/status/404", WSE_ENOTFOUND, NULL},
        {"/status/302", WSE_EIO, "problem=\"status 302\""},
        {"/status/500", WSE_EIO, "problem=\"status 500\""},
        {"/garbage", WSE_EIO, "problem="},
        {"/half", WSE_EIO, "problem="},
        {"/endless", WSE_ETOOBIG, "problem=\"the response is over 1024 bytes\""},
        {"/never", WSE_ETIMEDOUT, " in time\""},
    };
    static const char *const options[] = {"limit", "1k", NULL};
    static const char *const short_options[] = {"timeout", "100ms", NULL};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; ++i) {
        char path[64];
        wse_test_instance instance;
        snprintf(path, sizeof path, "%s?key=hush", answers[i].path);
        open_url(&instance, path, answers[i].status == WSE_ETIMEDOUT ? short_options : options);
        snapshot_fails(&instance, "a", answers[i].status);
        if (answers[i].problem)
            has(wse_test_host_log(instance.host), answers[i].problem);
        else
            assert_string_equal(wse_test_host_log(instance.host), "");
        assert_null(strstr(wse_test_host_log(instance.host), "hush"));
        assert_true(wse_test_instance_close(&instance));
    }
}

static void does_not_let_a_topic_climb_out_of_the_path(void **state) {
    wse_test_instance instance;
    (void)state;
    open_url(&instance, "/echo/{topic}", NULL);
    snapshot_fails(&instance, "..", WSE_ENOTFOUND);
    snapshot_fails(&instance, ".", WSE_ENOTFOUND);
    snapshot_fails(&instance, "../admin", WSE_ENOTFOUND);
    snapshot_fails(&instance, "a/../../admin", WSE_ENOTFOUND);
    snapshot_fails(&instance, "a\\..", WSE_ENOTFOUND);
    snapshot_fails(&instance, "a/..b", WSE_OK);
    snapshot_fails(&instance, "", WSE_OK);
    assert_true(wse_test_instance_close(&instance));
}

static int request_number(wse_test_instance *instance, uint64_t offset) {
    const snapshot_question question = {.topic = "a", .epoch = 1, .offset = offset};
    wse_snapshot_token token;
    int number = 0;
    assert_int_equal(sscanf(ask(instance, &question, &token), "{\"request\": %d}", &number), 1);
    wse_snapshot_token_clear(&token);
    return number;
}

static void keeps_an_answer_as_long_as_it_may(void **state) {
    wse_test_instance instance;
    (void)state;
    open_url(&instance, "/state?age=max-age=60", NULL);
    assert_int_equal(request_number(&instance, 5), 1);
    assert_int_equal(request_number(&instance, 5), 1);
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 1);
    /* The topic has moved: what is kept would leave a hole. */
    assert_int_equal(request_number(&instance, 6), 2);
    assert_int_equal(request_number(&instance, 6), 2);
    assert_true(wse_test_instance_close(&instance));

    open_url(&instance, "/state?age=max-age=60&at=00000001,3", NULL);
    assert_int_equal(request_number(&instance, 5), 1);
    assert_int_equal(request_number(&instance, 6), 1); /* has its own place */
    assert_true(wse_test_instance_close(&instance));
}

static void keeps_nothing_that_it_may_not(void **state) {
    static const char *const no_cache[] = {"cache", "0", NULL};
    static const char *const paths[] = {"/state", "/state?age=no-store,max-age=60",
                                        "/state?age=max-age=0", "/state?age=no-cache,max-age=60"};
    wse_test_instance instance;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; ++i) {
        open_url(&instance, paths[i], NULL);
        assert_int_equal(request_number(&instance, 5), 1);
        assert_int_equal(request_number(&instance, 5), 2);
        assert_true(wse_test_instance_close(&instance));
    }
    open_url(&instance, "/state?age=max-age=60", no_cache);
    assert_int_equal(request_number(&instance, 5), 1);
    assert_int_equal(request_number(&instance, 5), 2);
    assert_true(wse_test_instance_close(&instance));
}

static void asks_whether_an_answer_is_still_the_same(void **state) {
    wse_test_instance instance;
    (void)state;
    open_url(&instance, "/state?etag=v1", NULL);
    assert_int_equal(request_number(&instance, 5), 1);
    assert_int_equal(request_number(&instance, 6), 1); /* 304 */
    assert_int_equal(request_number(&instance, 7), 1);
    assert_int_equal(wse_test_host_counter(instance.host, "cached"), 2);
    assert_true(wse_test_instance_close(&instance));
}

static void refuses_what_is_too_much_at_once(void **state) {
    static const char *const options[] = {"max_requests", "1", NULL};
    const snapshot_question question = {.topic = "a"};
    wse_test_instance instance;
    wse_snapshot_token tokens[5];
    (void)state;
    open_url(&instance, "/never", options);
    for (int i = 0; i < 5; ++i)
        assert_int_equal(snapshot_begin(&instance, &question, &tokens[i]), WSE_OK);
    snapshot_fails(&instance, "a", WSE_EAGAIN);
    assert_int_equal(wse_test_host_counter(instance.host, "refused"), 1);
    assert_true(wse_test_instance_close(&instance));
    for (int i = 0; i < 5; ++i) {
        assert_int_equal(tokens[i].answers, 1);
        assert_int_equal(tokens[i].status, WSE_ECANCELED);
    }
}

static void answers_a_question_that_is_taken_back(void **state) {
    const snapshot_question question = {.topic = "a"};
    const wse_snapshot_ops *ops = module->ops;
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    open_url(&instance, "/never", NULL);
    assert_int_equal(snapshot_begin(&instance, &question, &token), WSE_OK);
    ops->cancel(instance.self, wse_test_host_service_loop(instance.host), &token);
    assert_int_equal(token.answers, 1);
    assert_int_equal(token.status, WSE_ECANCELED);
    ops->cancel(instance.self, wse_test_host_service_loop(instance.host), &token);
    assert_int_equal(token.answers, 1);
    assert_true(wse_test_instance_close(&instance));
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *url, *option, *value, *sentence;
    } wrong[] = {
        {"http://{topic}.example/", NULL, NULL, "url: a placeholder stands before the path"},
        {"http://a.example:{topic}/", NULL, NULL, "url: a placeholder stands before the path"},
        {"{topic}", NULL, NULL, "url: a placeholder stands before the path"},
        {"a.example", NULL, NULL, "url: is no URL"},
        {"http://a.example{topic}", NULL, NULL, "url: a placeholder stands before the path"},
        {"http://a.example/{what}", NULL, NULL, "url: knows {topic}, {user} and {params}"},
        {"http://a.example/a b", NULL, NULL, "url: is no URL"},
        {"http://u:hush@a.example/", NULL, NULL, "url: is no URL"},
        {"http://a.example/", "headers", "Host=x", "headers: 'Host' cannot be set"},
        {"http://a.example/", "headers", "A=hush\n", "headers: the value of 'A' has"},
        {"http://a.example/", "ca_file", "/etc/hostname", "ca_file: the url is not https"},
        {"https://a.example/", "ca_file", "/etc/hostname", "ca_file: /etc/hostname: no cert"},
        {"http://a.example/", "type", "x", "type: 'x' neither"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, "url", wrong[i].url);
        if (wrong[i].option) wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        has(instance.error.text, wrong[i].sentence);
        assert_null(strstr(instance.error.text, "hush"));
        assert_true(wse_test_instance_close(&instance));
    }
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
        cmocka_unit_test(fills_the_url_with_what_is_asked),
        cmocka_unit_test(posts_what_is_asked),
        cmocka_unit_test(takes_the_place_from_the_headers),
        cmocka_unit_test(turns_what_comes_into_a_status),
        cmocka_unit_test(does_not_let_a_topic_climb_out_of_the_path),
        cmocka_unit_test(keeps_an_answer_as_long_as_it_may),
        cmocka_unit_test(keeps_nothing_that_it_may_not),
        cmocka_unit_test(asks_whether_an_answer_is_still_the_same),
        cmocka_unit_test(refuses_what_is_too_much_at_once),
        cmocka_unit_test(answers_a_question_that_is_taken_back),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
