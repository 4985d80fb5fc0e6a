// SPDX-License-Identifier: MIT
// encrypt_aesgcm: messages under AES-256-GCM, with a key that each session agrees on with its
// client by ECDH on P-256.
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include <wse/module.h>

#include "abi/counters.h"
#include "abi/lanes.h"
#include "abi/module_class.h"
#include "engine.h"
#include "offer/offer.h"
#include "options.h"
#include "saved.h"
#include "session.h"

namespace wse::encrypt_aesgcm {
namespace {

constexpr wse_option kOptions[] = {
    {"rotation_interval", WSE_OPT_DURATION, 0, offsetof(Config, rotation_interval_ms), 0, 3'600'000,
     "1s", nullptr, nullptr, "how long a session keeps a key before it may ask for the next"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

enum Count : size_t { kSessions, kRefusedKeys, kRefusedFrames, kReplays, kRotations };
constexpr abi::Counter kCounters[] = {
    {"sessions", "sessions that were encrypted"},
    {"refused_keys", "public keys of clients that are none"},
    {"refused_frames", "frames of clients that were cut short, altered, or under another key"},
    {"replays", "frames of clients that came a second time, or were the server's own"},
    {"rotations", "keys that were replaced by the next"},
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), lanes_(host) {}

    std::string load() { return abi::register_counters(host_, kCounters, counters_); }
    std::string start(wse_loop *loop);
    void stop(wse_loop *loop, wse_stop_token *token);

    int32_t open(std::string_view offered, void *reply, uint64_t *inout_reply, void **ret_state);
    void close(wse_loop *loop, Session *session);
    int32_t encode(wse_loop *loop, Session &session, std::string_view in, void *out,
                   uint64_t *inout);
    int32_t decode(wse_loop *loop, Session &session, std::string_view in, void *out,
                   uint64_t *inout);
    int32_t sign(wse_loop *loop, Session &session, std::string_view in, void *out, uint64_t *inout);
    int32_t verify(wse_loop *loop, Session &session, std::string_view in, std::string_view mac);
    int32_t rekey(Session &session, std::string_view offered, void *reply, uint64_t *inout_reply);

private:
    void count(Count which) { host_->stat_add(host_, counters_[which], 1); }

    const wse_host *host_;
    const Config &config_;
    abi::Lanes<Engine> lanes_;
    uint32_t counters_[std::size(kCounters)] = {};
};

std::string Instance::start(wse_loop *loop) {
    auto engine = Engine::make();
    if (!engine) return "OpenSSL has no AES-256-GCM or no HMAC";
    lanes_.put(loop, std::move(engine));
    return "";
}

void Instance::stop(wse_loop *loop, wse_stop_token *token) {
    lanes_.clear(loop);
    host_->stop_done(host_, token);
}

// Without the feature or without a key the client goes on in plain text, as it asked for.
int32_t Instance::open(std::string_view offered, void *reply, uint64_t *inout_reply,
                       void **ret_state) {
    if (!offer::is_object(offered)) return WSE_EINVAL;
    const auto key = offer::find_string(offered, {"hello", "encryption_public_key"});
    if (!key || offer::find(offered, {"hello", "features", "encryption"}) != "true")
        return WSE_EDENIED;
    std::unique_ptr<Session> session;
    std::string ours;
    int32_t status = Session::open(*key, session, ours);
    if (status == WSE_EINVAL) count(kRefusedKeys);
    if (status != WSE_OK) return status;
    status =
        offer::fill(R"({"features":{"encryption":true},"encryption_public_key":")" + ours + "\"}",
                    reply, inout_reply);
    if (status != WSE_OK) return status;
    count(kSessions);
    *ret_state = session.release();
    return WSE_OK;
}

void Instance::close(wse_loop *loop, Session *session) {
    delete session;
    if (Engine *engine = lanes_.of(loop)) engine->forget();
}

int32_t Instance::encode(wse_loop *loop, Session &session, std::string_view in, void *out,
                         uint64_t *inout) {
    Engine *const engine = lanes_.of(loop);
    return engine ? session.encode(*engine, in, out, inout) : WSE_EAGAIN;
}

// To the outside every refusal is the same: which it was is no business of who sent the frame.
int32_t Instance::decode(wse_loop *loop, Session &session, std::string_view in, void *out,
                         uint64_t *inout) {
    Engine *const engine = lanes_.of(loop);
    if (!engine) return WSE_EAGAIN;
    switch (session.decode(*engine, host_->now_ms(host_), in, out, inout)) {
        case Frame::kGood:
            return WSE_OK;
        case Frame::kTooLarge:
            return WSE_ETOOBIG;
        case Frame::kReplayed:
            count(kReplays);
            return WSE_EINVAL;
        case Frame::kRefused:
            break;
    }
    count(kRefusedFrames);
    return WSE_EINVAL;
}

int32_t Instance::sign(wse_loop *loop, Session &session, std::string_view in, void *out,
                       uint64_t *inout) {
    Engine *const engine = lanes_.of(loop);
    Mac mac;
    if (!engine) return WSE_EAGAIN;
    if (!session.sign(*engine, in, mac)) return WSE_EIO;
    return offer::fill({reinterpret_cast<const char *>(mac.data()), mac.size()}, out, inout);
}

int32_t Instance::verify(wse_loop *loop, Session &session, std::string_view in,
                         std::string_view mac) {
    Engine *const engine = lanes_.of(loop);
    if (!engine) return WSE_EAGAIN;
    return session.verify(*engine, host_->now_ms(host_), in, mac) ? WSE_OK : WSE_EDENIED;
}

int32_t Instance::rekey(Session &session, std::string_view offered, void *reply,
                        uint64_t *inout_reply) {
    if (!offer::is_object(offered)) return WSE_EINVAL;
    auto key = offer::find_string(offered, {"public_key"});
    if (!key) key = offer::find_string(offered, {"encryption_public_key"});
    if (!key) return WSE_EINVAL;
    // Before the session has changed.
    constexpr size_t kReplyBytes = 256;
    if (*inout_reply < kReplyBytes) return WSE_ETOOBIG;
    std::string ours;
    const auto interval = static_cast<uint64_t>(config_.rotation_interval_ms);
    const int32_t status = session.rekey(*key, host_->now_ms(host_), interval, ours);
    if (status == WSE_EINVAL) count(kRefusedKeys);
    if (status != WSE_OK) return status;
    count(kRotations);
    return offer::fill(R"({"success":true,"new_public_key":")" + ours +
                           R"(","encryption_public_key":")" + ours + "\"}",
                       reply, inout_reply);
}

// ---- The C side.

Instance &of(void *self) {
    return *static_cast<Instance *>(self);
}

Session &session_of(void *state) {
    return *static_cast<Session *>(state);
}

int32_t open_session(void *self, wse_loop *, wse_bytes offered, void *reply, uint64_t *inout_reply,
                     uint64_t *, void **ret_state) noexcept {
    return abi::guarded(
        [&] { return of(self).open(abi::text_of(offered), reply, inout_reply, ret_state); });
}

void close_session(void *self, wse_loop *loop, void *state) noexcept {
    of(self).close(loop, &session_of(state));
}

int32_t encode(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return of(self).encode(loop, session_of(state), abi::text_of(in), out, inout);
}

int32_t decode(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return abi::guarded(
        [&] { return of(self).decode(loop, session_of(state), abi::text_of(in), out, inout); });
}

int32_t save_session(void *, void *state, void *out, uint64_t *inout) noexcept {
    return save(session_of(state).state(), out, inout);
}

int32_t restore_session(void *, wse_loop *, wse_bytes saved, void **ret_state) noexcept {
    return abi::guarded([&]() -> int32_t {
        std::optional<State> state = restore(abi::text_of(saved));
        if (!state) return WSE_EINVAL;
        *ret_state = std::make_unique<Session>(std::move(*state)).release();
        return WSE_OK;
    });
}

int32_t sign(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
             uint64_t *inout) noexcept {
    return of(self).sign(loop, session_of(state), abi::text_of(in), out, inout);
}

int32_t verify(void *self, wse_loop *loop, void *state, wse_bytes in,
               wse_bytes signature) noexcept {
    return of(self).verify(loop, session_of(state), abi::text_of(in), abi::text_of(signature));
}

int32_t rekey(void *self, wse_loop *, void *state, wse_bytes offered, void *reply,
              uint64_t *inout_reply) noexcept {
    return abi::guarded([&] {
        return of(self).rekey(session_of(state), abi::text_of(offered), reply, inout_reply);
    });
}

const wse_transform_ops kOps = {
    .struct_size = sizeof kOps,
    .layer = WSE_LAYER_CIPHER,
    .prefix = {'E', ':', 0, 0},
    .reserved = 0,
    .extension = nullptr,
    .open = open_session,
    .close = close_session,
    .encode = encode,
    .decode = decode,
    .save = save_session,
    .restore = restore_session,
    .sign = sign,
    .verify = verify,
    .rekey = rekey,
};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::encrypt_aesgcm

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_TRANSFORM, 0),
    "encrypt_aesgcm",
    "1.0",
    wse::encrypt_aesgcm::kOptions,
    sizeof(wse_option),
    sizeof(wse::encrypt_aesgcm::Config),
    &wse::encrypt_aesgcm::kOps,
    nullptr,
    wse::encrypt_aesgcm::Class::create,
    wse::encrypt_aesgcm::Class::start,
    wse::encrypt_aesgcm::Class::stop,
    wse::encrypt_aesgcm::Class::destroy,
};
