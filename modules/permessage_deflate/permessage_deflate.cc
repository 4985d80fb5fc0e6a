// SPDX-License-Identifier: MIT
// permessage_deflate: compression of WebSocket messages, as RFC 7692 has it.
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/module_class.h"
#include "codec.h"
#include "negotiation.h"
#include "options.h"

namespace wse::permessage_deflate {
namespace {

const wse_option kOptions[] = {
    {"context_takeover", WSE_OPT_BOOL, 0, offsetof(Config, context_takeover), 0, 0, "false",
     nullptr, nullptr,
     "messages refer to those before them: smaller, but each connection compresses for itself"},
    {"threshold", WSE_OPT_SIZE, 0, offsetof(Config, threshold), 1, 1 << 26, "1k", nullptr, nullptr,
     "messages below this size are sent as they are"},
    {"level", WSE_OPT_INT, 0, offsetof(Config, level), 1, 9, "6", nullptr, nullptr,
     "1 is the fastest, 9 the smallest"},
    {"window_bits", WSE_OPT_INT, 0, offsetof(Config, window_bits), kMinWindowBits, kMaxWindowBits,
     "15", nullptr, nullptr, "how far back repetitions are found: two to the power of this, bytes"},
    {"memory_level", WSE_OPT_INT, 0, offsetof(Config, memory_level), 1, 9, "8", nullptr, nullptr,
     "memory for compressing: 1 is the least"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

// What a connection is to the module. Without takeover there is one for each size of the window,
// which all connections of all loops have in common: nothing in it changes.
struct State {
    explicit State(const Agreement &agreement, bool is_shared)
        : server_bits(agreement.server_bits),
          client_bits(agreement.client_bits),
          server_takeover(agreement.server_takeover),
          client_takeover(agreement.client_takeover),
          shared(is_shared) {}

    const int server_bits;
    const int client_bits;
    const bool server_takeover;
    const bool client_takeover;
    const bool shared;
    std::unique_ptr<Compressor> compressor;      // its own, with takeover
    std::unique_ptr<Decompressor> decompressor;  // likewise
};

// What the connections without takeover of one loop work with, one message after the other.
struct Loop {
    std::array<std::unique_ptr<Compressor>, kMaxWindowBits + 1> compressors;  // by window bits
    Decompressor decompressor{kMaxWindowBits};
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), loops_(host->loop_count) {
        for (int bits = kMinWindowBits; bits <= kMaxWindowBits; ++bits) {
            Agreement agreement;
            agreement.server_bits = bits;
            shared_states_.push_back(std::make_unique<State>(agreement, true));
        }
    }

    std::string load() { return ""; }
    int32_t open(std::string_view offer, Room &reply, uint64_t *ret_share, void **ret_state);
    int32_t encode(const wse_loop *loop, State &state, std::string_view message, Room &out);
    int32_t decode(const wse_loop *loop, State &state, std::string_view message, Room &out);

private:
    Loop &at(const wse_loop *loop) { return loops_[host_->loop_index(host_, loop)]; }
    State &shared_state(int bits) {
        return *shared_states_[static_cast<size_t>(bits - kMinWindowBits)];
    }

    const wse_host *host_;
    const Config &config_;
    std::vector<std::unique_ptr<State>> shared_states_;  // by window bits
    std::vector<Loop> loops_;
};

int32_t Instance::open(std::string_view offer, Room &reply, uint64_t *ret_share, void **ret_state) {
    const auto agreement = agree(offer, config_);
    if (!agreement) return WSE_EDENIED;
    if (agreement->reply.size() > reply.limit) return WSE_ETOOBIG;
    std::memcpy(reply.at, agreement->reply.data(), agreement->reply.size());
    reply.size = agreement->reply.size();
    const bool own = agreement->server_takeover || agreement->client_takeover;
    *ret_state = own ? std::make_unique<State>(*agreement, false).release()
                     : &shared_state(agreement->server_bits);
    *ret_share = agreement->server_takeover ? 0 : static_cast<uint64_t>(agreement->server_bits);
    return WSE_OK;
}

int32_t Instance::encode(const wse_loop *loop, State &state, std::string_view message, Room &out) {
    if (message.empty() || message.size() < static_cast<uint64_t>(config_.threshold))
        return WSE_EDENIED;
    auto &compressor = state.server_takeover
                           ? state.compressor
                           : at(loop).compressors[static_cast<size_t>(state.server_bits)];
    if (!compressor) compressor = std::make_unique<Compressor>(config_, state.server_bits);
    return compressor->run(message, state.server_takeover, out);
}

int32_t Instance::decode(const wse_loop *loop, State &state, std::string_view message, Room &out) {
    if (!state.client_takeover) return at(loop).decompressor.run(message, false, out);
    if (!state.decompressor) state.decompressor = std::make_unique<Decompressor>(state.client_bits);
    return state.decompressor->run(message, true, out);
}

// The ABI's buffer is a Room in between.
template <class Function>
int32_t with_room(void *out, uint64_t *inout, Function function) noexcept {
    Room room{static_cast<char *>(out), *inout};
    const int32_t status = abi::guarded([&] { return function(room); });
    if (status == WSE_OK) *inout = room.size;
    return status;
}

using Class = abi::Lifecycle<Instance, Config>;

int32_t open(void *self, wse_loop *, wse_bytes offer, void *reply, uint64_t *inout_reply,
             uint64_t *ret_share, void **ret_state) noexcept {
    return with_room(reply, inout_reply, [&](Room &room) {
        return static_cast<Instance *>(self)->open(abi::text_of(offer), room, ret_share, ret_state);
    });
}

void close(void *, wse_loop *, void *state) noexcept {
    auto *const closed = static_cast<State *>(state);
    if (!closed->shared) delete closed;
}

int32_t encode(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return with_room(out, inout, [&](Room &room) {
        return static_cast<Instance *>(self)->encode(loop, *static_cast<State *>(state),
                                                     abi::text_of(in), room);
    });
}

int32_t decode(void *self, wse_loop *loop, void *state, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return with_room(out, inout, [&](Room &room) {
        return static_cast<Instance *>(self)->decode(loop, *static_cast<State *>(state),
                                                     abi::text_of(in), room);
    });
}

const wse_transform_ops kOps = {
    sizeof kOps,
    WSE_LAYER_EXTENSION,
    {},
    0,
    "permessage-deflate",
    open,
    close,
    encode,
    decode,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

}  // namespace
}  // namespace wse::permessage_deflate

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_TRANSFORM, 0),
    "permessage_deflate",
    "1.0",
    wse::permessage_deflate::kOptions,
    sizeof(wse_option),
    sizeof(wse::permessage_deflate::Config),
    &wse::permessage_deflate::kOps,
    nullptr,
    wse::permessage_deflate::Class::create,
    nullptr,
    nullptr,
    wse::permessage_deflate::Class::destroy,
};
