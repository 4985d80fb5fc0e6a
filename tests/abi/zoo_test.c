/* SPDX-License-Identifier: MIT
 * The zoo of bad modules as an operator meets it: `wsed -t` refuses each, with the sentence that
 * stands in the first line of its source.
 */
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/with_cmocka.h"

#define EXIT_BAD_CONFIG 78

static char config_path[] = "/tmp/wse-zoo-XXXXXX";

/* Runs `wsed -t` on a configuration with that one module. Returns its exit status. */
static int judge(const char *module, char *output, size_t size) {
    FILE *config = fopen(config_path, "w");
    FILE *wsed;
    size_t length;
    int status;
    assert_non_null(config);
    fprintf(config, "[listen.main]\naddress = \"127.0.0.1:0\"\n[module.zoo]\nload = \"%s/%s.so\"\n",
            WSE_ZOO_DIR, module);
    assert_int_equal(fclose(config), 0);

    setenv("WSE_ZOO_CONFIG", config_path, 1);
    wsed = popen(WSE_WSED " -t -c \"$WSE_ZOO_CONFIG\" 2>&1", "r");
    assert_non_null(wsed);
    length = fread(output, 1, size - 1, wsed);
    output[length] = '\0';
    status = pclose(wsed);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_matches(const char *pattern, const char *text, const char *module) {
    regex_t expression;
    assert_int_equal(regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&expression, text, 0, NULL, 0) != 0)
        fail_msg("%s: expected '%s' in\n%s", module, pattern, text);
    regfree(&expression);
}

/* What follows "refused: " in the first line of the source, or 0. */
static int read_refusal(const char *file, char *refusal, size_t size) {
    static const char mark[] = "/* refused: ";
    char path[1024], line[512];
    FILE *source;
    char *end;
    snprintf(path, sizeof path, "%s/%s", WSE_ZOO_SOURCES, file);
    source = fopen(path, "r");
    assert_non_null(source);
    assert_non_null(fgets(line, sizeof line, source));
    fclose(source);
    end = strstr(line, " */");
    if (strncmp(line, mark, sizeof mark - 1) != 0 || !end) return 0;
    *end = '\0';
    snprintf(refusal, size, "%s", line + sizeof mark - 1);
    return 1;
}

static void each_bad_module_is_refused_with_its_sentence(void **state) {
    char refusal[512], output[4096], module[256];
    int refused = 0;
    const struct dirent *entry;
    DIR *zoo = opendir(WSE_ZOO_SOURCES);
    (void)state;
    assert_non_null(zoo);
    while ((entry = readdir(zoo)) != NULL) {
        const char *suffix = strrchr(entry->d_name, '.');
        if (!suffix || strcmp(suffix, ".c") != 0) continue;
        if (!read_refusal(entry->d_name, refusal, sizeof refusal)) continue;
        snprintf(module, sizeof module, "%.*s", (int)(suffix - entry->d_name), entry->d_name);
        if (judge(module, output, sizeof output) != EXIT_BAD_CONFIG)
            fail_msg("%s was not refused:\n%s", module, output);
        assert_matches(refusal, output, module);
        ++refused;
    }
    closedir(zoo);
    assert_in_range(refused, 30, 1000);
}

static void a_sound_module_is_accepted(void **state) {
    char output[4096];
    (void)state;
    assert_int_equal(judge("minimal", output, sizeof output), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bad_module_is_refused_with_its_sentence),
        cmocka_unit_test(a_sound_module_is_accepted),
    };
    int failed;
    int fd = mkstemp(config_path);
    if (fd < 0) return 1;
    close(fd);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(config_path);
    return failed;
}
