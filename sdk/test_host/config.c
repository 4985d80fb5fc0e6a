/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "internal.h"

#define MAX_ITEMS 64

/* Everything the config struct points to. */
struct block {
    struct block *next;
    char bytes[];
};

struct wse_test_config {
    const wse_module_def *def;
    char *data;
    struct block *blocks;
};

static void *allocate(wse_test_config *config, size_t size) {
    struct block *block = calloc(1, sizeof *block + size);
    MUST(block);
    block->next = config->blocks;
    config->blocks = block;
    return block->bytes;
}

static const char *keep(wse_test_config *config, const char *text, size_t length) {
    char *copy = allocate(config, length + 1);
    memcpy(copy, text, length);
    return copy;
}

/* A unit behind a number; one of NULL ends the table. */
struct unit {
    const char *word;
    int64_t factor;
};
static const struct unit durations[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit sizes[] = {
    {"", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {NULL, 0}};
static const struct unit counts[] = {{"", 1}, {NULL, 0}};

static bool in_bounds(const wse_option *option, int64_t number) {
    return (!option->min && !option->max) || (number >= option->min && number <= option->max);
}

static bool scaled(const wse_option *option, const char *value, const struct unit *unit,
                   void *ret) {
    char *end = NULL;
    int64_t number;
    errno = 0;
    number = strtoll(value, &end, 10);
    if ((option->flags & WSE_OPT_F_AUTO) && strcmp(value, "auto") == 0) {
        memset(ret, 0, sizeof number);
        return true;
    }
    while (unit->word && strcmp(unit->word, end) != 0) ++unit;
    if (end == value || !unit->word || errno != 0) return false;
    if (number > INT64_MAX / unit->factor || number < INT64_MIN / unit->factor) return false;
    number *= unit->factor;
    memcpy(ret, &number, sizeof number);
    return in_bounds(option, number);
}

static bool fraction(const wse_option *option, const char *value, void *ret) {
    char *end = NULL;
    const double number = strtod(value, &end);
    memcpy(ret, &number, sizeof number);
    if (end == value || *end) return false;
    return (!option->min && !option->max) ||
           (number >= (double)option->min && number <= (double)option->max);
}

static bool choice(const char *choices, const char *value, void *ret) {
    int32_t place = 0;
    for (const char *at = choices; *at; ++place) {
        const size_t length = strcspn(at, "|");
        if (strlen(value) == length && strncmp(at, value, length) == 0) {
            memcpy(ret, &place, sizeof place);
            return true;
        }
        at += length + (at[length] == '|');
    }
    return false;
}

static bool list(wse_test_config *config, const char *value, void *ret) {
    const char **items = allocate(config, MAX_ITEMS * sizeof *items);
    wse_strings strings = {items, 0};
    while (*value) {
        const size_t length = strcspn(value, ",");
        if (strings.count == MAX_ITEMS) return false;
        items[strings.count++] = keep(config, value, length);
        value += length + (value[length] == ',');
    }
    memcpy(ret, &strings, sizeof strings);
    return true;
}

static bool pairs(wse_test_config *config, const char *value, void *ret) {
    wse_pair *items = allocate(config, MAX_ITEMS * sizeof *items);
    wse_pairs all = {items, 0};
    while (*value) {
        const size_t length = strcspn(value, ",");
        const size_t key = strcspn(value, "=,");
        if (all.count == MAX_ITEMS || value[key] != '=') return false;
        items[all.count++] =
            (wse_pair){keep(config, value, key), keep(config, value + key + 1, length - key - 1)};
        value += length + (value[length] == ',');
    }
    memcpy(ret, &all, sizeof all);
    return true;
}

static bool fill(wse_test_config *config, const wse_option *option, const char *value) {
    char *member = config->data + option->offset;
    switch (option->type) {
        case WSE_OPT_BOOL:
            return choice("false|true", value, member);
        case WSE_OPT_INT:
            return scaled(option, value, counts, member);
        case WSE_OPT_FLOAT:
            return fraction(option, value, member);
        case WSE_OPT_DURATION:
            return scaled(option, value, durations, member);
        case WSE_OPT_SIZE:
            return scaled(option, value, sizes, member);
        case WSE_OPT_STRING: {
            const char *text = keep(config, value, strlen(value));
            memcpy(member, &text, sizeof text);
            return true;
        }
        case WSE_OPT_ENUM:
            return choice(option->choices ? option->choices : "", value, member);
        case WSE_OPT_STRINGS:
            return list(config, value, member);
        case WSE_OPT_PAIRS:
            return pairs(config, value, member);
        default:
            return false;
    }
}

/* A table's rows are as long as the header that the module was built with says. */
static const wse_option *next_row(const wse_module_def *def, const wse_option *option) {
    return (const wse_option *)(const void *)((const char *)option + def->option_size);
}

/* An empty list is written "[]" or "{}" in a table. */
static const char *without_brackets(const wse_option *option) {
    const bool collection = option->type == WSE_OPT_STRINGS || option->type == WSE_OPT_PAIRS;
    const bool empty = strcmp(option->fallback, "[]") == 0 || strcmp(option->fallback, "{}") == 0;
    return collection && empty ? "" : option->fallback;
}

wse_test_config *wse_test_config_new(const wse_module_def *def) {
    wse_test_config *config = calloc(1, sizeof *config);
    const wse_option *option = def->options;
    MUST(config);
    config->def = def;
    config->data = calloc(1, def->config_size ? def->config_size : 1);
    MUST(config->data);
    for (; option && option->name; option = next_row(def, option)) {
        if (option->fallback && !fill(config, option, without_brackets(option))) {
            fprintf(stderr, "option %s does not take its fallback\n", option->name);
            abort();
        }
    }
    return config;
}

bool wse_test_config_try(wse_test_config *config, const char *name, const char *value) {
    const wse_option *option = config->def->options;
    while (option && option->name && strcmp(option->name, name) != 0)
        option = next_row(config->def, option);
    return option && option->name && fill(config, option, value);
}

void wse_test_config_set(wse_test_config *config, const char *name, const char *value) {
    if (wse_test_config_try(config, name, value)) return;
    fprintf(stderr, "no option %s, or it does not take '%s'\n", name, value);
    abort();
}

const void *wse_test_config_data(const wse_test_config *config) {
    return config->data;
}

void wse_test_config_free(wse_test_config *config) {
    while (config->blocks) {
        struct block *block = config->blocks;
        config->blocks = block->next;
        free(block);
    }
    free(config->data);
    free(config);
}
