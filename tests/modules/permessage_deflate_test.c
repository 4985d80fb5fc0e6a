/* SPDX-License-Identifier: MIT
 * permessage_deflate.so as the server meets it, with zlib on the client's side. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <wse/test_host.h>

#include "support/with_cmocka.h"

#define ROOM 200000
#define PLAIN "{\"parameters\":{}}"
#define NO_TAKEOVER "\"server_no_context_takeover\":true,\"client_no_context_takeover\":true"
#define BYTES(text)              \
    (wse_bytes) {                \
        (text), sizeof(text) - 1 \
    }

static const wse_module_def *module;
static wse_test_instance instance;
static char large[100000];

struct text {
    char bytes[ROOM];
    uint64_t size;
};

static const wse_transform_ops *ops(void) {
    return module->ops;
}

static wse_loop *loop(void) {
    return wse_test_host_loop(instance.host, 0);
}

static void begin(const char *option, const char *value) {
    wse_test_instance_init(&instance, module);
    wse_test_config_set(instance.config, "threshold", "1");
    if (option) wse_test_config_set(instance.config, option, value);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
}

static void end(void) {
    assert_true(wse_test_instance_close(&instance));
}

static int32_t try_open(const char *offer, char *reply, uint64_t *share, void **state) {
    uint64_t size = 4095;
    const int32_t status = ops()->open(instance.self, loop(), (wse_bytes){offer, strlen(offer)},
                                       reply, &size, share, state);
    reply[status == WSE_OK ? size : 0] = '\0';
    return status;
}

static void *open_state(const char *offer) {
    char reply[4096];
    uint64_t share = 0;
    void *state = NULL;
    assert_int_equal(try_open(offer, reply, &share, &state), WSE_OK);
    return state;
}

static uint64_t share_of(const char *offer) {
    char reply[4096];
    uint64_t share = 0;
    void *state = NULL;
    assert_int_equal(try_open(offer, reply, &share, &state), WSE_OK);
    ops()->close(instance.self, loop(), state);
    return share;
}

static int32_t encode(void *state, wse_bytes in, uint64_t room, struct text *out) {
    out->size = room;
    return ops()->encode(instance.self, loop(), state, in, out->bytes, &out->size);
}

static int32_t decode(void *state, wse_bytes in, uint64_t room, struct text *out) {
    out->size = room;
    return ops()->decode(instance.self, loop(), state, in, out->bytes, &out->size);
}

static wse_bytes bytes_of(const struct text *text) {
    return (wse_bytes){text->bytes, text->size};
}

static void assert_text(const struct text *got, wse_bytes wanted) {
    assert_int_equal(got->size, wanted.len);
    assert_memory_equal(got->bytes, wanted.data, wanted.len);
}

/* What a client with a window of that size reads; false when it cannot. */
static bool client_reads(int window_bits, const struct text *packed, wse_bytes wanted) {
    static char out[ROOM];
    z_stream stream;
    bool is_read;
    memset(&stream, 0, sizeof stream);
    assert_int_equal(inflateInit2(&stream, -window_bits), Z_OK);
    struct text with_tail = *packed;
    memcpy(with_tail.bytes + packed->size, "\x00\x00\xff\xff", 4);
    stream.next_in = (Bytef *)with_tail.bytes;
    stream.avail_in = (uInt)packed->size + 4;
    stream.next_out = (Bytef *)out;
    stream.avail_out = sizeof out;
    is_read = inflate(&stream, Z_SYNC_FLUSH) == Z_OK && stream.total_out == wanted.len &&
              memcmp(out, wanted.data, wanted.len) == 0;
    inflateEnd(&stream);
    return is_read;
}

static const struct {
    const char *takeover, *window_bits, *offer, *reply; /* reply NULL: declined */
} offers[] = {
    {"false", "15", PLAIN, "{\"parameters\":{" NO_TAKEOVER "}}"},
    {"false", "15", "{\"parameters\":{\"client_max_window_bits\":true}}",
     "{\"parameters\":{" NO_TAKEOVER "}}"},
    {"false", "15", "{\"parameters\":{\"server_max_window_bits\":\"9\"}}",
     "{\"parameters\":{" NO_TAKEOVER ",\"server_max_window_bits\":\"9\"}}"},
    {"false", "10", "{\"parameters\":{\"server_max_window_bits\":\"12\"}}",
     "{\"parameters\":{" NO_TAKEOVER ",\"server_max_window_bits\":\"10\"}}"},
    {"false", "10", PLAIN, "{\"parameters\":{" NO_TAKEOVER ",\"server_max_window_bits\":\"10\"}}"},
    {"true", "15", PLAIN, "{\"parameters\":{}}"},
    {"true", "15", "{\"parameters\":{\"server_max_window_bits\":\"15\"}}",
     "{\"parameters\":{\"server_max_window_bits\":\"15\"}}"},
    {"true", "15", "{\"parameters\":{\"server_no_context_takeover\":true}}",
     "{\"parameters\":{\"server_no_context_takeover\":true}}"},
    {"true", "15", "{\"parameters\":{\"client_no_context_takeover\":true}}",
     "{\"parameters\":{\"client_no_context_takeover\":true}}"},
    {"true", "15", "{\"parameters\":{\"client_max_window_bits\":\"8\"}}",
     "{\"parameters\":{\"client_max_window_bits\":\"8\"}}"},
    {"true", "10", "{\"parameters\":{\"client_max_window_bits\":true}}",
     "{\"parameters\":{\"server_max_window_bits\":\"10\",\"client_max_window_bits\":\"10\"}}"},
    /* Nobody may limit a client that has not offered it. */
    {"true", "10", PLAIN, "{\"parameters\":{\"server_max_window_bits\":\"10\"}}"},
    {"false", "15", "{\"parameters\":{\"server_max_window_bits\":\"8\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"server_max_window_bits\":\"16\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"server_max_window_bits\":\"09\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"server_max_window_bits\":\"1\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"server_max_window_bits\":true}}", NULL},
    {"false", "15", "{\"parameters\":{\"client_max_window_bits\":\"7\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"client_max_window_bits\":\"true\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"server_no_context_takeover\":\"1\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"client_no_context_takeover\":\"\"}}", NULL},
    {"false", "15", "{\"parameters\":{\"Server_no_context_takeover\":true}}", NULL},
    {"false", "15", "{}", NULL},
    {"false", "15", "nonsense", NULL},
};

static void agrees_to_what_can_be_honoured(void **unused) {
    (void)unused;
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; ++i) {
        char reply[4096];
        uint64_t share = 0;
        void *state = NULL;
        wse_test_instance_init(&instance, module);
        wse_test_config_set(instance.config, "context_takeover", offers[i].takeover);
        wse_test_config_set(instance.config, "window_bits", offers[i].window_bits);
        assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
        const int32_t status = try_open(offers[i].offer, reply, &share, &state);
        assert_int_equal(status, offers[i].reply ? WSE_OK : WSE_EDENIED);
        assert_string_equal(reply, offers[i].reply ? offers[i].reply : "");
        if (offers[i].reply) ops()->close(instance.self, loop(), state);
        end();
    }
}

static void shares_among_those_with_the_same_window(void **unused) {
    static const char small[] = "{\"parameters\":{\"server_max_window_bits\":\"9\"}}";
    static const char alone[] = "{\"parameters\":{\"server_no_context_takeover\":true}}";
    (void)unused;
    begin(NULL, NULL);
    assert_int_not_equal(share_of(PLAIN), 0);
    assert_int_equal(share_of(PLAIN), share_of(alone));
    assert_int_not_equal(share_of(PLAIN), share_of(small));
    end();
    begin("context_takeover", "true");
    assert_int_equal(share_of(PLAIN), 0);
    assert_int_not_equal(share_of(alone), 0);
    end();
}

static void gives_back_what_was_compressed(void **unused) {
    static struct text packed, plain;
    (void)unused;
    for (int takeover = 0; takeover < 2; ++takeover) {
        begin("context_takeover", takeover ? "true" : "false");
        void *const state = open_state(PLAIN);
        for (uint64_t size = 1; size < sizeof large; size = size * 3 + 1) {
            const wse_bytes message = {large, size};
            assert_int_equal(encode(state, message, ROOM - 4, &packed), WSE_OK);
            if (!takeover) assert_true(client_reads(15, &packed, message));
            assert_int_equal(decode(state, bytes_of(&packed), size, &plain), WSE_OK);
            assert_text(&plain, message);
        }
        ops()->close(instance.self, loop(), state);
        end();
    }
}

static void keeps_to_the_window_that_was_agreed_on(void **unused) {
    static struct text packed;
    const wse_bytes message = {large, sizeof large};
    (void)unused;
    for (int bits = 9; bits <= 15; ++bits) {
        char offer[80];
        snprintf(offer, sizeof offer, "{\"parameters\":{\"server_max_window_bits\":\"%d\"}}", bits);
        begin(NULL, NULL);
        void *const state = open_state(offer);
        assert_int_equal(encode(state, message, ROOM - 4, &packed), WSE_OK);
        assert_true(client_reads(bits, &packed, message));
        ops()->close(instance.self, loop(), state);
        end();
    }
}

static void leaves_small_messages_as_they_are(void **unused) {
    static struct text packed;
    (void)unused;
    begin("threshold", "100");
    void *const state = open_state(PLAIN);
    assert_int_equal(encode(state, (wse_bytes){large, 99}, ROOM, &packed), WSE_EDENIED);
    assert_int_equal(encode(state, (wse_bytes){large, 0}, ROOM, &packed), WSE_EDENIED);
    assert_int_equal(encode(state, (wse_bytes){large, 100}, ROOM, &packed), WSE_OK);
    ops()->close(instance.self, loop(), state);
    end();
}

/* A message that does not fit goes out as it is; the next one must be readable after it. */
static void begins_anew_after_what_did_not_fit(void **unused) {
    static struct text packed;
    const wse_bytes message = {large, 5000};
    (void)unused;
    for (int takeover = 0; takeover < 2; ++takeover) {
        begin("context_takeover", takeover ? "true" : "false");
        void *const state = open_state(PLAIN);
        for (uint64_t room = 0; room < 20; ++room)
            assert_int_equal(encode(state, message, room, &packed), WSE_ETOOBIG);
        assert_int_equal(encode(state, message, ROOM - 4, &packed), WSE_OK);
        assert_true(client_reads(15, &packed, message));
        ops()->close(instance.self, loop(), state);
        end();
    }
}

static void stops_at_the_limit_of_the_server(void **unused) {
    static struct text packed, plain;
    const wse_bytes message = {large, 50000};
    (void)unused;
    for (int takeover = 0; takeover < 2; ++takeover) {
        begin("context_takeover", takeover ? "true" : "false");
        void *state = open_state(PLAIN);
        assert_int_equal(encode(state, message, ROOM, &packed), WSE_OK);
        assert_int_equal(decode(state, bytes_of(&packed), 50000, &plain), WSE_OK);
        ops()->close(instance.self, loop(), state);
        for (uint64_t room = 0; room < 50000; room += 4999) {
            state = open_state(PLAIN);
            assert_int_equal(decode(state, bytes_of(&packed), room, &plain), WSE_ETOOBIG);
            ops()->close(instance.self, loop(), state);
        }
        state = open_state(PLAIN);
        assert_int_equal(decode(state, bytes_of(&packed), 49999, &plain), WSE_ETOOBIG);
        ops()->close(instance.self, loop(), state);
        end();
    }
}

static void reads_every_form_that_rfc_7692_shows(void **unused) {
    static struct text plain;
    static const wse_bytes forms[] = {
        BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00"),
        BYTES("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),
        BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
        BYTES("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
    };
    (void)unused;
    for (int takeover = 0; takeover < 2; ++takeover) {
        begin("context_takeover", takeover ? "true" : "false");
        void *const state = open_state(PLAIN);
        for (size_t i = 0; i < sizeof forms / sizeof forms[0]; ++i) {
            assert_int_equal(decode(state, forms[i], 5, &plain), WSE_OK);
            assert_text(&plain, BYTES("Hello"));
        }
        assert_int_equal(decode(state, BYTES("\x00"), 0, &plain), WSE_OK);
        assert_int_equal(plain.size, 0);
        ops()->close(instance.self, loop(), state);
        end();
    }
}

/* Also over a final block, which ends a stream of zlib's but not the client's window. */
static void remembers_with_takeover_and_forgets_without(void **unused) {
    static struct text plain;
    static const wse_bytes reference = BYTES("\xf2\x00\x11\x00\x00");
    static const wse_bytes firsts[] = {BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00"),
                                       BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00\x00")};
    (void)unused;
    for (int takeover = 0; takeover < 2; ++takeover) {
        for (size_t i = 0; i < 2; ++i) {
            begin("context_takeover", takeover ? "true" : "false");
            void *const state = open_state(PLAIN);
            assert_int_equal(decode(state, firsts[i], ROOM, &plain), WSE_OK);
            assert_int_equal(decode(state, reference, ROOM, &plain),
                             takeover ? WSE_OK : WSE_EINVAL);
            if (takeover) assert_text(&plain, BYTES("Hello"));
            ops()->close(instance.self, loop(), state);
            end();
        }
    }
}

static void refuses_what_is_no_message(void **unused) {
    static struct text plain;
    static char finals[400];
    static const wse_bytes wrong[] = {
        BYTES(""),
        BYTES("\x07"),                                 /* a block of the reserved kind */
        BYTES("\xf2\x48\xcd"),                         /* cut short */
        BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00"),         /* no empty block behind the final one */
        BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00\x00\x41"), /* something behind the end */
        BYTES("\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f\x00"), /* a length that lies */
        {finals, sizeof finals},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof finals; ++i) finals[i] = i % 2 ? 0 : 3;
    begin(NULL, NULL);
    void *const state = open_state(PLAIN);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        assert_int_equal(decode(state, wrong[i], ROOM, &plain), WSE_EINVAL);
        /* Whoever comes next on the loop does not notice. */
        assert_int_equal(decode(state, BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00"), ROOM, &plain),
                         WSE_OK);
        assert_text(&plain, BYTES("Hello"));
    }
    ops()->close(instance.self, loop(), state);
    end();
}

static int load(void **unused) {
    unsigned number = 1;
    (void)unused;
    module = wse_test_load(MODULE_FILE);
    /* Words of a few letters: compressible, at all distances. */
    for (size_t i = 0; i < sizeof large; ++i) {
        number = number * 1664525U + 1013904223U;
        large[i] = (char)("abcdefgh    "[(number >> 16) % 12]);
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_to_what_can_be_honoured),
        cmocka_unit_test(shares_among_those_with_the_same_window),
        cmocka_unit_test(gives_back_what_was_compressed),
        cmocka_unit_test(keeps_to_the_window_that_was_agreed_on),
        cmocka_unit_test(leaves_small_messages_as_they_are),
        cmocka_unit_test(begins_anew_after_what_did_not_fit),
        cmocka_unit_test(stops_at_the_limit_of_the_server),
        cmocka_unit_test(reads_every_form_that_rfc_7692_shows),
        cmocka_unit_test(remembers_with_takeover_and_forgets_without),
        cmocka_unit_test(refuses_what_is_no_message),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
