/* SPDX-License-Identifier: MIT */
/* Frozen for ever: the 16 bytes at the beginning of a module, which let any server explain why it
 * refuses any module, and the numbers of the status codes. A failure here means that the change
 * must be undone, not this file. */
/* cmocka.h needs those before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <wse/module.h>

#define FROZEN(condition) _Static_assert(condition, #condition)
#define MEMBER(member, at, size)                      \
    FROZEN(offsetof(wse_module_def, member) == (at)); \
    FROZEN(sizeof(((wse_module_def *)0)->member) == (size))

MEMBER(magic, 0, 4);
MEMBER(abi_major, 4, 2);
MEMBER(abi_minor, 6, 2);
MEMBER(struct_size, 8, 4);
MEMBER(kind, 12, 4);
FROZEN(offsetof(wse_module_def, name) == 16);
FROZEN(sizeof(wse_kind) == 4);

FROZEN(WSE_MODULE_MAGIC == 0x4d455357u);
FROZEN(WSE_ABI_MAJOR == 1);
FROZEN(WSE_ABI_MINOR == 0);

FROZEN(WSE_KIND_AUTH == 1);
FROZEN(WSE_KIND_TRANSFORM == 2);
FROZEN(WSE_KIND_SNAPSHOT == 3);
FROZEN(WSE_KIND_BACKPLANE == 4);
FROZEN(WSE_KIND_OBSERVER == 5);
FROZEN(WSE_KIND_EVENT == 6);
FROZEN(WSE_KIND_APP == 7);

FROZEN(WSE_OK == 0);
FROZEN(WSE_EINVAL == -1);
FROZEN(WSE_ENOMEM == -2);
FROZEN(WSE_EAGAIN == -3);
FROZEN(WSE_EDENIED == -4);
FROZEN(WSE_ENOTFOUND == -5);
FROZEN(WSE_ETIMEDOUT == -6);
FROZEN(WSE_ECANCELED == -7);
FROZEN(WSE_ETOOBIG == -8);
FROZEN(WSE_EIO == -9);
/* As wide as the int32_t that carries it. */
FROZEN(sizeof(enum wse_status) == 4);

/* Structs that grow say their size first. */
#define SIZE_FIRST(type)                      \
    FROZEN(offsetof(type, struct_size) == 0); \
    FROZEN(sizeof(((type *)0)->struct_size) == 4)

SIZE_FIRST(wse_error);
SIZE_FIRST(wse_auth_request);
SIZE_FIRST(wse_auth_result);
SIZE_FIRST(wse_auth_ops);
SIZE_FIRST(wse_transform_ops);
SIZE_FIRST(struct wse_host);

/* The same 16 bytes as a loader sees them: on every machine in its own byte order. */
static void a_module_begins_with_its_preamble(void **state) {
    static const wse_module_def module = {
        WSE_MODULE(WSE_KIND_TRANSFORM, 3), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct {
        uint32_t magic;
        uint16_t abi_major;
        uint16_t abi_minor;
        uint32_t struct_size;
        uint32_t kind;
    } preamble;
    (void)state;
    FROZEN(sizeof preamble == 16);
    memcpy(&preamble, &module, sizeof preamble);
    assert_int_equal(preamble.magic, 0x4d455357);
    assert_int_equal(preamble.abi_major, 1);
    assert_int_equal(preamble.abi_minor, 3);
    assert_int_equal(preamble.struct_size, sizeof(wse_module_def));
    assert_int_equal(preamble.kind, 2);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static void the_magic_reads_wsem(void **state) {
    static const wse_module_def module = {
        WSE_MODULE(WSE_KIND_AUTH, 0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    (void)state;
    assert_memory_equal(&module, "WSEM", 4);
}
#endif

static void a_later_member_is_seen_by_the_size(void **state) {
    wse_auth_request request = {0};
    (void)state;
    request.struct_size = offsetof(wse_auth_request, deadline_ms) + sizeof request.deadline_ms;
    assert_true(WSE_HAS(wse_auth_request, &request, deadline_ms));
    request.struct_size -= 1;
    assert_false(WSE_HAS(wse_auth_request, &request, deadline_ms));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_begins_with_its_preamble),
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        cmocka_unit_test(the_magic_reads_wsem),
#endif
        cmocka_unit_test(a_later_member_is_seen_by_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
