/* SPDX-License-Identifier: MIT
 * The test host, called as a module would call it. */
#include <stdio.h>
#include <string.h>

#include <wse/test_host.h>

#include "support/with_cmocka.h"

static const wse_host *abi_of(wse_test_host *host) {
    return wse_test_host_abi(host);
}

static wse_bytes text(const char *string) {
    return (wse_bytes){string, strlen(string)};
}

static wse_message message_of(const char *topic, uint64_t offset) {
    return (wse_message){.struct_size = sizeof(wse_message),
                         .topic = text(topic),
                         .payload = text("{\"n\":1}"),
                         .epoch = 7,
                         .offset = offset};
}

static void gives_each_kind_its_loops(void **state) {
    static const struct {
        wse_kind kind;
        uint32_t loops;
        bool service;
    } kinds[] = {
        {WSE_KIND_AUTH, 2, false},    {WSE_KIND_TRANSFORM, 2, false}, {WSE_KIND_EVENT, 3, true},
        {WSE_KIND_SNAPSHOT, 1, true}, {WSE_KIND_BACKPLANE, 1, true},  {WSE_KIND_APP, 1, true},
        {WSE_KIND_OBSERVER, 1, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
        wse_test_host *host = wse_test_host_new(kinds[i].kind, 2);
        assert_int_equal(abi_of(host)->loop_count, kinds[i].loops);
        assert_int_equal(wse_test_host_service_loop(host) != NULL, kinds[i].service);
        assert_true(wse_test_host_free(host));
    }
}

static void keeps_a_copy_of_an_answer(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_SNAPSHOT, 0);
    wse_snapshot_token token = {0};
    char data[] = "{\"a\":1}";
    const wse_snapshot snapshot = {
        .struct_size = sizeof snapshot, .has_position = 1, .data = text(data), .offset = 3};
    (void)state;
    assert_int_equal(abi_of(host)->snapshot_done(abi_of(host), &token, WSE_OK, &snapshot), WSE_OK);
    data[2] = 'b';
    assert_int_equal(token.answers, 1);
    assert_string_equal(token.data, "{\"a\":1}");
    assert_true(token.has_position && token.offset == 3);
    assert_string_equal(wse_test_host_misuse(host), "");
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_host_free(host));
}

static void notes_a_second_answer(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_BACKPLANE, 0);
    wse_submit_token token = {0};
    (void)state;
    assert_int_equal(abi_of(host)->submit_done(abi_of(host), &token, WSE_OK, 1, 1), WSE_OK);
    assert_int_equal(abi_of(host)->submit_done(abi_of(host), &token, WSE_EIO, 0, 0), WSE_EINVAL);
    assert_int_equal(token.status, WSE_OK);
    assert_string_equal(wse_test_host_misuse(host),
                        "submit_done was called twice for one question\n");
    assert_true(wse_test_host_free(host));
}

static void notes_an_answer_by_another_function(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_APP, 0);
    wse_ask_token token = {.must_be = WSE_TEST_ASK_DONE};
    wse_batch_token *wrong = (wse_batch_token *)(void *)&token;
    (void)state;
    assert_int_equal(abi_of(host)->batch_done(abi_of(host), wrong), WSE_EINVAL);
    assert_int_equal(token.answers, 0);
    assert_string_equal(wse_test_host_misuse(host),
                        "batch_done was called for another kind of question\n");
    assert_true(wse_test_host_free(host));
}

struct found {
    uint64_t calls, count, first;
};

static void take(void *arg, int32_t status, const wse_message *messages, uint64_t count) {
    struct found *found = arg;
    ++found->calls;
    found->count = count;
    if (status == WSE_OK && count > 0) found->first = messages[0].offset;
}

static void answers_history_with_the_last_of_the_topic(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_SNAPSHOT, 0);
    wse_loop *service = wse_test_host_service_loop(host);
    struct found found = {0};
    (void)state;
    for (uint64_t i = 1; i <= 5; ++i) {
        const wse_message kept = message_of("a", i), other = message_of("b", i);
        wse_test_host_keep(host, &kept);
        wse_test_host_keep(host, &other);
    }
    assert_int_equal(abi_of(host)->history(abi_of(host), service, text("a"), 2, take, &found),
                     WSE_OK);
    assert_int_equal(found.calls, 0);
    wse_test_host_turn(host);
    assert_int_equal(found.calls, 1);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.first, 4);
    assert_true(wse_test_host_free(host));
}

static void refuses_history_outside_the_service_loop(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_EVENT, 1);
    struct found found = {0};
    (void)state;
    assert_int_equal(abi_of(host)->history(abi_of(host), wse_test_host_loop(host, 0), text("a"), 2,
                                           take, &found),
                     WSE_EINVAL);
    assert_string_equal(wse_test_host_misuse(host),
                        "history was called on a loop that is not the service loop\n");
    assert_true(wse_test_host_free(host));
}

static void records_messages_and_commands(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_APP, 0);
    const wse_message message = message_of("news", 0);
    const wse_app_command command = {.struct_size = sizeof command,
                                     .command = WSE_APP_SEND,
                                     .connection = text("c1"),
                                     .message = &message};
    wse_loop *service = wse_test_host_service_loop(host);
    (void)state;
    assert_int_equal(abi_of(host)->publish(abi_of(host), &message), WSE_OK);
    assert_int_equal(abi_of(host)->app_command(abi_of(host), service, &command, NULL, NULL),
                     WSE_OK);
    wse_test_host_set_publish(host, WSE_EAGAIN);
    assert_int_equal(abi_of(host)->publish(abi_of(host), &message), WSE_EAGAIN);
    assert_int_equal(wse_test_host_published(host).count, 1);
    assert_string_equal(wse_test_host_published(host).items[0].topic.data, "news");
    assert_int_equal(wse_test_host_commands(host).count, 1);
    assert_string_equal(wse_test_host_commands(host).items[0].message->topic.data, "news");
    assert_true(wse_test_host_free(host));
}

struct called {
    int calls;
    int32_t status;
    char answer[32];
};

static void note_answer(void *arg, int32_t status, wse_bytes answer) {
    struct called *called = arg;
    ++called->calls;
    called->status = status;
    snprintf(called->answer, sizeof called->answer, "%.*s", (int)answer.len,
             answer.len ? (const char *)answer.data : "");
}

static void answers_what_an_application_does_with_the_next_turn(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_APP, 0);
    const wse_host *abi = abi_of(host);
    wse_loop *service = wse_test_host_service_loop(host);
    const wse_app_command command = {
        .struct_size = sizeof command, .command = WSE_APP_CLOSE, .connection = text("c1")};
    struct called called = {0};
    (void)state;
    wse_test_host_set_called(host, WSE_ENOTFOUND, "{}");
    assert_int_equal(abi->app_command(abi, service, &command, note_answer, &called), WSE_OK);
    assert_int_equal(abi->api_call(abi, service, text("info"), text("{}"), note_answer, &called),
                     WSE_OK);
    assert_int_equal(called.calls, 0);
    assert_false(wse_test_host_is_idle(host));
    wse_test_host_turn(host);
    assert_int_equal(called.calls, 2);
    assert_int_equal(called.status, WSE_ENOTFOUND);
    assert_string_equal(called.answer, "{}");
    assert_int_equal(wse_test_host_calls(host).count, 1);
    assert_string_equal(wse_test_host_calls(host).items[0].operation.data, "info");
    wse_test_host_set_called(host, WSE_EAGAIN, NULL);
    assert_int_equal(abi->api_call(abi, service, text("info"), text("{}"), note_answer, &called),
                     WSE_EAGAIN);
    assert_true(wse_test_host_is_idle(host));
    assert_true(wse_test_host_free(host));
}

static void counts_the_progress_of_a_batch(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_APP, 0);
    const wse_host *abi = abi_of(host);
    wse_loop *service = wse_test_host_service_loop(host);
    wse_batch_token token = {0};
    (void)state;
    assert_int_equal(abi->batch_progress(abi, service, &token), WSE_OK);
    assert_int_equal(token.progress, 1);
    abi->batch_done(abi, &token);
    assert_int_equal(abi->batch_progress(abi, service, &token), WSE_EINVAL);
    assert_string_equal(wse_test_host_misuse(host),
                        "batch_progress was called for a batch that is done, or for none\n");
    assert_true(wse_test_host_free(host));
}

struct placed {
    int calls;
    int32_t status;
    uint64_t epoch, offset;
};

static void note_place(void *arg, int32_t status, uint64_t epoch, uint64_t offset) {
    struct placed *placed = arg;
    ++placed->calls;
    placed->status = status;
    placed->epoch = epoch;
    placed->offset = offset;
}

static void tells_the_place_of_a_publish_with_the_next_turn(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_BACKPLANE, 0);
    wse_loop *service = wse_test_host_service_loop(host);
    const wse_message message = message_of("news", 0);
    struct placed placed = {0};
    (void)state;
    assert_int_equal(
        abi_of(host)->publish_then(abi_of(host), service, &message, note_place, &placed), WSE_OK);
    assert_int_equal(placed.calls, 0);
    assert_false(wse_test_host_is_idle(host));
    wse_test_host_turn(host);
    assert_int_equal(placed.calls, 1);
    assert_int_equal(placed.offset, 1);
    wse_test_host_set_publish(host, WSE_EAGAIN);
    abi_of(host)->publish_then(abi_of(host), service, &message, note_place, &placed);
    wse_test_host_turn(host);
    assert_int_equal(placed.calls, 2);
    assert_int_equal(placed.status, WSE_EAGAIN);
    assert_int_equal(placed.offset, 0);
    assert_int_equal(wse_test_host_published(host).count, 1);
    assert_true(wse_test_host_free(host));
}

static void records_what_a_backplane_brings_in(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_BACKPLANE, 0);
    wse_loop *service = wse_test_host_service_loop(host);
    const wse_host *abi = abi_of(host);
    const wse_message message = message_of("news", 3);
    const wse_followed followed = {.struct_size = sizeof followed,
                                   .topic = text("news"),
                                   .epoch = 7,
                                   .offset = 3,
                                   .messages = &message,
                                   .count = 1};
    const wse_fact fact = {.struct_size = sizeof fact,
                           .kind = WSE_FACT_PRESENT,
                           .topic = text("news"),
                           .key = text("alice"),
                           .host = text("other")};
    (void)state;
    assert_int_equal(abi->followed(abi, service, &followed), WSE_OK);
    assert_int_equal(abi->remote_message(abi, service, &message), WSE_OK);
    assert_int_equal(abi->remote_fact(abi, service, &fact), WSE_OK);
    assert_int_equal(abi->broadcast_received(abi, service, text("{}")), WSE_OK);
    abi->health(abi, service, WSE_EAGAIN, "out of reach");
    wse_test_host_set_remote(host, WSE_EAGAIN);
    assert_int_equal(abi->remote_message(abi, service, &message), WSE_EAGAIN);
    assert_int_equal(abi->followed(abi, service, &followed), WSE_EAGAIN);
    assert_int_equal(wse_test_host_remote(host).count, 1);
    assert_int_equal(wse_test_host_followed(host).count, 1);
    assert_int_equal(wse_test_host_followed(host).items[0].messages[0].offset, 3);
    assert_string_equal(wse_test_host_facts(host).items[0].key.data, "alice");
    assert_string_equal(wse_test_host_broadcasts(host).items[0].data, "{}");
    assert_int_equal(wse_test_host_health(host).status, WSE_EAGAIN);
    assert_string_equal(wse_test_host_health(host).text, "out of reach");
    assert_string_equal(wse_test_host_misuse(host), "");
    assert_true(wse_test_host_free(host));
}

static void notes_a_message_of_the_cluster_without_a_place(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_BACKPLANE, 0);
    const wse_message message = message_of("news", 0);
    (void)state;
    abi_of(host)->remote_message(abi_of(host), wse_test_host_service_loop(host), &message);
    assert_string_equal(wse_test_host_misuse(host), "remote_message was called without a place\n");
    assert_true(wse_test_host_free(host));
}

static void keeps_the_answer_to_an_operator(void **state) {
    wse_test_host *host = wse_test_host_new(WSE_KIND_BACKPLANE, 0);
    wse_command_token token = {.must_be = WSE_TEST_COMMAND_DONE};
    (void)state;
    assert_int_equal(abi_of(host)->command_done(abi_of(host), &token, WSE_ENOTFOUND, text("none")),
                     WSE_OK);
    assert_int_equal(token.status, WSE_ENOTFOUND);
    assert_string_equal(token.answer, "none");
    wse_command_token_clear(&token);
    assert_true(wse_test_host_free(host));
}

struct everything {
    int64_t wait, size, number;
    double share;
    const char *word;
    wse_strings list;
    wse_pairs pairs;
    int32_t flag, choice;
};

#define OPTION(option, of_type, otherwise)                                                 \
    {                                                                                      \
        .name = #option, .type = (of_type), .offset = offsetof(struct everything, option), \
        .fallback = (otherwise)                                                            \
    }

static void fills_a_config_of_every_type(void **state) {
    static const wse_option options[] = {
        OPTION(wait, WSE_OPT_DURATION, "2m"),
        OPTION(size, WSE_OPT_SIZE, "4k"),
        OPTION(number, WSE_OPT_INT, "-3"),
        OPTION(share, WSE_OPT_FLOAT, "0.25"),
        OPTION(word, WSE_OPT_STRING, NULL),
        OPTION(list, WSE_OPT_STRINGS, "[]"),
        OPTION(pairs, WSE_OPT_PAIRS, NULL),
        OPTION(flag, WSE_OPT_BOOL, "true"),
        {.name = "choice",
         .type = WSE_OPT_ENUM,
         .offset = offsetof(struct everything, choice),
         .fallback = "two",
         .choices = "one|two"},
        {.name = NULL},
    };
    static const wse_module_def def = {.options = options,
                                       .option_size = sizeof(wse_option),
                                       .config_size = sizeof(struct everything)};
    wse_test_config *config = wse_test_config_new(&def);
    const struct everything *data = wse_test_config_data(config);
    (void)state;
    wse_test_config_set(config, "pairs", "a=1,b=2");
    assert_int_equal(data->wait, 120000);
    assert_int_equal(data->size, 4096);
    assert_int_equal(data->number, -3);
    assert_true(data->share == 0.25);
    assert_null(data->word);
    assert_int_equal(data->list.count, 0);
    assert_string_equal(data->pairs.items[1].value, "2");
    assert_int_equal(data->flag, 1);
    assert_int_equal(data->choice, 1);
    assert_false(wse_test_config_try(config, "choice", "three"));
    assert_false(wse_test_config_try(config, "size", "4x"));
    assert_false(wse_test_config_try(config, "nothing", "4"));
    wse_test_config_free(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_kind_its_loops),
        cmocka_unit_test(keeps_a_copy_of_an_answer),
        cmocka_unit_test(notes_a_second_answer),
        cmocka_unit_test(notes_an_answer_by_another_function),
        cmocka_unit_test(answers_history_with_the_last_of_the_topic),
        cmocka_unit_test(refuses_history_outside_the_service_loop),
        cmocka_unit_test(records_messages_and_commands),
        cmocka_unit_test(answers_what_an_application_does_with_the_next_turn),
        cmocka_unit_test(counts_the_progress_of_a_batch),
        cmocka_unit_test(tells_the_place_of_a_publish_with_the_next_turn),
        cmocka_unit_test(records_what_a_backplane_brings_in),
        cmocka_unit_test(notes_a_message_of_the_cluster_without_a_place),
        cmocka_unit_test(keeps_the_answer_to_an_operator),
        cmocka_unit_test(fills_a_config_of_every_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
