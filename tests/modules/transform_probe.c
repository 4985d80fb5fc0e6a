/* SPDX-License-Identifier: MIT
 * A transform in the hands of a test in another language: transform_probe FILE.so [NAME=VALUE ...]
 * reads a command a line and answers each with a line, "STATUS" or "STATUS BYTES". Bytes are
 * written in hexadecimal, "-" for none.
 *
 *     open OFFER         encode BYTES ROOM    sign BYTES          save
 *     close              decode BYTES ROOM    verify BYTES MAC    restore BYTES
 *     rekey OFFER        clock MS             counter NAME
 *     loop N             state N
 *
 * There are two loops and two states; calls are made on the loop and with the state that was
 * chosen last. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/test_host.h>

#include "support/must.h"

#define LINE_BYTES (8u << 20)
#define ROOM_BYTES (4u << 20)
#define STATES 2

typedef struct probe {
    wse_test_instance instance;
    const wse_transform_ops *ops;
    wse_loop *loop;
    void *states[STATES];
    int opened[STATES];
    size_t state;
    char *out;
} probe;

typedef struct command {
    const char *name;
    wse_bytes first, second;
    uint64_t number; /* what stands last, as a number */
    const char *word;
} command;

/* In place; the text is twice as long. */
static wse_bytes unhex(char *text) {
    wse_bytes bytes = {text, 0};
    if (strcmp(text, "-") == 0) return bytes;
    for (char *from = text; from[0] && from[1]; from += 2) {
        const char pair[] = {from[0], from[1], '\0'};
        text[bytes.len++] = (char)strtoul(pair, NULL, 16);
    }
    return bytes;
}

static void answer(int32_t status, const char *bytes, uint64_t size) {
    printf("%" PRId32, status);
    if (bytes && status == WSE_OK) {
        printf(" %s", size == 0 ? "-" : "");
        for (uint64_t i = 0; i < size; ++i) printf("%02x", (unsigned char)bytes[i]);
    }
    printf("\n");
    fflush(stdout);
}

static void open_state(probe *p, wse_bytes offer) {
    uint64_t share = 0, size = ROOM_BYTES;
    const int32_t status =
        p->ops->open(p->instance.self, p->loop, offer, p->out, &size, &share, &p->states[p->state]);
    p->opened[p->state] = status == WSE_OK;
    MUST(status != WSE_OK || (share == 0) == (p->ops->layer == WSE_LAYER_CIPHER));
    answer(status, p->out, size);
}

static void close_state(probe *p) {
    if (p->opened[p->state]) p->ops->close(p->instance.self, p->loop, p->states[p->state]);
    p->opened[p->state] = 0;
    p->states[p->state] = NULL;
}

/* A buffer of just that size, so that a sanitizer sees what is written behind it. */
static void code(probe *p, const command *given) {
    uint64_t size = given->number;
    char *out = malloc((size_t)size + 1);
    int32_t status = 0;
    MUST(out);
    if (given->name[0] == 'e')
        status = p->ops->encode(p->instance.self, p->loop, p->states[p->state], given->first, out,
                                &size);
    else
        status = p->ops->decode(p->instance.self, p->loop, p->states[p->state], given->first, out,
                                &size);
    MUST(status != WSE_OK || size <= given->number);
    answer(status, out, size);
    free(out);
}

static void hand_over(probe *p, const command *given) {
    uint64_t size = ROOM_BYTES;
    int32_t status = WSE_OK;
    if (given->name[0] == 's') {
        status = p->ops->save(p->instance.self, p->states[p->state], p->out, &size);
        return answer(status, p->out, size);
    }
    close_state(p);
    status = p->ops->restore(p->instance.self, p->loop, given->first, &p->states[p->state]);
    p->opened[p->state] = status == WSE_OK;
    answer(status, NULL, 0);
}

static void use_keys(probe *p, const command *given) {
    uint64_t size = ROOM_BYTES;
    void *const self = p->instance.self, *const state = p->states[p->state];
    int32_t status = WSE_OK;
    if (given->name[0] == 'v') {
        status = p->ops->verify(self, p->loop, state, given->first, given->second);
        return answer(status, NULL, 0);
    }
    if (given->name[0] == 's')
        status = p->ops->sign(self, p->loop, state, given->first, p->out, &size);
    else
        status = p->ops->rekey(self, p->loop, state, given->first, p->out, &size);
    answer(status, p->out, size);
}

static void choose(probe *p, const command *given) {
    if (strcmp(given->name, "loop") == 0)
        p->loop = wse_test_host_loop(p->instance.host, (uint32_t)given->number);
    else if (strcmp(given->name, "state") == 0)
        p->state = given->number % STATES;
    else
        wse_test_host_set_now(p->instance.host, given->number);
    answer(WSE_OK, NULL, 0);
}

static void run(probe *p, const command *given) {
    const char *name = given->name;
    if (strcmp(name, "open") == 0) {
        open_state(p, given->first);
    } else if (strcmp(name, "close") == 0) {
        close_state(p);
        answer(WSE_OK, NULL, 0);
    } else if (strcmp(name, "encode") == 0 || strcmp(name, "decode") == 0) {
        code(p, given);
    } else if (strcmp(name, "save") == 0 || strcmp(name, "restore") == 0) {
        hand_over(p, given);
    } else if (strcmp(name, "sign") == 0 || strcmp(name, "verify") == 0 ||
               strcmp(name, "rekey") == 0) {
        use_keys(p, given);
    } else if (strcmp(name, "counter") == 0) {
        answer((int32_t)wse_test_host_counter(p->instance.host, given->word), NULL, 0);
    } else {
        choose(p, given);
    }
}

static command parse(char *line) {
    char *rest = NULL;
    command given = {.name = strtok_r(line, " \n", &rest)};
    char *first = strtok_r(NULL, " \n", &rest), *second = strtok_r(NULL, " \n", &rest);
    const char *last = second ? second : first;
    MUST(given.name);
    if (last) given.number = strtoull(last, NULL, 10);
    given.word = first;
    if (first && strcmp(given.name, "counter") != 0) given.first = unhex(first);
    if (second) given.second = unhex(second);
    return given;
}

int main(int argc, char **argv) {
    static char line[LINE_BYTES];
    static char out[ROOM_BYTES];
    probe p = {.out = out};
    MUST(argc > 1);
    wse_test_instance_init(&p.instance, wse_test_load(argv[1]));
    for (int i = 2; i < argc; ++i) {
        char *value = strchr(argv[i], '=');
        MUST(value);
        *value = '\0';
        wse_test_config_set(p.instance.config, argv[i], value + 1);
    }
    MUST(wse_test_instance_open(&p.instance) == WSE_OK);
    p.ops = p.instance.def->ops;
    p.loop = wse_test_host_loop(p.instance.host, 0);
    while (fgets(line, sizeof line, stdin)) {
        const command given = parse(line);
        run(&p, &given);
    }
    for (p.state = 0; p.state < STATES; ++p.state) close_state(&p);
    return wse_test_instance_close(&p.instance) ? 0 : 1;
}
