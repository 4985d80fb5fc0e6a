// SPDX-License-Identifier: MIT
// encrypt_aesgcm: keys, frames and saved sessions of strangers. A frame of theirs opens when it was
// sealed under the key, once, and not when an octet of it is another.
#include "encrypt_aesgcm/public_key.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <wse/module.h>

#include "base/base64.h"
#include "encrypt_aesgcm/engine.h"
#include "encrypt_aesgcm/saved.h"
#include "encrypt_aesgcm/session.h"
#include "fuzz.h"

namespace wse::encrypt_aesgcm {
namespace {

void check_key(std::string_view text) {
    const PublicKey key = read_public_key(text);
    if (key) WSE_ASSERT(write_public_key(key.get()) == text, "a key has two spellings");
}

// The key of zeros.
Session make_session() {
    State state;
    state.current = std::make_unique<Key>();
    return Session(std::move(state));
}

Frame decode(Session &session, Engine &engine, std::string_view frame) {
    std::vector<uint8_t> out(frame.size());
    uint64_t size = out.size();
    const Frame verdict = session.decode(engine, 1, frame, out.data(), &size);
    WSE_ASSERT(verdict == Frame::kGood || size == out.size(), "a refused frame has a size");
    return verdict;
}

void check_frames(std::string_view in) {
    static const auto engine = Engine::make();
    Session session = make_session();
    WSE_ASSERT(decode(session, *engine, in) == Frame::kRefused, "a frame of nobody's was opened");
    if (in.size() < kNonceBytes) return;
    Nonce nonce{};
    std::copy_n(in.begin(), nonce.size(), nonce.begin());
    const std::string_view text = in.substr(nonce.size());
    std::string frame(text.size() + kFrameOverhead, '\0');
    auto *const wire = reinterpret_cast<uint8_t *>(frame.data());
    WSE_ASSERT(engine->seal(session.state().current->secrets, nonce, text, wire), "no seal");
    std::string other = frame;
    other[frame.size() * nonce[0] / 256] ^= 1;
    WSE_ASSERT(decode(session, *engine, other) == Frame::kRefused, "an altered frame was opened");
    WSE_ASSERT(decode(session, *engine, frame) == Frame::kGood, "a good frame was refused");
    WSE_ASSERT(decode(session, *engine, frame) == Frame::kReplayed, "a frame was opened twice");
}

void check_saved(std::string_view saved) {
    const std::optional<State> state = restore(saved);
    if (!state) return;
    std::string again(saved.size(), '\0');
    uint64_t size = again.size();
    WSE_ASSERT(save(*state, again.data(), &size) == WSE_OK && size == saved.size(),
               "a restored session is of another size");
}

}  // namespace
}  // namespace wse::encrypt_aesgcm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text = wse::fuzz::text_of(data, size);
    wse::encrypt_aesgcm::check_key(text);
    wse::encrypt_aesgcm::check_key(wse::base64(text));
    wse::encrypt_aesgcm::check_frames(text);
    wse::encrypt_aesgcm::check_saved(text);
    return 0;
}
