/* accepted: an application that writes down what it hears, and does what texts of clients say */
/* SPDX-License-Identifier: MIT */
/*
 * In the journal, one line each: "batch COUNT", then of each event
 *     NAME|connection|user|topic|type|id|code|data
 * with bytes that are not printable as \xx; "done WORD STATUS ANSWER" of a command; "progress".
 *
 * A client's text "!WORD CONNECTION TOPIC DATA" is a command, CONNECTION "." is the client's own
 * and TOPIC "." none.
 *
 * While the file MODE is there, its first letter says what becomes of batches: h: they are held,
 * p: likewise, with progress; f: they fail.
 */
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "journal.h"

struct config {
    struct zoo_config zoo;
    const char *mode;
    int64_t wants;
};

static const wse_option options[] = {
    {.name = "journal", .type = WSE_OPT_STRING, .help = "file that gets a line for each event"},
    {.name = "mode",
     .type = WSE_OPT_STRING,
     .offset = offsetof(struct config, mode),
     .help = "file that says what becomes of batches"},
    {.name = "wants",
     .type = WSE_OPT_INT,
     .offset = offsetof(struct config, wants),
     .min = 0,
     .max = 0xffff,
     .fallback = "65535",
     .help = "mask of events"},
    {.name = NULL},
};

struct self {
    const wse_host *host;
    const struct config *config;
    wse_loop *loop;
    uv_timer_t timer;
    wse_batch_token *held;
    wse_stop_token *stopping;
};

static const char *const names[] = {"?",     "connect", "message", "disconnect", "join",
                                    "leave", "text",    "binary",  "subscribe",  "unsubscribe"};

static int mode_of(const struct self *self) {
    FILE *file = self->config->mode ? fopen(self->config->mode, "r") : NULL;
    int letter = 0;
    if (!file) return 0;
    letter = fgetc(file);
    fclose(file);
    return letter == EOF ? 0 : letter;
}

static void write_bytes(FILE *file, wse_bytes bytes, char end) {
    const unsigned char *at = bytes.data;
    for (uint64_t i = 0; i < bytes.len; ++i)
        at[i]<0x20 || at[i]> 0x7e || at[i] == '\\' || at[i] == '|'
            ? (void)fprintf(file, "\\%02x", at[i])
            : (void)fputc(at[i], file);
    fputc(end, file);
}

static void write_line(const struct self *self, const char *line) {
    FILE *file = self->config->zoo.journal ? fopen(self->config->zoo.journal, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s\n", line);
    fclose(file);
}

static void write_events(const struct self *self, const wse_app_event *events, uint64_t count) {
    FILE *file = self->config->zoo.journal ? fopen(self->config->zoo.journal, "a") : NULL;
    if (!file) return;
    fprintf(file, "batch %u\n", (unsigned)count);
    for (const wse_app_event *event = events; event < events + count; ++event) {
        fprintf(file, "%s|", names[event->event]);
        write_bytes(file, event->connection, '|');
        write_bytes(file, event->user, '|');
        write_bytes(file, event->topic, '|');
        write_bytes(file, event->type, '|');
        write_bytes(file, event->id, '|');
        fprintf(file, "%u|", (unsigned)event->code);
        write_bytes(file, event->data, '\n');
    }
    fclose(file);
}

struct answer {
    const struct self *self;
    char word[32];
};

static void done(void *arg, int32_t status, wse_bytes text) {
    struct answer *answer = arg;
    FILE *file = fopen(answer->self->config->zoo.journal, "a");
    if (file) {
        fprintf(file, "done %s %d ", answer->word, (int)status);
        write_bytes(file, text, '\n');
        fclose(file);
    }
    free(answer);
}

static const struct {
    const char *word;
    uint32_t command;
} words[] = {{"send", WSE_APP_SEND},
             {"text", WSE_APP_SEND_TEXT},
             {"binary", WSE_APP_SEND_BINARY},
             {"subscribe", WSE_APP_SUBSCRIBE},
             {"unsubscribe", WSE_APP_UNSUBSCRIBE},
             {"close", WSE_APP_CLOSE},
             {"acl", WSE_APP_SET_ACL},
             {"presence", WSE_APP_SET_PRESENCE},
             {"nonsense", 99}};

/* The next word of the text, which it is taken from. */
static wse_bytes take_word(wse_bytes *text) {
    const char *at = text->data;
    wse_bytes word = {at, 0};
    while (word.len < text->len && at[word.len] != ' ') ++word.len;
    const uint64_t used = word.len < text->len ? word.len + 1 : word.len;
    text->data = at + used;
    text->len -= used;
    if (word.len == 1 && *(const char *)word.data == '.') word.len = 0;
    return word;
}

static void obey(struct self *self, const wse_app_event *event) {
    wse_bytes rest = {(const char *)event->data.data + 1, event->data.len - 1};
    const wse_bytes word = take_word(&rest);
    struct answer *answer = calloc(1, sizeof *answer);
    wse_message message = {.struct_size = sizeof message};
    wse_app_command command = {.struct_size = sizeof command};
    int32_t status;
    if (!answer || word.len >= sizeof answer->word) return free(answer);
    answer->self = self;
    memcpy(answer->word, word.data, word.len);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i)
        if (strcmp(words[i].word, answer->word) == 0) command.command = words[i].command;
    command.connection = take_word(&rest);
    if (command.connection.len == 0) command.connection = event->connection;
    command.topic = take_word(&rest);
    command.data = rest;
    if (command.command == WSE_APP_SEND) {
        message.type = command.topic;
        message.payload = rest;
        command.message = &message;
    }
    if (command.command == WSE_APP_CLOSE && command.topic.len == 4)
        command.code = (uint32_t)strtoul(command.topic.data, NULL, 10);
    status = self->host->app_command(self->host, self->loop, &command, done, answer);
    if (status != WSE_OK) done(answer, status, (wse_bytes){"refused", 7});
}

static void look(uv_timer_t *timer) {
    struct self *self = timer->data;
    const int mode = mode_of(self);
    wse_batch_token *const held = self->held;
    if (!held) return;
    if (mode == 'p') write_line(self, "progress");
    if (mode == 'p') self->host->batch_progress(self->host, self->loop, held);
    if (mode == 'h' || mode == 'p') return;
    self->held = NULL;
    self->host->batch_done(self->host, held);
}

static int32_t deliver(void *p, wse_loop *loop, const wse_app_event *events, uint64_t count,
                       wse_batch_token *token) {
    struct self *self = p;
    const int mode = mode_of(self);
    if (mode == 'f') return WSE_EAGAIN;
    self->loop = loop;
    write_events(self, events, count);
    for (const wse_app_event *event = events; event < events + count; ++event)
        if (event->event == WSE_APP_EVENT_TEXT && *(const char *)event->data.data == '!')
            obey(self, event);
    if (mode != 'h' && mode != 'p') return self->host->batch_done(self->host, token);
    self->held = token;
    return WSE_OK;
}

static uint32_t wants(void *p) {
    const struct self *self = p;
    return (uint32_t)self->config->wants;
}

static int32_t create(const wse_host *host, const void *config, void **ret_self, wse_error *error) {
    struct self *self = calloc(1, sizeof *self);
    (void)error;
    if (!self) return WSE_ENOMEM;
    self->host = host;
    self->config = config;
    *ret_self = self;
    return WSE_OK;
}

static int32_t start(void *p, wse_loop *loop, wse_error *error) {
    struct self *self = p;
    (void)error;
    self->loop = loop;
    uv_timer_init(self->host->uv(self->host, loop), &self->timer);
    self->timer.data = self;
    uv_timer_start(&self->timer, look, 5, 5);
    return WSE_OK;
}

static void closed(uv_handle_t *handle) {
    struct self *self = handle->data;
    if (self->held) self->host->batch_done(self->host, self->held);
    self->host->stop_done(self->host, self->stopping);
}

static void stop(void *p, wse_loop *loop, wse_stop_token *token) {
    struct self *self = p;
    (void)loop;
    self->stopping = token;
    uv_close((uv_handle_t *)&self->timer, closed);
}

static void destroy(void *p) {
    free(p);
}

static const wse_app_ops ops = {.struct_size = sizeof ops, .deliver = deliver, .wants = wants};

const wse_module_def wse_module = {ZOO_GOOD("app_puppet"), .kind = WSE_KIND_APP,
                                   .options = options,     .config_size = sizeof(struct config),
                                   .create = create,       .start = start,
                                   .stop = stop,           .destroy = destroy};
