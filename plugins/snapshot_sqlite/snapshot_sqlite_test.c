/* SPDX-License-Identifier: MIT
 * snapshot_sqlite.so as the server meets it, over a database of the test's own. */
/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <wse/test_host.h>

static const wse_module_def *module;
static char path[] = "/tmp/wse-sqlite-XXXXXX";

static const char setup[] =
    "CREATE TABLE orders(topic, user, number INTEGER, price REAL, note);"
    "INSERT INTO orders VALUES('a', 'alice', 1, 0.5, 'x\"\n'), ('a', 'bob', 2, 1e300, NULL),"
    " ('b', 'alice', 9007199254740993, -2, x'00');"
    "CREATE TABLE place(epoch, at INTEGER);"
    "INSERT INTO place VALUES('00000000000000ff', 42);";

static int make_database(void **state) {
    sqlite3 *database;
    const int fd = mkstemp(path);
    (void)state;
    if (fd < 0) return -1;
    close(fd);
    if (sqlite3_open(path, &database) != SQLITE_OK) return -1;
    if (sqlite3_exec(database, setup, NULL, NULL, NULL) != SQLITE_OK) return -1;
    return sqlite3_close(database) == SQLITE_OK ? 0 : -1;
}

static int remove_database(void **state) {
    (void)state;
    return unlink(path);
}

static void prepare(wse_test_instance *instance, const char *query, const char *result) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "database", path);
    wse_test_config_set(instance->config, "query", query);
    wse_test_config_set(instance->config, "result", result);
}

static wse_bytes text(const char *string) {
    return (wse_bytes){string, strlen(string)};
}

static void ask(wse_test_instance *instance, const char *topic, const char *user,
                wse_snapshot_token *token) {
    const wse_snapshot_ops *ops = module->ops;
    const wse_snapshot_request request = {.struct_size = sizeof request,
                                          .topic = text(topic),
                                          .user = text(user),
                                          .params = text("{\"least\":2}"),
                                          .deadline_ms = 1000};
    memset(token, 0, sizeof *token);
    assert_int_equal(
        ops->request(instance->self, wse_test_host_service_loop(instance->host), &request, token),
        WSE_OK);
}

static bool answered(void *token) {
    return ((wse_snapshot_token *)token)->answers > 0;
}

static void await(wse_test_instance *instance, wse_snapshot_token *token) {
    assert_true(wse_test_host_turn_until(instance->host, answered, token));
}

static const struct {
    const char *query, *result, *topic;
    int32_t status;
    const char *data;
} questions[] = {
    {"SELECT number, price, note FROM orders WHERE topic = ?1", "array", "a", WSE_OK,
     "[{\"number\":1,\"price\":0.5,\"note\":\"x\\u0022\\u000a\"},"
     "{\"number\":2,\"price\":1.0e+300,\"note\":null}]"},
    {"SELECT number, note FROM orders WHERE topic = ?1", "object", "b", WSE_OK,
     "{\"number\":9007199254740993,\"note\":null}"},
    {"SELECT number FROM orders WHERE topic = ?1", "array", "c", WSE_OK, "[]"},
    {"SELECT number FROM orders WHERE topic = ?1", "object", "c", WSE_ENOTFOUND, NULL},
    {"SELECT json_group_array(number) AS data FROM orders WHERE topic = ?1", "object", "a", WSE_OK,
     "[1,2]"},
    {"SELECT number FROM orders WHERE topic = ?1 AND number >= ?3 ->> 'least'", "array", "a",
     WSE_OK, "[{\"number\":2}]"},
    {"SELECT ?2 AS user", "object", "a", WSE_OK, "{\"user\":\"alice\"}"},
};

static void answers_with_what_the_query_finds(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; ++i) {
        wse_test_instance instance;
        wse_snapshot_token token;
        prepare(&instance, questions[i].query, questions[i].result);
        assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
        ask(&instance, questions[i].topic, "alice", &token);
        await(&instance, &token);
        assert_int_equal(token.status, questions[i].status);
        if (questions[i].data) assert_string_equal(token.data, questions[i].data);
        assert_false(token.has_position);
        wse_snapshot_token_clear(&token);
        assert_true(wse_test_instance_close(&instance));
    }
}

static void gives_the_place_of_the_state(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    prepare(&instance, "SELECT number, epoch, at AS offset FROM orders, place WHERE topic = ?1",
            "array");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    ask(&instance, "a", "", &token);
    await(&instance, &token);
    assert_string_equal(token.data, "[{\"number\":1},{\"number\":2}]");
    assert_true(token.has_position && token.epoch == 255 && token.offset == 42);
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static void asks_for_each_user_when_it_is_told_to(void **state) {
    const wse_snapshot_ops *ops = module->ops;
    (void)state;
    for (int32_t wanted = 0; wanted < 2; ++wanted) {
        wse_test_instance instance;
        prepare(&instance, "SELECT 1", "array");
        wse_test_config_set(instance.config, "per_user", wanted ? "true" : "false");
        assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
        assert_int_equal(ops->per_user(instance.self), wanted);
        assert_true(wse_test_instance_close(&instance));
    }
}

static void keeps_its_answers_apart(void **state) {
    wse_test_instance instance;
    wse_snapshot_token tokens[20];
    char wanted[32];
    (void)state;
    prepare(&instance, "SELECT count(*) AS n FROM orders WHERE topic = ?1", "object");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    for (size_t i = 0; i < 20; ++i) ask(&instance, i % 2 ? "a" : "b", "", &tokens[i]);
    for (size_t i = 0; i < 20; ++i) {
        await(&instance, &tokens[i]);
        snprintf(wanted, sizeof wanted, "{\"n\":%d}", i % 2 ? 2 : 1);
        assert_string_equal(tokens[i].data, wanted);
        wse_snapshot_token_clear(&tokens[i]);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "answered"), 20);
    assert_true(wse_test_instance_close(&instance));
}

/* Counts to a number that nobody waits for. */
static const char endless[] =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";

static void breaks_off_what_nobody_waits_for(void **state) {
    const wse_snapshot_ops *ops = module->ops;
    wse_test_instance instance;
    wse_snapshot_token running, waiting;
    (void)state;
    prepare(&instance, endless, "array");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    ask(&instance, "a", "", &running);
    ask(&instance, "b", "", &waiting);
    ops->cancel(instance.self, wse_test_host_service_loop(instance.host), &waiting);
    /* The statement may have begun, or not. */
    ops->cancel(instance.self, wse_test_host_service_loop(instance.host), &running);
    await(&instance, &running);
    await(&instance, &waiting);
    assert_int_equal(running.status, WSE_ECANCELED);
    assert_int_equal(waiting.status, WSE_ECANCELED);
    assert_true(wse_test_instance_close(&instance));
}

/* Holds the database as a writer in the midst of its work does. */
static sqlite3 *lock_database(void) {
    sqlite3 *writer;
    assert_int_equal(sqlite3_open(path, &writer), SQLITE_OK);
    assert_int_equal(sqlite3_exec(writer, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    return writer;
}

static void waits_for_a_writer_as_long_as_it_is_told_to(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    sqlite3 *writer;
    (void)state;
    prepare(&instance, "SELECT count(*) AS n FROM place", "object");
    wse_test_config_set(instance.config, "busy_timeout", "20ms");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    writer = lock_database();
    ask(&instance, "a", "", &token);
    await(&instance, &token);
    assert_int_equal(token.status, WSE_EAGAIN);
    assert_int_equal(sqlite3_close(writer), SQLITE_OK);
    ask(&instance, "a", "", &token);
    await(&instance, &token);
    assert_string_equal(token.data, "{\"n\":1}");
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static bool is_past(void *time) {
    return uv_hrtime() >= *(uint64_t *)time;
}

static void stops_while_it_waits_for_a_writer(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    sqlite3 *writer;
    uint64_t begun;
    (void)state;
    prepare(&instance, "SELECT count(*) AS n FROM place", "object");
    wse_test_config_set(instance.config, "busy_timeout", "60s");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    writer = lock_database();
    ask(&instance, "a", "", &token);
    /* Nothing tells when it waits; where it does not yet, the test passes for less. */
    begun = uv_hrtime() + 50 * 1000 * 1000;
    assert_true(wse_test_host_turn_until(instance.host, is_past, &begun));
    assert_true(wse_test_instance_close(&instance));
    assert_int_equal(token.status, WSE_ECANCELED);
    assert_int_equal(sqlite3_close(writer), SQLITE_OK);
}

static void change(const char *sql) {
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static const struct {
    const char *change;
    int32_t status;
    const char *data;
    uint64_t offset; /* 0: no place */
} changes[] = {
    {"CREATE TABLE moving(number, note, epoch, offset);"
     "INSERT INTO moving VALUES(1, 'x', 'ff', 42)",
     WSE_OK, "{\"number\":1,\"note\":\"x\"}", 42},
    {"ALTER TABLE moving DROP COLUMN number", WSE_OK, "{\"note\":\"x\"}", 42},
    {"ALTER TABLE moving DROP COLUMN offset", WSE_EIO, NULL, 0},
    {"DROP TABLE moving; CREATE TABLE moving(offset, epoch, note);"
     "INSERT INTO moving VALUES(43, 'ff', 'y')",
     WSE_OK, "{\"note\":\"y\"}", 43},
    {"DROP TABLE moving; CREATE TABLE moving(a, data); INSERT INTO moving VALUES(1, '[2]')", WSE_OK,
     "[2]", 0},
    {"DROP TABLE moving; CREATE TABLE moving(a); INSERT INTO moving VALUES(3)", WSE_OK, "{\"a\":3}",
     0},
    {"DROP TABLE moving", WSE_EIO, NULL, 0},
};

static void follows_a_schema_that_changes(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    change(changes[0].change);
    prepare(&instance, "SELECT * FROM moving", "object");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
        if (i > 0) change(changes[i].change);
        ask(&instance, "a", "", &token);
        await(&instance, &token);
        assert_int_equal(token.status, changes[i].status);
        if (changes[i].data) assert_string_equal(token.data, changes[i].data);
        assert_int_equal(token.has_position, changes[i].offset != 0);
        assert_int_equal(token.offset, changes[i].offset);
        wse_snapshot_token_clear(&token);
    }
    assert_true(wse_test_instance_close(&instance));
}

static void refuses_an_answer_over_its_limit(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    prepare(&instance, "SELECT zeroblob(0) || hex(randomblob(1000)) AS note", "array");
    wse_test_config_set(instance.config, "max_size", "1000");
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
    ask(&instance, "a", "", &token);
    await(&instance, &token);
    assert_int_equal(token.status, WSE_ETOOBIG);
    assert_int_equal(wse_test_host_counter(instance.host, "failed"), 1);
    wse_snapshot_token_clear(&token);
    assert_true(wse_test_instance_close(&instance));
}

static const struct {
    const char *query, *sentence;
} refused[] = {
    {"", "query: is empty"},
    {"SELEC 1", "query: near \"SELEC\": syntax error"},
    {"SELECT 1 FROM nowhere", "query: no such table: nowhere"},
    {"SELECT 1; SELECT 2", "query: has more than one statement"},
    {"DELETE FROM orders", "query: it changes the database"},
    {"SELECT ?1, ?2, ?3, ?4", "query: has more parameters"},
    {"SELECT 1 AS epoch", "query: gives one of epoch and offset"},
};

static void judges_its_query(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; ++i) {
        wse_test_instance instance;
        prepare(&instance, refused[i].query, "array");
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        if (!strstr(instance.error.text, refused[i].sentence))
            fail_msg("'%s' for '%s'", instance.error.text, refused[i].sentence);
        assert_true(wse_test_instance_close(&instance));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_with_what_the_query_finds),
        cmocka_unit_test(gives_the_place_of_the_state),
        cmocka_unit_test(asks_for_each_user_when_it_is_told_to),
        cmocka_unit_test(keeps_its_answers_apart),
        cmocka_unit_test(breaks_off_what_nobody_waits_for),
        cmocka_unit_test(waits_for_a_writer_as_long_as_it_is_told_to),
        cmocka_unit_test(stops_while_it_waits_for_a_writer),
        cmocka_unit_test(follows_a_schema_that_changes),
        cmocka_unit_test(refuses_an_answer_over_its_limit),
        cmocka_unit_test(judges_its_query),
    };
    module = wse_test_load(MODULE_FILE);
    return cmocka_run_group_tests(tests, make_database, remove_database);
}
