/* SPDX-License-Identifier: MIT
 * compress_zlib.so as the server meets it, with zlib on the other side. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <wse/test_host.h>

#include "support/must.h"
#include "support/with_cmocka.h"

#define ROOM_BYTES (1u << 20)
#define MESSAGE_BYTES 1100u

static const wse_module_def *module;
static const wse_transform_ops *ops;
static wse_test_instance instance;
static unsigned char out[ROOM_BYTES + 1];
static char message[MESSAGE_BYTES + 1];

static void open_with(const char *name, const char *value) {
    wse_test_instance_init(&instance, module);
    if (name) wse_test_config_set(instance.config, name, value);
    assert_int_equal(wse_test_instance_open(&instance), WSE_OK);
}

static void close_all(void) {
    assert_true(wse_test_instance_close(&instance));
}

static wse_loop *loop(uint32_t index) {
    return wse_test_host_loop(instance.host, index);
}

static int64_t counter(const char *name) {
    return wse_test_host_counter(instance.host, name);
}

/* Gives the status, and what came out in `out`. */
static int32_t encode(const void *data, uint64_t size, uint64_t room, uint64_t *ret_size) {
    const wse_bytes in = {data, size};
    int32_t status = WSE_OK;
    *ret_size = room;
    out[room] = 0x5a;
    status = ops->encode(instance.self, loop(0), NULL, in, out, ret_size);
    assert_int_equal(out[room], 0x5a);
    return status;
}

static int32_t decode_on(uint32_t index, const void *data, uint64_t size, uint64_t room,
                         uint64_t *ret_size) {
    const wse_bytes in = {data, size};
    int32_t status = WSE_OK;
    *ret_size = room;
    out[room] = 0x5a;
    status = ops->decode(instance.self, loop(index), NULL, in, out, ret_size);
    assert_int_equal(out[room], 0x5a);
    return status;
}

static int32_t decode(const void *data, uint64_t size) {
    uint64_t ignored;
    return decode_on(0, data, size, ROOM_BYTES, &ignored);
}

/* What zlib makes of the message; free it. Other window bits are other formats. */
static unsigned char *deflated(int window_bits, const char *dictionary, size_t *ret_size) {
    z_stream stream;
    unsigned char *packed = malloc(2 * MESSAGE_BYTES);
    MUST(packed);
    memset(&stream, 0, sizeof stream);
    MUST(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    if (dictionary)
        MUST(deflateSetDictionary(&stream, (const Bytef *)dictionary, (uInt)strlen(dictionary)) ==
             Z_OK);
    stream.next_in = (Bytef *)message;
    stream.avail_in = MESSAGE_BYTES;
    stream.next_out = packed;
    stream.avail_out = 2 * MESSAGE_BYTES;
    MUST(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    *ret_size = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

static void decodes_the_message_on(uint32_t index) {
    size_t size = 0;
    uint64_t decoded = 0;
    unsigned char *packed = deflated(15, NULL, &size);
    assert_int_equal(decode_on(index, packed, size, ROOM_BYTES, &decoded), WSE_OK);
    assert_int_equal(decoded, MESSAGE_BYTES);
    assert_memory_equal(out, message, MESSAGE_BYTES);
    free(packed);
}

static void opens_for_clients_that_take_it(void **state) {
    static const struct {
        const char *offer;
        int32_t status;
    } cases[] = {
        {"{\"query\":{\"compression\":\"true\"},\"hello\":{}}", WSE_OK},
        {"{\"query\":{\"compression\":\"true\"},\"hello\":{\"features\":{\"compression\":false}}}",
         WSE_OK},
        {"{\"query\":{},\"hello\":{\"features\":{\"compression\":true}}}", WSE_OK},
        {"{\"hello\":{\"features\":{\"compression\":true}}}", WSE_OK},
        {"{\"query\":{\"compression\":\"false\"},\"hello\":{\"features\":{\"compression\":true}}}",
         WSE_EDENIED},
        {"{\"query\":{\"compression\":\"\"},\"hello\":{\"features\":{\"compression\":true}}}",
         WSE_EDENIED},
        {"{\"query\":{},\"hello\":{\"features\":{\"compression\":false}}}", WSE_EDENIED},
        {"{\"query\":{},\"hello\":{\"features\":{\"compression\":\"true\"}}}", WSE_EDENIED},
        {"{\"query\":{},\"hello\":{\"features\":[]}}", WSE_EDENIED},
        {"{\"query\":{},\"hello\":{}}", WSE_EDENIED},
        {"{}", WSE_EDENIED},
        {"", WSE_EINVAL},
        {"[]", WSE_EINVAL},
        {"{\"query\":", WSE_EINVAL},
    };
    size_t i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const wse_bytes offer = {cases[i].offer, strlen(cases[i].offer)};
        uint64_t size = ROOM_BYTES, share = 0;
        void *session = NULL;
        const int32_t status =
            ops->open(instance.self, loop(0), offer, out, &size, &share, &session);
        if (status != cases[i].status) print_error("%s\n", cases[i].offer);
        assert_int_equal(status, cases[i].status);
        if (status != WSE_OK) continue;
        out[size] = '\0';
        assert_string_equal((char *)out, "{\"features\":{\"compression\":true}}");
        assert_int_equal(share, 1);
        assert_null(session);
        ops->close(instance.self, loop(0), session);
    }
    close_all();
}

static void makes_what_zlib_reads(void **state) {
    static unsigned char plain[MESSAGE_BYTES];
    uLongf plain_size = sizeof plain;
    uint64_t size = 0;
    int i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < 3; ++i) {
        assert_int_equal(encode(message, MESSAGE_BYTES, ROOM_BYTES, &size), WSE_OK);
        assert_true(size < MESSAGE_BYTES / 4);
        assert_int_equal(out[0], 0x78);
        assert_int_equal(uncompress(plain, &plain_size, out, size), Z_OK);
        assert_int_equal(plain_size, MESSAGE_BYTES);
        assert_memory_equal(plain, message, MESSAGE_BYTES);
    }
    close_all();
}

static void leaves_alone_what_is_not_longer_than_the_threshold(void **state) {
    uint64_t size = 0;
    (void)state;
    open_with(NULL, NULL);
    assert_int_equal(encode("", 0, ROOM_BYTES, &size), WSE_EDENIED);
    assert_int_equal(encode(message, 1024, ROOM_BYTES, &size), WSE_EDENIED);
    assert_int_equal(encode(message, 1025, ROOM_BYTES, &size), WSE_OK);
    close_all();
    open_with("threshold", "100");
    assert_int_equal(encode(message, 100, ROOM_BYTES, &size), WSE_EDENIED);
    assert_int_equal(encode(message, 101, ROOM_BYTES, &size), WSE_OK);
    close_all();
}

static void leaves_alone_what_does_not_get_shorter(void **state) {
    unsigned char noise[4000];
    uint32_t random = 1;
    uint64_t size = 0;
    size_t i;
    (void)state;
    for (i = 0; i < sizeof noise; ++i) {
        random = random * 1664525u + 1013904223u;
        noise[i] = (unsigned char)(random >> 24);
    }
    open_with("threshold", "1");
    assert_int_equal(encode(noise, sizeof noise, ROOM_BYTES, &size), WSE_EDENIED);
    for (i = 0; i <= 11; ++i)
        assert_int_equal(encode("aaaaaaaaaaa", i, ROOM_BYTES, &size), WSE_EDENIED);
    assert_int_equal(encode(message, MESSAGE_BYTES, ROOM_BYTES, &size), WSE_OK);
    assert_int_equal(counter("deflates"), 1);
    close_all();
}

static void says_when_the_room_is_too_small(void **state) {
    uint64_t size = 0, needed = 0;
    size_t packed_size = 0;
    unsigned char *packed = deflated(15, NULL, &packed_size);
    (void)state;
    open_with(NULL, NULL);
    assert_int_equal(encode(message, MESSAGE_BYTES, ROOM_BYTES, &needed), WSE_OK);
    assert_int_equal(encode(message, MESSAGE_BYTES, 0, &size), WSE_ETOOBIG);
    assert_int_equal(encode(message, MESSAGE_BYTES, needed - 1, &size), WSE_ETOOBIG);
    assert_int_equal(encode(message, MESSAGE_BYTES, needed, &size), WSE_OK);
    assert_int_equal(decode_on(0, packed, packed_size, 0, &size), WSE_ETOOBIG);
    assert_int_equal(decode_on(0, packed, packed_size, MESSAGE_BYTES - 1, &size), WSE_ETOOBIG);
    assert_int_equal(decode_on(0, packed, packed_size, MESSAGE_BYTES, &size), WSE_OK);
    assert_int_equal(size, MESSAGE_BYTES);
    free(packed);
    close_all();
}

static void decodes_on_every_loop(void **state) {
    (void)state;
    open_with(NULL, NULL);
    decodes_the_message_on(0);
    decodes_the_message_on(1);
    decodes_the_message_on(0);
    assert_int_equal(counter("inflates"), 3);
    close_all();
}

static void refuses_what_is_cut_short_or_goes_on(void **state) {
    size_t size = 0, i;
    unsigned char *packed = deflated(15, NULL, &size);
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < size; ++i) {
        assert_int_equal(decode(packed, i), WSE_EINVAL);
        if (i % 16 == 0) decodes_the_message_on(0);
    }
    packed[size] = 0;
    assert_int_equal(decode(packed, size + 1), WSE_EINVAL);
    assert_int_equal(counter("refused"), (int64_t)size + 1);
    free(packed);
    close_all();
}

static void refuses_other_formats(void **state) {
    static const struct {
        int window_bits;
        const char *dictionary;
    } cases[] = {{-15, NULL}, {31, NULL}, {15, "a dictionary of the client's own"}};
    size_t size = 0, i;
    (void)state;
    open_with(NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; ++i) {
        unsigned char *packed = deflated(cases[i].window_bits, cases[i].dictionary, &size);
        assert_int_equal(decode(packed, size), WSE_EINVAL);
        free(packed);
    }
    assert_int_equal(decode(message, MESSAGE_BYTES), WSE_EINVAL);
    assert_int_equal(decode("\x78\x01\x07", 3), WSE_EINVAL);
    decodes_the_message_on(0);
    close_all();
}

/* Each bit in turn: it may not come out as something else. */
static void refuses_what_was_altered(void **state) {
    size_t size = 0, bit;
    unsigned char *packed = deflated(15, NULL, &size);
    (void)state;
    open_with(NULL, NULL);
    for (bit = 0; bit < 8 * size; ++bit) {
        uint64_t decoded = 0;
        packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (decode_on(0, packed, size, ROOM_BYTES, &decoded) == WSE_OK) {
            assert_int_equal(decoded, MESSAGE_BYTES);
            assert_memory_equal(out, message, MESSAGE_BYTES);
        }
        packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(packed);
    close_all();
}

static void stops_at_the_limit_of_a_bomb(void **state) {
    static unsigned char zeros[1 << 20];
    const size_t room = 200000;
    unsigned char *bomb = malloc(room);
    uint64_t size = 0;
    z_stream stream;
    int i;
    (void)state;
    MUST(bomb);
    memset(&stream, 0, sizeof stream);
    MUST(deflateInit(&stream, 9) == Z_OK);
    stream.next_out = bomb;
    stream.avail_out = (uInt)room;
    for (i = 0; i < 100; ++i) {
        stream.next_in = zeros;
        stream.avail_in = sizeof zeros;
        MUST(deflate(&stream, i == 99 ? Z_FINISH : Z_NO_FLUSH) == (i == 99 ? Z_STREAM_END : Z_OK));
    }
    open_with(NULL, NULL);
    for (i = 0; i < 10; ++i)
        assert_int_equal(decode_on(0, bomb, stream.total_out, ROOM_BYTES, &size), WSE_ETOOBIG);
    assert_int_equal(counter("refused"), 10);
    decodes_the_message_on(0);
    deflateEnd(&stream);
    free(bomb);
    close_all();
}

static void counts_bytes_before_and_after(void **state) {
    uint64_t size = 0;
    (void)state;
    open_with(NULL, NULL);
    assert_int_equal(encode(message, MESSAGE_BYTES, ROOM_BYTES, &size), WSE_OK);
    assert_int_equal(counter("deflates"), 1);
    assert_int_equal(counter("deflated_bytes_in"), MESSAGE_BYTES);
    assert_int_equal(counter("deflated_bytes_out"), (int64_t)size);
    close_all();
}

static void works_with_every_level_and_memory(void **state) {
    static const char *const digits[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    static const char *const names[] = {"level", "memory"};
    size_t i, name;
    uint64_t size = 0;
    (void)state;
    for (name = 0; name < 2; ++name) {
        for (i = 0; i < 9; ++i) {
            open_with(names[name], digits[i]);
            assert_int_equal(encode(message, MESSAGE_BYTES, ROOM_BYTES, &size), WSE_OK);
            close_all();
        }
        wse_test_instance_init(&instance, module);
        assert_false(wse_test_config_try(instance.config, names[name], "0"));
        assert_false(wse_test_config_try(instance.config, names[name], "10"));
        close_all();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_for_clients_that_take_it),
        cmocka_unit_test(makes_what_zlib_reads),
        cmocka_unit_test(leaves_alone_what_is_not_longer_than_the_threshold),
        cmocka_unit_test(leaves_alone_what_does_not_get_shorter),
        cmocka_unit_test(says_when_the_room_is_too_small),
        cmocka_unit_test(decodes_on_every_loop),
        cmocka_unit_test(refuses_what_is_cut_short_or_goes_on),
        cmocka_unit_test(refuses_other_formats),
        cmocka_unit_test(refuses_what_was_altered),
        cmocka_unit_test(stops_at_the_limit_of_a_bomb),
        cmocka_unit_test(counts_bytes_before_and_after),
        cmocka_unit_test(works_with_every_level_and_memory),
    };
    size_t i;
    for (i = 0; i < MESSAGE_BYTES; ++i) message[i] = "{\"t\":\"news\",\"n\":7},"[i % 19];
    module = wse_test_load(MODULE_FILE);
    ops = module->ops;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
