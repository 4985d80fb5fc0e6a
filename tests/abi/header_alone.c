/* SPDX-License-Identifier: MIT */
/* The header is all that this file includes, and twice. Compiled in every language version that a
 * module may be written in, with each macro used at least once: what is not expanded is not
 * checked. */
#include <wse/module.h>

static int32_t refuse(void *self, wse_loop *loop, const wse_auth_request *request,
                      wse_auth_token *token) WSE_NOEXCEPT {
    (void)self;
    (void)loop;
    (void)token;
    return WSE_HAS(wse_auth_request, request, deadline_ms) ? WSE_EDENIED : WSE_EINVAL;
}

static int32_t create(const wse_host *host, const void *config, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    (void)config;
    (void)error;
    *ret_self = 0;
    host->log(host, WSE_LOG_INFO, "created");
    return WSE_OK;
}

static void destroy(void *self) WSE_NOEXCEPT {
    (void)self;
}

static const wse_auth_ops ops = {sizeof(wse_auth_ops), 0, refuse, 0, 0};

/* Every kind's functions, so that each signature is compiled as a C++ module assigns it. */
static int32_t open_state(void *self, wse_loop *loop, wse_bytes offer, void *reply,
                          uint64_t *inout_reply, uint64_t *ret_share,
                          void **ret_state) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)offer, (void)reply, (void)inout_reply, (void)ret_share;
    (void)ret_state;
    return WSE_EDENIED;
}

static void discard(void *self, wse_loop *loop, void *thing) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)thing;
}

static int32_t encode(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                      uint64_t *inout) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)state, (void)in, (void)out, (void)inout;
    return WSE_ETOOBIG;
}

static int32_t save(void *self, void *state, void *out, uint64_t *inout) WSE_NOEXCEPT {
    (void)self, (void)state, (void)out, (void)inout;
    return WSE_ETOOBIG;
}

static int32_t restore(void *self, wse_loop *loop, wse_bytes saved, void **ret_state) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)saved, (void)ret_state;
    return WSE_EINVAL;
}

static int32_t rekey(void *self, wse_loop *loop, void *state, wse_bytes offer, void *reply,
                     uint64_t *inout_reply) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)state, (void)offer, (void)reply, (void)inout_reply;
    return WSE_EDENIED;
}

static int32_t verify(void *self, wse_loop *loop, void *state, wse_bytes in,
                      wse_bytes signature) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)state, (void)in, (void)signature;
    return WSE_EDENIED;
}

extern const wse_transform_ops transform_ops;
const wse_transform_ops transform_ops = {sizeof(wse_transform_ops),
                                         WSE_LAYER_CIPHER,
                                         {'E', ':', 0, 0},
                                         0,
                                         0,
                                         open_state,
                                         discard,
                                         encode,
                                         encode,
                                         save,
                                         restore,
                                         encode,
                                         verify,
                                         rekey};

static int32_t shape(void *self, wse_loop *loop, const wse_event *event,
                     wse_shaping *shaping) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)shaping;
    return event->source == WSE_SOURCE_CLIENT ? WSE_OK : WSE_EDENIED;
}

static int32_t compile(void *self, wse_loop *loop, wse_bytes criteria, void **ret_filter,
                       wse_error *error) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)criteria, (void)ret_filter, (void)error;
    return WSE_EINVAL;
}

static int32_t read_message(void *self, wse_loop *loop, const wse_message *message,
                            void **ret_view) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)message, (void)ret_view;
    return WSE_EINVAL;
}

static int32_t match(void *self, const void *filter, const void *view) WSE_NOEXCEPT {
    (void)self, (void)filter, (void)view;
    return 0;
}

extern const wse_event_ops event_ops;
const wse_event_ops event_ops = {sizeof(wse_event_ops), 0,     shape,  compile, discard,
                                 read_message,          match, discard};

static int32_t request_state(void *self, wse_loop *loop, const wse_snapshot_request *request,
                             wse_snapshot_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)request, (void)token;
    return WSE_ENOTFOUND;
}

static int32_t is_per_user(void *self) WSE_NOEXCEPT {
    (void)self;
    return 0;
}

static void cancel_state(void *self, wse_loop *loop, wse_snapshot_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)token;
}

extern const wse_snapshot_ops snapshot_ops;
const wse_snapshot_ops snapshot_ops = {sizeof(wse_snapshot_ops), 0, request_state, cancel_state,
                                       is_per_user};

static int32_t submit(void *self, wse_loop *loop, const wse_message *message,
                      const wse_topic_use *topic_use, wse_submit_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)message, (void)topic_use, (void)token;
    return WSE_EAGAIN;
}

static void cancel_submit(void *self, wse_loop *loop, wse_submit_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)token;
}

static int32_t follow(void *self, wse_loop *loop, const wse_topic_use *topic_use) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)topic_use;
    return WSE_OK;
}

static void unfollow(void *self, wse_loop *loop, wse_bytes topic) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)topic;
}

static int32_t set_fact(void *self, wse_loop *loop, const wse_fact *fact) WSE_NOEXCEPT {
    (void)self, (void)loop;
    return fact->kind == WSE_FACT_PRESENT || fact->kind == WSE_FACT_GROUP ? WSE_OK : WSE_EINVAL;
}

static int32_t broadcast(void *self, wse_loop *loop, wse_bytes data) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)data;
    return WSE_OK;
}

static int32_t command(void *self, wse_loop *loop, wse_bytes request,
                       wse_command_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)request, (void)token;
    return WSE_EINVAL;
}

extern const wse_backplane_ops backplane_ops;
const wse_backplane_ops backplane_ops = {sizeof(wse_backplane_ops),
                                         0,
                                         submit,
                                         cancel_submit,
                                         follow,
                                         unfollow,
                                         set_fact,
                                         broadcast,
                                         command};

static int32_t deliver(void *self, wse_loop *loop, const wse_app_event *events, uint64_t count,
                       wse_batch_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)events, (void)count, (void)token;
    return WSE_EAGAIN;
}

static int32_t ask(void *self, wse_loop *loop, const wse_question *question,
                   wse_ask_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)question, (void)token;
    return WSE_EAGAIN;
}

static void cancel_ask(void *self, wse_loop *loop, wse_ask_token *token) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)token;
}

extern const wse_app_ops app_ops;
static uint32_t wants_events(void *self) WSE_NOEXCEPT {
    (void)self;
    return 1u << WSE_APP_EVENT_CONNECT;
}

const wse_app_ops app_ops = {sizeof(wse_app_ops), 0, deliver, ask, cancel_ask, wants_events};

static void observe(void *self, wse_loop *loop, const wse_observation *observation) WSE_NOEXCEPT {
    (void)self, (void)loop, (void)observation;
}

static uint32_t wants(void *self) WSE_NOEXCEPT {
    (void)self;
    return WSE_OBSERVE_OPEN;
}

extern const wse_observer_ops observer_ops;
const wse_observer_ops observer_ops = {sizeof(wse_observer_ops), WSE_OBSERVE_OPEN, observe, wants};

static const wse_option options[] = {
    {"limit", WSE_OPT_INT, WSE_OPT_F_REQUIRED | WSE_OPT_F_SECRET, 0, 1, 9, "5", 0, 0, "A limit."},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

const wse_module_def wse_module = {WSE_MODULE(WSE_KIND_AUTH, 0),
                                   "alone",
                                   "1.0",
                                   options,
                                   sizeof(wse_option),
                                   sizeof(int64_t),
                                   &ops,
                                   0,
                                   create,
                                   0,
                                   0,
                                   destroy};

#define WSE_X(name, value, text) {WSE_##name, text},
struct status {
    int32_t value;
    const char *text;
};
extern const struct status statuses[];
const struct status statuses[] = {WSE_STATUS_MAP(WSE_X){0, 0}};
#undef WSE_X

extern const int64_t numbers[];
const int64_t numbers[] = {WSE_MODULE_MAGIC,
                           WSE_ABI_MAJOR,
                           WSE_ABI_MINOR,
                           WSE_KIND_AUTH,
                           WSE_KIND_TRANSFORM,
                           WSE_KIND_SNAPSHOT,
                           WSE_KIND_BACKPLANE,
                           WSE_KIND_OBSERVER,
                           WSE_KIND_EVENT,
                           WSE_KIND_APP,
                           WSE_OPT_BOOL,
                           WSE_OPT_INT,
                           WSE_OPT_FLOAT,
                           WSE_OPT_DURATION,
                           WSE_OPT_SIZE,
                           WSE_OPT_STRING,
                           WSE_OPT_ENUM,
                           WSE_OPT_STRINGS,
                           WSE_OPT_PAIRS,
                           WSE_OPT_F_REQUIRED,
                           WSE_OPT_F_SECRET,
                           WSE_OPT_F_AUTO,
                           WSE_OPT_F_PATH,
                           WSE_CREDENTIAL_NONE,
                           WSE_CREDENTIAL_COOKIE,
                           WSE_CREDENTIAL_BEARER,
                           WSE_CREDENTIAL_QUERY,
                           WSE_ACTION_SUBSCRIBE,
                           WSE_ACTION_PUBLISH,
                           WSE_SOURCE_CLIENT,
                           WSE_SOURCE_CONTROL,
                           WSE_SOURCE_MODULE,
                           WSE_SHAPE_TYPE,
                           WSE_SHAPE_ID,
                           WSE_SHAPE_PAYLOAD,
                           WSE_SHAPE_EXTRA,
                           WSE_SHAPE_PRIORITY,
                           WSE_SHAPE_TIME,
                           WSE_APP_EVENT_CONNECT,
                           WSE_APP_EVENT_MESSAGE,
                           WSE_APP_EVENT_DISCONNECT,
                           WSE_APP_EVENT_JOIN,
                           WSE_APP_EVENT_LEAVE,
                           WSE_APP_EVENT_TEXT,
                           WSE_APP_EVENT_BINARY,
                           WSE_APP_EVENT_SUBSCRIBE,
                           WSE_APP_EVENT_UNSUBSCRIBE,
                           WSE_ASK_CONNECT,
                           WSE_ASK_SUBSCRIBE,
                           WSE_ASK_PUBLISH,
                           WSE_ASK_SNAPSHOT,
                           WSE_APP_SEND,
                           WSE_APP_SUBSCRIBE,
                           WSE_APP_UNSUBSCRIBE,
                           WSE_APP_CLOSE,
                           WSE_APP_SET_ACL,
                           WSE_APP_SEND_TEXT,
                           WSE_APP_SEND_BINARY,
                           WSE_APP_SET_PRESENCE,
                           WSE_OBSERVE_OPEN,
                           WSE_OBSERVE_CLOSE,
                           WSE_OBSERVE_REFUSED,
                           WSE_OBSERVE_SUBSCRIBE,
                           WSE_OBSERVE_UNSUBSCRIBE,
                           WSE_OBSERVE_PUBLISH,
                           WSE_LOG_ERROR,
                           WSE_LOG_WARN,
                           WSE_LOG_INFO,
                           WSE_LOG_DEBUG};

/* What the module asks of the server, as it calls it. */
static void found(void *arg, int32_t status, const wse_message *messages,
                  uint64_t count) WSE_NOEXCEPT {
    (void)arg, (void)status, (void)messages, (void)count;
}

static void placed(void *arg, int32_t status, uint64_t epoch, uint64_t offset) WSE_NOEXCEPT {
    (void)arg, (void)status, (void)epoch, (void)offset;
}

static void called(void *arg, int32_t status, wse_bytes answer) WSE_NOEXCEPT {
    (void)arg, (void)status, (void)answer;
}

int32_t join(const wse_host *host, wse_loop *loop, wse_command_token *token);
int32_t join(const wse_host *host, wse_loop *loop, wse_command_token *token) {
    wse_bytes bytes = {0, 0};
    host->remote_message(host, loop, 0);
    host->followed(host, loop, 0);
    host->remote_fact(host, loop, 0);
    host->broadcast_received(host, loop, bytes);
    host->health(host, loop, WSE_EAGAIN, "out of reach");
    return host->command_done(host, token, WSE_OK, bytes);
}

int32_t use(const wse_host *host, wse_loop *loop, wse_snapshot_token *token, wse_shaping *shaping);
int32_t use(const wse_host *host, wse_loop *loop, wse_snapshot_token *token, wse_shaping *shaping) {
    wse_bytes bytes = {0, 0};
    host->snapshot_done(host, token, WSE_ENOTFOUND, 0);
    host->shape_set(host, shaping, WSE_SHAPE_TYPE, bytes);
    host->publish(host, 0);
    host->publish_then(host, loop, 0, placed, 0);
    host->app_command(host, loop, 0, called, 0);
    host->api_call(host, loop, bytes, bytes, called, 0);
    host->batch_progress(host, loop, 0);
    return host->history(host, loop, bytes, 1, found, 0);
}
