/* SPDX-License-Identifier: MIT
 * event_filter.so as the server meets it: criteria, and the messages that meet them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/test_host.h>

#include "support/with_cmocka.h"

static const wse_module_def *module;
static const wse_event_ops *ops;
static wse_test_instance instance;

static void open_with(const char *name, const char *value) {
    wse_test_instance_init(&instance, module);
    if (name) wse_test_config_set(instance.config, name, value);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
}

static void close_all(void) {
    assert_true(wse_test_instance_close(&instance));
}

static wse_bytes bytes(const char *text) {
    const wse_bytes all = {text, strlen(text)};
    return all;
}

static wse_loop *loop(void) {
    return wse_test_host_loop(instance.host, 0);
}

static void *compile(const char *criteria, wse_error *error) {
    void *filter = NULL;
    memset(error, 0, sizeof *error);
    error->struct_size = sizeof *error;
    if (ops->compile(instance.self, loop(), bytes(criteria), &filter, error) != WSE_OK)
        assert_null(filter);
    return filter;
}

static void *read_message(const char *payload) {
    const wse_message message = {.struct_size = sizeof message,
                                 .priority = 8,
                                 .topic = bytes("orders:7"),
                                 .type = bytes("news"),
                                 .id = bytes("id-1"),
                                 .payload = bytes(payload)};
    void *view = NULL;
    if (ops->read(instance.self, loop(), &message, &view) != WSE_OK) assert_null(view);
    return view;
}

static int takes(const char *criteria, const char *payload) {
    wse_error error;
    void *const filter = compile(criteria, &error);
    void *const view = read_message(payload);
    int verdict;
    if (!filter) print_error("%s: %s\n", criteria, error.text);
    assert_non_null(filter);
    assert_non_null(view);
    verdict = ops->match(instance.self, filter, view);
    ops->close(instance.self, loop(), view);
    ops->discard(instance.self, loop(), filter);
    return verdict;
}

#define MESSAGE                                                                          \
    "{\"n\":7,\"s\":\"apple pie\",\"b\":true,\"z\":null,\"list\":[1,\"two\",{\"k\":3}]," \
    "\"o\":{\"in\":{\"deep\":\"yes\"},\"e\":{\"a\":1,\"b\":2}},\"f\":1.5,\"num\":\"7\"}"

static void matches_with_every_operator(void **state) {
    static const struct {
        const char *criteria;
        int taken;
    } cases[] = {
        {"{}", 1},
        {"{\"n\":7}", 1},
        {"{\"n\":7.0}", 1},
        {"{\"n\":8}", 0},
        {"{\"n\":\"7\"}", 0},
        {"{\"z\":null}", 1},
        {"{\"none\":null}", 1},
        {"{\"o.e\":{\"b\":2,\"a\":1}}", 1},
        {"{\"o.e\":{\"b\":2}}", 0},
        {"{\"list\":[1,\"two\",{\"k\":3}]}", 1},
        {"{\"list\":[\"two\",1,{\"k\":3}]}", 0},
        {"{\"n\":{\"$eq\":7}}", 1},
        {"{\"n\":{\"$ne\":7}}", 0},
        {"{\"none\":{\"$ne\":7}}", 1},
        {"{\"n\":{\"$gt\":6.5}}", 1},
        {"{\"n\":{\"$gt\":7}}", 0},
        {"{\"n\":{\"$gte\":7}}", 1},
        {"{\"n\":{\"$lt\":7}}", 0},
        {"{\"n\":{\"$lte\":7}}", 1},
        {"{\"n\":{\"$gt\":\"1\"}}", 0},
        {"{\"num\":{\"$gt\":1}}", 0},
        {"{\"none\":{\"$lte\":1}}", 0},
        {"{\"b\":{\"$gte\":0}}", 0},
        {"{\"s\":{\"$gt\":\"aardvark\",\"$lt\":\"banana\"}}", 1},
        {"{\"n\":{\"$in\":[1,7]}}", 1},
        {"{\"n\":{\"$in\":[]}}", 0},
        {"{\"n\":{\"$nin\":[1,7]}}", 0},
        {"{\"none\":{\"$in\":[null]}}", 1},
        {"{\"s\":{\"$regex\":\"^app.*e$\"}}", 1},
        {"{\"s\":{\"$regex\":\"pear\"}}", 0},
        {"{\"n\":{\"$regex\":\"7\"}}", 0},
        {"{\"z\":{\"$exists\":true}}", 1},
        {"{\"none\":{\"$exists\":true}}", 0},
        {"{\"none\":{\"$exists\":false}}", 1},
        {"{\"s\":{\"$contains\":\"e p\"}}", 1},
        {"{\"list\":{\"$contains\":\"two\"}}", 1},
        {"{\"list\":{\"$contains\":{\"k\":3}}}", 1},
        {"{\"list\":{\"$contains\":2}}", 0},
        {"{\"o\":{\"$contains\":\"in\"}}", 1},
        {"{\"n\":{\"$contains\":7}}", 0},
        {"{\"s\":{\"$startswith\":\"app\"}}", 1},
        {"{\"s\":{\"$endswith\":\"app\"}}", 0},
        {"{\"s\":{\"$endswith\":\" pie\"}}", 1},
        {"{\"o.in.deep\":\"yes\"}", 1},
        {"{\"list.1\":\"two\"}", 1},
        {"{\"list.2.k\":3}", 1},
        {"{\"list.3\":{\"$exists\":false}}", 1},
        {"{\"list.x\":{\"$exists\":true}}", 0},
        {"{\"n.x\":{\"$exists\":true}}", 0},
        {"{\"_event.type\":\"news\",\"_event.topic\":\"orders:7\"}", 1},
        {"{\"_event.id\":\"id-1\",\"_event.priority\":{\"$gte\":8}}", 1},
        {"{\"_event.type\":\"olds\"}", 0},
        {"{\"start_from_latest\":true,\"n\":8}", 0},
    };
    size_t i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        if (takes(cases[i].criteria, MESSAGE) == cases[i].taken) continue;
        print_error("%s\n", cases[i].criteria);
        assert_true(0);
    }
    close_all();
}

static void joins_conditions_with_what_stands_beside_them(void **state) {
    static const struct {
        const char *criteria;
        int taken;
    } cases[] = {
        {"{\"n\":7,\"b\":true}", 1},
        {"{\"n\":7,\"b\":false}", 0},
        {"{\"$or\":[{\"n\":1},{\"n\":7}],\"b\":false}", 0},
        {"{\"b\":true,\"$or\":[{\"n\":1},{\"n\":7}]}", 1},
        {"{\"$and\":[{\"n\":7},{\"b\":true}],\"s\":\"no\"}", 0},
        {"{\"$and\":[{\"n\":7}],\"$or\":[{\"n\":1}]}", 0},
        {"{\"$or\":[{\"$and\":[{\"n\":7},{\"b\":true}]},{\"n\":1}]}", 1},
        {"{\"$or\":[{\"n\":7,\"b\":false},{\"n\":1}]}", 0},
        {"{\"$and\":[]}", 1},
        {"{\"$or\":[]}", 0},
        {"{\"$or\":[{}]}", 1},
        {"{\"$not\":{\"n\":7}}", 0},
        {"{\"$not\":{\"n\":7,\"b\":false}}", 1},
        {"{\"$not\":{}}", 0},
        {"{\"$not\":{\"$or\":[]}}", 1},
        {"{\"n\":{\"$not\":{\"$gt\":7}}}", 1},
        {"{\"n\":{\"$not\":{\"$gt\":6},\"$exists\":true}}", 0},
        {"{\"none\":{\"$not\":{\"$gt\":6}}}", 1},
    };
    size_t i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        if (takes(cases[i].criteria, MESSAGE) == cases[i].taken) continue;
        print_error("%s\n", cases[i].criteria);
        assert_true(0);
    }
    close_all();
}

static void says_what_is_wrong_with_criteria(void **state) {
    static const struct {
        const char *criteria, *problem;
    } cases[] = {
        {"[]", "not a JSON object"},
        {"{\"a\":1", "not a JSON object"},
        {"{\"a\":{\"$near\":1}}", "there is no operator $near"},
        {"{\"$near\":1}", "$near needs a path before it"},
        {"{\"a\":{\"$in\":1}}", "$in needs a list"},
        {"{\"a\":{\"$gt\":true}}", "$gt needs a number or a string"},
        {"{\"a\":{\"$exists\":1}}", "$exists needs true or false"},
        {"{\"a\":{\"$regex\":1}}", "$regex needs a string"},
        {"{\"a\":{\"$regex\":\"(\"}}", "$regex: not a regular expression, or a costly one"},
        {"{\"a\":{\"$regex\":\"(a)\\\\1\"}}", "$regex: not a regular expression, or a costly one"},
        {"{\"a\":{\"$regex\":\"((a{100}){100}){100}\"}}",
         "$regex: not a regular expression, or a costly one"},
        {"{\"a\":{\"$gt\":1,\"b\":2}}", "'b' stands among operators"},
        {"{\"a\":{\"$not\":1}}", "$not behind a path needs operators"},
        {"{\"$not\":1}", "$not needs an object"},
        {"{\"$or\":{}}", "$or needs a list"},
        {"{\"$or\":[1]}", "$or is a list of objects"},
        {"{\"\":1}", "'' is no path of 1 to 16 names"},
        {"{\"a..b\":1}", "'a..b' is no path of 1 to 16 names"},
        {"{\"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q\":1}",
         "'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q' is no path of 1 to 16 names"},
    };
    size_t i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        wse_error error;
        assert_null(compile(cases[i].criteria, &error));
        assert_string_equal(error.text, cases[i].problem);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "refused"),
                     (int64_t)(sizeof cases / sizeof *cases));
    close_all();
}

static void refuses(const char *option, const char *value, const char *good, const char *bad,
                    const char *problem) {
    wse_error error;
    void *filter;
    open_with(option, value);
    filter = compile(good, &error);
    assert_non_null(filter);
    ops->discard(instance.self, loop(), filter);
    assert_null(compile(bad, &error));
    assert_string_equal(error.text, problem);
    close_all();
}

static void has_limits(void **state) {
    (void)state;
    refuses("max_depth", "2", "{\"$or\":[{\"a\":1}]}", "{\"$or\":[{\"$or\":[{\"a\":1}]}]}",
            "more than 2 levels");
    refuses("max_depth", "2", "{\"a\":{\"$not\":{\"$gt\":1}}}",
            "{\"a\":{\"$not\":{\"$not\":{\"$gt\":1}}}}", "more than 2 levels");
    refuses("max_conditions", "2", "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":{\"$gt\":1,\"$lt\":2}}",
            "more than 2 conditions");
    refuses("max_pattern", "3", "{\"a\":{\"$regex\":\"abc\"}}", "{\"a\":{\"$regex\":\"abcd\"}}",
            "$regex: longer than 3 bytes");
    refuses("max_patterns", "1", "{\"a\":{\"$regex\":\"a\"}}",
            "{\"a\":{\"$regex\":\"a\"},\"b\":{\"$regex\":\"b\"}}",
            "$regex: the server holds too many for now");
    /* What was refused has given back what it had. */
    open_with("max_patterns", "1");
    assert_int_equal(takes("{\"s\":{\"$regex\":\"pie\"}}", MESSAGE), 1);
    assert_int_equal(takes("{\"s\":{\"$regex\":\"pie\"}}", MESSAGE), 1);
    close_all();
}

static void looks_for_patterns_in_short_texts_alone(void **state) {
    (void)state;
    open_with("max_text", "9");
    assert_int_equal(takes("{\"s\":{\"$regex\":\"pie\"}}", MESSAGE), 1);
    close_all();
    open_with("max_text", "8");
    assert_int_equal(takes("{\"s\":{\"$regex\":\"pie\"}}", MESSAGE), 0);
    close_all();
}

/* Members are found however many there are. */
static void reads_large_payloads(void **state) {
    enum { kMembers = 20000 };
    char *const payload = malloc(kMembers * 32);
    size_t used = 1;
    int i;
    (void)state;
    assert_non_null(payload);
    payload[0] = '{';
    for (i = 0; i < kMembers; ++i)
        used += (size_t)snprintf(payload + used, 32, "\"m%d\":%d,", i, i);
    strcpy(payload + used, "\"list\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]}");
    open_with(NULL, NULL);
    assert_int_equal(takes("{\"m19999\":19999,\"list.19\":19,\"list.20\":null}", payload), 1);
    assert_int_equal(takes("{\"m20000\":{\"$exists\":true}}", payload), 0);
    free(payload);
    close_all();
}

static void reads_nothing_that_is_no_object(void **state) {
    char deep[400];
    (void)state;
    open_with(NULL, NULL);
    assert_null(read_message("[1]"));
    assert_null(read_message("{\"a\":"));
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    deep[200] = '\0';
    assert_null(read_message(deep));
    assert_int_equal(wse_test_host_counter(instance.host, "unreadable"), 3);
    close_all();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_with_every_operator),
        cmocka_unit_test(joins_conditions_with_what_stands_beside_them),
        cmocka_unit_test(says_what_is_wrong_with_criteria),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(looks_for_patterns_in_short_texts_alone),
        cmocka_unit_test(reads_large_payloads),
        cmocka_unit_test(reads_nothing_that_is_no_object),
    };
    module = wse_test_load(MODULE_FILE);
    ops = module->ops;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
