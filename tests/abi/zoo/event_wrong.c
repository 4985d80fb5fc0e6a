/* accepted: filters whose match is neither 0 nor 1, and an event shaped into what is no JSON */
/* SPDX-License-Identifier: MIT */
/* found: match returns 2, not 0 or 1 */
/* found: shape sets a payload or extra that is no JSON */
#include "journal.h"

static char something;

static int32_t shape(void *p, wse_loop *loop, const wse_event *event, wse_shaping *shaping) {
    const struct zoo_self *self = p;
    const wse_bytes broken = {"{\"a\":", 5};
    (void)loop, (void)event;
    return self->host->shape_set(self->host, shaping, WSE_SHAPE_PAYLOAD, broken);
}

static int32_t compile(void *self, wse_loop *loop, wse_bytes criteria, void **ret_filter,
                       wse_error *error) {
    (void)self, (void)loop, (void)criteria, (void)error;
    *ret_filter = &something;
    return WSE_OK;
}

static void discard(void *self, wse_loop *loop, void *thing) {
    (void)self, (void)loop, (void)thing;
}

static int32_t read_message(void *self, wse_loop *loop, const wse_message *message,
                            void **ret_view) {
    (void)self, (void)loop, (void)message;
    *ret_view = &something;
    return WSE_OK;
}

static int32_t match(void *self, const void *filter, const void *view) {
    (void)self, (void)filter, (void)view;
    return 2;
}

static const wse_event_ops ops = {.struct_size = sizeof ops,
                                  .shape = shape,
                                  .compile = compile,
                                  .discard = discard,
                                  .read = read_message,
                                  .match = match,
                                  .close = discard};

const wse_module_def wse_module = {ZOO_GOOD("event_wrong"), .kind = WSE_KIND_EVENT};
