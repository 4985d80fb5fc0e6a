/* accepted: hears of publishes alone, although it might hear of opens */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static void observe(void *p, wse_loop *loop, const wse_observation *what) {
    const struct zoo_self *self = p;
    (void)loop;
    zoo_note(self->config, "observe", what->event);
}

/* More than the mask has, which counts for nothing. */
static uint32_t wants(void *p) {
    (void)p;
    return WSE_OBSERVE_PUBLISH | WSE_OBSERVE_CLOSE;
}

static const wse_observer_ops ops = {.struct_size = sizeof ops,
                                     .mask = WSE_OBSERVE_PUBLISH | WSE_OBSERVE_OPEN,
                                     .observe = observe,
                                     .wants = wants};

const wse_module_def wse_module = {ZOO_GOOD("observer_publish"), .kind = WSE_KIND_OBSERVER};
