/* accepted: sets a member of an event when the call is over, and asks for the history there */
/* SPDX-License-Identifier: MIT */
/* found: shape_set was called outside shape */
#include "journal.h"

struct late {
    const struct zoo_self *self;
    wse_loop *loop;
    wse_shaping *shaping;
};

static void done(void *arg, int32_t status, const wse_message *messages, uint64_t count) {
    (void)arg, (void)status, (void)messages, (void)count;
}

static void later(void *arg) {
    struct late *late = arg;
    const wse_host *host = late->self->host;
    const wse_bytes value = {"late", 4};
    const int32_t set = host->shape_set(host, late->shaping, WSE_SHAPE_TYPE, value);
    const int32_t found = host->history(host, late->loop, value, 1, done, NULL);
    zoo_note(late->self->config, set == WSE_OK ? "set" : "not set", 0);
    zoo_note(late->self->config, found == WSE_OK ? "found" : "not found", 0);
    free(late);
}

static int32_t shape(void *p, wse_loop *loop, const wse_event *event, wse_shaping *shaping) {
    const struct zoo_self *self = p;
    struct late *late = malloc(sizeof *late);
    const wse_bytes value = {"now", 3};
    (void)event;
    if (!late) return WSE_ENOMEM;
    *late = (struct late){self, loop, shaping};
    self->host->post(self->host, loop, later, late);
    return self->host->shape_set(self->host, shaping, WSE_SHAPE_TYPE, value);
}

static const wse_event_ops ops = {.struct_size = sizeof ops, .shape = shape};

const wse_module_def wse_module = {ZOO_GOOD("shapes_late"), .kind = WSE_KIND_EVENT};
