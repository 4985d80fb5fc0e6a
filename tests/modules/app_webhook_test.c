/* SPDX-License-Identifier: MIT
 * app_webhook.so as the server meets it, with an application behind it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app_case.h"
#include "support/child.h"
#include "support/with_cmocka.h"

#define SECRET "hush-4f1d"
#define OLD_SECRET "hush-0000"
#define MAX_LINE (1 << 20)

static const wse_module_def *module;
static child application;
static char url[64];

/* Options as name, value, ..., NULL. */
static void prepare(wse_test_instance *instance, const char *const options[]) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "url", url);
    wse_test_config_set(instance->config, "timeout", "60s");
    wse_test_config_set(instance->config, "retry", "10ms");
    wse_test_config_set(instance->config, "max_retry", "20ms");
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(instance->config, options[i], options[i + 1]);
}

static void open_module(wse_test_instance *instance, const char *const options[]) {
    prepare(instance, options);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
}

/* How the application answers the next request that nobody has said it of. */
static void answer_with(const char *answer) {
    char line[64];
    assert_int_equal(write(application.input, answer, strlen(answer)), strlen(answer));
    assert_int_equal(write(application.input, "\n", 1), 1);
    child_read_line(&application, line, sizeof line);
    assert_string_equal(line, "ok");
}

/* The next request that came; until the next one is read. */
static const char *request(void) {
    static char line[MAX_LINE];
    child_read_line(&application, line, sizeof line);
    return line;
}

static bool has_request(void *unused) {
    struct pollfd output = {.fd = application.output, .events = POLLIN};
    (void)unused;
    return poll(&output, 1, 0) == 1;
}

static void wait_for_request(wse_test_instance *instance) {
    assert_true(wse_test_host_turn_until(instance->host, has_request, NULL));
}

static void has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("no '%s' in '%.2000s'", part, text);
}

static void has_not(const char *text, const char *part) {
    if (strstr(text, part)) fail_msg("'%s' in '%.2000s'", part, text);
}

static int64_t counter(const wse_test_instance *instance, const char *name) {
    return wse_test_host_counter(instance->host, name);
}

static void posts_events_in_their_order(void **state) {
    const app_event events[] = {
        {.event = WSE_APP_EVENT_CONNECT, .connection = "c1", .user = "anna"},
        {.event = WSE_APP_EVENT_MESSAGE, .connection = "c1", .type = "chat", .data = "{\"n\":1}"},
        {.event = WSE_APP_EVENT_DISCONNECT, .connection = "c1", .data = "bye", .code = 1000},
    };
    wse_test_instance instance;
    wse_batch_token token;
    const char *came;
    (void)state;
    open_module(&instance, NULL);
    app_deliver(&instance, events, 3, &token);
    came = request();
    has(came, "\"path\":\"/events?key=1\"");
    has(came, "\"Content-Type\":\"application/json\"");
    has(came, ",\\\"batch\\\":1,\\\"events\\\":[{\\\"seq\\\":1,\\\"event\\\":\\\"connect\\\"");
    has(came, "{\\\"seq\\\":2,\\\"event\\\":\\\"message\\\",\\\"conn\\\":\\\"c1\\\"");
    has(came, "\\\"data\\\":{\\\"n\\\":1}");
    has(came, "{\\\"seq\\\":3,\\\"event\\\":\\\"disconnect\\\"");
    has_not(came, "WSE-Signature");
    app_deliver(&instance, events, 1, &token);
    has(request(), ",\\\"batch\\\":2,\\\"events\\\":[{\\\"seq\\\":4,");
    assert_int_equal(counter(&instance, "delivered"), 4);
    assert_int_equal(counter(&instance, "requests"), 2);
    assert_true(wse_test_instance_close(&instance));
}

static void signs_with_every_secret(void **state) {
    static const char *const options[] = {"secret", SECRET "," OLD_SECRET, "headers",
                                          "X-Key=sesame", NULL};
    static const char *const one[] = {"secret", OLD_SECRET, NULL};
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    wse_test_instance instance;
    wse_batch_token token;
    const char *came;
    (void)state;
    open_module(&instance, options);
    wse_test_host_set_now(instance.host, 1700000000123);
    app_deliver(&instance, &event, 1, &token);
    came = request();
    has(came, "\"WSE-Signature\":\"t=1700000000123,v1=");
    has(came, "\"X-Key\":\"sesame\"");
    has(came, "\"signed\":[true,true]");
    assert_true(wse_test_instance_close(&instance));
    open_module(&instance, one);
    app_deliver(&instance, &event, 1, &token);
    has(request(), "\"signed\":[false,true]");
    assert_true(wse_test_instance_close(&instance));
}

static void splits_what_is_too_large_for_one_request(void **state) {
    static const char *const options[] = {"max_body", "16k", NULL};
    static char data[5000], large[40000];
    app_event events[8];
    wse_test_instance instance;
    wse_batch_token token;
    int seen = 0, requests = 0;
    (void)state;
    memset(data, 'a', sizeof data - 1);
    memset(large, 'b', sizeof large - 1);
    for (int i = 0; i < 8; ++i)
        events[i] = (app_event){.event = WSE_APP_EVENT_TEXT, .connection = "c", .data = data};
    events[3].data = large;
    open_module(&instance, options);
    app_deliver(&instance, events, 8, &token);
    while (seen < 8) {
        char seq[32];
        const char *came = request();
        assert_true(strlen(strstr(came, "\"body\"")) < 17000);
        for (++requests; seen < 8; ++seen) {
            snprintf(seq, sizeof seq, "{\\\"seq\\\":%d,", seen + 1);
            if (!strstr(came, seq)) break;
        }
        if (strstr(came, "{\\\"seq\\\":4,")) has(came, ",\\\"data_bytes\\\":39999}");
    }
    assert_int_equal(counter(&instance, "requests"), requests);
    assert_int_equal(token.progress, requests - 1);
    assert_int_equal(counter(&instance, "cut"), 1);
    assert_int_equal(counter(&instance, "delivered"), 8);
    assert_true(wse_test_instance_close(&instance));
}

/* Both requests are the same, but for the time. */
static void is_the_same_request(const char *answer) {
    static char first[MAX_LINE];
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    wse_test_instance instance;
    wse_batch_token token;
    open_module(&instance, NULL);
    answer_with(answer);
    app_deliver(&instance, &event, 1, &token);
    snprintf(first, sizeof first, "%s", request());
    assert_string_equal(first, request());
    assert_int_equal(counter(&instance, "retried"), 1);
    assert_int_equal(counter(&instance, "delivered"), 1);
    has(wse_test_host_log(instance.host), "1 delivery.failed url=http://127.0.0.1:");
    has(wse_test_host_log(instance.host), "2 delivery.resumed url=http://127.0.0.1:");
    has_not(wse_test_host_log(instance.host), "key=1");
    assert_true(wse_test_instance_close(&instance));
}

static void sends_again_what_was_not_taken(void **state) {
    (void)state;
    is_the_same_request("{\"status\":500}");
    is_the_same_request("{\"status\":503,\"headers\":{\"Retry-After\":\"0\"}}");
    is_the_same_request("{\"status\":429,\"headers\":{\"Retry-After\":\"soon\"}}");
    is_the_same_request("{\"status\":408}");
    is_the_same_request("{\"status\":404}");
    is_the_same_request("{\"status\":302,\"headers\":{\"Location\":\"/\"}}");
    is_the_same_request("{\"drop\":true}");
}

static void waits_as_long_as_it_is_told_within_a_bound(void **state) {
    static const char *const options[] = {"max_retry_after", "0ms", NULL};
    static const char *const patient[] = {"max_retry_after", "1h", NULL};
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    open_module(&instance, options);
    answer_with("{\"status\":503,\"headers\":{\"Retry-After\":\"3600\"}}");
    app_deliver(&instance, &event, 1, &token);
    request();
    request();
    assert_true(wse_test_instance_close(&instance));

    open_module(&instance, patient);
    answer_with("{\"status\":503,\"headers\":{\"Retry-After\":\"3600\"}}");
    app_begin(&instance, &event, 1, &token);
    app_wait_for(&instance, "retried", 1);
    request();
    app_stop(&instance);
    assert_int_equal(counter(&instance, "retried"), 1);
    assert_int_equal(counter(&instance, "lost"), 1);
    assert_int_equal(token.answers, 1);
    app_close_stopped(&instance);
}

static void drops_what_is_refused_if_it_may(void **state) {
    static const char *const options[] = {"on_rejected", "drop", NULL};
    const app_event events[] = {{.event = WSE_APP_EVENT_TEXT, .data = "x"},
                                {.event = WSE_APP_EVENT_TEXT, .data = "y"}};
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    open_module(&instance, options);
    answer_with("{\"status\":410}");
    app_deliver(&instance, events, 2, &token);
    has(request(), "\\\"seq\\\":2,");
    assert_int_equal(counter(&instance, "dropped"), 2);
    assert_int_equal(counter(&instance, "delivered"), 0);
    has(wse_test_host_log(instance.host), "batch=1 events=2 problem=\"status 410\"");
    app_deliver(&instance, events, 1, &token);
    has(request(), "\\\"batch\\\":2,\\\"events\\\":[{\\\"seq\\\":3,");
    assert_true(wse_test_instance_close(&instance));
}

static void runs_the_commands_of_an_answer(void **state) {
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    wse_test_instance instance;
    wse_batch_token token;
    wse_test_commands commands;
    wse_test_calls calls;
    (void)state;
    open_module(&instance, NULL);
    answer_with(
        "{\"body\":\"{\\\"commands\\\":["
        "{\\\"method\\\":\\\"conn.send_text\\\",\\\"params\\\":"
        "{\\\"conn\\\":\\\"c1\\\",\\\"text\\\":\\\"hi\\\"}},"
        "{\\\"method\\\":\\\"publish\\\",\\\"params\\\":{\\\"topic\\\":\\\"t\\\"}},"
        "{\\\"method\\\":\\\"conn.fly\\\"},7,"
        "{\\\"method\\\":\\\"conn.close\\\",\\\"params\\\":{\\\"conn\\\":\\\"c1\\\"}}]}\"}");
    app_deliver(&instance, &event, 1, &token);
    request();
    commands = wse_test_host_commands(instance.host);
    calls = wse_test_host_calls(instance.host);
    assert_int_equal(commands.count, 2);
    assert_int_equal(commands.items[0].command, WSE_APP_SEND_TEXT);
    assert_memory_equal(commands.items[0].data.data, "hi", 2);
    assert_int_equal(commands.items[1].command, WSE_APP_CLOSE);
    assert_int_equal(calls.count, 1);
    assert_memory_equal(calls.items[0].operation.data, "publish", 7);
    assert_int_equal(counter(&instance, "commands"), 5);
    assert_int_equal(counter(&instance, "commands_failed"), 2);
    /* What is no JSON has none. */
    answer_with("{\"body\":\"thanks\"}");
    app_deliver(&instance, &event, 1, &token);
    request();
    assert_int_equal(counter(&instance, "commands"), 5);
    assert_true(wse_test_instance_close(&instance));
}

static void goes_on_when_the_server_has_taken_the_commands(void **state) {
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    open_module(&instance, NULL);
    wse_test_host_set_called(instance.host, WSE_EAGAIN, NULL);
    answer_with(
        "{\"body\":\"{\\\"commands\\\":[{\\\"method\\\":\\\"conn.unsubscribe\\\","
        "\\\"params\\\":{\\\"conn\\\":\\\"c1\\\"}}]}\"}");
    app_begin(&instance, &event, 1, &token);
    app_wait_for(&instance, "commands", 1);
    request();
    wse_test_host_turn(instance.host);
    assert_int_equal(token.answers, 0);
    wse_test_host_set_called(instance.host, WSE_OK, NULL);
    app_wait(&instance, &token);
    assert_int_equal(wse_test_host_commands(instance.host).count, 1);
    assert_true(wse_test_instance_close(&instance));
}

static void gives_up_what_is_under_way_when_the_server_stops(void **state) {
    static const char *const answers[] = {"{\"never\":true}", "{\"status\":500}"};
    static const char *const options[] = {"retry", "1m", "max_retry", "1m", NULL};
    const app_event events[] = {{.event = WSE_APP_EVENT_TEXT, .data = "x"},
                                {.event = WSE_APP_EVENT_TEXT, .data = "y"}};
    (void)state;
    for (size_t i = 0; i < 2; ++i) {
        wse_test_instance instance;
        wse_batch_token token;
        open_module(&instance, options);
        answer_with(answers[i]);
        app_begin(&instance, events, 2, &token);
        if (i == 1)
            app_wait_for(&instance, "retried", 1);
        else
            wait_for_request(&instance);
        request();
        assert_int_equal(token.answers, 0);
        app_stop(&instance);
        assert_int_equal(counter(&instance, "lost"), 2);
        has(wse_test_host_log(instance.host), "1 events.lost url=http://127.0.0.1:");
        assert_int_equal(token.answers, 1);
        app_close_stopped(&instance);
    }
}

static void says_which_events_it_wants(void **state) {
    static const char *const options[] = {"events", "connect,disconnect", NULL};
    const wse_app_ops *ops = module->ops;
    wse_test_instance instance;
    (void)state;
    open_module(&instance, options);
    assert_int_equal(ops->wants(instance.self),
                     1u << WSE_APP_EVENT_CONNECT | 1u << WSE_APP_EVENT_DISCONNECT);
    assert_true(wse_test_instance_close(&instance));
    open_module(&instance, NULL);
    assert_int_equal(ops->wants(instance.self), 0x3fe);
    assert_true(wse_test_instance_close(&instance));
}

static void asks_the_application(void **state) {
    char ask_url[80];
    const char *const options[] = {"ask_url", ask_url, "secret", SECRET, NULL};
    const app_question connect = {.question = WSE_ASK_CONNECT, .data = "token", .peer = "::1"};
    const app_question publish = {
        .question = WSE_ASK_PUBLISH, .connection = "c1", .topic = "t", .data = "{\"x\":1}"};
    wse_test_instance instance;
    wse_ask_token token;
    const char *came;
    (void)state;
    snprintf(ask_url, sizeof ask_url, "%.*s/ask", (int)(strrchr(url, '/') - url), url);
    open_module(&instance, options);
    answer_with(
        "{\"body\":\"{\\\"ok\\\":true,\\\"user\\\":\\\"anna\\\",\\\"data\\\":"
        "{\\\"a\\\":1},\\\"expires_ms\\\":17}\"}");
    assert_int_equal(app_ask(&instance, &connect, &token), WSE_OK);
    assert_string_equal(token.user, "anna");
    assert_string_equal(token.data, "{\"a\":1}");
    assert_int_equal(token.expires_ms, 17);
    wse_ask_token_clear(&token);
    came = request();
    has(came, "\"path\":\"/ask\"");
    has(came, "{\\\"question\\\":\\\"connect\\\",\\\"data\\\":\\\"token\\\"");
    has(came, "\"signed\":[true,false]");
    answer_with("{\"body\":\"{\\\"ok\\\":true,\\\"data\\\":{\\\"x\\\":2}}\"}");
    assert_int_equal(app_ask(&instance, &publish, &token), WSE_OK);
    assert_string_equal(token.data, "{\"x\":2}");
    wse_ask_token_clear(&token);
    has(request(), "\\\"conn\\\":\\\"c1\\\",\\\"topic\\\":\\\"t\\\",\\\"data\\\":{\\\"x\\\":1}");
    assert_int_equal(counter(&instance, "granted"), 2);
    assert_true(wse_test_instance_close(&instance));
}

static void grants_nothing_without_a_plain_yes(void **state) {
    static const struct {
        const char *answer;
        int32_t status;
    } answers[] = {
        {"{\"body\":\"{\\\"ok\\\":true}\"}", WSE_OK},
        {"{\"body\":\"{\\\"ok\\\":false,\\\"code\\\":\\\"denied\\\"}\"}", WSE_EDENIED},
        {"{\"body\":\"{\\\"ok\\\":false,\\\"code\\\":\\\"not_found\\\"}\"}", WSE_ENOTFOUND},
        {"{\"body\":\"{\\\"ok\\\":false,\\\"code\\\":\\\"unavailable\\\"}\"}", WSE_EAGAIN},
        {"{\"body\":\"{\\\"ok\\\":false}\"}", WSE_EAGAIN},
        {"{\"body\":\"ok\"}", WSE_EAGAIN},
        {"{\"body\":\"\"}", WSE_EAGAIN},
        {"{\"status\":403}", WSE_EDENIED},
        {"{\"status\":403,\"body\":\"{\\\"ok\\\":true}\"}", WSE_EDENIED},
        {"{\"status\":201,\"body\":\"{\\\"ok\\\":true}\"}", WSE_EAGAIN},
        {"{\"status\":500,\"body\":\"{\\\"ok\\\":true}\"}", WSE_EAGAIN},
        {"{\"status\":302,\"body\":\"{\\\"ok\\\":true}\"}", WSE_EAGAIN},
        {"{\"status\":404}", WSE_EAGAIN},
        {"{\"drop\":true}", WSE_EAGAIN},
    };
    static const char *const quick[] = {"timeout", "100ms", NULL};
    const app_question subscribe = {.question = WSE_ASK_SUBSCRIBE, .topic = "t"};
    wse_test_instance instance;
    wse_ask_token token;
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; ++i) {
        /* Anew, for a request on a kept connection is sent once more. */
        open_module(&instance, NULL);
        answer_with(answers[i].answer);
        assert_int_equal(app_ask(&instance, &subscribe, &token), answers[i].status);
        wse_ask_token_clear(&token);
        request();
        assert_true(wse_test_instance_close(&instance));
    }
    open_module(&instance, quick);
    answer_with("{\"never\":true}");
    assert_int_equal(app_ask(&instance, &subscribe, &token), WSE_ETIMEDOUT);
    request();
    assert_int_equal(counter(&instance, "unavailable"), 1);
    has(wse_test_host_log(instance.host), "1 question.failed url=http://127.0.0.1:");
    has_not(wse_test_host_log(instance.host), "key=1");
    assert_true(wse_test_instance_close(&instance));
}

static void bounds_how_much_is_asked_at_once(void **state) {
    static const char *const options[] = {"max_questions", "1", NULL};
    const app_question subscribe = {.question = WSE_ASK_SUBSCRIBE, .topic = "t"};
    const wse_app_ops *ops = module->ops;
    wse_test_instance instance;
    wse_ask_token tokens[6];
    (void)state;
    open_module(&instance, options);
    answer_with("{\"never\":true}");
    for (int i = 0; i < 5; ++i)
        assert_int_equal(app_ask_begin(&instance, &subscribe, &tokens[i]), WSE_OK);
    assert_int_equal(app_ask_begin(&instance, &subscribe, &tokens[5]), WSE_EAGAIN);
    assert_int_equal(counter(&instance, "unavailable"), 1);
    wait_for_request(&instance);
    request();
    ops->cancel(instance.self, wse_test_host_service_loop(instance.host), &tokens[1]);
    assert_int_equal(tokens[1].answers, 1);
    assert_int_equal(tokens[1].status, WSE_ECANCELED);
    assert_true(wse_test_instance_close(&instance));
    for (int i = 0; i < 5; ++i) {
        assert_int_equal(tokens[i].answers, 1);
        assert_int_equal(tokens[i].status, WSE_ECANCELED);
    }
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } wrong[] = {
        {"url", "a.example", "url: is no URL"},
        {"url", "http://u:hush@127.0.0.1/", "url: is no URL"},
        {"url", "http://a.example/", "url: what clients say would go over http"},
        {"ask_url", "http://a.example/", "ask_url: what clients say would go over http"},
        {"events", "connects", "events: there is no event 'connects'"},
        {"headers", "Host=x", "headers: 'Host' cannot be set"},
        {"headers", "A=hush\n", "headers: the value of 'A' has"},
        {"ca_file", "/etc/hostname", "ca_file: the url is not https"},
        {"max_retry", "10ms", "max_retry: is shorter than retry"},
    };
    static const char *const fine[] = {
        "url", "http://a.example/", "plain_http", "true", "retry", "10ms", NULL};
    wse_test_instance instance;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        prepare(&instance, NULL);
        wse_test_config_set(instance.config, "retry", "20ms");
        wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        has(instance.error.text, wrong[i].sentence);
        has_not(instance.error.text, "hush");
        assert_true(wse_test_instance_close(&instance));
    }
    open_module(&instance, fine);
    assert_true(wse_test_instance_close(&instance));
}

static int begin(void **state) {
    static const char *const arguments[] = {"/usr/bin/python3", WSE_WEBHOOK_SERVER, SECRET,
                                            OLD_SECRET, NULL};
    char port[16];
    (void)state;
    module = wse_test_load(MODULE_FILE);
    application = child_start(arguments);
    child_read_line(&application, port, sizeof port);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/events?key=1", port);
    return 0;
}

static int end(void **state) {
    (void)state;
    child_stop(&application);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_events_in_their_order),
        cmocka_unit_test(signs_with_every_secret),
        cmocka_unit_test(splits_what_is_too_large_for_one_request),
        cmocka_unit_test(sends_again_what_was_not_taken),
        cmocka_unit_test(waits_as_long_as_it_is_told_within_a_bound),
        cmocka_unit_test(drops_what_is_refused_if_it_may),
        cmocka_unit_test(runs_the_commands_of_an_answer),
        cmocka_unit_test(goes_on_when_the_server_has_taken_the_commands),
        cmocka_unit_test(gives_up_what_is_under_way_when_the_server_stops),
        cmocka_unit_test(says_which_events_it_wants),
        cmocka_unit_test(asks_the_application),
        cmocka_unit_test(grants_nothing_without_a_plain_yes),
        cmocka_unit_test(bounds_how_much_is_asked_at_once),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
