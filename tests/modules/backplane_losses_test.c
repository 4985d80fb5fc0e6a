/* SPDX-License-Identifier: MIT
 * backplane_redis.so as the server meets it, while Redis is lost, full or silent, or has lost some
 * of what it had. */
#include "backplane_pair.h"

#define FIVE_PAYLOADS PAYLOAD " " PAYLOAD " " PAYLOAD " " PAYLOAD " " PAYLOAD

static void neither_loses_nor_doubles_over_killed_connections(void **state) {
    enum { COUNT = 400 };
    static wse_submit_token tokens[COUNT];
    (void)state;
    open_both(NULL);
    backplane_follow(&b, "t", 0, 0, 0);
    backplane_wait_line(&b, "followed t 0", 1);
    for (int i = 0; i < COUNT; ++i) {
        assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &tokens[i]), WSE_OK);
        if (i % 100 == 50) {
            backplane_wait_for(&tokens[i - 50]);
            redis_command("CLIENT KILL TYPE normal");
        }
    }
    for (int i = 0; i < COUNT; ++i) {
        backplane_wait_for(&tokens[i]);
        assert_int_equal(tokens[i].status, WSE_OK);
        assert_int_equal(tokens[i].offset, i + 1);
    }
    backplane_wait_line(&b, "message t 400 " PAYLOAD, 1);
    assert_each_once(&b, "t", COUNT);
    assert_true(backplane_counter(&b, "reconnects") > 0);
    close_both();
}

static void applies_a_batch_once_whose_answer_was_lost(void **state) {
    wse_submit_token token;
    (void)state;
    backplane_open(&a, module, NULL);
    backplane_follow(&a, "t", 0, 0, 0);
    backplane_wait_line(&a, "followed t 0", 1);
    backplane_publish(&a, "t", PAYLOAD, 0);
    redis_freeze(true);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &token), WSE_OK);
    /* It gives the connection up, with the batch in Redis' hands. */
    backplane_wait_log(&a, "shard.lost");
    redis_freeze(false);
    backplane_wait_for(&token);
    assert_int_equal(token.status, WSE_OK);
    assert_int_equal(token.offset, 2);
    assert_int_equal(backplane_publish(&a, "t", PAYLOAD, 0), 3);
    backplane_wait_line(&a, "message t 3 " PAYLOAD, 1);
    assert_each_once(&a, "t", 3);
    backplane_close(&a);
}

static void trim_what_it_has_not_read(void) {
    char key[64];
    b.is_busy = true;
    backplane_publish(&a, "kept", PAYLOAD, 100);
    backplane_wait_held(&b); /* at the first message, and it reads no further */
    for (int i = 0; i < 5; ++i) backplane_publish(&a, "kept", PAYLOAD, 100);
    const char *name = strstr(redis_command("KEYS {wse:*}:s"), "{wse:");
    assert_non_null(name);
    snprintf(key, sizeof key, "%.*s", (int)strcspn(name, "\r"), name);
    redis_command("XTRIM %s MAXLEN 1", key);
    b.is_busy = false;
}

static void says_where_a_topic_stands_after_a_hole(void **state) {
    (void)state;
    open_both(NULL);
    backplane_follow(&b, "kept", 0, 0, 100);
    backplane_wait_line(&b, "followed kept 0", 1);
    trim_what_it_has_not_read();
    /* All that came after the first one, which it has. */
    backplane_wait_line(&b, "followed kept 6 " FIVE_PAYLOADS, 1);
    backplane_publish(&a, "kept", PAYLOAD, 100);
    backplane_wait_line(&b, "message kept 7 " PAYLOAD, 1);
    assert_int_equal(backplane_count(&b, "message"), 2);
    assert_int_equal(backplane_counter(&b, "holes"), 1);
    close_both();
}

static void passes_nothing_over_a_hole_to_who_follows_a_pattern_too(void **state) {
    (void)state;
    open_both((const char *const[]){"shards", "1", NULL});
    backplane_follow(&b, "k*", 0, 0, 100);
    backplane_follow(&b, "kept", 0, 0, 100);
    backplane_wait_line(&b, "followed kept 0", 1);
    backplane_wait_line(&b, "followed k* 0", 1);
    trim_what_it_has_not_read();
    backplane_wait_line(&b, "followed kept 6 " FIVE_PAYLOADS, 1);
    backplane_wait_line(&b, "followed k* 0", 2);
    backplane_publish(&a, "kept", PAYLOAD, 100);
    backplane_wait_line(&b, "message kept 7 " PAYLOAD, 1);
    assert_int_equal(backplane_count(&b, "message"), 2);
    close_both();
}

static void begins_an_epoch_when_redis_has_lost_everything(void **state) {
    uint64_t epoch;
    (void)state;
    open_both(NULL);
    backplane_follow(&a, "t", 0, 0, 10);
    backplane_follow(&b, "t", 0, 0, 10);
    backplane_wait_line(&a, "followed t 0", 1);
    backplane_wait_line(&b, "followed t 0", 1);
    backplane_set_fact(&a, "t", "ada", "{}");
    backplane_publish(&a, "t", PAYLOAD, 10);
    backplane_wait_line(&b, "message t 1 " PAYLOAD, 1);
    backplane_wait_line(&b, "fact 1 t ada {}", 1);
    epoch = b.epoch;
    redis_command("FLUSHALL");
    assert_int_equal(backplane_publish(&a, "t", "{\"new\":1}", 10), 1);
    backplane_wait_counter(&b, "epochs_lost", 1);
    backplane_wait_fact(&a, "fact 1 t ada {}", 2);
    backplane_wait_fact(&b, "fact 1 t ada {}", 2);
    backplane_publish(&b, "t", "{\"new\":2}", 10);
    backplane_wait_line(&b, "message t 2 {\"new\":2}", 1);
    backplane_wait_line(&a, "message t 2 {\"new\":2}", 1);
    assert_int_not_equal(b.epoch, epoch);
    assert_int_equal(a.epoch, b.epoch);
    /* The new epoch was declared before its first message, or with it. */
    assert_int_equal(backplane_count(&b, "followed t"), 2);
    close_both();
}

static void keeps_the_epoch_over_a_restart_that_lost_nothing(void **state) {
    wse_submit_token token;
    uint64_t epoch;
    (void)state;
    redis_stop();
    redis_start(true);
    open_both(NULL);
    backplane_follow(&b, "t", 0, 0, 0);
    backplane_wait_line(&b, "followed t 0", 1);
    backplane_publish(&a, "t", PAYLOAD, 0);
    backplane_wait_line(&b, "message t 1 " PAYLOAD, 1);
    epoch = b.epoch;
    redis_restart();
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &token), WSE_OK);
    backplane_wait_for(&token);
    assert_int_equal(token.status, WSE_OK);
    assert_int_equal(token.epoch, epoch);
    assert_int_equal(token.offset, 2);
    backplane_wait_line(&b, "message t 2 " PAYLOAD, 1);
    assert_each_once(&b, "t", 2);
    assert_int_equal(backplane_counter(&b, "epochs_lost"), 0);
    assert_int_equal(backplane_count(&b, "followed"), 1);
    close_both();
}

static void begins_an_epoch_when_a_restart_lost_something(void **state) {
    uint64_t epoch;
    (void)state;
    open_both(NULL);
    backplane_follow(&b, "t", 0, 0, 10);
    backplane_wait_line(&b, "followed t 0", 1);
    backplane_publish(&a, "t", PAYLOAD, 10);
    backplane_wait_line(&b, "message t 1 " PAYLOAD, 1);
    epoch = b.epoch;
    redis_restart(); /* it kept nothing */
    backplane_wait_line(&b, "followed t 0", 2);
    assert_int_equal(backplane_counter(&b, "epochs_lost"), 1);
    assert_int_equal(backplane_publish(&a, "t", "{\"new\":1}", 10), 1);
    backplane_wait_line(&b, "message t 1 {\"new\":1}", 1);
    assert_int_not_equal(b.epoch, epoch);
    close_both();
}

static bool has_no_facts(const void *topic) {
    return strncmp(redis_command("HLEN {wse:0}:f:%s", (const char *)topic), ":0", 2) == 0;
}

/* Nor for who attaches later, while a host lives on which it held once. */
static void tells_of_nothing_whose_end_redis_has_lost(void **state) {
    static const char *const options[] = {"shards", "1", NULL};
    (void)state;
    open_both(options);
    backplane_follow(&b, "t", 0, 0, 10);
    backplane_follow(&b, "u", 0, 0, 10);
    backplane_wait_line(&b, "followed u 0", 1);
    backplane_set_fact(&a, "t", "ada", "{}");
    backplane_set_fact(&a, "u", "bob", "{}");
    backplane_wait_line(&b, "fact 1 u bob {}", 1);
    redis_command("SAVE");
    backplane_set_fact(&a, "t", "ada", "");
    backplane_wait_line(&b, "fact 1 t ada ", 1);
    redis_restart();
    backplane_wait_counter(&b, "epochs_lost", 1);
    backplane_wait(has_no_facts, "t");
    backplane_wait_fact(&b, "fact 1 u bob {}", 2);
    close_both();
}

static void refuses_what_is_over_the_queue_or_too_old(void **state) {
    static const char *const options[] = {"queue_messages", "3", "queue_age", "2s", NULL};
    wse_submit_token tokens[4];
    (void)state;
    backplane_open(&a, module, options);
    backplane_publish(&a, "t", PAYLOAD, 0);
    redis_freeze(true);
    for (int i = 0; i < 3; ++i)
        assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &tokens[i]), WSE_OK);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &tokens[3]), WSE_EAGAIN);
    for (int i = 0; i < 3; ++i) backplane_wait_for(&tokens[i]);
    /* Nobody knows of the first one, which was sent. */
    assert_int_equal(tokens[0].status, WSE_ETIMEDOUT);
    assert_int_equal(tokens[1].status, WSE_EAGAIN);
    assert_int_equal(tokens[2].status, WSE_EAGAIN);
    assert_int_equal(backplane_submit(&a, "t", NULL, PAYLOAD, 0, &tokens[3]), WSE_OK);
    redis_freeze(false);
    backplane_wait_for(&tokens[3]);
    backplane_close(&a);
}

/* It says why, and is well again when Redis is. */
static void outlasts_a_redis_that_is_full(void **state) {
    static const char *const options[] = {"shards", "1", "canary", "500ms", NULL};
    static const char line[] = "health -3 shard 0: Redis answers OOM";
    (void)state;
    backplane_open(&a, module, options);
    backplane_follow(&a, "t", 0, 0, 0);
    backplane_wait_line(&a, "followed t 0", 1);
    redis_command("CONFIG SET maxmemory 1");
    backplane_wait_fact(&a, line, 1);
    backplane_wait_counter(&a, "canaries_late", 1);
    redis_command("CONFIG SET maxmemory 0");
    backplane_wait_health(&a, WSE_OK);
    assert_int_equal(backplane_publish(&a, "t", PAYLOAD, 0), 1);
    backplane_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(neither_loses_nor_doubles_over_killed_connections),
        CASE(applies_a_batch_once_whose_answer_was_lost),
        CASE(says_where_a_topic_stands_after_a_hole),
        CASE(passes_nothing_over_a_hole_to_who_follows_a_pattern_too),
        CASE(begins_an_epoch_when_redis_has_lost_everything),
        CASE(keeps_the_epoch_over_a_restart_that_lost_nothing),
        CASE(begins_an_epoch_when_a_restart_lost_something),
        CASE(tells_of_nothing_whose_end_redis_has_lost),
        CASE(refuses_what_is_over_the_queue_or_too_old),
        CASE(outlasts_a_redis_that_is_full),
    };
    load_module();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
