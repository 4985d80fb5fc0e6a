/* SPDX-License-Identifier: MIT
 * backplane_redis.so as the server meets it: hosts in one process, and a real Redis that serves. */
#include "backplane_pair.h"

static void gives_places_in_the_order_of_submission(void **state) {
    enum { COUNT = 600 };
    static wse_submit_token tokens[COUNT];
    char payload[32];
    (void)state;
    open_both(NULL);
    backplane_follow(&a, "t", 0, 0, 0);
    backplane_follow(&b, "t", 0, 0, 0);
    backplane_wait_line(&a, "followed t 0", 1);
    backplane_wait_line(&b, "followed t 0", 1);
    for (int i = 0; i < COUNT; ++i) {
        snprintf(payload, sizeof payload, "{\"n\":%d}", i + 1);
        assert_int_equal(backplane_submit(&a, "t", NULL, payload, 0, &tokens[i]), WSE_OK);
    }
    backplane_wait_line(&a, "message t 600 {\"n\":600}", 1);
    backplane_wait_line(&b, "message t 600 {\"n\":600}", 1);
    assert_each_once(&a, "t", COUNT);
    assert_each_once(&b, "t", COUNT);
    for (int i = 0; i < COUNT; ++i) {
        backplane_wait_for(&tokens[i]);
        assert_int_equal(tokens[i].answers, 1);
        assert_int_equal(tokens[i].offset, i + 1);
        assert_int_equal(tokens[i].epoch, tokens[0].epoch);
    }
    assert_int_equal(a.epoch, tokens[0].epoch);
    assert_int_equal(b.epoch, tokens[0].epoch);
    assert_int_equal(a.last_ms, b.last_ms);
    assert_string_equal(a.last_id, b.last_id);
    assert_int_equal(strlen(a.last_id), 36);
    assert_true(backplane_counter(&a, "batches") < COUNT);
    close_both();
}

static void gives_who_follows_what_it_lacks(void **state) {
    (void)state;
    open_both(NULL);
    for (uint64_t i = 1; i <= 4; ++i) {
        char payload[32];
        snprintf(payload, sizeof payload, "{\"n\":%d}", (int)i);
        assert_int_equal(backplane_publish(&a, "t", payload, 3), i);
    }
    backplane_follow(&b, "t", 0, 0, 3);
    backplane_wait_line(&b, "followed t 4 {\"n\":2} {\"n\":3} {\"n\":4}", 1);
    backplane_unfollow(&b, "t");
    backplane_follow(&b, "t", b.epoch, 3, 3);
    backplane_wait_line(&b, "followed t 4 {\"n\":4}", 1);
    backplane_unfollow(&b, "t");
    backplane_follow(&b, "t", b.epoch, 4, 3);
    backplane_wait_line(&b, "followed t 4", 1);
    backplane_publish(&a, "t", PAYLOAD, 3);
    backplane_wait_line(&b, "message t 5 " PAYLOAD, 1);
    close_both();
}

static void publishes_a_given_id_once_among_all_hosts(void **state) {
    wse_submit_token tokens[2];
    (void)state;
    open_both(NULL);
    assert_int_equal(backplane_submit(&a, "t", "x", PAYLOAD, 0, &tokens[0]), WSE_OK);
    backplane_wait_for(&tokens[0]);
    backplane_publish(&a, "t", PAYLOAD, 0);
    assert_int_equal(backplane_submit(&b, "t", "x", PAYLOAD, 0, &tokens[1]), WSE_OK);
    backplane_wait_for(&tokens[1]);
    assert_int_equal(tokens[1].offset, 1);
    assert_int_equal(tokens[1].epoch, tokens[0].epoch);
    assert_int_equal(backplane_publish(&b, "t", PAYLOAD, 0), 3);
    close_both();
}

static void passes_on_what_a_pattern_takes_from_all_shards(void **state) {
    char topic[16], line[64];
    (void)state;
    open_both(NULL);
    backplane_follow(&b, "a*", 0, 0, 0);
    backplane_wait_line(&b, "followed a* 0", 1);
    backplane_publish(&a, "b", PAYLOAD, 0);
    for (int i = 0; i < 40; ++i) {
        snprintf(topic, sizeof topic, "a%d", i);
        backplane_publish(&a, topic, PAYLOAD, 0);
    }
    for (int i = 0; i < 40; ++i) {
        snprintf(line, sizeof line, "message a%d 1 " PAYLOAD, i);
        backplane_wait_line(&b, line, 1);
    }
    /* A topic of its own beside the pattern: still once. */
    backplane_follow(&b, "a7", 0, 0, 0);
    backplane_wait_line(&b, "followed a7 1", 1);
    backplane_publish(&a, "a7", PAYLOAD, 0);
    backplane_wait_line(&b, "message a7 2 " PAYLOAD, 1);
    assert_int_equal(backplane_count(&b, "message b"), 0);
    close_both();
}

static void tells_facts_while_they_hold(void **state) {
    (void)state;
    open_both(NULL);
    backplane_follow(&a, "t", 0, 0, 0);
    backplane_wait_line(&a, "followed t 0", 1);
    backplane_set_fact(&a, "t", "ada", "{\"x\":1}");
    backplane_set_fact(&a, "t", "bob", "{}");
    backplane_wait_line(&a, "fact 1 t ada {\"x\":1}", 1);
    backplane_wait_line(&a, "fact 1 t bob {}", 1);
    backplane_set_fact(&a, "t", "bob", "");
    backplane_wait_line(&a, "fact 1 t bob ", 1);
    /* Who comes later hears what holds. */
    backplane_follow(&b, "t", 0, 0, 0);
    backplane_wait_line(&b, "fact 1 t ada {\"x\":1}", 1);
    assert_int_equal(backplane_count(&b, "fact 1 t bob"), 0);
    assert_int_equal(backplane_count(&b, "followed t 0"), 1);
    backplane_set_fact(&b, "t", "eve", "{}");
    backplane_wait_line(&a, "fact 1 t eve {}", 1);
    close_both();
}

static void reads_nothing_of_shards_where_nothing_is_followed(void **state) {
    /* Canaries are entries, too: one at most, however long this takes. */
    static const char *const options[] = {"canary", "10m", NULL};
    char topic[16];
    int64_t read;
    (void)state;
    open_both(options);
    for (int i = 0; i < 64; ++i) {
        snprintf(topic, sizeof topic, "t%d", i);
        backplane_publish(&a, topic, PAYLOAD, 0);
    }
    assert_int_equal(backplane_counter(&a, "read"), 0);
    assert_int_equal(backplane_counter(&b, "read"), 0);
    backplane_follow(&b, "t1", 0, 0, 0);
    backplane_wait_line(&b, "followed t1 1", 1);
    for (int i = 0; i < 64; ++i) {
        snprintf(topic, sizeof topic, "t%d", i);
        backplane_publish(&a, topic, PAYLOAD, 0);
    }
    backplane_wait_line(&b, "message t1 2 " PAYLOAD, 1);
    read = backplane_counter(&b, "read");
    assert_true(read < 40);
    assert_int_equal(backplane_count(&b, "message"), 1);
    backplane_unfollow(&b, "t1");
    for (int i = 0; i < 5; ++i) backplane_publish(&a, "t1", PAYLOAD, 0);
    assert_int_equal(backplane_counter(&b, "read"), read);
    close_both();
}

static void answers_what_is_taken_back(void **state) {
    wse_submit_token tokens[2];
    (void)state;
    backplane_open(&a, module, NULL);
    const wse_backplane_ops *ops = module->ops;
    wse_loop *loop = wse_test_host_service_loop(a.instance.host);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &tokens[0]), WSE_OK);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &tokens[1]), WSE_OK);
    ops->cancel(a.instance.self, loop, &tokens[1]);
    assert_int_equal(tokens[1].status, WSE_ECANCELED);
    backplane_wait_for(&tokens[0]);
    assert_int_equal(backplane_publish(&a, "t", PAYLOAD, 0), 2);
    backplane_close(&a);
}

static void announces_to_all_other_hosts(void **state) {
    const wse_bytes data = {"{\"x\":1}", 7}, second = {"{\"x\":2}", 7};
    (void)state;
    open_both(NULL);
    const wse_backplane_ops *ops = module->ops;
    /* Where it begins to read is known once it has read something. */
    backplane_publish(&a, "t", PAYLOAD, 0);
    backplane_publish(&b, "t", PAYLOAD, 0);
    wse_loop *loop = wse_test_host_service_loop(a.instance.host);
    assert_int_equal(ops->broadcast(a.instance.self, loop, data), WSE_OK);
    assert_int_equal(ops->broadcast(a.instance.self, loop, second), WSE_OK);
    backplane_wait_line(&b, "broadcast {\"x\":2}", 1);
    assert_int_equal(backplane_count(&b, "broadcast"), 2);
    loop = wse_test_host_service_loop(b.instance.host);
    assert_int_equal(ops->broadcast(b.instance.self, loop, data), WSE_OK);
    backplane_wait_line(&a, "broadcast {\"x\":1}", 1);
    assert_int_equal(backplane_count(&a, "broadcast"), 1);
    close_both();
}

static void says_how_it_is(void **state) {
    static const char request[] = "{\"command\":\"status\"}", other[] = "{\"command\":\"x\"}";
    static const char *const options[] = {"canary", "500ms", NULL};
    (void)state;
    backplane_open(&a, module, options);
    const wse_backplane_ops *ops = module->ops;
    wse_loop *loop = wse_test_host_service_loop(a.instance.host);
    backplane_follow(&a, "t", 0, 0, 0);
    backplane_wait_line(&a, "followed t 0", 1);
    backplane_wait_counter(&a, "read", 2); /* canaries */
    assert_int_equal(
        ops->command(a.instance.self, loop, (wse_bytes){request, sizeof request - 1}, NULL),
        WSE_OK);
    assert_int_equal(a.answered, WSE_OK);
    assert_non_null(strstr(a.answer, "\"prefix\":\"wse\""));
    assert_non_null(strstr(a.answer, "\"breaker\":\"closed\",\"attached\":true,\"topics\":1"));
    assert_int_equal(
        ops->command(a.instance.self, loop, (wse_bytes){other, sizeof other - 1}, NULL),
        WSE_ENOTFOUND);
    assert_non_null(strstr(a.answer, "\"canary_age_ms\":"));
    assert_null(strstr(a.answer, "\"canary_age_ms\":null"));
    backplane_wait_health(&a, WSE_OK);
    redis_freeze(true);
    backplane_wait_health(&a, WSE_EAGAIN);
    redis_freeze(false);
    backplane_wait_health(&a, WSE_OK);
    backplane_close(&a);
}

static void refuses_hosts_with_another_number_of_shards(void **state) {
    static const char *const options[] = {"shards", "8", NULL};
    wse_submit_token token;
    (void)state;
    backplane_open(&a, module, options);
    redis_command("SET {wse}:shards 16");
    redis_command("CLIENT KILL TYPE normal");
    backplane_wait_line(&a, "health -3 shards: is 8, and the other hosts have 16", 1);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &token), WSE_OK);
    backplane_close(&a);
    assert_int_equal(token.status, WSE_ECANCELED);
}

static bool is_given_up(const void *arg) {
    (void)arg;
    return strncmp(redis_command("EXISTS {wse}:lease"), ":0", 2) == 0;
}

static void refuses_hosts_with_another_key(void **state) {
    static const char *const options[] = {
        "fernet_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "lease", "1s", NULL};
    (void)state;
    backplane_open(&a, module, options);
    redis_command("SET {wse}:seal plain");
    redis_command("CLIENT KILL TYPE normal");
    backplane_wait_line(&a, "health -3 fernet_key: is set, and the other hosts have none", 1);
    /* And takes in what others publish no more. */
    backplane_wait(is_given_up, NULL);
    backplane_close(&a);
}

static void tells_what_it_can_before_it_stops(void **state) {
    wse_submit_token token;
    (void)state;
    open_both(NULL);
    backplane_follow(&b, "t", 0, 0, 0);
    backplane_wait_line(&b, "followed t 0", 1);
    backplane_set_fact(&a, "t", "ada", "{}");
    backplane_wait_line(&b, "fact 1 t ada {}", 1);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &token), WSE_OK);
    backplane_set_fact(&a, "t", "ada", "");
    backplane_close(&a);
    assert_int_equal(token.status, WSE_OK);
    backplane_wait_line(&b, "fact 1 t ada ", 1);
    backplane_close(&b);
}

static void stops_at_any_time(void **state) {
    wse_submit_token token;
    (void)state;
    for (int turns = 0; turns < 40; ++turns) {
        backplane_open(&a, module, NULL);
        if (turns == 39) redis_freeze(true);
        backplane_follow(&a, "t", 0, 0, 0);
        backplane_follow(&a, "x*", 0, 0, 0);
        backplane_set_fact(&a, "t", "ada", "{}");
        assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &token), WSE_OK);
        for (int i = 0; i < turns * 3; ++i) wse_test_host_turn(a.instance.host);
        backplane_close(&a);
        assert_int_equal(token.answers, 1);
    }
    redis_freeze(false);
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } wrong[] = {
        {"url", "redis://", "url: has no host[:port]"},
        {"prefix", "a{b", "prefix: is not"},
        {"prefix", "", "prefix: is not"},
        {"prefix", "wse:b", "prefix: is not"}, /* its channels are those of wse, too */
        {"dedup_age", "10s", "dedup_age: is shorter than queue_age"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        if (!strstr(instance.error.text, wrong[i].sentence)) fail_msg("'%s'", instance.error.text);
        assert_true(wse_test_instance_close(&instance));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(gives_places_in_the_order_of_submission),
        CASE(gives_who_follows_what_it_lacks),
        CASE(publishes_a_given_id_once_among_all_hosts),
        CASE(passes_on_what_a_pattern_takes_from_all_shards),
        CASE(tells_facts_while_they_hold),
        CASE(reads_nothing_of_shards_where_nothing_is_followed),
        CASE(answers_what_is_taken_back),
        CASE(announces_to_all_other_hosts),
        CASE(says_how_it_is),
        CASE(refuses_hosts_with_another_number_of_shards),
        CASE(refuses_hosts_with_another_key),
        CASE(tells_what_it_can_before_it_stops),
        CASE(stops_at_any_time),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    load_module();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
