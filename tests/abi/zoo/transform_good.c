/* accepted: a cipher that adds its key to every byte */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "journal.h"

struct state {
    unsigned char key;
};

static int has(wse_bytes bytes, const char *what) {
    const char *from = bytes.data;
    const uint64_t size = strlen(what);
    uint64_t i;
    for (i = 0; i + size <= bytes.len; ++i)
        if (memcmp(from + i, what, size) == 0) return 1;
    return 0;
}

static int32_t answer(const char *text, void *out, uint64_t *inout) {
    const uint64_t size = strlen(text);
    if (size > *inout) return WSE_ETOOBIG;
    memcpy(out, text, size);
    *inout = size;
    return WSE_OK;
}

static int32_t open_state(void *p, wse_loop *loop, wse_bytes offer, void *reply,
                          uint64_t *inout_reply, uint64_t *ret_share, void **ret_state) {
    struct state *state;
    (void)loop;
    if (has(offer, "\"odd\"")) return WSE_EINVAL;
    if (!has(offer, "\"good\"")) return WSE_EDENIED;
    state = malloc(sizeof *state);
    if (!state) return WSE_ENOMEM;
    state->key = 1;
    *ret_share = 7;
    *ret_state = state;
    zoo_note(((struct zoo_self *)p)->config, "open", 0);
    return answer("{\"good\":true}", reply, inout_reply);
}

static void close_state(void *p, wse_loop *loop, void *state) {
    (void)loop;
    zoo_note(((struct zoo_self *)p)->config, "close", 0);
    free(state);
}

static int32_t add(wse_bytes in, int key, void *out, uint64_t *inout) {
    const unsigned char *from = in.data;
    unsigned char *to = out;
    uint64_t i;
    if (in.len > *inout) return WSE_ETOOBIG;
    for (i = 0; i < in.len; ++i) to[i] = (unsigned char)(from[i] + key);
    *inout = in.len;
    return WSE_OK;
}

static int32_t encode(void *p, wse_loop *loop, void *state, wse_bytes in, void *out,
                      uint64_t *inout) {
    (void)p, (void)loop;
    return add(in, ((struct state *)state)->key, out, inout);
}

static int32_t decode(void *p, wse_loop *loop, void *state, wse_bytes in, void *out,
                      uint64_t *inout) {
    (void)p, (void)loop;
    return add(in, -((struct state *)state)->key, out, inout);
}

/* The sum of the bytes, which is no signature but tells texts apart. */
static int32_t sign(void *p, wse_loop *loop, void *state, wse_bytes in, void *out,
                    uint64_t *inout) {
    const unsigned char *from = in.data;
    unsigned char sum = 0;
    uint64_t i;
    (void)p, (void)loop, (void)state;
    if (*inout < 1) return WSE_ETOOBIG;
    for (i = 0; i < in.len; ++i) sum = (unsigned char)(sum + from[i]);
    memcpy(out, &sum, 1);
    *inout = 1;
    return WSE_OK;
}

static int32_t verify(void *p, wse_loop *loop, void *state, wse_bytes in, wse_bytes signature) {
    unsigned char sum = 0;
    uint64_t size = 1;
    sign(p, loop, state, in, &sum, &size);
    return signature.len == 1 && memcmp(signature.data, &sum, 1) == 0 ? WSE_OK : WSE_EDENIED;
}

static int32_t rekey(void *p, wse_loop *loop, void *state, wse_bytes offer, void *reply,
                     uint64_t *inout_reply) {
    (void)p, (void)loop, (void)state, (void)offer;
    return answer("{\"next\":1}", reply, inout_reply);
}

static const wse_transform_ops ops = {.struct_size = sizeof ops,
                                      .layer = WSE_LAYER_CIPHER,
                                      .prefix = "Z:",
                                      .open = open_state,
                                      .close = close_state,
                                      .encode = encode,
                                      .decode = decode,
                                      .sign = sign,
                                      .verify = verify,
                                      .rekey = rekey};

const wse_module_def wse_module = {ZOO_GOOD("transform_good"), .kind = WSE_KIND_TRANSFORM};
