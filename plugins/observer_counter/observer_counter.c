/* SPDX-License-Identifier: MIT
 * observer_counter: counts what happens, by event; and writes the counts into a file when the
 * server stops. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/module.h>

struct config {
    const char *file;
};

static const wse_option options[] = {
    {"file", WSE_OPT_STRING, 0, offsetof(struct config, file), 0, 0, NULL, NULL, NULL,
     "where the counts are written when the server stops, a line each"},
    {NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL},
};

static const struct {
    uint32_t event;
    const char *name, *help;
} kinds[] = {
    {WSE_OBSERVE_OPEN, "opened", "clients that were let in"},
    {WSE_OBSERVE_CLOSE, "closed", "clients that have gone"},
    {WSE_OBSERVE_REFUSED, "refused", "clients that were not let in"},
    {WSE_OBSERVE_SUBSCRIBE, "subscribed", "topics and patterns subscribed to"},
    {WSE_OBSERVE_UNSUBSCRIBE, "unsubscribed", "topics and patterns given up"},
    {WSE_OBSERVE_PUBLISH, "published", "messages published"},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

struct self {
    const wse_host *host;
    const struct config *config;
    uint32_t counters[KINDS];
    uint64_t counts[KINDS];
    wse_stop_token *stopping;
    const char *failure; /* of writing the file */
};

static void observe(void *p, wse_loop *loop, const wse_observation *seen) WSE_NOEXCEPT {
    struct self *self = p;
    size_t i;
    (void)loop;
    for (i = 0; i < KINDS; ++i) {
        if (kinds[i].event != seen->event) continue;
        ++self->counts[i];
        self->host->stat_add(self->host, self->counters[i], 1);
    }
}

static void write_counts(void *p) WSE_NOEXCEPT {
    struct self *self = p;
    FILE *file = fopen(self->config->file, "w");
    size_t i;
    if (!file) {
        self->failure = strerror(errno);
        return;
    }
    for (i = 0; i < KINDS; ++i)
        fprintf(file, "%s %llu\n", kinds[i].name, (unsigned long long)self->counts[i]);
    if (fclose(file) != 0) self->failure = strerror(errno);
}

static void written(void *p) WSE_NOEXCEPT {
    struct self *self = p;
    char text[160];
    if (self->failure) {
        snprintf(text, sizeof text, "the counts are lost: %s", self->failure);
        self->host->log(self->host, WSE_LOG_ERROR, text);
    }
    self->host->stop_done(self->host, self->stopping);
}

/* A disk may be slow: it is not waited for on the loop. */
static void stop(void *p, wse_loop *loop, wse_stop_token *token) WSE_NOEXCEPT {
    struct self *self = p;
    self->stopping = token;
    if (self->config->file &&
        self->host->work(self->host, loop, write_counts, written, self) == WSE_OK)
        return;
    self->host->stop_done(self->host, token);
}

static void destroy(void *p) WSE_NOEXCEPT {
    free(p);
}

static int32_t create(const wse_host *host, const void *config, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    struct self *self = calloc(1, sizeof *self);
    size_t i;
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    for (i = 0; i < KINDS; ++i) {
        if (host->stat(host, kinds[i].name, kinds[i].help, &self->counters[i]) == WSE_OK) continue;
        free(self);
        return WSE_ENOMEM;
    }
    *ret_self = self;
    return WSE_OK;
}

static const wse_observer_ops ops = {
    sizeof ops,
    WSE_OBSERVE_OPEN | WSE_OBSERVE_CLOSE | WSE_OBSERVE_REFUSED | WSE_OBSERVE_SUBSCRIBE |
        WSE_OBSERVE_UNSUBSCRIBE | WSE_OBSERVE_PUBLISH,
    observe,
    NULL,
};

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_OBSERVER, 0),
    "observer_counter",
    "1.0",
    options,
    sizeof(wse_option),
    sizeof(struct config),
    &ops,
    NULL,
    create,
    NULL,
    stop,
    destroy,
};
