// SPDX-License-Identifier: MIT
#include "saved.h"

#include <cstring>

#include <wse/module.h>

namespace wse::encrypt_aesgcm {
namespace {

// version 1 | flags 1 | rotated_ms 8, then for each key: cipher 32 | mac 32 | prefix 4 | sent 8 |
// count 2 | nonces 12 each, the oldest first. Numbers are big-endian.
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasPrevious = 1;
constexpr uint8_t kReplyDue = 2;
constexpr size_t kHeadBytes = 10;
constexpr size_t kKeyFixedBytes = 2 * kKeyBytes + 4 + 8 + 2;

// More than a session sends between save() and its end, little enough for billions of hand-overs.
constexpr uint64_t kJump = uint64_t{1} << 32;

class Writer {
public:
    explicit Writer(void *out) : at_(static_cast<uint8_t *>(out)) {}
    void number(uint64_t value, size_t size) {
        for (size_t i = 0; i < size; ++i)
            *at_++ = static_cast<uint8_t>(value >> 8 * (size - 1 - i));
    }
    template <size_t size>
    void bytes(const std::array<uint8_t, size> &all) {
        std::memcpy(at_, all.data(), size);
        at_ += size;
    }

private:
    uint8_t *at_;
};

// What is not there reads as zeros, and ok() is false from then on.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}
    uint64_t number(size_t size) {
        uint64_t value = 0;
        for (const char c : take(size)) value = value << 8 | static_cast<uint8_t>(c);
        return value;
    }
    template <size_t size>
    void bytes(std::array<uint8_t, size> &ret) {
        const std::string_view all = take(size);
        if (ok_) std::memcpy(ret.data(), all.data(), size);
    }
    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && rest_.empty(); }

private:
    std::string_view take(size_t size) {
        ok_ = ok_ && rest_.size() >= size;
        if (!ok_) return {};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool ok_ = true;
};

size_t size_of(const Key &key) {
    return kKeyFixedBytes + key.seen.size() * kNonceBytes;
}

void write_key(Writer &out, const Key &key) {
    out.bytes(key.secrets.cipher);
    out.bytes(key.secrets.mac);
    out.bytes(key.prefix);
    out.number(key.sent, 8);
    out.number(key.seen.size(), 2);
    for (size_t i = 0; i < key.seen.size(); ++i) out.bytes(key.seen.at(i));
}

std::unique_ptr<Key> read_key(Reader &in) {
    auto key = std::make_unique<Key>();
    in.bytes(key->secrets.cipher);
    in.bytes(key->secrets.mac);
    in.bytes(key->prefix);
    key->sent = in.number(8);
    const uint64_t count = in.number(2);
    if (!in.ok() || key->sent + kJump < kJump || count > NonceWindow::kLimit) return nullptr;
    key->sent += kJump;
    for (uint64_t i = 0; i < count; ++i) {
        Nonce nonce{};
        in.bytes(nonce);
        if (!in.ok() || key->seen.has(nonce)) return nullptr;
        key->seen.reserve();
        key->seen.add(nonce);
    }
    return key;
}

}  // namespace

int32_t save(const State &state, void *out, uint64_t *inout) {
    const size_t size =
        kHeadBytes + size_of(*state.current) + (state.previous ? size_of(*state.previous) : 0);
    if (size > *inout) return WSE_ETOOBIG;
    Writer writer(out);
    writer.number(kVersion, 1);
    writer.number((state.previous ? kHasPrevious : 0U) | (state.reply_due ? kReplyDue : 0U), 1);
    writer.number(state.rotated_ms, 8);
    write_key(writer, *state.current);
    if (state.previous) write_key(writer, *state.previous);
    *inout = size;
    return WSE_OK;
}

std::optional<State> restore(std::string_view saved) {
    Reader in(saved);
    const uint64_t version = in.number(1);
    const uint64_t flags = in.number(1);
    const bool has_previous = (flags & kHasPrevious) != 0;
    State state;
    state.reply_due = (flags & kReplyDue) != 0;
    state.rotated_ms = in.number(8);
    if (version != kVersion || flags > (kHasPrevious | kReplyDue)) return std::nullopt;
    if (state.reply_due && !has_previous) return std::nullopt;
    state.current = read_key(in);
    if (state.current && has_previous) state.previous = read_key(in);
    if (!state.current || (has_previous && !state.previous) || !in.at_end()) return std::nullopt;
    return state;
}

}  // namespace wse::encrypt_aesgcm
