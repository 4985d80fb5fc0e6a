/* SPDX-License-Identifier: MIT
 *
 * Sound functions of every kind, for modules that spoil one of them. What a module does not use is
 * marked, so that each takes what it needs.
 */
#ifndef ZOO_KINDS_H
#define ZOO_KINDS_H

#include "zoo.h"

#define ZOO_MAYBE __attribute__((unused)) static

ZOO_MAYBE int32_t zoo_open(void *self, wse_loop *loop, wse_bytes offer, void *reply,
                           uint64_t *inout_reply, uint64_t *ret_share, void **ret_state) {
    (void)self, (void)loop, (void)offer, (void)reply, (void)ret_share, (void)ret_state;
    *inout_reply = 0;
    return WSE_EDENIED;
}

ZOO_MAYBE void zoo_close(void *self, wse_loop *loop, void *state) {
    (void)self, (void)loop, (void)state;
}

ZOO_MAYBE int32_t zoo_code(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                           uint64_t *inout) {
    (void)self, (void)loop, (void)state, (void)in, (void)out, (void)inout;
    return WSE_ETOOBIG;
}

ZOO_MAYBE int32_t zoo_save(void *self, void *state, void *out, uint64_t *inout) {
    (void)self, (void)state, (void)out, (void)inout;
    return WSE_ETOOBIG;
}

ZOO_MAYBE int32_t zoo_compile(void *self, wse_loop *loop, wse_bytes criteria, void **ret_filter,
                              wse_error *error) {
    (void)self, (void)loop, (void)criteria, (void)ret_filter, (void)error;
    return WSE_EINVAL;
}

ZOO_MAYBE int32_t zoo_read(void *self, wse_loop *loop, const wse_message *message,
                           void **ret_view) {
    (void)self, (void)loop, (void)message, (void)ret_view;
    return WSE_EINVAL;
}

ZOO_MAYBE int32_t zoo_submit(void *self, wse_loop *loop, const wse_message *message,
                             const wse_topic_use *use, wse_submit_token *token) {
    (void)self, (void)loop, (void)message, (void)use, (void)token;
    return WSE_EAGAIN;
}

ZOO_MAYBE int32_t zoo_follow(void *self, wse_loop *loop, const wse_topic_use *use) {
    (void)self, (void)loop, (void)use;
    return WSE_OK;
}

ZOO_MAYBE void zoo_observe(void *self, wse_loop *loop, const wse_observation *observation) {
    (void)self, (void)loop, (void)observation;
}

#define ZOO_KIND(module_kind, module_ops) ZOO_SOUND, .kind = (module_kind), .ops = &(module_ops)

#endif
