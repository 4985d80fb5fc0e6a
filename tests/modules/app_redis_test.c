/* SPDX-License-Identifier: MIT
 * app_redis.so as the server meets it, with a real Redis behind it. */
#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app_case.h"
#include "support/child.h"
#include "support/with_cmocka.h"

#define PASSWORD "hush-4f1d"

static const wse_module_def *module;
static child server;
static redisContext *redis;
static char directory[] = "/tmp/wse-redis-XXXXXX";
static char url[128];
static int port;

/* Chosen by the kernel, and free again a moment later. */
static int free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static bool connect_redis(void) {
    redisReply *reply;
    bool ready;
    if (redis) redisFree(redis);
    redis = redisConnect("127.0.0.1", port);
    if (redis->err) return false;
    freeReplyObject(redisCommand(redis, "AUTH %s", PASSWORD));
    reply = redisCommand(redis, "PING");
    ready = reply && reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return ready;
}

/* Every write is on the disk before it is answered. */
static void start_redis(void) {
    char port_text[16];
    const char *const arguments[] = {
        "redis-server", "--port", port_text,       "--bind", "127.0.0.1",     "--save", "",
        "--appendonly", "yes",    "--appendfsync", "always", "--requirepass", PASSWORD, "--logfile",
        "/dev/null",    "--dir",  directory,       NULL};
    snprintf(port_text, sizeof port_text, "%d", port);
    server = child_start(arguments);
    while (!connect_redis()) usleep(2000);
}

/* Fails the test on an error of the server. The caller frees it. */
static redisReply *command(const char *format, ...) {
    va_list arguments;
    redisReply *reply;
    va_start(arguments, format);
    reply = redisvCommand(redis, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) fail_msg("%s: %s", format, reply->str);
    return reply;
}

static void run(const char *text) {
    freeReplyObject(command(text));
}

static const char *field(const redisReply *entry, const char *name) {
    const redisReply *fields = entry->element[1];
    for (size_t i = 0; i + 1 < fields->elements; i += 2)
        if (strcmp(fields->element[i]->str, name) == 0) return fields->element[i + 1]->str;
    fail_msg("there is no field %s", name);
    return NULL;
}

static void has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("no '%s' in '%.2000s'", part, text);
}

static int64_t counter(const wse_test_instance *instance, const char *name) {
    return wse_test_host_counter(instance->host, name);
}

static void prepare(wse_test_instance *instance, const char *const options[]) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "url", url);
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(instance->config, options[i], options[i + 1]);
}

static void open_module(wse_test_instance *instance, const char *const options[]) {
    run("FLUSHALL");
    prepare(instance, options);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
}

static void close_module(wse_test_instance *instance) {
    if (strstr(wse_test_host_log(instance->host), PASSWORD))
        fail_msg("the password is in '%s'", wse_test_host_log(instance->host));
    assert_true(wse_test_instance_close(instance));
}

/* The stream has these events, numbered from 1 on, and nothing else. */
static void has_events(uint64_t count) {
    redisReply *all = command("XRANGE wse:events - +");
    assert_int_equal(all->elements, count);
    for (uint64_t i = 0; i < count; ++i) {
        char seq[32];
        snprintf(seq, sizeof seq, "%lu", (unsigned long)(i + 1));
        assert_string_equal(field(all->element[i], "seq"), seq);
        assert_string_equal(field(all->element[i], "epoch"), field(all->element[0], "epoch"));
    }
    freeReplyObject(all);
}

static void adds_events_in_their_order(void **state) {
    static const char *const options[] = {"groups", "billing,audit", "commands", "mine", NULL};
    const app_event events[] = {
        {.event = WSE_APP_EVENT_CONNECT, .connection = "c1", .user = "anna"},
        {.event = WSE_APP_EVENT_MESSAGE, .connection = "c1", .type = "chat", .data = "{\"n\":1}"},
    };
    wse_test_instance instance;
    wse_batch_token token;
    redisReply *reply;
    (void)state;
    open_module(&instance, options);
    app_deliver(&instance, events, 2, &token);
    app_deliver(&instance, events, 2, &token);
    has_events(4);
    reply = command("XREADGROUP GROUP billing worker COUNT 2 STREAMS wse:events >");
    has(field(reply->element[0]->element[1]->element[1], "event"),
        "{\"seq\":2,\"event\":\"message\",\"conn\":\"c1\",\"type\":\"chat\",\"data\":{\"n\":1},");
    assert_string_equal(field(reply->element[0]->element[1]->element[1], "commands"), "mine");
    freeReplyObject(reply);
    assert_int_equal(counter(&instance, "delivered"), 4);
    assert_int_equal(counter(&instance, "writes"), 2);
    close_module(&instance);
}

static void keeps_no_more_than_it_may(void **state) {
    static const char *const options[] = {"max_length", "100", NULL};
    static app_event events[1000];
    wse_test_instance instance;
    wse_batch_token token;
    redisReply *reply;
    (void)state;
    for (int i = 0; i < 1000; ++i)
        events[i] = (app_event){.event = WSE_APP_EVENT_TEXT, .data = "x"};
    open_module(&instance, options);
    app_deliver(&instance, events, 1000, &token);
    reply = command("XLEN wse:events");
    assert_in_range(reply->integer, 100, 300);
    freeReplyObject(reply);
    assert_int_equal(counter(&instance, "delivered"), 1000);
    assert_int_equal(counter(&instance, "writes"), 4);
    assert_int_equal(token.progress, 3);
    close_module(&instance);
}

/* Redis is killed again and again while events are added. */
static void adds_nothing_twice_and_leaves_nothing_out(void **state) {
    static app_event events[500];
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    for (int i = 0; i < 500; ++i)
        events[i] = (app_event){.event = WSE_APP_EVENT_TEXT, .connection = "c", .data = "x"};
    open_module(&instance, NULL);
    for (int round = 0; round < 6; ++round) {
        app_begin(&instance, events, 500, &token);
        /* Somewhere before, in or after a write. */
        for (int i = 0; i < round * 4; ++i) wse_test_host_turn(instance.host);
        child_stop(&server);
        wse_test_host_turn(instance.host);
        start_redis();
        app_wait(&instance, &token);
    }
    has_events(3000);
    assert_int_equal(counter(&instance, "delivered"), 3000);
    assert_int_equal(counter(&instance, "lost"), 0);
    close_module(&instance);
}

static void adds_nothing_twice_when_an_answer_is_lost(void **state) {
    static const char *const options[] = {"timeout", "100ms", NULL};
    const app_event events[] = {{.event = WSE_APP_EVENT_TEXT, .data = "x"},
                                {.event = WSE_APP_EVENT_TEXT, .data = "y"}};
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    open_module(&instance, options);
    app_deliver(&instance, events, 2, &token);
    kill(server.pid, SIGSTOP);
    app_begin(&instance, events, 2, &token);
    app_wait_for(&instance, "retried", 2);
    kill(server.pid, SIGCONT);
    app_wait(&instance, &token);
    has_events(4);
    close_module(&instance);
}

static void waits_while_redis_refuses(void **state) {
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    open_module(&instance, NULL);
    run("SET wse:events x");
    app_begin(&instance, &event, 1, &token);
    app_wait_for_log(&instance, "0 delivery.failed url=redis://127.0.0.1:");
    has(wse_test_host_log(instance.host), "problem=\"XADD was answered WRONGTYPE\"");
    assert_int_equal(token.answers, 0);
    run("DEL wse:events");
    app_wait(&instance, &token);
    has(wse_test_host_log(instance.host), "2 delivery.resumed");
    has_events(1);
    close_module(&instance);
}

static void gives_up_what_is_under_way_when_the_server_stops(void **state) {
    const app_event events[] = {{.event = WSE_APP_EVENT_TEXT, .data = "x"},
                                {.event = WSE_APP_EVENT_TEXT, .data = "y"}};
    wse_test_instance instance;
    wse_batch_token token;
    (void)state;
    run("FLUSHALL");
    prepare(&instance, NULL);
    wse_test_config_set(instance.config, "url", "unix:///nonexistent/redis.sock");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    app_begin(&instance, events, 2, &token);
    app_wait_for_log(&instance, "0 redis.lost url=unix:///nonexistent/redis.sock");
    app_stop(&instance);
    assert_int_equal(counter(&instance, "lost"), 2);
    assert_int_equal(token.answers, 1);
    app_close_stopped(&instance);
}

static void runs_commands_and_tells_results(void **state) {
    static const char *const options[] = {"commands", "mine", NULL};
    wse_test_instance instance;
    wse_test_commands commands;
    redisReply *replies;
    (void)state;
    open_module(&instance, options);
    freeReplyObject(command("XADD mine * method conn.send_text params %s",
                            "{\"conn\":\"c1\",\"text\":\"hi\"}"));
    freeReplyObject(
        command("XADD mine * method publish params %s reply out id p1", "{\"topic\":\"t\"}"));
    freeReplyObject(command("XADD mine * method conn.fly reply out id f1"));
    freeReplyObject(
        command("XADD mine * method conn.close params %s reply out", "{\"conn\":\"c1\"}"));
    wse_test_host_set_called(instance.host, WSE_OK, "{\"n\":1}");
    app_wait_for(&instance, "commands", 4);
    commands = wse_test_host_commands(instance.host);
    assert_int_equal(commands.count, 2);
    assert_int_equal(commands.items[0].command, WSE_APP_SEND_TEXT);
    assert_int_equal(commands.items[1].command, WSE_APP_CLOSE);
    assert_memory_equal(wse_test_host_calls(instance.host).items[0].operation.data, "publish", 7);
    for (;;) { /* what is handled is removed, and then everything has been told */
        redisReply *left = command("XLEN mine");
        const long long count = left->integer;
        freeReplyObject(left);
        if (count == 0) break;
        wse_test_host_turn(instance.host);
    }
    replies = command("XRANGE out - +");
    assert_int_equal(replies->elements, 3);
    assert_string_equal(field(replies->element[0], "id"), "f1");
    assert_string_equal(field(replies->element[0], "ok"), "false");
    has(field(replies->element[0], "error"), "\"code\":\"invalid\"");
    assert_string_equal(field(replies->element[1], "id"), "p1");
    assert_string_equal(field(replies->element[1], "ok"), "true");
    assert_string_equal(field(replies->element[1], "result"), "{\"n\":1}");
    freeReplyObject(replies);
    assert_int_equal(counter(&instance, "commands_failed"), 1);
    close_module(&instance);
}

static void runs_each_command_once_while_redis_comes_and_goes(void **state) {
    static const char *const options[] = {"commands", "mine", "max_commands", "8", NULL};
    wse_test_instance instance;
    (void)state;
    open_module(&instance, options);
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 50; ++i)
            freeReplyObject(
                command("XADD mine * method publish params {\"n\":%d}", round * 50 + i));
        app_wait_for(&instance, "commands", round * 50 + 20);
        child_stop(&server);
        wse_test_host_turn(instance.host);
        start_redis();
        app_wait_for(&instance, "commands", (round + 1) * 50);
    }
    assert_int_equal(wse_test_host_calls(instance.host).count, 200);
    for (int i = 0; i < 200; ++i) {
        char params[32];
        const wse_bytes came = wse_test_host_calls(instance.host).items[i].params;
        snprintf(params, sizeof params, "{\"n\":%d}", i);
        assert_int_equal(came.len, strlen(params));
        assert_memory_equal(came.data, params, came.len);
    }
    close_module(&instance);
}

static void takes_over_what_a_killed_server_had_read(void **state) {
    static const char *const options[] = {"commands", "mine", NULL};
    wse_test_instance instance;
    (void)state;
    run("FLUSHALL");
    run("XGROUP CREATE mine wse 0 MKSTREAM");
    freeReplyObject(command("XADD mine * method publish params {\"n\":1}"));
    run("XREADGROUP GROUP wse wsed STREAMS mine >");
    freeReplyObject(command("XADD mine * method publish params {\"n\":2}"));
    prepare(&instance, options);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    app_wait_for(&instance, "commands", 2);
    assert_memory_equal(wse_test_host_calls(instance.host).items[0].params.data, "{\"n\":1}", 7);
    close_module(&instance);
}

static void says_why_it_is_not_let_in(void **state) {
    char wrong[128];
    wse_test_instance instance;
    (void)state;
    snprintf(wrong, sizeof wrong, "redis://:" PASSWORD "x@127.0.0.1:%d", port);
    prepare(&instance, NULL);
    wse_test_config_set(instance.config, "url", wrong);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    app_wait_for_log(&instance, "problem=\"AUTH was answered WRONGPASS\"");
    close_module(&instance);
}

static void stops_at_any_time(void **state) {
    static const char *const options[] = {"commands", "mine", "groups", "billing", NULL};
    const app_event event = {.event = WSE_APP_EVENT_TEXT, .data = "x"};
    (void)state;
    for (int turns = 0; turns < 30; ++turns) {
        wse_test_instance instance;
        wse_batch_token token;
        open_module(&instance, options);
        app_begin(&instance, &event, 1, &token);
        for (int i = 0; i < turns * 3; ++i) wse_test_host_turn(instance.host);
        close_module(&instance);
        assert_int_equal(token.answers, 1);
    }
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } wrong[] = {
        {"url", "rediss://:" PASSWORD "@a.example", "url: is neither redis://"},
        {"stream", "", "stream: is empty"},
        {"commands", "wse:events", "commands: is the stream of the events"},
        {"commands_group", "", "commands_group: is empty"},
        {"events", "connects", "events: there is no event 'connects'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        prepare(&instance, NULL);
        wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        has(instance.error.text, wrong[i].sentence);
        assert_null(strstr(instance.error.text, PASSWORD));
        assert_true(wse_test_instance_close(&instance));
    }
}

static int begin(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    module = wse_test_load(MODULE_FILE);
    if (!mkdtemp(directory)) return -1;
    port = free_port();
    snprintf(url, sizeof url, "redis://:" PASSWORD "@127.0.0.1:%d", port);
    start_redis();
    return 0;
}

static int end(void **state) {
    char text[128];
    (void)state;
    redisFree(redis);
    child_stop(&server);
    snprintf(text, sizeof text, "rm -r %s", directory);
    return system(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_events_in_their_order),
        cmocka_unit_test(keeps_no_more_than_it_may),
        cmocka_unit_test(adds_nothing_twice_and_leaves_nothing_out),
        cmocka_unit_test(adds_nothing_twice_when_an_answer_is_lost),
        cmocka_unit_test(waits_while_redis_refuses),
        cmocka_unit_test(gives_up_what_is_under_way_when_the_server_stops),
        cmocka_unit_test(runs_commands_and_tells_results),
        cmocka_unit_test(runs_each_command_once_while_redis_comes_and_goes),
        cmocka_unit_test(takes_over_what_a_killed_server_had_read),
        cmocka_unit_test(says_why_it_is_not_let_in),
        cmocka_unit_test(stops_at_any_time),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
