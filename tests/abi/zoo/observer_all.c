/* accepted: hears of everything, and writes it into its journal */
/* SPDX-License-Identifier: MIT */
#include "journal.h"

static void observe(void *p, wse_loop *loop, const wse_observation *what) {
    const struct zoo_self *self = p;
    FILE *file = self->config->journal ? fopen(self->config->journal, "a") : NULL;
    (void)loop;
    if (!file) return;
    fprintf(file, "observe %u %.*s %.*s %.*s\n", (unsigned)what->event, (int)what->connection.len,
            (const char *)what->connection.data, (int)what->topic.len,
            (const char *)what->topic.data, (int)what->detail.len, (const char *)what->detail.data);
    fclose(file);
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    const struct zoo_self *self = p;
    (void)loop;
    zoo_note(self->config, "stop", 0);
    self->host->stop_done(self->host, token);
}

static const wse_observer_ops ops = {.struct_size = sizeof ops,
                                     .mask = WSE_OBSERVE_OPEN | WSE_OBSERVE_CLOSE |
                                             WSE_OBSERVE_REFUSED | WSE_OBSERVE_SUBSCRIBE |
                                             WSE_OBSERVE_UNSUBSCRIBE | WSE_OBSERVE_PUBLISH,
                                     .observe = observe};

const wse_module_def wse_module = {ZOO_GOOD("observer_all"), .kind = WSE_KIND_OBSERVER,
                                   .stop = stop};
