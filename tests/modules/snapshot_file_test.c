/* SPDX-License-Identifier: MIT
 * snapshot_file.so as the server meets it: files read, replaced, broken and put out of the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot_case.h"
#include "support/with_cmocka.h"

static const wse_module_def *module;
static char directory[] = "/tmp/wse-states-XXXXXX";

static const char *path_of(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

/* Replaced whole, as it should be done. */
static void put(const char *name, const char *text) {
    char fresh[512];
    FILE *file;
    snprintf(fresh, sizeof fresh, "%s/.fresh", directory);
    file = fopen(fresh, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(fresh, path_of(name)), 0);
}

static void open_with(wse_test_instance *instance, const char *option, const char *value) {
    wse_test_instance_init(instance, module);
    wse_test_config_set(instance->config, "directory", directory);
    if (option) wse_test_config_set(instance->config, option, value);
    assert_int_equal(wse_test_instance_open(instance), WSE_OK);
}

static void gives_the_file_of_a_topic(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    put("orders:42.json", " {\"open\":[1, 2]}\n");
    open_with(&instance, "type", "orders_snapshot");
    assert_int_equal(snapshot_ask(&instance, "orders:42", &token), WSE_OK);
    assert_string_equal(token.data, " {\"open\":[1, 2]}\n");
    assert_string_equal(token.type, "orders_snapshot");
    assert_false(token.has_position);
    wse_snapshot_token_clear(&token);
    snapshot_fails(&instance, "orders:43", WSE_ENOTFOUND);
    assert_int_equal(wse_test_host_counter(instance.host, "missing"), 1);
    assert_true(wse_test_instance_close(&instance));
}

static void takes_the_place_from_a_wrapper(void **state) {
    wse_test_instance instance;
    wse_snapshot_token token;
    (void)state;
    put("a.json", "{\"epoch\":\"0000002a\",\"offset\":17,\"data\":[1]}");
    put("b.json", "{\"epoch\":\"0000002a\",\"offset\":17,\"data\":[1],\"more\":0}");
    put("c.json", "{\"epoch\":42,\"offset\":17,\"data\":[1]}");
    open_with(&instance, NULL, NULL);
    assert_int_equal(snapshot_ask(&instance, "a", &token), WSE_OK);
    assert_string_equal(token.data, "[1]");
    assert_true(token.has_position);
    assert_int_equal(token.epoch, 42);
    assert_int_equal(token.offset, 17);
    wse_snapshot_token_clear(&token);
    assert_int_equal(snapshot_ask(&instance, "b", &token), WSE_OK);
    assert_false(token.has_position);
    assert_non_null(strstr(token.data, "\"more\":0"));
    wse_snapshot_token_clear(&token);
    snapshot_fails(&instance, "c", WSE_EIO);
    assert_true(wse_test_instance_close(&instance));
}

static void gives_each_topic_a_name_in_the_directory(void **state) {
    static char longest[300];
    static const struct {
        const char *topic;
        const char *name;
    } names[] = {
        {"Az09:_.-", "Az09:_.-.json"},
        {"a/b", "a%2Fb.json"},
        {"..", "%2E..json"},
        {"../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.json"},
        {".hidden", "%2Ehidden.json"},
        {"a%2Fb", "a%252Fb.json"},
        {"j\xc3\xbcrgen x", "j%C3%BCrgen%20x.json"},
    };
    wse_test_instance instance;
    (void)state;
    open_with(&instance, NULL, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        char data[64];
        snprintf(data, sizeof data, "%u", (unsigned)i);
        put(names[i].name, data);
        snapshot_is(&instance, names[i].topic, data);
    }
    memset(longest, 'a', 251);
    snapshot_fails(&instance, longest, WSE_ENOTFOUND);
    assert_true(wse_test_instance_close(&instance));
}

static void follows_no_link_and_reads_no_pipe(void **state) {
    wse_test_instance instance;
    (void)state;
    put("real.json", "1");
    unlink(path_of("link.json"));
    assert_int_equal(symlink("real.json", path_of("link.json")), 0);
    unlink(path_of("secret.json"));
    assert_int_equal(symlink("/etc/hostname", path_of("secret.json")), 0);
    assert_int_equal(mkfifo(path_of("pipe.json"), 0600), 0);
    assert_int_equal(mkdir(path_of("folder.json"), 0700), 0);
    open_with(&instance, NULL, NULL);
    snapshot_fails(&instance, "link", WSE_EIO);
    snapshot_fails(&instance, "secret", WSE_EIO);
    snapshot_fails(&instance, "pipe", WSE_EIO);
    snapshot_fails(&instance, "folder", WSE_EIO);
    assert_non_null(strstr(wse_test_host_log(instance.host),
                           "1 file.refused file=link.json problem=\"is a symbolic link"));
    assert_true(wse_test_instance_close(&instance));
}

static void sees_a_changed_file_at_once_when_nothing_is_believed(void **state) {
    wse_test_instance instance;
    (void)state;
    put("a.json", "1");
    open_with(&instance, "check_interval", "0s");
    snapshot_is(&instance, "a", "1");
    put("a.json", "2");
    snapshot_is(&instance, "a", "2");
    unlink(path_of("a.json"));
    snapshot_fails(&instance, "a", WSE_ENOTFOUND);
    assert_true(wse_test_instance_close(&instance));
}

static bool has_two(void *p) {
    wse_test_instance *instance = p;
    wse_snapshot_token token;
    bool two;
    assert_int_equal(snapshot_ask(instance, "a", &token), WSE_OK);
    two = strcmp(token.data, "2") == 0;
    wse_snapshot_token_clear(&token);
    return two;
}

static void is_told_by_the_watch_long_before_the_interval_is_over(void **state) {
    wse_test_instance instance;
    (void)state;
    put("a.json", "1");
    open_with(&instance, "check_interval", "1h");
    for (int i = 0; i < 5; ++i) snapshot_is(&instance, "a", "1");
    assert_int_equal(wse_test_host_counter(instance.host, "reads"), 1);
    put("a.json", "2");
    assert_true(wse_test_host_turn_until(instance.host, has_two, &instance));
    assert_int_equal(wse_test_host_counter(instance.host, "reads"), 2);
    assert_true(wse_test_instance_close(&instance));
}

static void complains_once_of_a_file_that_is_broken(void **state) {
    wse_test_instance instance;
    const char *line;
    (void)state;
    put("a.json", "{\"secret\":1");
    open_with(&instance, "check_interval", "0s");
    for (int i = 0; i < 3; ++i) snapshot_fails(&instance, "a", WSE_EIO);
    line = strstr(wse_test_host_log(instance.host), "file.refused file=a.json");
    assert_non_null(line);
    assert_null(strstr(line + 1, "file.refused"));
    assert_null(strstr(wse_test_host_log(instance.host), "secret"));
    assert_int_equal(wse_test_host_counter(instance.host, "failed"), 3);
    put("a.json", "2");
    snapshot_is(&instance, "a", "2");
    assert_true(wse_test_instance_close(&instance));
}

static void reads_no_file_over_the_limit(void **state) {
    static char large[2000];
    wse_test_instance instance;
    (void)state;
    snprintf(large, sizeof large, "\"%01024d\"", 0);
    put("a.json", large);
    open_with(&instance, "limit", "1k");
    snapshot_fails(&instance, "a", WSE_ETOOBIG);
    large[1024 - 1] = '"';
    large[1024] = '\0';
    put("b.json", large);
    snapshot_is(&instance, "b", large);
    assert_true(wse_test_instance_close(&instance));
}

static void looks_once_for_questions_that_come_together(void **state) {
    const snapshot_question question = {.topic = "a"};
    wse_test_instance instance;
    wse_snapshot_token tokens[20];
    (void)state;
    put("a.json", "1");
    open_with(&instance, "check_interval", "0s");
    for (int i = 0; i < 20; ++i)
        assert_int_equal(snapshot_begin(&instance, &question, &tokens[i]), WSE_OK);
    for (int i = 0; i < 20; ++i) {
        snapshot_wait(&instance, &tokens[i]);
        assert_string_equal(tokens[i].data, "1");
        wse_snapshot_token_clear(&tokens[i]);
    }
    assert_int_equal(wse_test_host_counter(instance.host, "reads"), 1);
    assert_true(wse_test_instance_close(&instance));
}

static void answers_what_it_was_asked_when_it_stops(void **state) {
    const snapshot_question question = {.topic = "a"};
    (void)state;
    put("a.json", "1");
    for (int turns = 0; turns < 20; ++turns) {
        wse_test_instance instance;
        wse_snapshot_token token;
        open_with(&instance, NULL, NULL);
        assert_int_equal(snapshot_begin(&instance, &question, &token), WSE_OK);
        for (int i = 0; i < turns; ++i) wse_test_host_turn(instance.host);
        assert_true(wse_test_instance_close(&instance));
        assert_int_equal(token.answers, 1);
        wse_snapshot_token_clear(&token);
    }
}

static void names_the_option_that_is_wrong(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } wrong[] = {
        {"directory", "states", "directory: 'states' is no absolute path"},
        {"directory", "/nowhere/states", "directory: cannot read '/nowhere/states': No such"},
        {"suffix", "/../x", "suffix: '/../x' has a character beside"},
        {"type", "a b_snapshot", "type: has a character that is not plain ASCII"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        wse_test_instance instance;
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, "directory", directory);
        wse_test_config_set(instance.config, wrong[i].option, wrong[i].value);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        if (!strstr(instance.error.text, wrong[i].sentence)) fail_msg("'%s'", instance.error.text);
        assert_true(wse_test_instance_close(&instance));
    }
}

static int begin(void **state) {
    (void)state;
    module = wse_test_load(MODULE_FILE);
    return mkdtemp(directory) ? 0 : -1;
}

static int end(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_file_of_a_topic),
        cmocka_unit_test(takes_the_place_from_a_wrapper),
        cmocka_unit_test(gives_each_topic_a_name_in_the_directory),
        cmocka_unit_test(follows_no_link_and_reads_no_pipe),
        cmocka_unit_test(sees_a_changed_file_at_once_when_nothing_is_believed),
        cmocka_unit_test(is_told_by_the_watch_long_before_the_interval_is_over),
        cmocka_unit_test(complains_once_of_a_file_that_is_broken),
        cmocka_unit_test(reads_no_file_over_the_limit),
        cmocka_unit_test(looks_once_for_questions_that_come_together),
        cmocka_unit_test(answers_what_it_was_asked_when_it_stops),
        cmocka_unit_test(names_the_option_that_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
