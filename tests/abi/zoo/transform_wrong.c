/* accepted: a transform that loses bytes, ignores its room and takes every signature */
/* SPDX-License-Identifier: MIT */
/* found: decode gives other bytes than were encoded */
/* found: encode puts 1000 bytes into a buffer of 0 */
/* found: restore refuses what save gave: -1 [(]invalid argument or value[)] */
/* found: verify takes a wrong signature */
/* found: open replies with what is no JSON object */
#include <string.h>

#include "journal.h"

static char the_state;

static int32_t open_state(void *self, wse_loop *loop, wse_bytes offer, void *reply,
                          uint64_t *inout_reply, uint64_t *ret_share, void **ret_state) {
    (void)self, (void)loop, (void)offer, (void)ret_share;
    memcpy(reply, "[]", 2);
    *inout_reply = 2;
    *ret_state = &the_state;
    return WSE_OK;
}

static void close_state(void *self, wse_loop *loop, void *state) {
    (void)self, (void)loop, (void)state;
}

/* All but the last byte, and as much of it as there is room for. */
static int32_t code(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                    uint64_t *inout) {
    const uint64_t size = in.len > 0 ? in.len - 1 : 0;
    (void)self, (void)loop, (void)state;
    if (size < *inout) *inout = size;
    if (*inout > 0) memcpy(out, in.data, (size_t)*inout);
    return WSE_OK;
}

static int32_t save(void *self, void *state, void *out, uint64_t *inout) {
    (void)self, (void)state, (void)out;
    *inout = 0;
    return WSE_OK;
}

static int32_t restore(void *self, wse_loop *loop, wse_bytes saved, void **ret_state) {
    (void)self, (void)loop, (void)saved, (void)ret_state;
    return WSE_EINVAL;
}

static int32_t verify(void *self, wse_loop *loop, void *state, wse_bytes in, wse_bytes signature) {
    (void)self, (void)loop, (void)state, (void)in, (void)signature;
    return WSE_OK;
}

static const wse_transform_ops ops = {.struct_size = sizeof ops,
                                      .layer = WSE_LAYER_CODEC,
                                      .prefix = "C:",
                                      .open = open_state,
                                      .close = close_state,
                                      .encode = code,
                                      .decode = code,
                                      .save = save,
                                      .restore = restore,
                                      .sign = code,
                                      .verify = verify};

const wse_module_def wse_module = {ZOO_GOOD("transform_wrong"), .kind = WSE_KIND_TRANSFORM};
