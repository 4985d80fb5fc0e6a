/* SPDX-License-Identifier: MIT
 * app_socket.so: where it listens, who is let in, and what a frame may be. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app_socket_case.h"
#include "support/with_cmocka.h"

static int listen_at(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(name.sun_path, path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void cannot_begin(const char *name, const char *value, const char *sentence) {
    wse_test_instance_init(&instance, wse_test_load(MODULE_FILE));
    wse_test_config_set(instance.config, "path", socket_path);
    if (name) wse_test_config_set(instance.config, name, value);
    assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
    if (!strstr(instance.error.text, sentence)) fail_msg("%s", instance.error.text);
    assert_true(wse_test_instance_close(&instance));
}

static void answers_a_hello_with_a_welcome(void **state) {
    peer *backend;
    const char *text;
    char *epoch;
    (void)state;
    app_begin("name", "shop", NULL);
    backend = peer_connect();
    peer_say(backend, "{\"op\":\"hello\",\"version\":1,\"name\":\"billing-1\",\"answers\":[]}");
    text = peer_hear(backend, NULL);
    assert_non_null(strstr(text, ",\"instance\":\"shop\",\"epoch\":\""));
    assert_non_null(strstr(text, ",\"seq\":0,\"max_frame\":16777216}"));
    epoch = peer_member(backend, "epoch");
    assert_int_equal(strlen(epoch), 16);
    free(epoch);
    peer_hears_nothing(backend);
    assert_int_equal(app_counter("connections"), 1);
    assert_non_null(strstr(wse_test_host_log(instance.host), "name=billing-1"));
    app_end();
}

static void names_every_run_otherwise(void **state) {
    char *epochs[2];
    (void)state;
    for (int i = 0; i < 2; ++i) {
        app_begin(NULL);
        epochs[i] = peer_member(peer_hello(""), "epoch");
        app_end();
    }
    assert_string_not_equal(epochs[0], epochs[1]);
    free(epochs[0]);
    free(epochs[1]);
}

static void has_the_mode_that_is_configured(void **state) {
    struct stat found;
    (void)state;
    app_begin(NULL);
    assert_int_equal(stat(socket_path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0660);
    app_end();
    assert_int_equal(stat(socket_path, &found), -1);
    app_begin("mode", "0600", NULL);
    assert_int_equal(stat(socket_path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    app_end();
}

static void replaces_a_socket_on_which_nobody_answers(void **state) {
    (void)state;
    close(listen_at(socket_path));
    app_begin(NULL);
    peer_hello("");
    app_end();
}

static void leaves_a_socket_alone_on_which_somebody_answers(void **state) {
    struct stat found;
    int fd;
    (void)state;
    fd = listen_at(socket_path);
    cannot_begin(NULL, NULL, "somebody listens there already");
    assert_int_equal(stat(socket_path, &found), 0);
    close(fd);
    unlink(socket_path);
    close(open(socket_path, O_CREAT | O_WRONLY, 0600));
    cannot_begin(NULL, NULL, "a file that is no socket");
    assert_int_equal(stat(socket_path, &found), 0);
    unlink(socket_path);
}

/* Another server has taken the name in between. */
static void removes_only_a_socket_of_its_own(void **state) {
    struct stat found;
    int fd;
    (void)state;
    app_begin(NULL);
    unlink(socket_path);
    fd = listen_at(socket_path);
    app_end();
    assert_int_equal(stat(socket_path, &found), 0);
    close(fd);
    unlink(socket_path);
}

static void refuses_options_that_cannot_be(void **state) {
    static const struct {
        const char *option, *value, *sentence;
    } cases[] = {
        {"path", "app.sock", "path: 'app.sock' is not absolute"},
        {"path", "/nowhere/at/all.sock", "cannot bind: No such file"},
        {"mode", "rw", "mode: 'rw' is no octal number"},
        {"mode", "1777", "mode: '1777' is no octal number"},
        {"address", "127.0.0.1:0", "either path or address is needed, and not both"},
        {"secret", "short", "secret: shorter than 16 characters"},
        {"events", "connect,conect", "there is no event 'conect'"},
        {"max_frame", "64m", "output_buffer: less than two frames"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i)
        cannot_begin(cases[i].option, cases[i].value, cases[i].sentence);
}

static void wants_only_the_events_that_are_named(void **state) {
    (void)state;
    app_begin(NULL);
    assert_int_equal(ops->wants(instance.self), 0x3fe);
    app_end();
    app_begin("events", "message,disconnect", NULL);
    assert_int_equal(ops->wants(instance.self),
                     1 << WSE_APP_EVENT_MESSAGE | 1 << WSE_APP_EVENT_DISCONNECT);
    app_end();
}

/* Over TCP a secret is needed, and everybody else hears nothing but that. */
static void lets_in_over_tcp_who_knows_the_secret(void **state) {
    static const struct {
        const char *address, *secret, *sentence;
    } cases[] = {{"127.0.0.1:0", NULL, "secret: missing"},
                 {"localhost:5008", APP_SECRET, "is no IP address with a port"}};
    peer *backend;
    int port;
    (void)state;
    for (size_t i = 0; i < 2; ++i) {
        wse_test_instance_init(&instance, wse_test_load(MODULE_FILE));
        wse_test_config_set(instance.config, "address", cases[i].address);
        if (cases[i].secret) wse_test_config_set(instance.config, "secret", cases[i].secret);
        assert_int_equal(wse_test_instance_open(&instance), WSE_EINVAL);
        assert_non_null(strstr(instance.error.text, cases[i].sentence));
        assert_true(wse_test_instance_close(&instance));
    }
    port = app_begin_tcp();
    backend = peer_connect_tcp(port);
    peer_say(backend, "{\"op\":\"hello\",\"version\":1,\"secret\":\"" APP_SECRET "\"}");
    peer_hears_of(backend, "\"op\":\"welcome\"");
    backend = peer_connect_tcp(port);
    peer_say(backend, "{\"op\":\"hello\",\"version\":1}");
    peer_is_refused(backend, "denied");
    app_end();
}

static void asks_for_the_secret_on_a_unix_socket_too(void **state) {
    static const char *const wrong[] = {
        "",
        ",\"secret\":\"\"",
        ",\"secret\":null",
        ",\"secret\":\"0123456789abcdee\"",
        ",\"secret\":\"0123456789abcdef0\"",
        ",\"secret\":[\"" APP_SECRET "\"]",
        /* And nothing is said of what else is wrong. */
        ",\"secret\":\"no\",\"version\":2",
    };
    (void)state;
    app_begin("secret", APP_SECRET, NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        char text[256];
        peer *backend = peer_connect();
        snprintf(text, sizeof text, "{\"op\":\"hello\"%s}", wrong[i]);
        peer_say(backend, text);
        peer_is_refused(backend, "denied");
    }
    assert_int_equal(app_counter("refused"), 7);
    assert_int_equal(app_counter("connections"), 0);
    peer_hello(",\"secret\":\"" APP_SECRET "\"");
    assert_null(strstr(wse_test_host_log(instance.host), APP_SECRET));
    app_end();
}

static void refuses_a_hello_that_is_none(void **state) {
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"{\"op\":\"drain\",\"id\":1}", "bad_hello"},
        {"{\"op\":\"hello\"}", "bad_version"},
        {"{\"op\":\"hello\",\"version\":2}", "bad_version"},
        {"{\"op\":\"hello\",\"version\":1,\"format\":\"xml\"}", "bad_hello"},
        {"{\"op\":\"hello\",\"version\":1,\"name\":\"a b\"}", "bad_hello"},
        {"{\"op\":\"hello\",\"version\":1,\"answers\":[\"conect\"]}", "bad_hello"},
        {"{\"op\":\"hello\",\"version\":1,\"answers\":\"connect\"}", "bad_hello"},
        {"{\"op\":\"hello\",\"version\":1,\"takeover\":1}", "bad_hello"},
        {"{\"op\":\"hello\",\"version\":1,\"resume\":{\"seq\":1}}", "bad_hello"},
        {"{\"op\":\"hello\",\"version\":1,\"op\":\"hello\"}", "bad_message"},
        {"{\"op\":\"hello\",\"version\":1", "bad_message"},
        {"[]", "bad_message"},
        {"", "bad_message"},
        {"{\"op\":\"hello\",\"version\":1,\"name\":\"\xc0\xaf\"}", "bad_message"},
    };
    (void)state;
    app_begin(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        peer *backend = peer_connect();
        peer_say(backend, cases[i].text);
        peer_is_refused(backend, cases[i].code);
    }
    app_end();
}

static void refuses_messages_that_are_none(void **state) {
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"{\"op\":\"hello\",\"version\":1}", "bad_message"},
        {"{\"op\":\"dance\"}", "bad_message"},
        {"{\"op\":1}", "bad_message"},
        {"{}", "bad_message"},
        {"{\"op\":\"ping\",\"id\":\"\xff\"}", "bad_message"},
        {"{\"op\":\"ping\"} {}", "bad_message"},
        {"{\"op\":\"drain\",\"max\":0}", "bad_drain"},
        {"{\"op\":\"drain\",\"max\":-1}", "bad_drain"},
        {"{\"op\":\"drain\",\"wait_ms\":\"50\"}", "bad_drain"},
        {"{\"op\":\"drain\",\"ack\":1}", "bad_ack"},
        {"{\"op\":\"ack\",\"seq\":1}", "bad_ack"},
        {"{\"op\":\"ack\"}", "bad_ack"},
        {"{\"op\":\"answer\",\"ok\":true}", "bad_answer"},
        {"{\"op\":\"call\",\"id\":1}", "bad_call"},
        {"{\"op\":\"call\",\"id\":{},\"method\":\"publish\"}", "bad_call"},
    };
    (void)state;
    app_begin(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        peer *backend = peer_hello("");
        peer_say(backend, cases[i].text);
        peer_is_refused(backend, cases[i].code);
    }
    app_end();
}

static void takes_frames_octet_by_octet(void **state) {
    static const char hello[] =
        "\0\0\0\x1b{\"op\":\"hello\",\"version\":1} "
        "\0\0\0\x14{\"op\":\"ping\",\"id\":7}"
        "\0\0\0\x14{\"op\":\"ping\",\"id\":8}";
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_connect();
    for (size_t i = 0; i < sizeof hello - 1; ++i) {
        peer_send_bytes(backend, hello + i, 1);
        app_turn();
    }
    peer_hears_of(backend, "\"op\":\"welcome\"");
    peer_hears(backend, "{\"op\":\"pong\",\"id\":7}");
    peer_hears(backend, "{\"op\":\"pong\",\"id\":8}");
    app_end();
}

/* It is refused by its length: what follows need not come. */
static void refuses_a_frame_that_is_too_large(void **state) {
    static const unsigned char first[] = {0, 1, 0, 1}, later[] = {0, 1, 0, 1},
                               most[] = {0xff, 0xff, 0xff, 0xff};
    char *text = malloc(65536);
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_connect();
    peer_send_bytes(backend, first, 4);
    peer_is_refused(backend, "too_large");
    app_end();
    app_begin("max_frame", "64k", NULL);
    backend = peer_hello("");
    peer_send_bytes(backend, later, 4);
    peer_is_refused(backend, "too_large");
    backend = peer_hello("");
    peer_send_bytes(backend, most, 4);
    peer_is_refused(backend, "too_large");
    /* One of just that size is taken. */
    backend = peer_hello("");
    memset(text, ' ', 65536);
    memcpy(text, "{\"op\":\"ping\"", 12);
    text[65535] = '}';
    peer_send(backend, text, 65536);
    peer_hears(backend, "{\"op\":\"pong\"}");
    free(text);
    app_end();
}

/* A megabyte was under way when the error was sent. Closed over it, TCP would lose the error. */
static void says_why_it_ends_to_one_who_is_still_sending(void **state) {
    char *text = calloc(1, 1 << 20);
    peer *backend;
    (void)state;
    backend = peer_connect_tcp(app_begin_tcp());
    peer_say(backend, "{\"op\":\"hello\",\"version\":1,\"secret\":\"" APP_SECRET "\"}");
    peer_hears_of(backend, "\"op\":\"welcome\"");
    peer_say(backend, "{\"op\":\"dance\"}");
    peer_send(backend, text, 1 << 20);
    peer_is_refused(backend, "bad_message");
    free(text);
    app_end();
}

static void waits_for_a_hello_only_so_long(void **state) {
    peer *silent, *greeted;
    (void)state;
    app_begin("hello_timeout", "20ms", NULL);
    greeted = peer_hello("");
    silent = peer_connect();
    peer_is_refused(silent, "late");
    peer_hears_nothing(greeted);
    app_end();
}

static void has_as_many_connections_as_it_may(void **state) {
    peer *first, *more;
    (void)state;
    app_begin("max_connections", "2", NULL);
    first = peer_hello("");
    peer_hello("");
    more = peer_connect();
    peer_is_refused(more, "too_many");
    peer_close(first);
    /* The place is free once its end was seen, which is not at once. */
    do {
        more = peer_connect();
        peer_say(more, "{\"op\":\"hello\",\"version\":1}");
    } while (strstr(peer_hear(more, NULL), "too_many"));
    peer_hears_nothing(more);
    app_end();
}

static void speaks_messagepack_when_asked(void **state) {
    static const char ping[] = "\x82\xa2op\xa4ping\xa2id\x05";
    static const unsigned char pong[] = "\xdf\0\0\0\x02\xa2op\xa4pong\xa2id\x05";
    const char *heard;
    size_t size;
    peer *backend;
    (void)state;
    app_begin(NULL);
    backend = peer_hello(",\"format\":\"msgpack\"");
    peer_say(backend, ping);
    heard = peer_hear(backend, &size);
    assert_int_equal(size, sizeof pong - 1);
    assert_memory_equal(heard, pong, size);
    /* JSON is none of its messages. */
    peer_say(backend, "{\"op\":\"ping\"}");
    peer_hear(backend, NULL);
    peer_sees_end(backend);
    app_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_hello_with_a_welcome),
        cmocka_unit_test(names_every_run_otherwise),
        cmocka_unit_test(has_the_mode_that_is_configured),
        cmocka_unit_test(replaces_a_socket_on_which_nobody_answers),
        cmocka_unit_test(leaves_a_socket_alone_on_which_somebody_answers),
        cmocka_unit_test(removes_only_a_socket_of_its_own),
        cmocka_unit_test(refuses_options_that_cannot_be),
        cmocka_unit_test(wants_only_the_events_that_are_named),
        cmocka_unit_test(lets_in_over_tcp_who_knows_the_secret),
        cmocka_unit_test(asks_for_the_secret_on_a_unix_socket_too),
        cmocka_unit_test(refuses_a_hello_that_is_none),
        cmocka_unit_test(refuses_messages_that_are_none),
        cmocka_unit_test(takes_frames_octet_by_octet),
        cmocka_unit_test(refuses_a_frame_that_is_too_large),
        cmocka_unit_test(says_why_it_ends_to_one_who_is_still_sending),
        cmocka_unit_test(waits_for_a_hello_only_so_long),
        cmocka_unit_test(has_as_many_connections_as_it_may),
        cmocka_unit_test(speaks_messagepack_when_asked),
    };
    return cmocka_run_group_tests(tests, app_prepare, app_clean);
}
