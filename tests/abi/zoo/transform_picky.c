/* accepted: a transform for clients that say please, whose next key has no reply */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "journal.h"

static char the_state;

static int32_t open_state(void *self, wse_loop *loop, wse_bytes offer, void *reply,
                          uint64_t *inout_reply, uint64_t *ret_share, void **ret_state) {
    char text[64] = "";
    (void)self, (void)loop, (void)reply, (void)ret_share;
    if (offer.len < sizeof text) memcpy(text, offer.data, (size_t)offer.len);
    if (!strstr(text, "please")) return WSE_EDENIED;
    *inout_reply = 0;
    *ret_state = &the_state;
    return WSE_OK;
}

static void close_state(void *self, wse_loop *loop, void *state) {
    (void)self, (void)loop, (void)state;
}

static int32_t code(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                    uint64_t *inout) {
    (void)self, (void)loop, (void)state;
    if (in.len > *inout) return WSE_ETOOBIG;
    if (in.len > 0) memcpy(out, in.data, (size_t)in.len);
    *inout = in.len;
    return WSE_OK;
}

static int32_t rekey(void *self, wse_loop *loop, void *state, wse_bytes offer, void *reply,
                     uint64_t *inout_reply) {
    (void)self, (void)loop, (void)state, (void)offer, (void)reply;
    *inout_reply = 0;
    return WSE_OK;
}

static const wse_transform_ops ops = {.struct_size = sizeof ops,
                                      .layer = WSE_LAYER_CIPHER,
                                      .prefix = "P:",
                                      .open = open_state,
                                      .close = close_state,
                                      .encode = code,
                                      .decode = code,
                                      .rekey = rekey};

const wse_module_def wse_module = {ZOO_GOOD("transform_picky"), .kind = WSE_KIND_TRANSFORM};
