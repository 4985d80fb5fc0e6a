// SPDX-License-Identifier: MIT
// codec_msgpack: messages as MessagePack instead of JSON text, for clients that ask for it.
#include <iterator>
#include <memory>
#include <string>

#include <wse/module.h>

#include "abi/counters.h"
#include "abi/lanes.h"
#include "abi/module_class.h"
#include "msgpack_json/json_to_msgpack.h"
#include "msgpack_json/msgpack_to_json.h"
#include "offer/offer.h"

namespace wse::codec_msgpack {
namespace {

constexpr std::string_view kReply = R"({"features":{"msgpack":true}})";
// What is encoded is the same for all who take it.
constexpr uint64_t kShare = 1;

struct Config {};

enum Count : size_t { kEncoded, kDecoded, kRefused };
constexpr abi::Counter kCounters[] = {
    {"encoded", "messages that were sent as MessagePack"},
    {"decoded", "messages of clients that were MessagePack"},
    {"refused", "messages of clients that were malformed, over a limit, or without a form in JSON"},
};

struct Lane {
    msgpack_json::JsonToMsgpack packer;
    msgpack_json::MsgpackToJson reader;
};

class Instance {
public:
    Instance(const wse_host *host, const Config &) : host_(host), lanes_(host) {}

    std::string load() { return abi::register_counters(host_, kCounters, counters_); }
    std::string start(wse_loop *loop) {
        lanes_.put(loop, std::make_unique<Lane>());
        return "";
    }
    void stop(wse_loop *loop, wse_stop_token *token) {
        lanes_.clear(loop);
        host_->stop_done(host_, token);
    }
    int32_t encode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout);
    int32_t decode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout);

private:
    void count(Count which) { host_->stat_add(host_, counters_[which], 1); }

    const wse_host *host_;
    abi::Lanes<Lane> lanes_;
    uint32_t counters_[std::size(kCounters)] = {};
};

int32_t Instance::encode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return WSE_EAGAIN;
    const int32_t status = lane->packer.convert(in, out, inout);
    if (status == WSE_OK) count(kEncoded);
    return status;
}

int32_t Instance::decode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return WSE_EAGAIN;
    const int32_t status = lane->reader.convert(in, out, inout);
    count(status == WSE_OK ? kDecoded : kRefused);
    return status;
}

int32_t open_session(void *, wse_loop *, wse_bytes offered, void *reply, uint64_t *inout_reply,
                     uint64_t *ret_share, void **ret_state) noexcept {
    return abi::guarded([&]() -> int32_t {
        const std::string_view text = abi::text_of(offered);
        if (!offer::is_object(text)) return WSE_EINVAL;
        if (offer::find(text, {"query", "format"}) != "\"msgpack\"") return WSE_EDENIED;
        const int32_t status = offer::fill(kReply, reply, inout_reply);
        if (status != WSE_OK) return status;
        *ret_share = kShare;
        *ret_state = nullptr;
        return WSE_OK;
    });
}

void close_session(void *, wse_loop *, void *) noexcept {}

int32_t encode(void *self, wse_loop *loop, void *, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->encode(loop, abi::text_of(in), out, inout); });
}

int32_t decode(void *self, wse_loop *loop, void *, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->decode(loop, abi::text_of(in), out, inout); });
}

const wse_transform_ops kOps = {
    .struct_size = sizeof kOps,
    .layer = WSE_LAYER_CODEC,
    .prefix = {'M', ':', 0, 0},
    .reserved = 0,
    .extension = nullptr,
    .open = open_session,
    .close = close_session,
    .encode = encode,
    .decode = decode,
    .save = nullptr,
    .restore = nullptr,
    .sign = nullptr,
    .verify = nullptr,
    .rekey = nullptr,
};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::codec_msgpack

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_TRANSFORM, 0),
    "codec_msgpack",
    "1.0",
    nullptr,
    sizeof(wse_option),
    0,
    &wse::codec_msgpack::kOps,
    nullptr,
    wse::codec_msgpack::Class::create,
    wse::codec_msgpack::Class::start,
    wse::codec_msgpack::Class::stop,
    wse::codec_msgpack::Class::destroy,
};
