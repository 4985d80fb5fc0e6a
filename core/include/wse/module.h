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
 * Modules of kind auth and transform run on every connection loop: start and stop are called once
 * per loop, questions come on the loop of the connection they concern.
 *
 * Ownership. wse_bytes is borrowed for the call; results given to a completion are copied before
 * it returns. Strings in a config are the server's and live until destroy. Nothing allocated on
 * one side is freed on the other.
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
#define WSE_KIND_SNAPSHOT 3u /* 3 to 7: numbers kept for kinds that ABI 1.0 does not define yet */
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
typedef struct wse_stop_token wse_stop_token;
typedef struct wse_host wse_host;

typedef struct wse_error {
    uint32_t struct_size;
    char text[252];
} wse_error;

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

/* ---- Kind transform: bytes to bytes, compression and encryption. A sketch in ABI 1.0: this
 * server checks such modules and refuses to use them. */

typedef struct wse_transform_ops {
    uint32_t struct_size;
    uint32_t shared; /* 1: the same output serves every session of a loop */
    char prefix[4];  /* on the wire, "C:" or "E:" */
    uint32_t reserved;
    int32_t (*open)(void *self, wse_loop *loop, wse_bytes offer, void *reply, uint64_t *inout_reply,
                    void **ret_state) WSE_NOEXCEPT;
    void (*close)(void *self, void *state) WSE_NOEXCEPT;
    /* The buffer is the server's, and so is the limit: WSE_ETOOBIG when it does not fit. */
    int32_t (*encode)(void *self, void *state, wse_bytes in, void *out,
                      uint64_t *inout) WSE_NOEXCEPT;
    int32_t (*decode)(void *self, void *state, wse_bytes in, void *out,
                      uint64_t *inout) WSE_NOEXCEPT;
} wse_transform_ops;

/* ---- What the server offers. Every function takes the instance's own host first, so a call from
 * any thread is attributed to its module. */

#define WSE_LOG_ERROR 0
#define WSE_LOG_WARN 1
#define WSE_LOG_INFO 2
#define WSE_LOG_DEBUG 3

struct wse_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    uint32_t loop_count; /* connection loops; indexes are 0 to loop_count - 1 */
    uint32_t reserved;
    /* [any] */
    void (*log)(const wse_host *, int32_t level, const char *text) WSE_NOEXCEPT;
    uint64_t (*now_ms)(const wse_host *) WSE_NOEXCEPT; /* wall clock, milliseconds since 1970 */
    int32_t (*post)(const wse_host *, wse_loop *, void (*fn)(void *) WSE_NOEXCEPT,
                    void *arg) WSE_NOEXCEPT; /* runs fn on that loop */
    void (*stat_add)(const wse_host *, uint32_t id, int64_t delta) WSE_NOEXCEPT;
    int32_t (*auth_done)(const wse_host *, wse_auth_token *, int32_t status,
                         const wse_auth_result *) WSE_NOEXCEPT; /* result may be NULL on failure */
    void (*stop_done)(const wse_host *, wse_stop_token *) WSE_NOEXCEPT;
    /* [loop] */
    uint32_t (*loop_index)(const wse_host *, const wse_loop *) WSE_NOEXCEPT;
    void *(*uv)(const wse_host *, wse_loop *)WSE_NOEXCEPT; /* a uv_loop_t of libuv 1.x */
    int32_t (*work)(const wse_host *, wse_loop *, void (*blocking)(void *) WSE_NOEXCEPT,
                    void (*after)(void *) WSE_NOEXCEPT, void *arg) WSE_NOEXCEPT; /* libuv pool */
    /* A request header of the connection the token asks about; valid inside authenticate only. */
    int32_t (*header)(const wse_host *, const wse_auth_token *, const char *name,
                      wse_bytes *ret) WSE_NOEXCEPT;
    /* [main] in create only: registers a counter, shown as <instance>.<name>. */
    int32_t (*stat)(const wse_host *, const char *name, const char *help,
                    uint32_t *ret_id) WSE_NOEXCEPT;
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
