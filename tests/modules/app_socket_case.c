/* SPDX-License-Identifier: MIT */
#include "app_socket_case.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/with_cmocka.h"

#define MAX_PEERS 64

struct peer {
    int fd;
    char *bytes;
    size_t size, capacity;
    size_t shown; /* of the frame that was heard last, with its length */
    bool ended;
};

wse_test_instance instance;
const wse_app_ops *ops;
char socket_path[64];

static const wse_module_def *module;
static char directory[] = "/tmp/wse-app-XXXXXX";
static peer *peers[MAX_PEERS];
static unsigned delivered;

int app_prepare(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    module = wse_test_load(MODULE_FILE);
    ops = module->ops;
    if (!mkdtemp(directory)) return -1;
    snprintf(socket_path, sizeof socket_path, "%s/app.sock", directory);
    return 0;
}

int app_clean(void **state) {
    (void)state;
    unlink(socket_path);
    return rmdir(directory);
}

void app_begin(const char *name, ...) {
    va_list options;
    delivered = 0;
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "path", socket_path);
    va_start(options, name);
    for (; name; name = va_arg(options, const char *))
        wse_test_config_set(instance.config, name, va_arg(options, const char *));
    va_end(options);
    if (wse_test_instance_open(&instance) != WSE_OK) fail_msg("%s", instance.error.text);
}

int app_begin_tcp(void) {
    int port = 0;
    const char *place;
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "address", "127.0.0.1:0");
    wse_test_config_set(instance.config, "secret", APP_SECRET);
    if (wse_test_instance_open(&instance) != WSE_OK) fail_msg("%s", instance.error.text);
    place = strstr(wse_test_host_log(instance.host), "127.0.0.1:");
    assert_non_null(place);
    assert_int_equal(sscanf(place, "127.0.0.1:%d", &port), 1);
    return port;
}

void app_end(void) {
    for (int i = 0; i < MAX_PEERS; ++i)
        if (peers[i]) peer_close(peers[i]);
    assert_true(wse_test_instance_close(&instance));
}

wse_loop *app_loop(void) {
    return wse_test_host_service_loop(instance.host);
}

void app_turn(void) {
    wse_test_host_turn(instance.host);
}

int64_t app_counter(const char *name) {
    return wse_test_host_counter(instance.host, name);
}

struct wanted {
    const char *name;
    int64_t value;
};

static bool counted(void *p) {
    const struct wanted *wanted = p;
    return app_counter(wanted->name) >= wanted->value;
}

void app_await_counter(const char *name, int64_t value) {
    struct wanted wanted = {name, value};
    assert_true(wse_test_host_turn_until(instance.host, counted, &wanted));
}

static wse_bytes bytes_of(const char *text) {
    return (wse_bytes){text, text ? strlen(text) : 0};
}

void app_deliver(unsigned count, wse_batch_token *token) {
    wse_app_event *events = calloc(count, sizeof *events);
    char(*payloads)[16] = calloc(count, sizeof *payloads);
    assert_non_null(events);
    assert_non_null(payloads);
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_BATCH_DONE;
    for (unsigned i = 0; i < count; ++i) {
        snprintf(payloads[i], sizeof payloads[i], "{\"n\":%u}", ++delivered);
        events[i] = (wse_app_event){.struct_size = sizeof *events,
                                    .event = WSE_APP_EVENT_MESSAGE,
                                    .connection = bytes_of("c1"),
                                    .type = bytes_of("t"),
                                    .data = bytes_of(payloads[i]),
                                    .time_ms = 7};
    }
    assert_int_equal(ops->deliver(instance.self, app_loop(), events, count, token), WSE_OK);
    /* What was lent is gone now. */
    memset(payloads, 'x', count * sizeof *payloads);
    free(payloads);
    free(events);
}

int32_t app_ask(uint32_t question, const char *topic, const char *data, uint64_t deadline_ms,
                wse_ask_token *token) {
    const wse_question asked = {.struct_size = sizeof asked,
                                .question = question,
                                .user = bytes_of(question == WSE_ASK_CONNECT ? NULL : "alice"),
                                .topic = bytes_of(topic),
                                .data = bytes_of(data),
                                .deadline_ms = deadline_ms};
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_ASK_DONE;
    return ops->ask(instance.self, app_loop(), &asked, token);
}

static bool answered(void *p) {
    return ((const wse_ask_token *)p)->answers > 0;
}

void app_await_answer(const wse_ask_token *token) {
    assert_true(wse_test_host_turn_until(instance.host, answered, (void *)(uintptr_t)token));
    assert_int_equal(token->answers, 1);
}

/* ---- A backend. */

static peer *peer_of(int fd) {
    peer *it = calloc(1, sizeof *it);
    assert_non_null(it);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    it->fd = fd;
    for (int i = 0; i < MAX_PEERS; ++i) {
        if (peers[i]) continue;
        peers[i] = it;
        return it;
    }
    fail_msg("too many peers");
    return NULL;
}

peer *peer_connect(void) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(name.sun_path, socket_path);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof name), 0);
    return peer_of(fd);
}

peer *peer_connect_tcp(int port) {
    const struct sockaddr_in name = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof name), 0);
    return peer_of(fd);
}

peer *peer_hello(const char *members) {
    char text[512];
    peer *it = peer_connect();
    snprintf(text, sizeof text, "{\"op\":\"hello\",\"version\":1%s}", members);
    peer_say(it, text);
    peer_hears_of(it, "{\"op\":\"welcome\",\"version\":1,");
    return it;
}

void peer_close(peer *it) {
    for (int i = 0; i < MAX_PEERS; ++i)
        if (peers[i] == it) peers[i] = NULL;
    close(it->fd);
    free(it->bytes);
    free(it);
}

size_t peer_send_some(peer *it, const void *bytes, size_t size) {
    const ssize_t n = send(it->fd, bytes, size, MSG_NOSIGNAL);
    return n > 0 ? (size_t)n : 0;
}

void peer_send_bytes(peer *it, const void *bytes, size_t size) {
    const char *rest = bytes;
    while (size > 0) {
        const ssize_t n = send(it->fd, rest, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            app_turn();
            continue;
        }
        if (n < 0) return; /* the other side has ended it, which the test looks at next */
        rest += n;
        size -= (size_t)n;
    }
}

void peer_send(peer *it, const void *body, size_t size) {
    const uint32_t length = htonl((uint32_t)size);
    peer_send_bytes(it, &length, sizeof length);
    peer_send_bytes(it, body, size);
}

void peer_say(peer *it, const char *text) {
    peer_send(it, text, strlen(text));
}

static size_t frame_size(const peer *it) {
    uint32_t length;
    if (it->size < sizeof length) return SIZE_MAX;
    memcpy(&length, it->bytes, sizeof length);
    return sizeof length + ntohl(length);
}

static void peer_read(peer *it) {
    while (!it->ended) {
        ssize_t n;
        if (it->capacity - it->size < 65536) {
            it->capacity = it->capacity * 2 + 131072;
            it->bytes = realloc(it->bytes, it->capacity);
            assert_non_null(it->bytes);
        }
        n = recv(it->fd, it->bytes + it->size, it->capacity - it->size - 1, 0);
        if (n > 0) it->size += (size_t)n;
        if (n == 0 || (n < 0 && errno != EAGAIN)) it->ended = true;
        if (n < 0) return;
    }
}

static bool has_frame(void *p) {
    peer *it = p;
    peer_read(it);
    return it->ended || (frame_size(it) != SIZE_MAX && it->size >= frame_size(it));
}

const char *peer_hear(peer *it, size_t *ret_size) {
    static char *heard;
    size_t size;
    if (it->size > it->shown) memmove(it->bytes, it->bytes + it->shown, it->size - it->shown);
    it->size -= it->shown;
    it->shown = 0;
    assert_true(wse_test_host_turn_until(instance.host, has_frame, it));
    size = frame_size(it);
    if (size == SIZE_MAX || it->size < size) fail_msg("the connection ended before a frame came");
    it->shown = size;
    free(heard);
    heard = calloc(1, size);
    assert_non_null(heard);
    memcpy(heard, it->bytes + 4, size - 4);
    if (ret_size) *ret_size = size - 4;
    return heard;
}

void peer_hears(peer *it, const char *text) {
    assert_string_equal(peer_hear(it, NULL), text);
}

void peer_hears_of(peer *it, const char *part) {
    const char *text = peer_hear(it, NULL);
    if (!strstr(text, part)) fail_msg("%s is not in %s", part, text);
}

void peer_hears_nothing(peer *it) {
    peer_say(it, "{\"op\":\"ping\",\"id\":99}");
    peer_hears(it, "{\"op\":\"pong\",\"id\":99}");
}

static bool has_ended(void *p) {
    peer *it = p;
    peer_read(it);
    return it->ended;
}

void peer_sees_end(peer *it) {
    assert_true(wse_test_host_turn_until(instance.host, has_ended, it));
    assert_int_equal(it->size, it->shown);
}

void peer_is_refused(peer *it, const char *code) {
    char part[64];
    snprintf(part, sizeof part, "{\"op\":\"error\",\"code\":\"%s\",\"message\":\"", code);
    peer_hears_of(it, part);
    peer_sees_end(it);
    peer_close(it);
}

void peer_gets(peer *it, unsigned first, unsigned last) {
    const size_t room = 128 + (last + 1 - first) * 112ul;
    char *text = calloc(1, room);
    int at = snprintf(text, room, "{\"op\":\"events\",\"id\":1,\"events\":[");
    for (unsigned n = first; n <= last; ++n)
        at += snprintf(text + at, room - (size_t)at,
                       "%s{\"seq\":%u,\"event\":\"message\",\"conn\":\"c1\",\"type\":\"t\","
                       "\"data\":{\"n\":%u},\"ts\":7}",
                       n > first ? "," : "", n, n);
    snprintf(text + at, room - (size_t)at, "]}");
    peer_hears(it, text);
    free(text);
}

void peer_drains(peer *it, const char *members, unsigned first, unsigned last) {
    char text[256];
    snprintf(text, sizeof text, "{\"op\":\"drain\",\"id\":1%s}", members);
    peer_say(it, text);
    peer_gets(it, first, last);
}

char *peer_member(peer *it, const char *name) {
    char begin[64];
    const char *at, *end;
    char *value;
    snprintf(begin, sizeof begin, "\"%s\":\"", name);
    at = memmem(it->bytes, it->shown, begin, strlen(begin));
    assert_non_null(at);
    at += strlen(begin);
    end = strchr(at, '"');
    assert_non_null(end);
    value = strndup(at, (size_t)(end - at));
    assert_non_null(value);
    return value;
}
