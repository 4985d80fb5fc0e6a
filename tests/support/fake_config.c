/* SPDX-License-Identifier: MIT */
#include "support/fake_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STRINGS 64

struct fake_config {
    const wse_module_def *def;
    char *data;
    char *strings[MAX_STRINGS]; /* everything that data points to */
    void *lists[MAX_STRINGS];
    uint32_t string_count, list_count;
};

static void fail(const char *name, const char *value) {
    fprintf(stderr, "fake_config: no option %s, or it does not take '%s'\n", name, value);
    abort();
}

static char *keep(fake_config *config, const char *text, size_t length) {
    char *copy = calloc(1, length + 1);
    if (!copy || config->string_count == MAX_STRINGS) abort();
    memcpy(copy, text, length);
    config->strings[config->string_count++] = copy;
    return copy;
}

/* A number and a unit: the table ends with a unit of NULL. */
struct unit {
    const char *word;
    int64_t factor;
};
static const struct unit durations[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1}, {"k", 1024}, {"m", 1 << 20}, {NULL, 0}};
static const struct unit counts[] = {{"", 1}, {NULL, 0}};

static int64_t scaled(const wse_option *option, const char *value, const struct unit *unit) {
    char *end = NULL;
    const int64_t number = strtoll(value, &end, 10);
    while (unit->word && strcmp(unit->word, end) != 0) ++unit;
    if (end == value || !unit->word) fail(option->name, value);
    if ((option->min || option->max) &&
        (number * unit->factor < option->min || number * unit->factor > option->max))
        fail(option->name, value);
    return number * unit->factor;
}

static int32_t choice(const wse_option *option, const char *value) {
    int32_t place = 0;
    for (const char *at = option->choices; *at; ++place) {
        const size_t length = strcspn(at, "|");
        if (strlen(value) == length && strncmp(at, value, length) == 0) return place;
        at += length + (at[length] == '|');
    }
    fail(option->name, value);
    return -1;
}

static wse_strings list(fake_config *config, const char *value) {
    const char **items = calloc(MAX_STRINGS, sizeof *items);
    uint64_t count = 0;
    if (!items || config->list_count == MAX_STRINGS) abort();
    config->lists[config->list_count++] = items;
    while (*value) {
        const size_t length = strcspn(value, ",");
        items[count++] = keep(config, value, length);
        value += length + (value[length] == ',');
    }
    return (wse_strings){items, count};
}

static void fill(fake_config *config, const wse_option *option, const char *value) {
    char *member = config->data + option->offset;
    switch (option->type) {
        case WSE_OPT_INT:
            *(int64_t *)(void *)member = scaled(option, value, counts);
            break;
        case WSE_OPT_DURATION:
            *(int64_t *)(void *)member = scaled(option, value, durations);
            break;
        case WSE_OPT_SIZE:
            *(int64_t *)(void *)member = scaled(option, value, sizes);
            break;
        case WSE_OPT_STRING:
            *(const char **)(void *)member = keep(config, value, strlen(value));
            break;
        case WSE_OPT_ENUM:
            *(int32_t *)(void *)member = choice(option, value);
            break;
        case WSE_OPT_STRINGS:
            *(wse_strings *)(void *)member = list(config, value);
            break;
        default:
            fail(option->name, value);
    }
}

fake_config *fake_config_new(const wse_module_def *def) {
    fake_config *config = calloc(1, sizeof *config);
    if (!config) abort();
    config->def = def;
    config->data = calloc(1, def->config_size);
    if (!config->data) abort();
    for (const wse_option *option = def->options; option->name; ++option) {
        if (option->fallback) fill(config, option, option->fallback);
    }
    return config;
}

void fake_config_set(fake_config *config, const char *name, const char *value) {
    const wse_option *option = config->def->options;
    while (option->name && strcmp(option->name, name) != 0) ++option;
    if (!option->name) fail(name, value);
    fill(config, option, value);
}

const void *fake_config_data(const fake_config *config) {
    return config->data;
}

void fake_config_free(fake_config *config) {
    for (uint32_t i = 0; i < config->string_count; ++i) free(config->strings[i]);
    for (uint32_t i = 0; i < config->list_count; ++i) free(config->lists[i]);
    free(config->data);
    free(config);
}
