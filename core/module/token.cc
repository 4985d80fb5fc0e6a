// SPDX-License-Identifier: MIT
#include "module/token.h"

#include "base/assert.h"

namespace wse::module {
namespace {

constexpr unsigned kSerialBits = 32;
constexpr unsigned kSlotBits = 20;

uint64_t word_of(uint32_t serial, uint64_t state) {
    return uint64_t{serial} << 2 | state;
}

}  // namespace

TokenId TokenId::make(uint32_t loop, uint32_t slot, uint32_t serial) {
    return {uint64_t{loop} << (kSerialBits + kSlotBits) | uint64_t{slot} << kSerialBits | serial};
}

uint32_t TokenId::loop() const {
    return static_cast<uint32_t>(value >> (kSerialBits + kSlotBits));
}

uint32_t TokenId::slot() const {
    return static_cast<uint32_t>(value >> kSerialBits) & ((1u << kSlotBits) - 1);
}

uint32_t TokenId::serial() const {
    return static_cast<uint32_t>(value);
}

bool TokenTable::grow() {
    if (owned_.size() == kMaxChunks) return false;
    owned_.push_back(std::make_unique<Chunk>());
    const auto first = static_cast<uint32_t>(owned_.size() - 1) * kChunk;
    chunks_[owned_.size() - 1].store(owned_.back().get(), std::memory_order_release);
    for (uint32_t i = kChunk; i-- > 0;) free_.push_back(first + i);
    return true;
}

TokenTable::Slot *TokenTable::find(TokenId token) const {
    const uint32_t index = token.slot();
    if (index >= kLimit) return nullptr;
    Chunk *chunk = chunks_[index / kChunk].load(std::memory_order_acquire);
    return chunk ? &(*chunk)[index % kChunk] : nullptr;
}

TokenId TokenTable::issue(Asker &asker, uint64_t now_ms) {
    if (free_.empty() && !grow()) return {};
    const uint32_t index = free_.back();
    free_.pop_back();
    Slot &slot = *find(TokenId::make(loop_, index, 0));
    // A free slot's word holds the serial it had last; 0 is left out, so no token is 0.
    uint32_t serial = static_cast<uint32_t>(slot.word.load(std::memory_order_relaxed) >> 2) + 1;
    if (serial == 0) serial = 1;
    slot.asker = &asker;
    slot.issued_ms.store(now_ms, std::memory_order_relaxed);
    outstanding_.fetch_add(1, std::memory_order_relaxed);
    slot.word.store(word_of(serial, kPending), std::memory_order_release);
    return TokenId::make(loop_, index, serial);
}

Claim TokenTable::claim(TokenId token) {
    Slot *slot = find(token);
    if (!slot) return Claim::kDoubled;
    uint64_t word = slot->word.load(std::memory_order_acquire);
    while (word == word_of(token.serial(), kPending) ||
           word == word_of(token.serial(), kAbandoned)) {
        const bool pending = word == word_of(token.serial(), kPending);
        if (slot->word.compare_exchange_weak(word, word_of(token.serial(), kAnswered),
                                             std::memory_order_acq_rel)) {
            slot->issued_ms.store(0, std::memory_order_relaxed);
            outstanding_.fetch_sub(1, std::memory_order_relaxed);
            return pending ? Claim::kFirst : Claim::kLate;
        }
    }
    return Claim::kDoubled;
}

void TokenTable::release(Slot &slot, TokenId token) {
    slot.asker = nullptr;
    slot.word.store(word_of(token.serial(), kFree), std::memory_order_release);
    free_.push_back(token.slot());
}

Asker *TokenTable::redeem(TokenId token) {
    Slot *slot = find(token);
    // revoke() may have been quicker.
    if (!slot || slot->word.load(std::memory_order_acquire) != word_of(token.serial(), kAnswered))
        return nullptr;
    Asker *asker = slot->asker;
    release(*slot, token);
    return asker;
}

bool TokenTable::abandon(TokenId token) {
    Slot *slot = find(token);
    WSE_ASSERT(slot, "a token of another table is abandoned");
    slot->asker = nullptr;
    uint64_t expected = word_of(token.serial(), kPending);
    return slot->word.compare_exchange_strong(expected, word_of(token.serial(), kAbandoned),
                                              std::memory_order_acq_rel);
}

void TokenTable::revoke(TokenId token) {
    Slot *slot = find(token);
    WSE_ASSERT(slot, "a token of another table is revoked");
    // Claimed first, so that an answer from a thread in this moment is counted once.
    if (claim(token) == Claim::kDoubled &&
        slot->word.load(std::memory_order_acquire) != word_of(token.serial(), kAnswered))
        return;
    release(*slot, token);
}

void TokenTable::withdraw_all() {
    for (const auto &chunk : owned_)
        for (const auto &slot : *chunk)
            if (slot.asker) slot.asker->withdrawn();
}

uint64_t TokenTable::oldest_ms() const {
    uint64_t oldest = 0;
    for (const auto &entry : chunks_) {
        const Chunk *chunk = entry.load(std::memory_order_acquire);
        if (!chunk) break;
        for (const auto &slot : *chunk) {
            const uint64_t issued = slot.issued_ms.load(std::memory_order_relaxed);
            if (issued && (!oldest || issued < oldest)) oldest = issued;
        }
    }
    return oldest;
}

}  // namespace wse::module
