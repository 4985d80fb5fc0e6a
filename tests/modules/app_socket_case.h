/* SPDX-License-Identifier: MIT
 * app_socket.so with backends that are sockets of the test's own. */
#ifndef WSE_TESTS_APP_SOCKET_CASE_H
#define WSE_TESTS_APP_SOCKET_CASE_H

#include <wse/test_host.h>

/* ---- The instance; one at a time. */

extern wse_test_instance instance;
extern const wse_app_ops *ops;
extern char socket_path[64];
#define APP_SECRET "0123456789abcdef"

int app_prepare(void **state); /* of a group: loads the module, makes a directory */
int app_clean(void **state);
/* With `path`, and the options that follow: name, value, …, NULL. */
void app_begin(const char *name, ...);
/* On a TCP port of the kernel's choice, which it gives, and with APP_SECRET. */
int app_begin_tcp(void);
/* Closes every peer that is open, and stops. */
void app_end(void);
void app_turn(void);
wse_loop *app_loop(void);
int64_t app_counter(const char *name);
void app_await_counter(const char *name, int64_t value);
/* That many messages of c1, whose payload is their number: {"n":1} and on, over all batches. */
void app_deliver(unsigned count, wse_batch_token *token);
int32_t app_ask(uint32_t question, const char *topic, const char *data, uint64_t deadline_ms,
                wse_ask_token *token);
void app_await_answer(const wse_ask_token *token);

/* ---- A backend. What it hears is valid until it hears more; each waits for it, and fails the test
 * when it does not come. */

typedef struct peer peer;

peer *peer_connect(void);
peer *peer_connect_tcp(int port);
/* The same, and a hello with these members more, as JSON: ",\"format\":\"msgpack\"". */
peer *peer_hello(const char *members);
void peer_close(peer *it);
void peer_send_bytes(peer *it, const void *bytes, size_t size);
size_t peer_send_some(peer *it, const void *bytes, size_t size); /* what the kernel takes now */
void peer_send(peer *it, const void *body, size_t size);         /* one frame */
void peer_say(peer *it, const char *text);
/* One frame; *ret_size may be NULL. */
const char *peer_hear(peer *it, size_t *ret_size);
void peer_hears(peer *it, const char *text);
void peer_hears_of(peer *it, const char *part);
/* Nothing is on its way: the next thing heard is the answer to a ping. */
void peer_hears_nothing(peer *it);
void peer_sees_end(peer *it);
/* An error frame with this code, and the end. Closes it. */
void peer_is_refused(peer *it, const char *code);
/* Says a drain and hears the messages with these numbers; none when last is before first. */
void peer_drains(peer *it, const char *members, unsigned first, unsigned last);
void peer_gets(peer *it, unsigned first, unsigned last); /* hears them, of a drain with id 1 */
/* The text behind "name":" of what was heard last; the caller frees it. */
char *peer_member(peer *it, const char *name);

#endif
