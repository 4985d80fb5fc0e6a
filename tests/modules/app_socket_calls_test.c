/* SPDX-License-Identifier: MIT
 * app_socket.so: calls of backends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_socket_case.h"
#include "support/with_cmocka.h"

static bool is(wse_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && (bytes.len == 0 || !memcmp(bytes.data, text, bytes.len));
}

static void assert_is(wse_bytes bytes, const char *text) {
    if (!is(bytes, text))
        fail_msg("'%.*s' is not '%s'", (int)bytes.len, (const char *)bytes.data, text);
}

static wse_test_commands commands(void) {
    return wse_test_host_commands(instance.host);
}

static void calls_operations_of_the_server(void **state) {
    peer *backend;
    wse_test_calls calls;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_OK, "{\"offset\":3}");
    peer_say(backend,
             "{\"op\":\"call\",\"id\":2,\"method\":\"publish\",\"params\":{\"topic\": \"a\"}}");
    peer_hears(backend, "{\"op\":\"result\",\"id\":2,\"ok\":true,\"result\":{\"offset\":3}}");
    calls = wse_test_host_calls(instance.host);
    assert_int_equal(calls.count, 1);
    assert_is(calls.items[0].operation, "publish");
    assert_is(calls.items[0].params, "{\"topic\": \"a\"}");
    assert_int_equal(app_counter("calls"), 1);
    app_end();
}

static void tells_of_calls_that_fail(void **state) {
    static const struct {
        int32_t status;
        const char *answer, *wanted;
    } cases[] = {
        {WSE_EINVAL, "{\"code\":\"invalid\",\"message\":\"topic: empty\"}",
         "{\"code\":\"invalid\",\"message\":\"topic: empty\"}}"},
        {WSE_EDENIED, NULL, "{\"code\":\"denied\",\"message\":"},
        {WSE_ETOOBIG, NULL, "{\"code\":\"too_large\",\"message\":"},
        {WSE_EIO, "no object", "{\"code\":\"failed\",\"message\":"},
    };
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char wanted[128];
        wse_test_host_set_called(instance.host, cases[i].status, cases[i].answer);
        peer_say(backend, "{\"op\":\"call\",\"id\":\"q\",\"method\":\"publish\"}");
        snprintf(wanted, sizeof wanted, "{\"op\":\"result\",\"id\":\"q\",\"ok\":false,\"error\":%s",
                 cases[i].wanted);
        peer_hears_of(backend, wanted);
    }
    app_end();
}

static void needs_no_id_and_tells_nothing_then(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    peer_say(backend, "{\"op\":\"call\",\"method\":\"publish\",\"params\":{}}");
    peer_say(backend, "{\"op\":\"call\",\"method\":\"conn.send\",\"params\":{}}");
    peer_hears_nothing(backend);
    app_turn();
    peer_hears_nothing(backend);
    assert_int_equal(wse_test_host_calls(instance.host).count, 1);
    assert_int_equal(commands().count, 0);
    app_end();
}

static void commands_connections(void **state) {
    static const struct {
        const char *call, *data;
        uint32_t command, code;
    } cases[] = {
        {"\"conn.send_text\",\"params\":{\"conn\":\"c1\",\"text\":\"a\\n\"}", "a\n",
         WSE_APP_SEND_TEXT, 0},
        {"\"conn.send_binary\",\"params\":{\"conn\":\"c1\",\"data\":\"//4=\"}", "\xff\xfe",
         WSE_APP_SEND_BINARY, 0},
        {"\"conn.close\",\"params\":{\"conn\":\"c1\"}", "", WSE_APP_CLOSE, 1000},
        {"\"conn.close\",\"params\":{\"conn\":\"c1\",\"code\":4001,\"reason\":\"r\"}", "r",
         WSE_APP_CLOSE, 4001},
        {"\"conn.acl\",\"params\":{\"conn\":\"c1\",\"allow\":[\"a:*\"]}", "{\"allow\":[\"a:*\"]}",
         WSE_APP_SET_ACL, 0},
        {"\"conn.acl\",\"params\":{\"conn\":\"c1\",\"deny\":[],\"allow\":[]}",
         "{\"allow\":[],\"deny\":[]}", WSE_APP_SET_ACL, 0},
        {"\"conn.presence\",\"params\":{\"conn\":\"c1\",\"data\":{\"x\":1}}", "{\"x\":1}",
         WSE_APP_SET_PRESENCE, 0},
        {"\"conn.unsubscribe\",\"params\":{\"conn\":\"c1\"}", "", WSE_APP_UNSUBSCRIBE, 0},
    };
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char text[256];
        snprintf(text, sizeof text, "{\"op\":\"call\",\"id\":1,\"method\":%s}", cases[i].call);
        peer_say(backend, text);
        peer_hears(backend, "{\"op\":\"result\",\"id\":1,\"ok\":true,\"result\":{}}");
        assert_int_equal(commands().count, i + 1);
        assert_int_equal(commands().items[i].command, cases[i].command);
        assert_is(commands().items[i].connection, "c1");
        assert_is(commands().items[i].topic, "");
        assert_is(commands().items[i].data, cases[i].data);
        assert_int_equal(commands().items[i].code, cases[i].code);
    }
    app_end();
}

static void sends_messages(void **state) {
    const wse_message *message;
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    peer_say(backend,
             "{\"op\":\"call\",\"id\":1,\"method\":\"conn.send\",\"params\":{\"conn\":\"c1\","
             "\"type\":\"news\",\"payload\":{\"a\":1},\"priority\":8,\"id\":\"m1\","
             "\"extra\":{\"cid\":\"7\"}}}");
    peer_hears_of(backend, "\"ok\":true");
    assert_int_equal(commands().items[0].command, WSE_APP_SEND);
    message = commands().items[0].message;
    assert_is(message->type, "news");
    assert_is(message->payload, "{\"a\":1}");
    assert_is(message->id, "m1");
    assert_is(message->extra, "{\"cid\":\"7\"}");
    assert_int_equal(message->priority, 8);
    peer_say(backend,
             "{\"op\":\"call\",\"id\":1,\"method\":\"conn.send\",\"params\":{\"conn\":\"c1\","
             "\"type\":\"news\",\"id\":null}}");
    peer_hears_of(backend, "\"ok\":true");
    message = commands().items[1].message;
    assert_is(message->payload, "{}");
    assert_int_equal(message->priority, 0);
    app_end();
}

static void subscribes_to_topics_one_by_one(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_OK,
                             "{\"subscribed\":[\"x\"],\"failed\":[],\"recovery\":{\"x\":{}}}");
    peer_say(backend,
             "{\"op\":\"call\",\"id\":1,\"method\":\"conn.subscribe\",\"params\":{\"conn\":\"c1\","
             "\"topics\":[\"a\",\"b\\\"\"],\"presence_data\":{\"n\":1},\"queue_group\":\"g\","
             "\"recover\":true,\"epoch\":\"0a1b2c3d\",\"offset\":4,\"params\":{\"p\":2}}}");
    peer_hears(backend,
               "{\"op\":\"result\",\"id\":1,\"ok\":true,\"result\":{\"subscribed\":[\"x\",\"x\"],"
               "\"failed\":[],\"recovery\":{\"x\":{},\"x\":{}}}}");
    assert_int_equal(commands().count, 2);
    assert_is(commands().items[0].topic, "a");
    assert_is(commands().items[0].data,
              "{\"presence\":{\"n\":1},\"queue_group\":\"g\",\"recover\":true,\"params\":{\"p\":2},"
              "\"recovery\":{\"a\":{\"epoch\":\"0a1b2c3d\",\"offset\":4}}}");
    assert_is(commands().items[1].topic, "b\"");
    assert_non_null(strstr(commands().items[1].data.data, "\"recovery\":{\"b\\\"\":{"));
    peer_say(backend,
             "{\"op\":\"call\",\"id\":2,\"method\":\"conn.unsubscribe\",\"params\":{"
             "\"conn\":\"c1\",\"topic\":\"a\"}}");
    peer_hears_of(backend, "\"id\":2,\"ok\":true");
    assert_int_equal(commands().items[2].command, WSE_APP_UNSUBSCRIBE);
    assert_is(commands().items[2].topic, "a");
    /* A list of none is not all. */
    peer_say(backend,
             "{\"op\":\"call\",\"id\":3,\"method\":\"conn.unsubscribe\",\"params\":{"
             "\"conn\":\"c1\",\"topics\":[]}}");
    peer_hears_of(backend, "\"id\":3,\"ok\":false,\"error\":{\"code\":\"invalid\"");
    assert_int_equal(commands().count, 3);
    app_end();
}

static void says_what_is_wrong_with_a_command(void **state) {
    static const struct {
        const char *call, *sentence;
    } cases[] = {
        {"\"conn.send\",\"params\":{\"type\":\"t\"}", "conn: "},
        {"\"conn.send\",\"params\":{\"conn\":\"c1\"}", "type: "},
        {"\"conn.send\",\"params\":{\"conn\":\"c1\",\"type\":\"t\",\"payload\":1}", "payload: "},
        {"\"conn.send\",\"params\":{\"conn\":\"c1\",\"type\":\"t\",\"priority\":11}", "priority: "},
        {"\"conn.send\",\"params\":{\"conn\":\"c1\",\"type\":\"t\",\"extra\":[]}", "extra: "},
        {"\"conn.send_text\",\"params\":{\"conn\":\"c1\"}", "text: "},
        {"\"conn.send_binary\",\"params\":{\"conn\":\"c1\",\"data\":\"?\"}", "data: "},
        {"\"conn.send_binary\",\"params\":{\"conn\":\"c1\",\"data\":\"_-4=\"}", "data: "},
        {"\"conn.close\",\"params\":{\"conn\":\"c1\",\"code\":999}", "code: "},
        {"\"conn.acl\",\"params\":{\"conn\":\"c1\",\"allow\":1}", "allow: "},
        {"\"conn.presence\",\"params\":{\"conn\":\"c1\"}", "data: "},
        {"\"conn.subscribe\",\"params\":{\"conn\":\"c1\"}", "topic: "},
        {"\"conn.subscribe\",\"params\":{\"conn\":\"c1\",\"topics\":[\"\"]}", "topics: "},
        {"\"conn.dance\",\"params\":{\"conn\":\"c1\"}", "method: "},
        {"\"conn.send\",\"params\":[]", "params: "},
    };
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char text[256], wanted[128];
        snprintf(text, sizeof text, "{\"op\":\"call\",\"id\":1,\"method\":%s}", cases[i].call);
        peer_say(backend, text);
        snprintf(wanted, sizeof wanted, "\"error\":{\"code\":\"invalid\",\"message\":\"%s",
                 cases[i].sentence);
        peer_hears_of(backend, wanted);
    }
    assert_int_equal(commands().count, 0);
    app_end();
}

static void tells_that_a_connection_has_gone(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_ENOTFOUND, NULL);
    peer_say(backend,
             "{\"op\":\"call\",\"id\":1,\"method\":\"conn.close\",\"params\":{\"conn\":\"c\"}}");
    peer_hears_of(backend, "\"ok\":false,\"error\":{\"code\":\"not_found\"");
    app_end();
}

static void keeps_the_order_of_pipelined_commands(void **state) {
    enum { kMany = 500 };
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    for (int i = 0; i < kMany; ++i) {
        char text[128];
        snprintf(text, sizeof text,
                 "{\"op\":\"call\",\"id\":%d,\"method\":\"conn.send_text\",\"params\":{\"conn\":"
                 "\"c1\",\"text\":\"%d\"}}",
                 i, i);
        peer_say(backend, text);
    }
    for (int i = 0; i < kMany; ++i) {
        char text[64];
        snprintf(text, sizeof text, "{\"op\":\"result\",\"id\":%d,\"ok\":true,\"result\":{}}", i);
        peer_hears(backend, text);
        snprintf(text, sizeof text, "%d", i);
        assert_is(commands().items[i].data, text);
    }
    app_end();
}

static void say_calls(peer *backend, int count) {
    for (int i = 0; i < count; ++i)
        peer_say(backend,
                 "{\"op\":\"call\",\"id\":1,\"method\":\"conn.close\",\"params\":{"
                 "\"conn\":\"c1\"}}");
}

/* In one turn the host answers those under way, and each answer makes room for another one. */
static void reads_no_more_than_so_many_calls_at_a_time(void **state) {
    peer *backend;
    uint64_t before = 0;
    (void)state;
    app_begin("max_calls", "4", NULL);
    backend = peer_hello("");
    say_calls(backend, 30);
    while (commands().count < 30) {
        app_turn();
        assert_true(commands().count - before <= 8);
        before = commands().count;
    }
    for (int i = 0; i < 30; ++i) peer_hears_of(backend, "\"ok\":true");
    app_end();
}

static bool has_commands(void *p) {
    return commands().count >= *(const uint64_t *)p;
}

static void waits_for_a_server_that_has_no_room(void **state) {
    uint64_t wanted = 6;
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_EAGAIN, NULL);
    say_calls(backend, 3);
    peer_say(backend, "{\"op\":\"call\",\"id\":1,\"method\":\"publish\"}");
    say_calls(backend, 3);
    for (int i = 0; i < 20; ++i) app_turn();
    assert_int_equal(commands().count, 0);
    wse_test_host_set_called(instance.host, WSE_OK, NULL);
    assert_true(wse_test_host_turn_until(instance.host, has_commands, &wanted));
    for (int i = 0; i < 7; ++i) peer_hears_of(backend, "\"ok\":true");
    assert_int_equal(commands().count, 6);
    assert_int_equal(wse_test_host_calls(instance.host).count, 1);
    app_end();
}

/* What waits is in the kernel, and in the end with the backend. */
static void reads_nothing_while_a_call_waits(void **state) {
    static const char nothing[65536];
    const size_t most = 8 << 20; /* half of the frame that is said */
    size_t sent = 0;
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_EAGAIN, NULL);
    say_calls(backend, 1);
    peer_send_bytes(backend, "\0\xff\xff\xff", 4);
    for (int idle = 0; idle < 50 && sent < most; ++idle) {
        const size_t n = peer_send_some(backend, nothing, sizeof nothing);
        if (n > 0) idle = 0;
        sent += n;
        app_turn();
    }
    assert_true(sent < most);
    app_end();
}

/* Results of somebody who has gone. */
static void forgets_whose_backend_has_gone(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    say_calls(backend, 3);
    peer_close(backend);
    app_turn();
    app_turn();
    assert_int_equal(commands().count, 3);
    app_end();
}

static void cuts_off_one_who_does_not_read(void **state) {
    static char answer[60000];
    peer *backend, *other;
    (void)state;
    memset(answer, 'x', sizeof answer - 1);
    memcpy(answer, "{\"a\":\"", 6);
    memcpy(answer + sizeof answer - 3, "\"}", 2);
    app_begin("max_frame", "64k", "output_buffer", "256k", NULL);
    other = peer_hello("");
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_OK, answer);
    /* The kernel takes some of it; nothing else is read before that is. */
    for (int i = 0; i < 40; ++i)
        peer_say(backend, "{\"op\":\"call\",\"id\":1,\"method\":\"history\"}");
    while (!strstr(wse_test_host_log(instance.host), "does not read")) app_turn();
    peer_hears_nothing(other);
    app_end();
}

/* As above, with few calls under way: it waits, and all comes in the end. */
static void does_not_read_from_one_who_does_not_read(void **state) {
    static char answer[30000];
    peer *backend;
    (void)state;
    memset(answer, 'x', sizeof answer - 1);
    memcpy(answer, "{\"a\":\"", 6);
    memcpy(answer + sizeof answer - 3, "\"}", 2);
    app_begin("max_frame", "64k", "output_buffer", "256k", "max_calls", "1", NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_OK, answer);
    for (int i = 0; i < 100; ++i)
        peer_say(backend, "{\"op\":\"call\",\"id\":1,\"method\":\"history\"}");
    for (int i = 0; i < 300; ++i) app_turn();
    assert_true(wse_test_host_calls(instance.host).count < 100);
    for (int i = 0; i < 100; ++i) peer_hears_of(backend, "\"ok\":true");
    app_end();
}

/* More than the kernel holds waits when it ends. */
static void sends_what_waits_before_it_ends(void **state) {
    static char answer[60000];
    peer *backend;
    (void)state;
    memset(answer, 'x', sizeof answer - 1);
    memcpy(answer, "{\"a\":\"", 6);
    memcpy(answer + sizeof answer - 3, "\"}", 2);
    app_begin(NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_OK, answer);
    for (int i = 0; i < 40; ++i)
        peer_say(backend, "{\"op\":\"call\",\"id\":1,\"method\":\"history\"}");
    while (wse_test_host_calls(instance.host).count < 40) app_turn();
    app_turn();
    peer_say(backend, "{\"op\":\"dance\"}");
    app_await_counter("refused", 1);
    for (int i = 0; i < 40; ++i) peer_hears_of(backend, "\"ok\":true");
    peer_is_refused(backend, "bad_message");
    app_end();
}

static void tells_when_a_result_is_too_large(void **state) {
    static char answer[70000];
    peer *backend;
    (void)state;
    memset(answer, 'x', sizeof answer - 1);
    memcpy(answer, "{\"a\":\"", 6);
    memcpy(answer + sizeof answer - 3, "\"}", 2);
    app_begin("max_frame", "64k", NULL);
    backend = peer_hello("");
    wse_test_host_set_called(instance.host, WSE_OK, answer);
    peer_say(backend, "{\"op\":\"call\",\"id\":1,\"method\":\"history\"}");
    peer_hears_of(backend, "\"ok\":false,\"error\":{\"code\":\"too_large\"");
    app_end();
}

static void takes_bytes_in_messagepack(void **state) {
    /* {"op":"call","method":"conn.send_binary","params":{"conn":"c1","data":bin}} */
    static const char call[] =
        "\x83\xa2op\xa4"
        "call\xa6"
        "method\xb0"
        "conn.send_binary\xa6"
        "params"
        "\x82\xa4"
        "conn\xa2"
        "c1\xa4"
        "data\xc4\x03\0\xff\x01";
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(",\"format\":\"msgpack\"");
    peer_send(backend, call, sizeof call - 1);
    peer_say(backend,
             "\x81\xa2op\xa4"
             "ping");
    peer_hear(backend, NULL);
    assert_int_equal(commands().count, 1);
    assert_int_equal(commands().items[0].data.len, 3);
    assert_memory_equal(commands().items[0].data.data, "\0\xff\x01", 3);
    app_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_operations_of_the_server),
        cmocka_unit_test(tells_of_calls_that_fail),
        cmocka_unit_test(needs_no_id_and_tells_nothing_then),
        cmocka_unit_test(commands_connections),
        cmocka_unit_test(sends_messages),
        cmocka_unit_test(subscribes_to_topics_one_by_one),
        cmocka_unit_test(says_what_is_wrong_with_a_command),
        cmocka_unit_test(tells_that_a_connection_has_gone),
        cmocka_unit_test(keeps_the_order_of_pipelined_commands),
        cmocka_unit_test(reads_no_more_than_so_many_calls_at_a_time),
        cmocka_unit_test(waits_for_a_server_that_has_no_room),
        cmocka_unit_test(reads_nothing_while_a_call_waits),
        cmocka_unit_test(forgets_whose_backend_has_gone),
        cmocka_unit_test(cuts_off_one_who_does_not_read),
        cmocka_unit_test(does_not_read_from_one_who_does_not_read),
        cmocka_unit_test(sends_what_waits_before_it_ends),
        cmocka_unit_test(tells_when_a_result_is_too_large),
        cmocka_unit_test(takes_bytes_in_messagepack),
    };
    return cmocka_run_group_tests(tests, app_prepare, app_clean);
}
