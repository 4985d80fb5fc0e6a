/* SPDX-License-Identifier: MIT
 *
 * wse/module.h - what a loadable module and the server promise each other.
 *
 * A module is a shared object that exports one constant, `wse_module`. C99, no dependency beyond
 * the C library. Every struct that crosses the boundary starts with its own size and only ever
 * grows at its end; the first 16 bytes of wse_module never change, not even with a new major
 * version, so a server can always say why it refuses a module.
 *
 * Threads. Each function says where it runs:
 *   [main]  before the loops start or after they have ended
 *   [loop]  the thread of the wse_loop that is passed
 *   [any]   every thread
 * The kind decides on which loops a module runs; start and stop are called once for each.
 *   auth, transform                      every connection loop
 *   event                                every connection loop and the service loop
 *   snapshot, backplane, app, observer   the service loop
 *
 * Ownership. wse_bytes is borrowed for the call; results given to a completion are copied before
 * it returns. Strings in a config are the server's and live until destroy. Nothing allocated on
 * one side is freed on the other.
 *
 * Tokens. A question comes with a token. Returning WSE_OK means that the token is yours: answer it
 * exactly once, inside the call or later, from any thread. Returning anything else means that you
 * did not take it. The server waits as long as the question says and goes on without you then:
 * `cancel` tells, and the answer is owed all the same, though nobody hears it.
 *
 * Failure. A function that returns an error has changed nothing. While configuring, an error is
 * one sentence in wse_error without a newline; at run time it is a status alone.
 */
#ifndef WSE_MODULE_H
#define WSE_MODULE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define WSE_NOEXCEPT noexcept
extern "C" {
#else
#define WSE_NOEXCEPT
#endif

#define WSE_MODULE_MAGIC 0x4d455357u /* "WSEM" in memory on a little-endian machine */
#define WSE_ABI_MAJOR 1u
#define WSE_ABI_MINOR 0u

#if defined(__GNUC__)
#define WSE_EXPORT __attribute__((visibility("default")))
#else
#define WSE_EXPORT
#endif

/* True when the other side was built with a header that already had `member`. */
#define WSE_HAS(type, object, member) \
    ((object)->struct_size >= offsetof(type, member) + sizeof((object)->member))

#define WSE_STATUS_MAP(X)                       \
    X(OK, 0, "success")                         \
    X(EINVAL, -1, "invalid argument or value")  \
    X(ENOMEM, -2, "out of memory")              \
    X(EAGAIN, -3, "temporarily unavailable")    \
    X(EDENIED, -4, "permission denied")         \
    X(ENOTFOUND, -5, "no such object")          \
    X(ETIMEDOUT, -6, "deadline passed")         \
    X(ECANCELED, -7, "canceled")                \
    X(ETOOBIG, -8, "over the configured limit") \
    X(EIO, -9, "input, output or remote failure")

enum wse_status {
#define WSE_X(name, value, text) WSE_##name = (value),
    WSE_STATUS_MAP(WSE_X)
#undef WSE_X
        WSE_STATUS_MIN_ = -0x7fffffff
};

typedef uint32_t wse_kind;
#define WSE_KIND_AUTH 1u
#define WSE_KIND_TRANSFORM 2u
#define WSE_KIND_SNAPSHOT 3u
#define WSE_KIND_BACKPLANE 4u
#define WSE_KIND_OBSERVER 5u
#define WSE_KIND_EVENT 6u
#define WSE_KIND_APP 7u

typedef struct wse_bytes {
    const void *data;
    uint64_t len;
} wse_bytes;

typedef struct wse_loop wse_loop;             /* one event loop and its thread */
typedef struct wse_auth_token wse_auth_token; /* the right to answer one question, once */
typedef struct wse_snapshot_token wse_snapshot_token;
typedef struct wse_submit_token wse_submit_token;
typedef struct wse_batch_token wse_batch_token;
typedef struct wse_ask_token wse_ask_token;
typedef struct wse_command_token wse_command_token;
typedef struct wse_stop_token wse_stop_token;
typedef struct wse_shaping wse_shaping; /* an event while it is being shaped */
typedef struct wse_host wse_host;

typedef struct wse_error {
    uint32_t struct_size;
    char text[252];
} wse_error;

/* A publication. Empty and 0 stand for what is not known, or not given. */
typedef struct wse_message {
    uint32_t struct_size;
    uint32_t priority; /* 1, 3, 5, 8 or 10: background, low, normal, high, critical */
    wse_bytes topic;
    wse_bytes type;
    wse_bytes id;
    wse_bytes payload; /* a JSON object */
    wse_bytes extra;   /* a JSON object: further members of the envelope, "cid" and the like */
    uint64_t time_ms;  /* milliseconds since 1970 of what it tells of */
    uint64_t epoch; /* its place, once it has one: offsets of an epoch begin at 1, without gaps */
    uint64_t offset;
} wse_message;

/* ---- Configuration: the module's option table, from which the server fills the module's struct.
 */

typedef uint32_t wse_option_type; /* C type of the member, and how it is written in the file */
#define WSE_OPT_BOOL 1u           /* int32_t 0 or 1; true, false */
#define WSE_OPT_INT 2u            /* int64_t, min to max; 42 */
#define WSE_OPT_FLOAT 3u          /* double, min to max; 0.5 */
#define WSE_OPT_DURATION 4u       /* int64_t milliseconds, min to max; "250ms", "5s", "2m" */
#define WSE_OPT_SIZE 5u           /* int64_t bytes, min to max; 4096, "64k", "1m" */
#define WSE_OPT_STRING 6u         /* const char *; "text"; a fallback of NULL gives NULL */
#define WSE_OPT_ENUM 7u           /* int32_t, place in `choices`; "second" */
#define WSE_OPT_STRINGS 8u        /* wse_strings; ["a", "b"] */
#define WSE_OPT_PAIRS 9u          /* wse_pairs; { key = "value" } */

#define WSE_OPT_F_REQUIRED 1u /* absent is an error */
#define WSE_OPT_F_SECRET 2u   /* never logged or shown; may be written "env:NAME" or "file:PATH" */
#define WSE_OPT_F_AUTO 4u     /* INT: the word "auto" is accepted and reads as 0 */
#define WSE_OPT_F_PATH 8u /* STRING: a file that must be readable; relative to the config file */

typedef struct wse_strings {
    const char *const *items;
    uint64_t count;
} wse_strings;

typedef struct wse_pair {
    const char *key;
    const char *value;
} wse_pair;

typedef struct wse_pairs {
    const wse_pair *items;
    uint64_t count;
} wse_pairs;

typedef struct wse_option {
    const char *name; /* NULL ends the table */
    wse_option_type type;
    uint32_t flags;
    uint64_t offset;      /* of the member in the config struct */
    int64_t min, max;     /* both 0: no bounds; for FLOAT in whole numbers */
    const char *fallback; /* as it would be written in the file, strings without quotes */
    const char *choices;  /* ENUM: words separated by '|' */
    const char *env;      /* name of an environment variable that overrides the file, or NULL */
    const char *help;     /* one line; the manual page is generated from it */
} wse_option;

/* ---- Kind auth: who may connect, and what they may do. */

#define WSE_CREDENTIAL_NONE 0u /* the client sent nothing; `credential` is empty */
#define WSE_CREDENTIAL_COOKIE 1u
#define WSE_CREDENTIAL_BEARER 2u /* RFC 6750, without the scheme */
#define WSE_CREDENTIAL_QUERY 3u

typedef struct wse_auth_request {
    uint32_t struct_size;
    uint32_t source; /* WSE_CREDENTIAL_* */
    wse_bytes credential;
    wse_bytes peer;       /* the client's IP address as text */
    wse_bytes listener;   /* name of the listener in the config */
    uint64_t deadline_ms; /* milliseconds the server waits for the answer */
    wse_bytes
        subject; /* of the client's TLS certificate, which was verified (RFC 4514), or empty */
} wse_auth_request;

typedef struct wse_auth_result {
    uint32_t struct_size;
    uint32_t reserved;
    wse_bytes user;   /* not empty */
    wse_bytes claims; /* a JSON object, or empty; `wse_topics` in it is the session's topic ACL */
    uint64_t expires_ms; /* milliseconds since 1970 when the session must end, 0: never */
} wse_auth_result;

#define WSE_ACTION_SUBSCRIBE 1u
#define WSE_ACTION_PUBLISH 2u

typedef struct wse_auth_ops {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] WSE_OK: the token is yours; answer it once with host->auth_done, now or later, from
     * any thread. Anything else: it is not yours, and the client is refused. */
    int32_t (*authenticate)(void *self, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) WSE_NOEXCEPT;
    /* [loop] Nobody waits for the answer any more; answer it all the same. Optional. */
    void (*cancel)(void *self, wse_loop *loop, wse_auth_token *token) WSE_NOEXCEPT;
    /* [loop] Answers at once: WSE_OK grants, anything else denies. Optional: absent grants, and
     * the other rights still apply. */
    int32_t (*authorize)(void *self, wse_loop *loop, const wse_auth_result *who, uint32_t action,
                         wse_bytes topic) WSE_NOEXCEPT;
} wse_auth_ops;

/* ---- Kind transform: bytes to bytes. What a session sends has at most one of them around it: the
 * cipher if one is open, else the codec, else compression. An extension works below, on the
 * payload of the WebSocket's frames. */

#define WSE_LAYER_COMPRESSION 1u /* of a message's text, where it pays */
#define WSE_LAYER_CODEC 2u       /* another form of a message than JSON text */
#define WSE_LAYER_CIPHER 3u      /* once it is open, nothing of the session passes without it */
#define WSE_LAYER_EXTENSION 4u   /* RFC 6455 section 9 */

typedef struct wse_transform_ops {
    uint32_t struct_size;
    uint32_t layer; /* WSE_LAYER_* */
    char prefix[4]; /* on the wire, "C:"; an extension has none */
    uint32_t reserved;
    const char *extension; /* its name on the wire, "permessage-deflate"; else NULL */
    /* [loop] A session begins. offer: {"query":{…},"hello":{…}}, what the client said of itself; of
     * an extension {"parameters":{…}}, one of the client's offers. WSE_OK: the reply, a JSON
     * object, is merged into server_hello; of an extension it is {"parameters":{…}}, what is
     * agreed. WSE_EDENIED: not for this client. WSE_EINVAL: the offer is malformed. *ret_share is
     * 0: sessions of a loop that are given the same other number share what encode makes for one of
     * them. *ret_state may stay NULL, but for a cipher. */
    int32_t (*open)(void *self, wse_loop *loop, wse_bytes offer, void *reply, uint64_t *inout_reply,
                    uint64_t *ret_share, void **ret_state) WSE_NOEXCEPT;
    void (*close)(void *self, wse_loop *loop, void *state) WSE_NOEXCEPT;
    /* [loop] The buffer is the server's, and so is the limit: WSE_ETOOBIG when it does not fit.
     * encode, WSE_EDENIED: the message stays as it is, which a cipher cannot say. decode: state is
     * NULL where a client sends what it has not opened, but for a cipher and an extension. */
    int32_t (*encode)(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                      uint64_t *inout) WSE_NOEXCEPT;
    int32_t (*decode)(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                      uint64_t *inout) WSE_NOEXCEPT;
    /* [loop] For a hand-over to another process. Both or none; without them the session ends. */
    int32_t (*save)(void *self, void *state, void *out, uint64_t *inout) WSE_NOEXCEPT;
    int32_t (*restore)(void *self, wse_loop *loop, wse_bytes saved, void **ret_state) WSE_NOEXCEPT;
    /* [loop] A signature of what is sent, and whether one that came is right. Both or none. */
    int32_t (*sign)(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
                    uint64_t *inout) WSE_NOEXCEPT;
    int32_t (*verify)(void *self, wse_loop *loop, void *state, wse_bytes in,
                      wse_bytes signature) WSE_NOEXCEPT;
    /* [loop] A cipher's next key. offer: what the client sent; the reply goes back to it, and is
     * the last that is encoded under the key before. Optional. */
    int32_t (*rekey)(void *self, wse_loop *loop, void *state, wse_bytes offer, void *reply,
                     uint64_t *inout_reply) WSE_NOEXCEPT;
} wse_transform_ops;

/* ---- Kind event: what is published, on its way in; and filters of single subscriptions. */

#define WSE_SOURCE_CLIENT 1u
#define WSE_SOURCE_CONTROL 2u /* wsectl, the control socket */
#define WSE_SOURCE_MODULE 3u  /* host->publish */

typedef struct wse_event {
    uint32_t struct_size;
    uint32_t source;            /* WSE_SOURCE_* */
    const wse_message *message; /* type and id may be empty: the server fills them in afterwards */
    wse_bytes user;             /* of the client that publishes, or empty */
    uint64_t now_ms;            /* wall clock, milliseconds since 1970 */
} wse_event;

/* Members that shape may set with host->shape_set. */
#define WSE_SHAPE_TYPE 1u
#define WSE_SHAPE_ID 2u
#define WSE_SHAPE_PAYLOAD 3u  /* a JSON object */
#define WSE_SHAPE_EXTRA 4u    /* a JSON object */
#define WSE_SHAPE_PRIORITY 5u /* as text, "8" */
#define WSE_SHAPE_TIME 6u     /* as text, milliseconds since 1970 */

typedef struct wse_event_ops {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] WSE_OK: it goes on, with what was set. WSE_EDENIED: it is dropped, as the module
     * wants; the publisher is told that it is in order. Anything else is a failure: the event goes
     * on as it came, or is refused, as the server's configuration says. Optional. */
    int32_t (*shape)(void *self, wse_loop *loop, const wse_event *event,
                     wse_shaping *shaping) WSE_NOEXCEPT;
    /* [loop] Filters; these five together, or none of them. compile reads what a client gave as
     * the filter of a subscription, a JSON object. */
    int32_t (*compile)(void *self, wse_loop *loop, wse_bytes criteria, void **ret_filter,
                       wse_error *) WSE_NOEXCEPT;
    void (*discard)(void *self, wse_loop *loop, void *filter) WSE_NOEXCEPT;
    /* Each message is read once, matched with every filter of the loop, and closed. */
    int32_t (*read)(void *self, wse_loop *loop, const wse_message *message,
                    void **ret_view) WSE_NOEXCEPT;
    int32_t (*match)(void *self, const void *filter, const void *view) WSE_NOEXCEPT; /* 1 or 0 */
    void (*close)(void *self, wse_loop *loop, void *view) WSE_NOEXCEPT;
} wse_event_ops;

/* ---- Kind snapshot: the state behind a topic, from which a subscriber goes on with the stream. */

typedef struct wse_snapshot_request {
    uint32_t struct_size;
    uint32_t reserved;
    wse_bytes topic;
    wse_bytes user;   /* who subscribes; empty unless per_user says 1 */
    wse_bytes params; /* `params` of the subscription, a JSON object, or empty */
    uint64_t epoch;   /* where the topic stood when the question was asked */
    uint64_t offset;
    uint64_t deadline_ms; /* milliseconds the server waits for the answer */
} wse_snapshot_request;

typedef struct wse_snapshot {
    uint32_t struct_size;
    uint32_t has_position; /* 1: epoch and offset are those of the last message that is in it */
    wse_bytes data;        /* JSON */
    wse_bytes type;        /* of the message that carries it, "orders_snapshot"; empty: the usual */
    uint64_t epoch;        /* else the messages after the question follow, one of which the */
    uint64_t offset;       /* snapshot may have in it already */
} wse_snapshot;

typedef struct wse_snapshot_ops {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] Answer with host->snapshot_done. WSE_ENOTFOUND, here or there: the topic has none. */
    int32_t (*request)(void *self, wse_loop *loop, const wse_snapshot_request *request,
                       wse_snapshot_token *token) WSE_NOEXCEPT;
    void (*cancel)(void *self, wse_loop *loop,
                   wse_snapshot_token *token) WSE_NOEXCEPT; /* optional */
    /* [any] 1: an answer is for its user alone. 0, or absent: it serves everybody who asks for the
     * topic with these params. The same word as long as self lives. */
    int32_t (*per_user)(void *self) WSE_NOEXCEPT;
} wse_snapshot_ops;

/* ---- Kind backplane: joins several hosts, and gives messages of shared topics their places.
 *
 * A host follows the topics that its clients subscribe. What is published on one, by this host as
 * by others, comes to it by host->remote_message: each message once, in the order of the places.
 * host->followed says where a topic stands, first, and anew whenever a message is missing. */

typedef struct wse_topic_use { /* how this host uses a topic */
    uint32_t struct_size;
    uint32_t id_given;         /* submit: 1: by the publisher, who may publish again under it */
    wse_bytes topic;           /* to follow also a pattern, with `*` and `?` */
    uint64_t history_messages; /* to be kept for those who come back; 0: none */
    uint64_t history_age_ms;   /* 0: no limit */
    uint64_t epoch;            /* of the last message that this host has; both 0: it has none */
    uint64_t offset;
} wse_topic_use;

/* What holds on a host and all are to know. The kind and the meaning of its key and value: */
#define WSE_FACT_PRESENT 1u /* a user is on the topic; its data, a JSON object */
#define WSE_FACT_GROUP 2u   /* a queue group has members; "1" */

typedef struct wse_fact {
    uint32_t struct_size;
    uint32_t kind; /* WSE_FACT_* */
    wse_bytes topic;
    wse_bytes key;
    wse_bytes value; /* empty: it holds no more */
    wse_bytes host;  /* that it holds on */
} wse_fact;

typedef struct wse_followed {
    uint32_t struct_size;
    uint32_t reserved;
    wse_bytes topic;
    uint64_t epoch;  /* of the last message so far: the next one comes by remote_message; of a */
    uint64_t offset; /* pattern both are 0, and every topic in it stands where its messages say */
    const wse_message *messages; /* the latest up to there, oldest first, without a gap; */
    uint64_t count;              /* those after the use's place, or all that are kept */
    wse_bytes host;              /* what this host is called in a fact */
    const wse_fact *facts;       /* all that hold on the topic, on any host */
    uint64_t fact_count;
} wse_followed;

typedef struct wse_backplane_ops {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] Answer with host->submit_done. Messages of one topic get their places in the order in
     * which they were submitted. WSE_EAGAIN, here or there: it was not published, and may be tried
     * again. */
    int32_t (*submit)(void *self, wse_loop *loop, const wse_message *message,
                      const wse_topic_use *use, wse_submit_token *token) WSE_NOEXCEPT;
    void (*cancel)(void *self, wse_loop *loop, wse_submit_token *token) WSE_NOEXCEPT; /* optional */
    /* [loop] A topic, or all that a pattern takes, is wanted from now on; and not any more. Both
     * come once, however many clients there are. */
    int32_t (*follow)(void *self, wse_loop *loop, const wse_topic_use *use) WSE_NOEXCEPT;
    void (*unfollow)(void *self, wse_loop *loop, wse_bytes topic) WSE_NOEXCEPT;
    /* [loop] Of a topic that this host follows; `host` is empty. The hosts that follow the topic
     * hear of it by host->remote_fact, this one too, all in the same order among the messages.
     * Optional. */
    int32_t (*set_fact)(void *self, wse_loop *loop, const wse_fact *fact) WSE_NOEXCEPT;
    /* [loop] To every other host, by host->broadcast_received. Optional. */
    int32_t (*broadcast)(void *self, wse_loop *loop, wse_bytes data) WSE_NOEXCEPT;
    /* [loop] An operator's question, a JSON object whose `command` says what is wanted: "status",
     * and the module's own. Answer with host->command_done. Optional. */
    int32_t (*command)(void *self, wse_loop *loop, wse_bytes request,
                       wse_command_token *token) WSE_NOEXCEPT;
} wse_backplane_ops;

/* ---- Kind app: the application behind the server. It hears of its clients, steers them, and may
 * be asked. */

#define WSE_APP_EVENT_CONNECT 1u
#define WSE_APP_EVENT_MESSAGE 2u /* of a type that the server does not know */
#define WSE_APP_EVENT_DISCONNECT 3u
#define WSE_APP_EVENT_JOIN 4u /* presence: a user's first connection on the topic */
#define WSE_APP_EVENT_LEAVE 5u
#define WSE_APP_EVENT_TEXT 6u   /* a text that is no JSON object */
#define WSE_APP_EVENT_BINARY 7u /* bytes that are in none of the server's forms */
#define WSE_APP_EVENT_SUBSCRIBE 8u
#define WSE_APP_EVENT_UNSUBSCRIBE 9u /* not when the client goes */

typedef struct wse_app_event { /* empty is what does not apply */
    uint32_t struct_size;
    uint32_t event;       /* WSE_APP_EVENT_* */
    wse_bytes connection; /* JOIN, LEAVE: empty */
    wse_bytes user;
    wse_bytes topic; /* SUBSCRIBE, UNSUBSCRIBE: a topic or pattern; JOIN, LEAVE */
    wse_bytes type;  /* MESSAGE: its `t` */
    wse_bytes id;    /* MESSAGE: its `id`, the client's own */
    wse_bytes data; /* CONNECT: {"peer":"…","listener":"…","claims":{…},"cookie":"…"}, the last for
                     * who is anonymous; MESSAGE: payload; JOIN, LEAVE: the user's data; all JSON.
                     * TEXT, BINARY: as it came. DISCONNECT: the reason. */
    uint64_t time_ms;
    uint32_t code; /* DISCONNECT: of the close */
    uint32_t reserved;
} wse_app_event;

#define WSE_ASK_CONNECT 1u
#define WSE_ASK_SUBSCRIBE 2u
#define WSE_ASK_PUBLISH 3u
#define WSE_ASK_SNAPSHOT 4u

typedef struct wse_question { /* empty is what does not apply */
    uint32_t struct_size;
    uint32_t question;    /* WSE_ASK_* */
    wse_bytes connection; /* CONNECT, SNAPSHOT: empty */
    wse_bytes user;
    wse_bytes topic;    /* SUBSCRIBE: a topic or pattern; PUBLISH, SNAPSHOT */
    wse_bytes type;     /* PUBLISH */
    wse_bytes data;     /* CONNECT: the credential; SUBSCRIBE, SNAPSHOT: the params; PUBLISH: the
                         * payload */
    wse_bytes peer;     /* CONNECT: the client's IP address as text */
    wse_bytes listener; /* CONNECT: its name in the config */
    uint32_t source;    /* CONNECT: WSE_CREDENTIAL_* */
    uint32_t reserved;
    uint64_t deadline_ms; /* milliseconds the server waits for the answer */
} wse_question;

typedef struct wse_reply { /* WSE_EDENIED instead of one: no */
    uint32_t struct_size;
    uint32_t reserved;
    wse_bytes user; /* CONNECT: not empty */
    wse_bytes data; /* CONNECT: claims; PUBLISH: another payload, or empty; SNAPSHOT: the state */
    uint64_t expires_ms; /* CONNECT: milliseconds since 1970 when the session must end, 0: never */
} wse_reply;

#define WSE_APP_SEND 1u         /* message: as an event, outside of topics */
#define WSE_APP_SUBSCRIBE 2u    /* topic; data: empty, or what a client's subscription has */
#define WSE_APP_UNSUBSCRIBE 3u  /* topic; empty: all */
#define WSE_APP_CLOSE 4u        /* code; data: the reason, a text */
#define WSE_APP_SET_ACL 5u      /* data: {"allow":["…"],"deny":["…"]}; an absent list stays */
#define WSE_APP_SEND_TEXT 6u    /* data, as it is */
#define WSE_APP_SEND_BINARY 7u  /* data, as it is */
#define WSE_APP_SET_PRESENCE 8u /* data: a JSON object, on every topic of the connection */

typedef struct wse_app_command {
    uint32_t struct_size;
    uint32_t command; /* WSE_APP_SEND and following */
    wse_bytes connection;
    wse_bytes topic;
    wse_bytes data;
    const wse_message *message;
    uint32_t code;
    uint32_t reserved;
} wse_app_command;

typedef struct wse_app_ops {
    uint32_t struct_size;
    uint32_t reserved;
    /* [loop] In the order in which it happened, one batch at a time: the next one comes when
     * host->batch_done has been called for this one. A server that stops delivers what is left, and
     * waits for a batch as long as it goes on, see host->batch_progress. */
    int32_t (*deliver)(void *self, wse_loop *loop, const wse_app_event *events, uint64_t count,
                       wse_batch_token *token) WSE_NOEXCEPT;
    /* [loop] Answer with host->ask_done. Optional. */
    int32_t (*ask)(void *self, wse_loop *loop, const wse_question *question,
                   wse_ask_token *token) WSE_NOEXCEPT;
    void (*cancel)(void *self, wse_loop *loop, wse_ask_token *token) WSE_NOEXCEPT; /* optional */
    /* [main] After create: of which events this instance wants to hear, 1 << WSE_APP_EVENT_* of
     * each. Optional: absent wants all. */
    uint32_t (*wants)(void *self) WSE_NOEXCEPT;
} wse_app_ops;

/* ---- Kind observer: hears what happens, and changes nothing. */

#define WSE_OBSERVE_OPEN 1u         /* a client was let in */
#define WSE_OBSERVE_CLOSE 2u        /* number: close code; detail: why */
#define WSE_OBSERVE_REFUSED 4u      /* detail: the error code, or "ORIGIN_NOT_ALLOWED" */
#define WSE_OBSERVE_SUBSCRIBE 8u    /* one topic or pattern; detail: queue group */
#define WSE_OBSERVE_UNSUBSCRIBE 16u /* likewise, also when the client goes */
#define WSE_OBSERVE_PUBLISH 32u     /* number: bytes of the payload; detail: type; no */
                                    /* connection: by the server's operator or a module */

typedef struct wse_observation { /* empty is what does not apply, or is not known */
    uint32_t struct_size;
    uint32_t event; /* one of WSE_OBSERVE_* */
    uint64_t time_ms;
    wse_bytes connection;
    wse_bytes user;
    wse_bytes peer;     /* the client's IP address as text */
    wse_bytes listener; /* name of the listener in the config */
    wse_bytes topic;
    wse_bytes detail;
    uint64_t number;
} wse_observation;

typedef struct wse_observer_ops {
    uint32_t struct_size;
    uint32_t mask; /* of WSE_OBSERVE_*: what may be wanted */
    /* [loop] After it has happened. What comes faster than it is taken is dropped and counted. */
    void (*observe)(void *self, wse_loop *loop, const wse_observation *) WSE_NOEXCEPT;
    /* [main] After create: what of the mask this instance wants. Optional: absent wants all. */
    uint32_t (*wants)(void *self) WSE_NOEXCEPT;
} wse_observer_ops;

/* ---- What the server offers. Every function takes the instance's own host first, so a call from
 * any thread is attributed to its module. */

#define WSE_LOG_ERROR 0
#define WSE_LOG_WARN 1
#define WSE_LOG_INFO 2
#define WSE_LOG_DEBUG 3

struct wse_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    uint32_t loop_count; /* loops that the module runs on; indexes are 0 to loop_count - 1 */
    uint32_t reserved;
    /* [any] */
    void (*log)(const wse_host *, int32_t level, const char *text) WSE_NOEXCEPT;
    uint64_t (*now_ms)(const wse_host *) WSE_NOEXCEPT; /* wall clock, milliseconds since 1970 */
    int32_t (*post)(const wse_host *, wse_loop *, void (*fn)(void *) WSE_NOEXCEPT,
                    void *arg) WSE_NOEXCEPT; /* runs fn on that loop */
    void (*stat_add)(const wse_host *, uint32_t id, int64_t delta) WSE_NOEXCEPT;
    /* Publishes; the module's word is enough, no rights are asked. WSE_EINVAL names no reason, the
     * log does. WSE_EAGAIN: the server cannot take more for now. */
    int32_t (*publish)(const wse_host *, const wse_message *) WSE_NOEXCEPT;
    void (*stop_done)(const wse_host *, wse_stop_token *) WSE_NOEXCEPT;
    /* [any] Answers; on failure the result may be NULL. */
    int32_t (*auth_done)(const wse_host *, wse_auth_token *, int32_t status,
                         const wse_auth_result *) WSE_NOEXCEPT;
    int32_t (*snapshot_done)(const wse_host *, wse_snapshot_token *, int32_t status,
                             const wse_snapshot *) WSE_NOEXCEPT;
    int32_t (*submit_done)(const wse_host *, wse_submit_token *, int32_t status, uint64_t epoch,
                           uint64_t offset) WSE_NOEXCEPT;
    int32_t (*batch_done)(const wse_host *, wse_batch_token *) WSE_NOEXCEPT;
    int32_t (*ask_done)(const wse_host *, wse_ask_token *, int32_t status,
                        const wse_reply *) WSE_NOEXCEPT;
    /* [loop] */
    uint32_t (*loop_index)(const wse_host *, const wse_loop *) WSE_NOEXCEPT;
    void *(*uv)(const wse_host *, wse_loop *)WSE_NOEXCEPT; /* a uv_loop_t of libuv 1.x */
    int32_t (*work)(const wse_host *, wse_loop *, void (*blocking)(void *) WSE_NOEXCEPT,
                    void (*after)(void *) WSE_NOEXCEPT, void *arg) WSE_NOEXCEPT; /* libuv pool */
    /* A request header of the connection the token asks about; valid inside authenticate only. */
    int32_t (*header)(const wse_host *, const wse_auth_token *, const char *name,
                      wse_bytes *ret) WSE_NOEXCEPT;
    /* What the event becomes; copied. Valid inside shape only. */
    int32_t (*shape_set)(const wse_host *, wse_shaping *, uint32_t member,
                         wse_bytes value) WSE_NOEXCEPT;
    /* The last `count` messages that the server keeps of a topic, oldest first. done is called on
     * this loop, after the call, exactly once. Service loop only, as what follows. */
    int32_t (*history)(const wse_host *, wse_loop *, wse_bytes topic, uint64_t count,
                       void (*done)(void *arg, int32_t status, const wse_message *messages,
                                    uint64_t count) WSE_NOEXCEPT,
                       void *arg) WSE_NOEXCEPT;
    /* As publish, and tells its place: done is called on this loop, after the call, exactly once,
     * with the status, and zeros where a module has dropped the message. */
    int32_t (*publish_then)(const wse_host *, wse_loop *, const wse_message *,
                            void (*done)(void *arg, int32_t status, uint64_t epoch, uint64_t offset)
                                WSE_NOEXCEPT,
                            void *arg) WSE_NOEXCEPT;
    /* Kind backplane, up to command_done. WSE_EAGAIN: not taken, as deliveries are behind; the same
     * message again in a moment. */
    int32_t (*remote_message)(const wse_host *, wse_loop *, const wse_message *) WSE_NOEXCEPT;
    /* WSE_EAGAIN as above. */
    int32_t (*followed)(const wse_host *, wse_loop *, const wse_followed *) WSE_NOEXCEPT;
    /* With an empty key: all that holds on that host, of the topic, or of all when it is empty. */
    int32_t (*remote_fact)(const wse_host *, wse_loop *, const wse_fact *) WSE_NOEXCEPT;
    int32_t (*broadcast_received)(const wse_host *, wse_loop *, wse_bytes data) WSE_NOEXCEPT;
    /* WSE_OK: messages pass. Anything else: they do not, or may not; the text says why. */
    void (*health)(const wse_host *, wse_loop *, int32_t status, const char *text) WSE_NOEXCEPT;
    /* [any] A JSON value; on failure a sentence. */
    int32_t (*command_done)(const wse_host *, wse_command_token *, int32_t status,
                            wse_bytes answer) WSE_NOEXCEPT;
    /* Kind app: what the application does to one of its clients; in order for each of them. done
     * may be NULL; else, on WSE_OK, it is called on this loop, after the call, exactly once. Its
     * status is WSE_ENOTFOUND where the connection has gone; its answer is a JSON object, of
     * SUBSCRIBE
     * {"subscribed":["…"],"failed":[{"topic":"…","reason":"…"}]} with what the acknowledgement of a
     * client has beside it, else empty. WSE_EAGAIN: too much at once. */
    int32_t (*app_command)(const wse_host *, wse_loop *, const wse_app_command *,
                           void (*done)(void *arg, int32_t status, wse_bytes answer) WSE_NOEXCEPT,
                           void *arg) WSE_NOEXCEPT;
    /* [main] in create only: registers a counter, shown as <instance>.<name>. */
    int32_t (*stat)(const wse_host *, const char *name, const char *help,
                    uint32_t *ret_id) WSE_NOEXCEPT;
    /* [loop] Kind app: an operation of the HTTP API, with the same name, "publish", and the same
     * JSON object as parameters; no key is asked. done as above: the result, JSON, or on failure
     * {"code":"…","message":"…"}. WSE_ENOTFOUND: there is no such operation. */
    int32_t (*api_call)(const wse_host *, wse_loop *, wse_bytes operation, wse_bytes params,
                        void (*done)(void *arg, int32_t status, wse_bytes answer) WSE_NOEXCEPT,
                        void *arg) WSE_NOEXCEPT;
    /* Kind app: the batch is not done, and goes on. A server that stops waits for another while. */
    int32_t (*batch_progress)(const wse_host *, wse_loop *, wse_batch_token *) WSE_NOEXCEPT;
};

/* ---- What a module offers. */

typedef struct wse_module_def {
    uint32_t magic; /* these 16 bytes are read before anything else is trusted */
    uint16_t abi_major;
    uint16_t abi_minor; /* the oldest server that will do */
    uint32_t struct_size;
    wse_kind kind;

    const char *name;          /* "snapshot_file": lower case, digits, '_' */
    const char *version;       /* the module's own */
    const wse_option *options; /* or NULL */
    uint32_t option_size;      /* sizeof(wse_option) */
    uint32_t config_size;      /* of the struct the options fill, zeroed first */
    const void *ops;           /* wse_auth_ops for WSE_KIND_AUTH, and so on */

    /* [main] Pure: cross-field rules. Also called by `wsed -t`. Optional. */
    int32_t (*check)(const void *config, wse_error *) WSE_NOEXCEPT;
    /* [main] Memory, keys, counters; no threads, no waiting. config lives until destroy. */
    int32_t (*create)(const wse_host *, const void *config, void **ret_self,
                      wse_error *) WSE_NOEXCEPT;
    /* [loop] Once per loop the kind runs on. Optional. */
    int32_t (*start)(void *self, wse_loop *, wse_error *) WSE_NOEXCEPT;
    /* [loop] No new questions come; answer host->stop_done when all handles are closed. Optional.
     */
    void (*stop)(void *self, wse_loop *, wse_stop_token *) WSE_NOEXCEPT;
    /* [main] After every stop is done. */
    void (*destroy)(void *self) WSE_NOEXCEPT;
} wse_module_def;

#define WSE_MODULE(kind, oldest_minor) \
    WSE_MODULE_MAGIC, WSE_ABI_MAJOR, (oldest_minor), sizeof(wse_module_def), (kind)

extern WSE_EXPORT const wse_module_def wse_module;

#ifdef __cplusplus
}
#endif
#endif
