/* SPDX-License-Identifier: MIT
 * app_socket.so: questions to backends. */
#include <stdio.h>
#include <string.h>

#include "app_socket_case.h"
#include "support/with_cmocka.h"

static wse_ask_token token;

#define ASKS_ALL ",\"answers\":[\"connect\",\"subscribe\",\"publish\",\"snapshot\"]"

static void asks_and_passes_the_answer_on(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(ASKS_ALL);
    assert_int_equal(app_ask(WSE_ASK_PUBLISH, "a", "{\"x\":1}", 60000, &token), WSE_OK);
    peer_hears_of(backend,
                  "{\"op\":\"ask\",\"id\":1,\"question\":\"publish\",\"user\":\"alice\","
                  "\"topic\":\"a\",\"data\":{\"x\":1},\"deadline_ms\":");
    peer_say(backend, "{\"op\":\"answer\",\"id\":1,\"ok\":true,\"data\":{\"x\":2}}");
    app_await_answer(&token);
    assert_int_equal(token.status, WSE_OK);
    assert_string_equal(token.data, "{\"x\":2}");
    wse_ask_token_clear(&token);
    assert_int_equal(app_counter("questions"), 1);
    app_end();
}

static void tells_of_a_client_that_connects(void **state) {
    const wse_question question = {.struct_size = sizeof question,
                                   .question = WSE_ASK_CONNECT,
                                   .data = {"se\"cret", 7},
                                   .peer = {"192.0.2.1", 9},
                                   .listener = {"main", 4},
                                   .source = WSE_CREDENTIAL_BEARER,
                                   .deadline_ms = 60000};
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(ASKS_ALL);
    memset(&token, 0, sizeof token);
    assert_int_equal(ops->ask(instance.self, app_loop(), &question, &token), WSE_OK);
    peer_hears_of(backend,
                  "\"question\":\"connect\",\"data\":\"se\\\"cret\",\"source\":\"bearer\","
                  "\"peer\":\"192.0.2.1\",\"listener\":\"main\",\"deadline_ms\":");
    peer_say(backend,
             "{\"op\":\"answer\",\"id\":1,\"ok\":true,\"user\":\"alice\",\"data\":{\"sub\":"
             "\"alice\"},\"expires_ms\":5000}");
    app_await_answer(&token);
    assert_int_equal(token.status, WSE_OK);
    assert_string_equal(token.user, "alice");
    assert_string_equal(token.data, "{\"sub\":\"alice\"}");
    assert_int_equal(token.expires_ms, 5000);
    wse_ask_token_clear(&token);
    assert_null(strstr(wse_test_host_log(instance.host), "cret"));
    app_end();
}

/* What a client sends as its credential need not be a text. */
static void refuses_a_credential_that_cannot_be_passed_on(void **state) {
    (void)state;
    app_begin(NULL);
    peer_hello(ASKS_ALL);
    assert_int_equal(app_ask(WSE_ASK_CONNECT, NULL, "\xff", 60000, &token), WSE_EDENIED);
    assert_int_equal(token.answers, 0);
    app_end();
}

/* Each backend would end its connection for it. */
static void refuses_what_is_larger_than_a_frame(void **state) {
    static char payload[70000];
    peer *backend;
    (void)state;
    memset(payload, 'x', sizeof payload - 1);
    memcpy(payload, "{\"x\":\"", 6);
    memcpy(payload + sizeof payload - 3, "\"}", 3);
    app_begin("max_frame", "64k", NULL);
    backend = peer_hello(ASKS_ALL);
    assert_int_equal(app_ask(WSE_ASK_PUBLISH, "a", payload, 60000, &token), WSE_EDENIED);
    assert_int_equal(token.answers, 0);
    peer_hears_nothing(backend);
    app_end();
}

static void reads_answers(void **state) {
    static const struct {
        uint32_t question;
        const char *answer;
        int32_t status;
    } cases[] = {
        {WSE_ASK_SUBSCRIBE, "\"ok\":true", WSE_OK},
        {WSE_ASK_SUBSCRIBE, "\"ok\":false,\"code\":\"denied\"", WSE_EDENIED},
        {WSE_ASK_SNAPSHOT, "\"ok\":false,\"code\":\"not_found\"", WSE_ENOTFOUND},
        {WSE_ASK_SUBSCRIBE, "\"ok\":false,\"code\":\"unavailable\"", WSE_EAGAIN},
        {WSE_ASK_SNAPSHOT, "\"ok\":true,\"data\":[1]", WSE_OK},
        {WSE_ASK_PUBLISH, "\"ok\":true", WSE_OK},
        {WSE_ASK_CONNECT, "\"ok\":true,\"user\":\"alice\"", WSE_OK},
        /* What is not clear is never a yes. */
        {WSE_ASK_SUBSCRIBE, "\"ok\":false", WSE_EIO},
        {WSE_ASK_SUBSCRIBE, "\"x\":1", WSE_EIO},
        {WSE_ASK_SUBSCRIBE, "\"ok\":null", WSE_EIO},
        {WSE_ASK_SUBSCRIBE, "\"ok\":\"true\"", WSE_EIO},
        {WSE_ASK_SUBSCRIBE, "\"ok\":1", WSE_EIO},
        {WSE_ASK_SUBSCRIBE, "\"ok\":false,\"code\":\"maybe\"", WSE_EIO},
        {WSE_ASK_CONNECT, "\"ok\":true", WSE_EIO},
        {WSE_ASK_CONNECT, "\"ok\":true,\"user\":\"\"", WSE_EIO},
        {WSE_ASK_CONNECT, "\"ok\":true,\"user\":\"a\\n\"", WSE_EIO},
        {WSE_ASK_CONNECT, "\"ok\":true,\"user\":\"a\",\"data\":[]", WSE_EIO},
        {WSE_ASK_CONNECT, "\"ok\":true,\"user\":\"a\",\"expires_ms\":-1", WSE_EIO},
        {WSE_ASK_PUBLISH, "\"ok\":true,\"data\":\"x\"", WSE_EIO},
        {WSE_ASK_SNAPSHOT, "\"ok\":true", WSE_EIO},
    };
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(ASKS_ALL);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char text[256];
        assert_int_equal(app_ask(cases[i].question, NULL, NULL, 60000, &token), WSE_OK);
        peer_hears_of(backend, "\"op\":\"ask\"");
        snprintf(text, sizeof text, "{\"op\":\"answer\",\"id\":%u,%s}", i + 1, cases[i].answer);
        peer_say(backend, text);
        app_await_answer(&token);
        assert_int_equal(token.status, cases[i].status);
        wse_ask_token_clear(&token);
    }
    assert_non_null(
        strstr(wse_test_host_log(instance.host), "question.malformed question=connect"));
    peer_hears_nothing(backend);
    app_end();
}

static void fails_at_once_when_nobody_answers_such(void **state) {
    (void)state;
    app_begin(NULL);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &token), WSE_EAGAIN);
    peer_hello(",\"answers\":[\"connect\"]");
    peer_connect();
    app_turn();
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &token), WSE_EAGAIN);
    assert_int_equal(token.answers, 0);
    app_end();
}

static void asks_the_one_who_owes_the_fewest_answers(void **state) {
    wse_ask_token tokens[3];
    peer *first, *second;
    (void)state;
    app_begin(NULL);
    first = peer_hello(ASKS_ALL);
    second = peer_hello(ASKS_ALL);
    for (int i = 0; i < 2; ++i)
        assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &tokens[i]), WSE_OK);
    peer_hears_of(first, "\"id\":1");
    peer_hears_of(second, "\"id\":2");
    peer_say(second, "{\"op\":\"answer\",\"id\":2,\"ok\":true}");
    app_await_answer(&tokens[1]);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &tokens[2]), WSE_OK);
    peer_hears_of(second, "\"id\":3");
    /* One answers for itself alone. */
    peer_say(first, "{\"op\":\"answer\",\"id\":3,\"ok\":true}");
    peer_hears_nothing(first);
    assert_int_equal(tokens[2].answers, 0);
    wse_ask_token_clear(&tokens[1]);
    app_end();
    assert_int_equal(tokens[0].status, WSE_ECANCELED);
    assert_int_equal(tokens[2].status, WSE_ECANCELED);
}

static void owes_no_more_answers_than_it_may(void **state) {
    wse_ask_token tokens[3];
    peer *backend;
    (void)state;
    app_begin("max_questions", "2", NULL);
    backend = peer_hello(ASKS_ALL);
    for (int i = 0; i < 2; ++i)
        assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &tokens[i]), WSE_OK);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &tokens[2]), WSE_EAGAIN);
    peer_hears_of(backend, "\"id\":1");
    peer_say(backend, "{\"op\":\"answer\",\"id\":1,\"ok\":true}");
    app_await_answer(&tokens[0]);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &tokens[2]), WSE_OK);
    wse_ask_token_clear(&tokens[0]);
    app_end();
}

static void asks_anew_when_a_backend_goes(void **state) {
    peer *first, *second;
    (void)state;
    app_begin(NULL);
    first = peer_hello(ASKS_ALL);
    second = peer_hello(ASKS_ALL);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &token), WSE_OK);
    peer_hears_of(first, "\"id\":1");
    peer_close(first);
    peer_hears_of(second, "{\"op\":\"ask\",\"id\":1,\"question\":\"subscribe\"");
    peer_close(second);
    app_await_answer(&token);
    assert_int_equal(token.status, WSE_EAGAIN);
    assert_int_equal(app_counter("questions"), 2);
    app_end();
}

static void tells_that_nobody_waits_any_more(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(ASKS_ALL);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 60000, &token), WSE_OK);
    peer_hears_of(backend, "\"id\":1");
    ops->cancel(instance.self, app_loop(), &token);
    peer_hears(backend, "{\"op\":\"cancel\",\"id\":1}");
    assert_int_equal(token.answers, 1);
    assert_int_equal(token.status, WSE_ECANCELED);
    /* The answer comes all the same. */
    peer_say(backend, "{\"op\":\"answer\",\"id\":1,\"ok\":true}");
    peer_hears_nothing(backend);
    assert_int_equal(token.answers, 1);
    app_end();
}

static void gives_up_at_the_deadline(void **state) {
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(ASKS_ALL);
    assert_int_equal(app_ask(WSE_ASK_SUBSCRIBE, "a", NULL, 20, &token), WSE_OK);
    app_await_answer(&token);
    assert_int_equal(token.status, WSE_ETIMEDOUT);
    peer_hears_of(backend, "\"op\":\"ask\"");
    peer_hears(backend, "{\"op\":\"cancel\",\"id\":1}");
    app_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_and_passes_the_answer_on),
        cmocka_unit_test(tells_of_a_client_that_connects),
        cmocka_unit_test(refuses_a_credential_that_cannot_be_passed_on),
        cmocka_unit_test(refuses_what_is_larger_than_a_frame),
        cmocka_unit_test(reads_answers),
        cmocka_unit_test(fails_at_once_when_nobody_answers_such),
        cmocka_unit_test(asks_the_one_who_owes_the_fewest_answers),
        cmocka_unit_test(owes_no_more_answers_than_it_may),
        cmocka_unit_test(asks_anew_when_a_backend_goes),
        cmocka_unit_test(tells_that_nobody_waits_any_more),
        cmocka_unit_test(gives_up_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, app_prepare, app_clean);
}
