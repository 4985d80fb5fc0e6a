// SPDX-License-Identifier: MIT
// One session: its keys, and which of them is used for what while they change.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine.h"
#include "exchange.h"
#include "nonce_window.h"

namespace wse::encrypt_aesgcm {

// A key of both directions. Nonces of ours are `prefix` and a counter, so that none repeats; those
// of clients are random and may not.
struct Key {
    Secrets secrets;
    std::array<uint8_t, 4> prefix{};
    uint64_t sent = 0;
    NonceWindow seen;
};

struct State {
    std::unique_ptr<Key> current;
    std::unique_ptr<Key> previous;  // or null
    bool reply_due = false;         // the reply of rekey, which goes out under `previous`
    uint64_t rotated_ms = 0;        // 0: never
};

enum class Frame {
    kGood,
    kTooLarge,
    kRefused,   // short, or under no key that counts
    kReplayed,  // one that was here before, or one of ours come back
};

// One loop.
class Session {
public:
    // How long the client may take to use its next key.
    static constexpr uint64_t kOverlapMs = 30'000;

    explicit Session(State state) : state_(std::move(state)) {}

    // WSE_EINVAL: no public key.
    static int32_t open(std::string_view their_key, std::unique_ptr<Session> &ret,
                        std::string &ret_our_key);

    int32_t encode(Engine &engine, std::string_view text, void *out, uint64_t *inout);
    // *inout stays as it is unless the frame is good.
    Frame decode(Engine &engine, uint64_t now_ms, std::string_view frame, void *out,
                 uint64_t *inout);
    // What is encoded next is signed with the key that it is encoded under.
    bool sign(Engine &engine, std::string_view text, Mac &ret);
    bool verify(Engine &engine, uint64_t now_ms, std::string_view text, std::string_view mac);

    // What is encoded next is the reply, under the key before; what comes after it, under the new
    // one. WSE_EINVAL: no public key. WSE_EAGAIN: the one before is younger than `interval_ms`, or
    // still in use.
    int32_t rekey(std::string_view their_key, uint64_t now_ms, uint64_t interval_ms,
                  std::string &ret_our_key);

    const State &state() const { return state_; }

private:
    Key &sending() { return state_.reply_due ? *state_.previous : *state_.current; }
    void drop_expired(uint64_t now_ms);

    State state_;
};

}  // namespace wse::encrypt_aesgcm
