/* SPDX-License-Identifier: MIT */
#include "backplane_case.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "support/child.h"
#include "support/with_cmocka.h"

#define MAX_HOSTS 4
#define PATIENCE_S 20

static backplane_host *hosts[MAX_HOSTS];
static child server;
static char directory[64], socket_path[96], port_text[16];
static bool durable;

/* ---- Redis. */

static void choose_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    snprintf(port_text, sizeof port_text, "%d", ntohs(address.sin_port));
}

static bool talk(const char *text, char *reply, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ssize_t n = -1;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        char whole[4096];
        snprintf(whole, sizeof whole, "%s\r\nQUIT\r\n", text);
        n = send(fd, whole, strlen(whole), MSG_NOSIGNAL);
        for (size_t length = 0; n > 0 && length + 1 < size; length += (size_t)n) {
            n = recv(fd, reply + length, size - length - 1, 0);
            reply[length + (n > 0 ? (size_t)n : 0)] = '\0';
        }
    }
    close(fd);
    return n >= 0;
}

const char *redis_command(const char *format, ...) {
    static char reply[65536];
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_true(talk(text, reply, sizeof reply));
    if (reply[0] == '-') fail_msg("%s: %s", text, reply);
    return reply;
}

static void launch(void) {
    char reply[256] = "";
    const char *const arguments[] = {"redis-server",
                                     "--port",
                                     port_text,
                                     "--bind",
                                     "127.0.0.1",
                                     "--unixsocket",
                                     socket_path,
                                     "--save",
                                     "",
                                     "--appendonly",
                                     durable ? "yes" : "no",
                                     "--appendfsync",
                                     "always",
                                     "--logfile",
                                     "/dev/null",
                                     "--dir",
                                     directory,
                                     NULL};
    server = child_start(arguments);
    while (!talk("PING", reply, sizeof reply) || !strstr(reply, "PONG")) usleep(2000);
}

void redis_start(bool is_durable) {
    durable = is_durable;
    strcpy(directory, "/tmp/wse-backplane-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(socket_path, sizeof socket_path, "%s/socket", directory);
    choose_port();
    launch();
}

void redis_stop(void) {
    char text[128];
    child_stop(&server);
    snprintf(text, sizeof text, "rm -r %s", directory);
    assert_int_equal(system(text), 0);
}

void redis_restart(void) {
    child_stop(&server);
    launch();
}

void redis_freeze(bool frozen) {
    kill(server.pid, frozen ? SIGSTOP : SIGCONT);
}

/* ---- What a host is told. */

static backplane_host *host_of(const wse_host *abi) {
    for (size_t i = 0; i < MAX_HOSTS; ++i) {
        if (hosts[i] && wse_test_host_abi(hosts[i]->instance.host) == abi) return hosts[i];
    }
    fail_msg("a host that is none");
    return NULL;
}

static void add_line(backplane_host *host, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_line(backplane_host *host, const char *format, ...) {
    char *line = malloc(4096);
    va_list arguments;
    assert_non_null(line);
    va_start(arguments, format);
    vsnprintf(line, 4096, format, arguments);
    va_end(arguments);
    assert_true(host->line_count < BACKPLANE_MAX_LINES);
    host->lines[host->line_count++] = line;
}

#define TEXT(bytes) (int)(bytes).len, (const char *)(bytes).data

static void add_fact(backplane_host *host, const wse_fact *fact) {
    assert_int_equal(fact->host.len, 16);
    add_line(host, "fact %u %.*s %.*s %.*s", fact->kind, TEXT(fact->topic), TEXT(fact->key),
             TEXT(fact->value));
}

static int32_t remote_message(const wse_host *abi, wse_loop *loop, const wse_message *message) {
    backplane_host *host = host_of(abi);
    (void)loop;
    host->held += host->is_busy;
    if (host->is_busy) return WSE_EAGAIN;
    host->epoch = message->epoch;
    host->last_ms = message->time_ms;
    snprintf(host->last_id, sizeof host->last_id, "%.*s", TEXT(message->id));
    add_line(host, "message %.*s %d %.*s", TEXT(message->topic), (int)message->offset,
             TEXT(message->payload));
    return WSE_OK;
}

static int32_t followed(const wse_host *abi, wse_loop *loop, const wse_followed *it) {
    backplane_host *host = host_of(abi);
    char text[4096];
    int length = snprintf(text, sizeof text, "followed %.*s %d", TEXT(it->topic), (int)it->offset);
    (void)loop;
    if (host->is_busy) return WSE_EAGAIN;
    host->epoch = it->epoch;
    for (uint64_t i = 0; i < it->count && length < 3000; ++i) {
        assert_int_equal(it->messages[i].epoch, it->epoch);
        assert_int_equal(it->messages[i].offset, it->offset - it->count + i + 1);
        length += snprintf(text + length, sizeof text - (size_t)length, " %.*s",
                           TEXT(it->messages[i].payload));
    }
    add_line(host, "%s", text);
    for (uint64_t i = 0; i < it->fact_count; ++i) add_fact(host, &it->facts[i]);
    return WSE_OK;
}

static int32_t remote_fact(const wse_host *abi, wse_loop *loop, const wse_fact *fact) {
    backplane_host *host = host_of(abi);
    (void)loop;
    if (host->is_busy) return WSE_EAGAIN;
    add_fact(host, fact);
    return WSE_OK;
}

static int32_t broadcast_received(const wse_host *abi, wse_loop *loop, wse_bytes data) {
    backplane_host *host = host_of(abi);
    (void)loop;
    if (host->is_busy) return WSE_EAGAIN;
    add_line(host, "broadcast %.*s", TEXT(data));
    return WSE_OK;
}

static void health(const wse_host *abi, wse_loop *loop, int32_t status, const char *text) {
    backplane_host *host = host_of(abi);
    (void)loop;
    host->health = status;
    add_line(host, "health %d %s", (int)status, text);
}

static int32_t command_done(const wse_host *abi, wse_command_token *token, int32_t status,
                            wse_bytes answer) {
    backplane_host *host = host_of(abi);
    (void)token;
    host->answered = status;
    snprintf(host->answer, sizeof host->answer, "%.*s", TEXT(answer));
    return WSE_OK;
}

/* ---- Hosts. */

static bool is_well(const void *arg) {
    return ((const backplane_host *)arg)->health == WSE_OK;
}

void backplane_open(backplane_host *host, const wse_module_def *module,
                    const char *const options[]) {
    char url[64];
    wse_host *abi;
    size_t free = 0;
    memset(host, 0, sizeof *host);
    host->health = 1;
    host->answered = 1;
    while (hosts[free]) ++free;
    hosts[free] = host;
    wse_test_instance_init(&host->instance, module);
    /* The host's own functions, where they are told what it does not keep. */
    abi = (wse_host *)(uintptr_t)wse_test_host_abi(host->instance.host);
    abi->remote_message = remote_message;
    abi->followed = followed;
    abi->remote_fact = remote_fact;
    abi->broadcast_received = broadcast_received;
    abi->health = health;
    abi->command_done = command_done;
    wse_test_host_set_now(host->instance.host, (uint64_t)time(NULL) * 1000);
    snprintf(url, sizeof url, "redis://127.0.0.1:%s", port_text);
    wse_test_config_set(host->instance.config, "url", url);
    for (size_t i = 0; options && options[i]; i += 2)
        wse_test_config_set(host->instance.config, options[i], options[i + 1]);
    assert_int_equal(wse_test_instance_open(&host->instance), WSE_OK);
    host->is_open = true;
    if (server.pid > 0) backplane_wait(is_well, host);
}

void backplane_close(backplane_host *host) {
    assert_true(wse_test_instance_close(&host->instance));
    for (size_t i = 0; i < MAX_HOSTS; ++i) {
        if (hosts[i] == host) hosts[i] = NULL;
    }
    for (uint32_t i = 0; i < host->line_count; ++i) free(host->lines[i]);
    host->is_open = false;
}

static const wse_backplane_ops *ops_of(const backplane_host *host) {
    return host->instance.def->ops;
}

static wse_loop *loop_of(const backplane_host *host) {
    return wse_test_host_service_loop(host->instance.host);
}

static wse_bytes bytes_of(const char *text) {
    return (wse_bytes){text, text ? strlen(text) : 0};
}

int32_t backplane_submit(backplane_host *host, const char *topic, const char *id,
                         const char *payload, uint64_t history, wse_submit_token *token) {
    const wse_message message = {
        .struct_size = sizeof message,
        .priority = 5,
        .topic = bytes_of(topic),
        .type = bytes_of("event"),
        .id = bytes_of(id),
        .payload = bytes_of(payload),
    };
    const wse_topic_use use = {.struct_size = sizeof use,
                               .id_given = id != NULL,
                               .topic = bytes_of(topic),
                               .history_messages = history};
    memset(token, 0, sizeof *token);
    token->must_be = WSE_TEST_SUBMIT_DONE;
    return ops_of(host)->submit(host->instance.self, loop_of(host), &message, &use, token);
}

uint64_t backplane_publish(backplane_host *host, const char *topic, const char *payload,
                           uint64_t history) {
    wse_submit_token token;
    assert_int_equal(backplane_submit(host, topic, NULL, payload, history, &token), WSE_OK);
    backplane_wait_for(&token);
    assert_int_equal(token.status, WSE_OK);
    return token.offset;
}

void backplane_follow(backplane_host *host, const char *topic, uint64_t epoch, uint64_t offset,
                      uint64_t history) {
    const wse_topic_use use = {.struct_size = sizeof use,
                               .topic = bytes_of(topic),
                               .history_messages = history,
                               .epoch = epoch,
                               .offset = offset};
    assert_int_equal(ops_of(host)->follow(host->instance.self, loop_of(host), &use), WSE_OK);
}

void backplane_unfollow(backplane_host *host, const char *topic) {
    ops_of(host)->unfollow(host->instance.self, loop_of(host), bytes_of(topic));
}

void backplane_set_fact(backplane_host *host, const char *topic, const char *key,
                        const char *value) {
    const wse_fact fact = {.struct_size = sizeof fact,
                           .kind = WSE_FACT_PRESENT,
                           .topic = bytes_of(topic),
                           .key = bytes_of(key),
                           .value = bytes_of(value)};
    assert_int_equal(ops_of(host)->set_fact(host->instance.self, loop_of(host), &fact), WSE_OK);
}

/* ---- Waiting. */

void backplane_wait(bool (*done)(const void *), const void *arg) {
    const time_t end = time(NULL) + PATIENCE_S;
    while (!done(arg)) {
        if (time(NULL) > end) {
            for (size_t i = 0; i < MAX_HOSTS; ++i) {
                for (uint32_t k = 0; hosts[i] && k < hosts[i]->line_count && k < 40; ++k)
                    print_message("%zu %s\n", i, hosts[i]->lines[k]);
                if (hosts[i]) print_message("%s", wse_test_host_log(hosts[i]->instance.host));
            }
            fail_msg("it does not come");
        }
        for (size_t i = 0; i < MAX_HOSTS; ++i) {
            if (hosts[i] && hosts[i]->is_open) wse_test_host_turn(hosts[i]->instance.host);
        }
    }
}

static bool is_answered(const void *token) {
    return ((const wse_submit_token *)token)->answers > 0;
}

void backplane_wait_for(const wse_submit_token *token) {
    backplane_wait(is_answered, token);
}

struct wanted_line {
    const backplane_host *host;
    const char *line;
    uint32_t times;
    uint32_t most;
};

static bool has_line(const void *arg) {
    const struct wanted_line *wanted = arg;
    uint32_t found = 0;
    for (uint32_t i = 0; i < wanted->host->line_count; ++i)
        found += strcmp(wanted->host->lines[i], wanted->line) == 0;
    assert_true(found <= wanted->most);
    return found >= wanted->times;
}

void backplane_wait_line(const backplane_host *host, const char *line, uint32_t times) {
    const struct wanted_line wanted = {host, line, times, times};
    backplane_wait(has_line, &wanted);
}

void backplane_wait_fact(const backplane_host *host, const char *line, uint32_t least) {
    const struct wanted_line wanted = {host, line, least, UINT32_MAX};
    backplane_wait(has_line, &wanted);
}

struct wanted_counter {
    const backplane_host *host;
    const char *name;
    int64_t least;
};

int64_t backplane_counter(const backplane_host *host, const char *counter) {
    return wse_test_host_counter(host->instance.host, counter);
}

static bool has_counted(const void *arg) {
    const struct wanted_counter *wanted = arg;
    return backplane_counter(wanted->host, wanted->name) >= wanted->least;
}

void backplane_wait_counter(const backplane_host *host, const char *counter, int64_t least) {
    const struct wanted_counter wanted = {host, counter, least};
    backplane_wait(has_counted, &wanted);
}

static bool has_logged(const void *arg) {
    const struct wanted_line *wanted = arg;
    return strstr(wse_test_host_log(wanted->host->instance.host), wanted->line) != NULL;
}

void backplane_wait_log(const backplane_host *host, const char *event) {
    const struct wanted_line wanted = {host, event, 1, 1};
    backplane_wait(has_logged, &wanted);
}

static bool is_held(const void *host) {
    return ((const backplane_host *)host)->held > 0;
}

void backplane_wait_held(const backplane_host *host) {
    backplane_wait(is_held, host);
}

struct wanted_health {
    const backplane_host *host;
    int32_t status;
};

static bool has_health(const void *arg) {
    const struct wanted_health *wanted = arg;
    return wanted->host->health == wanted->status;
}

void backplane_wait_health(const backplane_host *host, int32_t status) {
    const struct wanted_health wanted = {host, status};
    backplane_wait(has_health, &wanted);
}

uint32_t backplane_count(const backplane_host *host, const char *beginning) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < host->line_count; ++i)
        found += strncmp(host->lines[i], beginning, strlen(beginning)) == 0;
    return found;
}
