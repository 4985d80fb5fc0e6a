/* SPDX-License-Identifier: MIT
 * snapshot_redis.so as the server meets it, with a real Redis behind it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "snapshot_case.h"
#include "support/child.h"
#include "support/with_cmocka.h"

#define PASSWORD "hush-4f1d"

static const wse_module_def *module;
static child server;
static char directory[] = "/tmp/wse-redis-XXXXXX";
static char socket_path[64], url[160];
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

/* Sends text to the server's Unix socket, and gives the start of what comes back. */
static bool talk(const char *text, char *reply, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ssize_t n = -1;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        char whole[4096];
        snprintf(whole, sizeof whole, "AUTH " PASSWORD "\r\n%s\r\nQUIT\r\n", text);
        n = send(fd, whole, strlen(whole), MSG_NOSIGNAL);
        for (size_t length = 0; n > 0 && length + 1 < size; length += (size_t)n) {
            n = recv(fd, reply + length, size - length - 1, 0);
            reply[length + (n > 0 ? (size_t)n : 0)] = '\0';
        }
    }
    close(fd);
    return n >= 0;
}

static void command(const char *text) {
    char reply[4096];
    assert_true(talk(text, reply, sizeof reply));
    if (strstr(reply, "-ERR")) fail_msg("%s: %s", text, reply);
}

static void start_redis(void) {
    char port_text[16], reply[256] = "";
    const char *const arguments[] = {"redis-server",
                                     "--port",
                                     port_text,
                                     "--bind",
                                     "127.0.0.1",
                                     "--unixsocket",
                                     socket_path,
                                     "--save",
                                     "",
                                     "--requirepass",
                                     PASSWORD,
                                     "--logfile",
                                     "/dev/null",
                                     "--dir",
                                     directory,
                                     NULL};
    snprintf(port_text, sizeof port_text, "%d", port);
    server = child_start(arguments);
    while (!talk("PING", reply, sizeof reply) || !strstr(reply, "PONG")) usleep(2000);
}

static void prepare(wse_test_instance *instance, const char *const options[]) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "url", url);
    wse_test_config_set(instance->config, "timeout", "60s");
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(instance->config, options[i], options[i + 1]);
}

static int count(const wse_test_instance *instance, const char *event) {
    int found = 0;
    const char *at = wse_test_host_log(instance->host);
    while ((at = strstr(at, event)) != NULL) {
        ++found;
        at += strlen(event);
    }
    return found;
}

static bool is_connected(void *p) {
    return count(p, "redis.connected") > count(p, "redis.lost");
}

static bool is_lost(void *p) {
    return count(p, "redis.lost") > 0;
}

static void open_module(wse_test_instance *instance, const char *const options[]) {
    prepare(instance, options);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
    assert_true(wse_test_host_turn_until(instance->host, is_connected, instance));
}

static void close_module(wse_test_instance *instance) {
    assert_null(strstr(wse_test_host_log(instance->host), PASSWORD));
    assert_true(wse_test_instance_close(instance));
}

static void logged(const wse_test_instance *instance, const char *part) {
    if (!strstr(wse_test_host_log(instance->host), part))
        fail_msg("no '%s' in '%s'", part, wse_test_host_log(instance->host));
}

static void gives_the_string_of_a_topic(void **state) {
    static const char *const options[] = {"type", "orders_snapshot", NULL};
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    command("SET wse:snapshot:a '{\"x\":[1,2]}'");
    command("SET wse:snapshot:b '{\"data\":3,\"epoch\":\"0000002a\",\"offset\":17}'");
    command("SET wse:snapshot:c '{\"x\":'");
    command("RPUSH wse:snapshot:d 1");
    open_module(&instance, options);
    assert_int_equal(snapshot_ask(&instance, "a", &token), WSE_OK);
    assert_string_equal(token.data, "{\"x\":[1,2]}");
    assert_string_equal(token.type, "orders_snapshot");
    assert_false(token.has_position);
    wse_snapshot_token_clear(&token);
    assert_int_equal(snapshot_ask(&instance, "b", &token), WSE_OK);
    assert_string_equal(token.data, "3");
    assert_int_equal(token.epoch, 42);
    assert_int_equal(token.offset, 17);
    wse_snapshot_token_clear(&token);
    snapshot_fails(&instance, "none", WSE_ENOTFOUND);
    snapshot_fails(&instance, "c", WSE_EIO);
    logged(&instance, "key=\"wse:snapshot:c\" problem=\"the value is not JSON");
    snapshot_fails(&instance, "d", WSE_EIO);
    logged(&instance, "key=\"wse:snapshot:d\" problem=\"the key is of another type\"");
    assert_int_equal(wse_test_host_counter(instance.host, "missing"), 1);
    assert_int_equal(((const wse_snapshot_ops *)module->ops)->per_user(instance.self), 0);
    close_module(&instance);
}

static void makes_objects_and_arrays_of_hashes_and_lists(void **state) {
    static const char *const options[] = {"key", "{topic}", "type_of_key", "auto", NULL};
    static const char *const hash[] = {"key", "{topic}", "type_of_key", "hash", NULL};
    static const char *const list[] = {"key", "{topic}", "type_of_key", "list", NULL};
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    command(
        "HSET h name 'J\xc3\xbcrgen \"J\"' age 42 zip 01234 ok true gone null more '{\"a\":1}'");
    command("RPUSH l '{\"a\":1}' two 3");
    command("SET s '[1]'");
    command("SADD set x");
    command("HSET place data '{\"a\":1}' epoch 0000002a offset 17");
    command("HSET noplace data '{\"a\":1}' epoch 42 offset 17");
    command("HSET binary x '\"\xff\"'");
    open_module(&instance, options);
    snapshot_is(&instance, "h",
                "{\"name\":\"J\xc3\xbcrgen \\\"J\\\"\",\"age\":42,\"zip\":\"01234\",\"ok\":true,"
                "\"gone\":null,\"more\":{\"a\":1}}");
    snapshot_is(&instance, "l", "[{\"a\":1},\"two\",3]");
    snapshot_is(&instance, "s", "[1]");
    snapshot_fails(&instance, "none", WSE_ENOTFOUND);
    snapshot_fails(&instance, "set", WSE_EIO);
    snapshot_fails(&instance, "noplace", WSE_EIO);
    snapshot_fails(&instance, "binary", WSE_EIO);
    assert_int_equal(snapshot_ask(&instance, "place", &token), WSE_OK);
    assert_string_equal(token.data, "{\"a\":1}");
    assert_true(token.has_position);
    assert_int_equal(token.epoch, 42);
    wse_snapshot_token_clear(&token);
    close_module(&instance);

    open_module(&instance, hash);
    snapshot_fails(&instance, "l", WSE_EIO);
    snapshot_fails(&instance, "none", WSE_ENOTFOUND);
    close_module(&instance);
    open_module(&instance, list);
    snapshot_is(&instance, "l", "[{\"a\":1},\"two\",3]");
    close_module(&instance);
}

static void puts_topic_and_user_into_the_key(void **state) {
    static const char *const options[] = {"key", "x:{user}:{topic}", NULL};
    const snapshot_question question = {.topic = "t y", .user = "u"};
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    command("SET 'x:u:t y' 1");
    open_module(&instance, options);
    assert_int_equal(((const wse_snapshot_ops *)module->ops)->per_user(instance.self), 1);
    assert_int_equal(snapshot_begin(&instance, &question, &token), WSE_OK);
    snapshot_wait(&instance, &token);
    assert_string_equal(token.data, "1");
    wse_snapshot_token_clear(&token);
    close_module(&instance);
}

static void reads_no_more_than_the_limit(void **state) {
    static const char *const options[] = {"key", "{topic}", "type_of_key", "auto", "limit",
                                          "1k",  "timeout", "60s",         NULL};
    const snapshot_question big = {.topic = "manybig"}, small = {.topic = "small"};
    wse_test_instance instance;
    wse_snapshot_token tokens[2];
    (void)state;
    command("SET small 1");
    command("EVAL \"redis.call('SET','fits','\\\"' .. string.rep('x',1022) .. '\\\"')\" 0");
    command("EVAL \"redis.call('SET','big','\\\"' .. string.rep('x',1023) .. '\\\"')\" 0");
    command("EVAL \"redis.call('SET','huge',string.rep('x',10000000))\" 0");
    command("EVAL \"redis.call('RPUSH','onebig',string.rep('x',10000000))\" 0");
    command("EVAL \"for i=1,100000 do redis.call('RPUSH','manybig','1') end\" 0");
    command("EVAL \"for i=1,20 do redis.call('RPUSH','justbig',string.rep('x',100)) end\" 0");
    open_module(&instance, options);
    snapshot_fails(&instance, "big", WSE_ETOOBIG);
    snapshot_fails(&instance, "huge", WSE_ETOOBIG);
    for (int i = 0; i < 2; ++i) {
        snapshot_fails(&instance, i == 0 ? "onebig" : "justbig", WSE_ETOOBIG);
        assert_true(wse_test_host_turn_until(instance.host, is_connected, &instance));
    }
    /* What comes behind a reply that is too large is asked again. */
    assert_int_equal(snapshot_begin(&instance, &big, &tokens[0]), WSE_OK);
    assert_int_equal(snapshot_begin(&instance, &small, &tokens[1]), WSE_OK);
    for (int i = 0; i < 2; ++i) snapshot_wait(&instance, &tokens[i]);
    assert_int_equal(tokens[0].status, WSE_ETOOBIG);
    assert_int_equal(tokens[1].status, WSE_OK);
    wse_snapshot_token_clear(&tokens[1]);
    {
        wse_snapshot_token token;
        assert_int_equal(snapshot_ask(&instance, "fits", &token), WSE_OK);
        assert_int_equal(token.data_size, 1024);
        wse_snapshot_token_clear(&token);
    }
    close_module(&instance);
}

static void reads_one_large_value_after_the_other(void **state) {
    static const char *const options[] = {"key",     "{topic}", "limit", "512k",
                                          "timeout", "60s",     NULL};
    wse_test_instance instance;
    (void)state;
    command("EVAL \"redis.call('SET','large','\\\"' .. string.rep('x',500000) .. '\\\"')\" 0");
    open_module(&instance, options);
    for (int i = 0; i < 3; ++i) snapshot_fails(&instance, "large", WSE_OK);
    close_module(&instance);
}

static bool has_answer(void *p) {
    wse_test_instance *instance = p;
    wse_snapshot_token token;
    const int32_t status = snapshot_ask(instance, "a", &token);
    wse_snapshot_token_clear(&token);
    return status == WSE_OK;
}

static void comes_back_after_a_restart_of_redis(void **state) {
    wse_test_instance instance;
    const char *lost;
    (void)state;
    command("SET wse:snapshot:a 1");
    open_module(&instance, NULL);
    snapshot_is(&instance, "a", "1");
    child_stop(&server);
    snapshot_fails(&instance, "a", WSE_EAGAIN);
    snapshot_fails(&instance, "a", WSE_EAGAIN);
    assert_int_equal(wse_test_host_counter(instance.host, "unavailable"), 2);
    start_redis();
    command("SET wse:snapshot:a 2");
    assert_true(wse_test_host_turn_until(instance.host, has_answer, &instance));
    snapshot_is(&instance, "a", "2");
    /* Told once, however often it was tried. */
    lost = strstr(wse_test_host_log(instance.host), "0 redis.lost url=redis://127.0.0.1:");
    assert_non_null(lost);
    assert_null(strstr(lost + strlen("0 redis.lost"), "redis.lost"));
    close_module(&instance);
}

static void ends_a_question_that_redis_is_slow_with(void **state) {
    static const char *const options[] = {"timeout", "100ms", NULL};
    wse_test_instance instance;
    (void)state;
    command("SET wse:snapshot:a 1");
    open_module(&instance, options);
    kill(server.pid, SIGSTOP);
    snapshot_fails(&instance, "a", WSE_ETIMEDOUT);
    snapshot_fails(&instance, "a", WSE_ETIMEDOUT);
    kill(server.pid, SIGCONT);
    assert_true(wse_test_host_turn_until(instance.host, has_answer, &instance));
    close_module(&instance);
}

static void says_why_it_is_not_let_in(void **state) {
    wse_test_instance instance;
    char wrong[128];
    (void)state;
    snprintf(wrong, sizeof wrong, "redis://:" PASSWORD "x@127.0.0.1:%d", port);
    prepare(&instance, NULL);
    wse_test_config_set(instance.config, "url", wrong);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_true(wse_test_host_turn_until(instance.host, is_lost, &instance));
    snapshot_fails(&instance, "a", WSE_EAGAIN);
    logged(&instance, "problem=\"AUTH was answered WRONGPASS\"");
    close_module(&instance);

    snprintf(wrong, sizeof wrong, "redis://127.0.0.1:%d", port);
    prepare(&instance, NULL);
    wse_test_config_set(instance.config, "url", wrong);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    assert_true(wse_test_host_turn_until(instance.host, is_lost, &instance));
    snapshot_fails(&instance, "a", WSE_EAGAIN);
    logged(&instance, "problem=\"PING was answered NOAUTH\"");
    close_module(&instance);
}

static void selects_the_database_and_takes_a_user(void **state) {
    char other[160];
    const char *const options[] = {"url", other, NULL};
    wse_test_instance instance;
    (void)state;
    snprintf(other, sizeof other, "redis://default:hush%%2D4f1d@localhost:%d/3", port);
    command("SELECT 3\r\nSET wse:snapshot:a '\"of three\"'");
    open_module(&instance, options);
    snapshot_is(&instance, "a", "\"of three\"");
    logged(&instance, "redis.connected url=redis://localhost:");
    close_module(&instance);
}

static void stops_at_any_time(void **state) {
    const snapshot_question question = {.topic = "a"};
    (void)state;
    for (int turns = 0; turns < 30; ++turns) {
        wse_test_instance instance;
        wse_snapshot_token token;
        prepare(&instance, NULL);
        assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
        assert_int_equal(snapshot_begin(&instance, &question, &token), WSE_OK);
        for (int i = 0; i < turns * 3; ++i) wse_test_host_turn(instance.host);
        close_module(&instance);
        assert_int_equal(token.answers, 1);
        wse_snapshot_token_clear(&token);
    }
}

static void answers_a_question_that_is_taken_back(void **state) {
    const snapshot_question question = {.topic = "a"};
    const wse_snapshot_ops *ops = module->ops;
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    open_module(&instance, NULL);
    assert_int_equal(snapshot_begin(&instance, &question, &token), WSE_OK);
    ops->cancel(instance.self, wse_test_host_service_loop(instance.host), &token);
    assert_int_equal(token.answers, 1);
    assert_int_equal(token.status, WSE_ECANCELED);
    snapshot_fails(&instance, "none", WSE_ENOTFOUND);
    assert_int_equal(token.answers, 1);
    close_module(&instance);
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } wrong[] = {
        {"url", "rediss://:" PASSWORD "@a.example", "url: is neither redis://"},
        {"url", "redis://" PASSWORD "@", "url: has no host[:port]"},
        {"url", "redis://:%zz@a.example", "url: the part before '@'"},
        {"url", "redis://a.example:0", "url: has no host[:port]"},
        {"url", "redis://a.example/x", "url: what follows the host"},
        {"url", "unix://relative", "url: unix:// wants the absolute path"},
        {"key", "{what}", "key: knows {topic} and {user}"},
        {"key", "", "key: is empty"},
        {"type", "x", "type: 'x' neither"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        prepare(&instance, NULL);
        wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        if (!strstr(instance.error.text, wrong[i].sentence)) fail_msg("'%s'", instance.error.text);
        assert_null(strstr(instance.error.text, PASSWORD));
        assert_true(wse_test_instance_close(&instance));
    }
}

static int begin(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    module = wse_test_load(MODULE_FILE);
    if (!mkdtemp(directory)) return -1;
    snprintf(socket_path, sizeof socket_path, "%s/socket", directory);
    port = free_port();
    snprintf(url, sizeof url, "redis://:" PASSWORD "@127.0.0.1:%d", port);
    start_redis();
    return 0;
}

static int end(void **state) {
    char text[128];
    (void)state;
    child_stop(&server);
    snprintf(text, sizeof text, "rm -r %s", directory);
    return system(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_string_of_a_topic),
        cmocka_unit_test(makes_objects_and_arrays_of_hashes_and_lists),
        cmocka_unit_test(puts_topic_and_user_into_the_key),
        cmocka_unit_test(reads_no_more_than_the_limit),
        cmocka_unit_test(reads_one_large_value_after_the_other),
        cmocka_unit_test(comes_back_after_a_restart_of_redis),
        cmocka_unit_test(ends_a_question_that_redis_is_slow_with),
        cmocka_unit_test(says_why_it_is_not_let_in),
        cmocka_unit_test(selects_the_database_and_takes_a_user),
        cmocka_unit_test(stops_at_any_time),
        cmocka_unit_test(answers_a_question_that_is_taken_back),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
