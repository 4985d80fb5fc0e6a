// SPDX-License-Identifier: MIT
#include "session.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstring>
#include <limits>

#include <wse/module.h>

namespace wse::encrypt_aesgcm {
namespace {

// OpenSSL counts in int.
constexpr size_t kMaxBytes = std::numeric_limits<int>::max() - kFrameOverhead;

int32_t make_key(std::string_view their_key, std::unique_ptr<Key> &ret, std::string &ret_our_key) {
    auto key = std::make_unique<Key>();
    const int32_t status = exchange(their_key, key->secrets, ret_our_key);
    if (status != WSE_OK) return status;
    if (RAND_bytes(key->prefix.data(), static_cast<int>(key->prefix.size())) != 1) return WSE_EIO;
    ret = std::move(key);
    return WSE_OK;
}

Nonce nonce_of(const Key &key, uint64_t number) {
    Nonce nonce{};
    std::memcpy(nonce.data(), key.prefix.data(), key.prefix.size());
    for (size_t i = kNonceBytes; i > key.prefix.size(); --i, number >>= 8)
        nonce[i - 1] = static_cast<uint8_t>(number);
    return nonce;
}

// Both directions share the key: what we sent would pass for a message of the client's.
bool is_ours(const Key &key, const Nonce &nonce) {
    if (std::memcmp(nonce.data(), key.prefix.data(), key.prefix.size()) != 0) return false;
    uint64_t number = 0;
    for (size_t i = key.prefix.size(); i < kNonceBytes; ++i) number = number << 8 | nonce[i];
    return number < key.sent;
}

bool macs_equal(const Mac &wanted, std::string_view mac) {
    return mac.size() == wanted.size() &&
           CRYPTO_memcmp(wanted.data(), mac.data(), wanted.size()) == 0;
}

}  // namespace

int32_t Session::open(std::string_view their_key, std::unique_ptr<Session> &ret,
                      std::string &ret_our_key) {
    State state;
    const int32_t status = make_key(their_key, state.current, ret_our_key);
    if (status == WSE_OK) ret = std::make_unique<Session>(std::move(state));
    return status;
}

int32_t Session::encode(Engine &engine, std::string_view text, void *out, uint64_t *inout) {
    if (text.size() > kMaxBytes || text.size() + kFrameOverhead > *inout) return WSE_ETOOBIG;
    Key &key = sending();
    if (key.sent == std::numeric_limits<uint64_t>::max()) return WSE_EIO;
    const Nonce nonce = nonce_of(key, key.sent);
    if (!engine.seal(key.secrets, nonce, text, static_cast<uint8_t *>(out))) return WSE_EIO;
    ++key.sent;
    *inout = text.size() + kFrameOverhead;
    state_.reply_due = false;
    return WSE_OK;
}

void Session::drop_expired(uint64_t now_ms) {
    if (!state_.reply_due && now_ms >= state_.rotated_ms + kOverlapMs) state_.previous.reset();
}

Frame Session::decode(Engine &engine, uint64_t now_ms, std::string_view frame, void *out,
                      uint64_t *inout) {
    if (frame.size() < kFrameOverhead) return Frame::kRefused;
    const size_t size = frame.size() - kFrameOverhead;
    if (size > kMaxBytes || size > *inout) return Frame::kTooLarge;
    drop_expired(now_ms);
    Nonce nonce{};
    std::memcpy(nonce.data(), frame.data(), nonce.size());
    Frame verdict = Frame::kRefused;
    for (Key *key : {state_.current.get(), state_.previous.get()}) {
        if (!key) continue;
        if (is_ours(*key, nonce) || key->seen.has(nonce)) {
            verdict = Frame::kReplayed;
            continue;
        }
        // Before anything has changed: this may throw.
        key->seen.reserve();
        if (!engine.open(key->secrets, frame, static_cast<uint8_t *>(out))) continue;
        key->seen.add(nonce);
        *inout = size;
        // The client has its next key: the one before has had its time.
        if (key == state_.current.get() && !state_.reply_due) state_.previous.reset();
        return Frame::kGood;
    }
    return verdict;
}

bool Session::sign(Engine &engine, std::string_view text, Mac &ret) {
    return engine.sign(sending().secrets, text, ret);
}

bool Session::verify(Engine &engine, uint64_t now_ms, std::string_view text, std::string_view mac) {
    drop_expired(now_ms);
    bool good = false;
    for (const Key *key : {state_.current.get(), state_.previous.get()}) {
        Mac wanted;
        if (key && engine.sign(key->secrets, text, wanted)) good |= macs_equal(wanted, mac);
    }
    return good;
}

int32_t Session::rekey(std::string_view their_key, uint64_t now_ms, uint64_t interval_ms,
                       std::string &ret_our_key) {
    drop_expired(now_ms);
    const bool too_soon = state_.rotated_ms > 0 && now_ms < state_.rotated_ms + interval_ms;
    if (state_.previous || too_soon) return WSE_EAGAIN;
    std::unique_ptr<Key> next;
    const int32_t status = make_key(their_key, next, ret_our_key);
    if (status != WSE_OK) return status;
    state_.previous = std::move(state_.current);
    state_.current = std::move(next);
    state_.reply_due = true;
    state_.rotated_ms = now_ms;
    return WSE_OK;
}

}  // namespace wse::encrypt_aesgcm
