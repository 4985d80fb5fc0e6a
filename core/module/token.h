// SPDX-License-Identifier: MIT
// Tokens: the right of a module to answer one question, once, from any thread.
//
// What a module holds is no pointer but a number: loop, slot and the slot's serial. A slot is used
// again for the next question with another serial, so an answer that comes twice or after its
// question is recognised however late it is, and can reach neither freed memory nor somebody
// else's question. A slot that is never answered stays taken; the limit bounds what that can cost.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "module/answer.h"

namespace wse::module {

// Who waits for an answer. Everything here is called on the table's loop.
class Asker {
public:
    virtual ~Asker() = default;
    // Last call; the asker may destroy itself.
    virtual void answered(Result<Answer> answer) = 0;
    // The module stops. The asker abandons its token; it may destroy itself, or other askers.
    virtual void withdrawn() = 0;
};

// A token as an integer. 0 is none.
struct TokenId {
    uint64_t value = 0;

    static TokenId make(uint32_t loop, uint32_t slot, uint32_t serial);
    uint32_t loop() const;
    uint32_t slot() const;
    uint32_t serial() const;
    explicit operator bool() const { return value != 0; }
    bool operator==(const TokenId &) const = default;
};

// What an answer meets.
enum class Claim : uint8_t {
    kFirst,    // the question is open: redeem() on the loop, then tell the asker
    kLate,     // nobody waits any more: redeem() on the loop all the same
    kDoubled,  // it was answered before, or was never the module's
};

// The tokens of one instance on one loop.
class TokenTable {
public:
    static constexpr uint32_t kChunk = 64;
    static constexpr uint32_t kMaxChunks = 1024;
    static constexpr uint32_t kLimit = kChunk * kMaxChunks;  // outstanding at once
    static constexpr uint32_t kMaxLoops = 4096;

    // `loop` is the index that stands in the tokens.
    explicit TokenTable(uint32_t loop) : loop_(loop) {}
    TokenTable(const TokenTable &) = delete;
    TokenTable &operator=(const TokenTable &) = delete;

    // [loop] A token for a new question, none when kLimit are outstanding. now_ms is never 0.
    TokenId issue(Asker &asker, uint64_t now_ms);
    // [any] The module answers.
    Claim claim(TokenId token);
    // [loop] After a claim: frees the slot. The asker, or null when it has gone.
    Asker *redeem(TokenId token);
    // [loop] The asker goes. True when the token was not answered yet.
    bool abandon(TokenId token);
    // [loop] The module did not take it: the token is void, whatever it has done with it.
    void revoke(TokenId token);
    // [loop] Calls withdrawn() of everybody who waits. Nothing may be issued meanwhile.
    void withdraw_all();

    // [any] Taken and not answered yet.
    uint64_t outstanding() const { return outstanding_.load(std::memory_order_relaxed); }
    // [any] When the oldest of them was issued, 0: there is none.
    uint64_t oldest_ms() const;

private:
    enum State : uint64_t { kFree, kPending, kAbandoned, kAnswered };
    struct Slot {
        std::atomic<uint64_t> word{0};  // serial << 2 | state
        std::atomic<uint64_t> issued_ms{0};
        Asker *asker = nullptr;  // [loop]
    };
    using Chunk = std::array<Slot, kChunk>;

    bool grow();
    Slot *find(TokenId token) const;
    void release(Slot &slot, TokenId token);

    uint32_t loop_;
    // Chunks are added by the loop and never moved, so that any thread finds its slot unlocked.
    std::array<std::atomic<Chunk *>, kMaxChunks> chunks_{};
    std::vector<std::unique_ptr<Chunk>> owned_;  // [loop]
    std::vector<uint32_t> free_;                 // [loop]
    std::atomic<uint64_t> outstanding_{0};
};

}  // namespace wse::module
