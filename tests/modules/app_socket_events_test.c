/* SPDX-License-Identifier: MIT
 * app_socket.so: events, given out in pieces, acknowledged, and given again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_socket_case.h"
#include "support/with_cmocka.h"

#define BYTES(text)              \
    (wse_bytes) {                \
        (text), sizeof(text) - 1 \
    }

static wse_batch_token batch;

static void deliver_one(const wse_app_event *event, wse_batch_token *token) {
    memset(token, 0, sizeof *token);
    assert_int_equal(ops->deliver(instance.self, app_loop(), event, 1, token), WSE_OK);
}

static void gives_a_batch_in_pieces_and_is_done_with_the_last(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(5, &batch);
    peer_drains(backend, ",\"max\":2", 1, 2);
    peer_drains(backend, ",\"max\":2,\"ack\":1", 3, 4);
    assert_int_equal(batch.progress, 1);
    peer_drains(backend, ",\"max\":2,\"ack\":4", 5, 5);
    assert_int_equal(batch.progress, 2);
    assert_int_equal(batch.answers, 0);
    peer_say(backend, "{\"op\":\"ack\",\"seq\":5}");
    peer_hears_nothing(backend);
    assert_int_equal(batch.answers, 1);
    assert_int_equal(app_counter("events"), 5);
    assert_int_equal(app_counter("acks"), 5);
    app_end();
}

static void numbers_go_on_from_batch_to_batch(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(2, &batch);
    peer_drains(backend, "", 1, 2);
    peer_drains(backend, ",\"ack\":2", 1, 0);
    assert_int_equal(batch.answers, 1);
    app_deliver(2, &batch);
    peer_drains(backend, "", 3, 4);
    /* What is acknowledged already changes nothing. */
    peer_drains(backend, ",\"ack\":1", 1, 0);
    assert_int_equal(batch.progress, 0);
    peer_drains(backend, ",\"ack\":4", 1, 0);
    assert_int_equal(batch.answers, 1);
    app_end();
}

static void answers_a_drain_as_soon_as_there_is_one(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    peer_say(backend, "{\"op\":\"drain\",\"id\":1,\"wait_ms\":60000}");
    peer_hears_nothing(backend);
    app_deliver(3, &batch);
    peer_gets(backend, 1, 3);
    app_end();
}

static void answers_a_drain_with_nothing_when_the_time_is_over(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    peer_drains(backend, ",\"wait_ms\":20", 1, 0);
    peer_drains(backend, "", 1, 0);
    /* What was given is not given twice, but is waited for no less. */
    app_deliver(1, &batch);
    peer_drains(backend, "", 1, 1);
    peer_drains(backend, ",\"wait_ms\":20", 1, 0);
    app_end();
}

static void takes_one_drain_of_a_connection_at_a_time(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    peer_say(backend, "{\"op\":\"drain\",\"id\":1,\"wait_ms\":60000}");
    peer_say(backend, "{\"op\":\"drain\",\"id\":2}");
    peer_hears_of(backend, "{\"op\":\"error\",\"id\":2,\"code\":\"busy\"");
    app_deliver(1, &batch);
    peer_gets(backend, 1, 1);
    app_end();
}

/* Between give and acknowledgement the backend goes. */
static void gives_again_what_was_not_acknowledged(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(4, &batch);
    peer_drains(backend, ",\"max\":3", 1, 3);
    peer_say(backend, "{\"op\":\"ack\",\"seq\":1}");
    peer_hears_nothing(backend);
    peer_close(backend);
    backend = peer_hello("");
    app_turn();
    peer_drains(backend, "", 2, 4);
    peer_drains(backend, ",\"ack\":4", 1, 0);
    assert_int_equal(batch.answers, 1);
    assert_int_equal(app_counter("events"), 6);
    app_end();
}

static void believes_one_who_resumes_what_it_handled(void **state) {
    peer *backend;
    char hello[128];
    char *epoch;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    epoch = peer_member(backend, "epoch");
    app_deliver(3, &batch);
    peer_drains(backend, "", 1, 3);
    peer_close(backend);
    /* Of another run: not of these events. */
    backend = peer_hello(",\"resume\":{\"epoch\":\"0000000000000000\",\"seq\":3}");
    peer_close(backend);
    snprintf(hello, sizeof hello, ",\"resume\":{\"epoch\":\"%s\",\"seq\":2}", epoch);
    backend = peer_hello(hello);
    assert_int_equal(app_counter("acks"), 2);
    app_turn();
    peer_drains(backend, "", 3, 3);
    peer_close(backend);
    /* The acknowledgement of the last one was lost. */
    snprintf(hello, sizeof hello, ",\"resume\":{\"epoch\":\"%s\",\"seq\":3}", epoch);
    backend = peer_hello(hello);
    assert_int_equal(batch.answers, 1);
    app_deliver(1, &batch);
    peer_drains(backend, "", 4, 4);
    /* Nobody has been given this one. */
    snprintf(hello, sizeof hello,
             "{\"op\":\"hello\",\"version\":1,\"resume\":{\"epoch\":\"%s\",\"seq\":5}}", epoch);
    backend = peer_connect();
    peer_say(backend, hello);
    peer_is_refused(backend, "bad_resume");
    free(epoch);
    app_end();
}

static void says_in_its_welcome_what_is_acknowledged(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(3, &batch);
    peer_drains(backend, "", 1, 3);
    peer_say(backend, "{\"op\":\"ack\",\"seq\":2}");
    peer_hears_nothing(backend);
    backend = peer_connect();
    peer_say(backend, "{\"op\":\"hello\",\"version\":1}");
    peer_hears_of(backend, "\"seq\":2,\"max_frame\"");
    app_end();
}

static void has_one_who_drains(void **state) {
    peer *first, *second;
    (void)state;
    app_begin(NULL);
    first = peer_hello("");
    second = peer_hello("");
    app_deliver(2, &batch);
    peer_drains(first, "", 1, 2);
    peer_say(second, "{\"op\":\"drain\",\"id\":\"x\"}");
    peer_hears_of(second, "{\"op\":\"error\",\"id\":\"x\",\"code\":\"busy\"");
    /* It may help all the same: an acknowledgement is one, whoever says it. */
    peer_say(second, "{\"op\":\"ack\",\"seq\":2}");
    peer_hears_nothing(second);
    assert_int_equal(batch.answers, 1);
    peer_close(first);
    app_deliver(1, &batch);
    app_turn();
    peer_drains(second, "", 3, 3);
    app_end();
}

static void is_taken_over_when_the_hello_says_so(void **state) {
    peer *first, *second;
    (void)state;
    app_begin(NULL);
    first = peer_hello("");
    app_deliver(2, &batch);
    peer_drains(first, "", 1, 2);
    peer_say(first, "{\"op\":\"drain\",\"id\":1,\"wait_ms\":60000}");
    peer_hears_nothing(first);
    second = peer_hello(",\"takeover\":true");
    peer_drains(second, "", 1, 2);
    peer_is_refused(first, "taken_over");
    peer_drains(second, ",\"ack\":2", 1, 0);
    assert_int_equal(batch.answers, 1);
    app_end();
}

static void refuses_to_believe_what_was_not_given(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(3, &batch);
    peer_drains(backend, ",\"max\":1", 1, 1);
    peer_say(backend, "{\"op\":\"ack\",\"seq\":2}");
    peer_is_refused(backend, "bad_ack");
    assert_int_equal(batch.answers, 0);
    app_end();
}

static void takes_one_batch_at_a_time(void **state) {
    wse_app_event event = {.struct_size = sizeof event, .event = WSE_APP_EVENT_CONNECT};
    wse_batch_token second = {0};
    (void)state;
    app_begin(NULL);
    app_deliver(1, &batch);
    assert_int_equal(ops->deliver(instance.self, app_loop(), &event, 1, &second), WSE_EAGAIN);
    assert_int_equal(second.answers, 0);
    app_end();
}

static void tells_every_kind_of_event(void **state) {
    static const struct {
        wse_app_event event;
        const char *wanted;
    } cases[] = {
        {{.event = WSE_APP_EVENT_CONNECT,
          .connection = BYTES("c1"),
          .user = BYTES("alice"),
          .data = BYTES("{\"peer\":\"192.0.2.1\"}")},
         "\"event\":\"connect\",\"conn\":\"c1\",\"user\":\"alice\",\"data\":{\"peer\":\"192.0.2."
         "1\"}"
         ",\"ts\":9}"},
        {{.event = WSE_APP_EVENT_MESSAGE,
          .connection = BYTES("c1"),
          .type = BYTES("say \"x\""),
          .id = BYTES("m1"),
          .data = BYTES("{\"a\": [1, 2]}")},
         "\"event\":\"message\",\"conn\":\"c1\",\"type\":\"say \\\"x\\\"\",\"id\":\"m1\","
         "\"data\":{\"a\": [1, 2]},\"ts\":9}"},
        {{.event = WSE_APP_EVENT_TEXT, .data = BYTES("a\n\"b\"")},
         "\"event\":\"text\",\"data\":\"a\\u000a\\\"b\\\"\",\"ts\":9}"},
        {{.event = WSE_APP_EVENT_BINARY, .data = BYTES("\xff\xfe\0x")},
         "\"event\":\"binary\",\"data\":\"//4AeA==\",\"ts\":9}"},
        {{.event = WSE_APP_EVENT_SUBSCRIBE, .topic = BYTES("room:*")},
         "\"event\":\"subscribe\",\"topic\":\"room:*\",\"ts\":9}"},
        {{.event = WSE_APP_EVENT_UNSUBSCRIBE, .topic = BYTES("room:*")},
         "\"event\":\"unsubscribe\",\"topic\":\"room:*\",\"ts\":9}"},
        {{.event = WSE_APP_EVENT_JOIN, .topic = BYTES("room:1"), .data = BYTES("{}")},
         "\"event\":\"join\",\"topic\":\"room:1\",\"data\":{},\"ts\":9}"},
        {{.event = WSE_APP_EVENT_LEAVE, .topic = BYTES("room:1"), .user = BYTES("bob")},
         "\"event\":\"leave\",\"user\":\"bob\",\"topic\":\"room:1\",\"ts\":9}"},
        {{.event = WSE_APP_EVENT_DISCONNECT,
          .connection = BYTES("c1"),
          .data = BYTES("bye"),
          .code = 1001},
         "\"event\":\"disconnect\",\"conn\":\"c1\",\"reason\":\"bye\",\"code\":1001,\"ts\":9}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        wse_app_event event = cases[i].event;
        peer *backend;
        char wanted[256];
        app_begin(NULL);
        backend = peer_hello("");
        event.struct_size = sizeof event;
        event.time_ms = 9;
        deliver_one(&event, &batch);
        peer_say(backend, "{\"op\":\"drain\"}");
        snprintf(wanted, sizeof wanted, "{\"op\":\"events\",\"events\":[{\"seq\":1,%s]}",
                 cases[i].wanted);
        peer_hears(backend, wanted);
        app_end();
    }
}

/* An event of a later version of the server. */
static void leaves_out_events_that_it_does_not_know(void **state) {
    const wse_app_event event = {.struct_size = sizeof event, .event = 99};
    (void)state;
    app_begin(NULL);
    deliver_one(&event, &batch);
    assert_int_equal(batch.answers, 1);
    app_end();
}

static void is_packed(const wse_app_event *event, const char *wanted, size_t wanted_size) {
    size_t size;
    const char *heard;
    peer *backend;
    app_begin(NULL);
    backend = peer_hello(",\"format\":\"msgpack\"");
    deliver_one(event, &batch);
    peer_say(backend,
             "\x81\xa2op\xa5"
             "drain");
    heard = peer_hear(backend, &size);
    assert_non_null(memmem(heard, size, wanted, wanted_size));
    app_end();
}

static void packs_events_for_one_who_asked(void **state) {
    static const char message[] =
        "\xa4"
        "data\x82\xa1"
        "a\x01\xa1"
        "b\x92\xc0\xc3";
    static const char bytes[] =
        "\xa4"
        "data\xc4\x04\xff\xfe\0x";
    static const char text[] =
        "\xa4"
        "data\xa1x";
    static const char formless[] =
        "\xa9"
        "data_json\xad{\"a\": 1e999} ";
    const wse_app_event events[] = {
        {.struct_size = sizeof *events,
         .event = WSE_APP_EVENT_MESSAGE,
         .data = BYTES("{\"a\":1,\"b\":[null,true]}")},
        {.struct_size = sizeof *events,
         .event = WSE_APP_EVENT_BINARY,
         .data = BYTES("\xff\xfe\0x")},
        {.struct_size = sizeof *events, .event = WSE_APP_EVENT_TEXT, .data = BYTES("x")},
        {.struct_size = sizeof *events,
         .event = WSE_APP_EVENT_MESSAGE,
         .data = BYTES("{\"a\": 1e999} ")},
    };
    (void)state;
    is_packed(&events[0], message, sizeof message - 1);
    is_packed(&events[1], bytes, sizeof bytes - 1);
    is_packed(&events[2], text, sizeof text - 1);
    is_packed(&events[3], formless, sizeof formless - 1);
}

/* A frame takes two of these, and none of that. */
static void keeps_to_the_size_of_a_frame(void **state) {
    static char large[70000];
    wse_app_event events[4];
    peer *backend;
    (void)state;
    memset(large, 'x', sizeof large);
    for (int i = 0; i < 4; ++i)
        events[i] = (wse_app_event){.struct_size = sizeof *events,
                                    .event = WSE_APP_EVENT_TEXT,
                                    .data = {large, i == 3 ? 70000 : 30000}};
    app_begin("max_frame", "64k", NULL);
    backend = peer_hello("");
    memset(&batch, 0, sizeof batch);
    assert_int_equal(ops->deliver(instance.self, app_loop(), events, 4, &batch), WSE_OK);
    peer_say(backend, "{\"op\":\"drain\",\"id\":1}");
    peer_hears_of(backend, "{\"seq\":2,");
    peer_say(backend, "{\"op\":\"drain\",\"id\":1}");
    peer_hears_of(backend, "\"events\":[{\"seq\":3,");
    peer_say(backend, "{\"op\":\"drain\",\"id\":1}");
    peer_hears(backend,
               "{\"op\":\"events\",\"id\":1,\"events\":[{\"seq\":4,\"event\":\"text\",\"omitted\":"
               "70000,\"ts\":0}]}");
    app_end();
}

static void stop_now(wse_stop_token *token) {
    memset(token, 0, sizeof *token);
    instance.def->stop(instance.self, app_loop(), token);
}

static bool stopped(void *p) {
    return ((const wse_stop_token *)p)->answers > 0;
}

static void finish_stopped(wse_stop_token *token) {
    assert_true(wse_test_host_turn_until(instance.host, stopped, token));
    instance.def->destroy(instance.self);
    instance.self = NULL;
    instance.opened = false;
    app_end();
}

static void gives_out_what_is_left_before_it_stops(void **state) {
    wse_stop_token token;
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(3, &batch);
    peer_drains(backend, ",\"max\":1", 1, 1);
    stop_now(&token);
    peer_drains(backend, ",\"ack\":1", 2, 3);
    assert_int_equal(batch.progress, 1);
    assert_int_equal(token.answers, 0);
    peer_say(backend, "{\"op\":\"ack\",\"seq\":3}");
    peer_sees_end(backend);
    assert_int_equal(batch.answers, 1);
    peer_close(backend);
    finish_stopped(&token);
}

static void does_not_wait_for_one_who_has_gone(void **state) {
    wse_stop_token token;
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello("");
    app_deliver(3, &batch);
    peer_drains(backend, ",\"max\":2", 1, 2);
    stop_now(&token);
    peer_close(backend);
    assert_true(wse_test_host_turn_until(instance.host, stopped, &token));
    assert_int_equal(batch.answers, 1);
    assert_non_null(strstr(wse_test_host_log(instance.host), "events.lost count=3"));
    finish_stopped(&token);
}

static void stops_at_once_when_nobody_drains(void **state) {
    (void)state;
    app_begin(NULL);
    peer_hello("");
    app_deliver(3, &batch);
    app_end();
    assert_int_equal(batch.answers, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_a_batch_in_pieces_and_is_done_with_the_last),
        cmocka_unit_test(numbers_go_on_from_batch_to_batch),
        cmocka_unit_test(answers_a_drain_as_soon_as_there_is_one),
        cmocka_unit_test(answers_a_drain_with_nothing_when_the_time_is_over),
        cmocka_unit_test(takes_one_drain_of_a_connection_at_a_time),
        cmocka_unit_test(gives_again_what_was_not_acknowledged),
        cmocka_unit_test(believes_one_who_resumes_what_it_handled),
        cmocka_unit_test(says_in_its_welcome_what_is_acknowledged),
        cmocka_unit_test(has_one_who_drains),
        cmocka_unit_test(is_taken_over_when_the_hello_says_so),
        cmocka_unit_test(refuses_to_believe_what_was_not_given),
        cmocka_unit_test(takes_one_batch_at_a_time),
        cmocka_unit_test(tells_every_kind_of_event),
        cmocka_unit_test(leaves_out_events_that_it_does_not_know),
        cmocka_unit_test(packs_events_for_one_who_asked),
        cmocka_unit_test(keeps_to_the_size_of_a_frame),
        cmocka_unit_test(gives_out_what_is_left_before_it_stops),
        cmocka_unit_test(does_not_wait_for_one_who_has_gone),
        cmocka_unit_test(stops_at_once_when_nobody_drains),
    };
    return cmocka_run_group_tests(tests, app_prepare, app_clean);
}
