// SPDX-License-Identifier: MIT
// compress_zlib: messages as zlib containers (RFC 1950), where that makes them shorter.
#include <iterator>
#include <memory>
#include <string>

#include <wse/module.h>

#include "abi/counters.h"
#include "abi/lanes.h"
#include "abi/module_class.h"
#include "deflater.h"
#include "inflater.h"
#include "offer/offer.h"
#include "options.h"

namespace wse::compress_zlib {
namespace {

constexpr std::string_view kPrefix = "C:";
constexpr std::string_view kReply = R"({"features":{"compression":true}})";
// What is encoded is the same for all who take it.
constexpr uint64_t kShare = 1;
constexpr int64_t kMaxThreshold = int64_t{16} << 20;

constexpr wse_option kOptions[] = {
    {"threshold", WSE_OPT_SIZE, 0, offsetof(Config, threshold), 1, kMaxThreshold, "1k", nullptr,
     "WSE_COMPRESSION_THRESHOLD", "messages that are longer are compressed"},
    {"level", WSE_OPT_INT, 0, offsetof(Config, level), 1, 9, "1", nullptr, nullptr,
     "1: fastest, 9: smallest"},
    {"memory", WSE_OPT_INT, 0, offsetof(Config, memory), 1, 9, "8", nullptr, nullptr,
     "memory of the compressor of each loop, doubling with each step; 8: 256k"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

enum Count : size_t { kDeflates, kBytesIn, kBytesOut, kInflates, kRefused };
constexpr abi::Counter kCounters[] = {
    {"deflates", "messages that were compressed"},
    {"deflated_bytes_in", "bytes of these before"},
    {"deflated_bytes_out", "bytes of these afterwards"},
    {"inflates", "messages of clients that were decompressed"},
    {"refused", "messages of clients that were damaged, no zlib container, or too large"},
};

// Streams are large, 256 KiB the one and some 40 KiB the other, so that loops have them and not
// sessions; each message is complete in itself.
struct Lane {
    std::unique_ptr<Deflater> deflater;
    std::unique_ptr<Inflater> inflater;
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), lanes_(host) {}

    std::string load() { return abi::register_counters(host_, kCounters, counters_); }
    std::string start(wse_loop *loop);
    void stop(wse_loop *loop, wse_stop_token *token);
    int32_t encode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout);
    int32_t decode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout);

private:
    void count(Count which, uint64_t delta) {
        host_->stat_add(host_, counters_[which], static_cast<int64_t>(delta));
    }

    const wse_host *host_;
    const Config &config_;
    abi::Lanes<Lane> lanes_;
    uint32_t counters_[std::size(kCounters)] = {};
};

std::string Instance::start(wse_loop *loop) {
    auto lane = std::make_unique<Lane>();
    lane->deflater =
        Deflater::make(static_cast<int>(config_.level), static_cast<int>(config_.memory));
    lane->inflater = Inflater::make();
    if (!lane->deflater || !lane->inflater) return "there is no memory for the streams of zlib";
    lanes_.put(loop, std::move(lane));
    return "";
}

void Instance::stop(wse_loop *loop, wse_stop_token *token) {
    lanes_.clear(loop);
    host_->stop_done(host_, token);
}

int32_t Instance::encode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return WSE_EAGAIN;
    if (in.size() <= static_cast<size_t>(config_.threshold)) return WSE_EDENIED;
    const int32_t status = lane->deflater->deflate(in, kPrefix.size(), out, inout);
    if (status != WSE_OK) return status;
    count(kDeflates, 1);
    count(kBytesIn, in.size());
    count(kBytesOut, *inout);
    return WSE_OK;
}

int32_t Instance::decode(wse_loop *loop, std::string_view in, void *out, uint64_t *inout) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return WSE_EAGAIN;
    const int32_t status = lane->inflater->inflate(in, out, inout);
    count(status == WSE_OK ? kInflates : kRefused, 1);
    return status;
}

// The word in the URL decides; where there is none, the one in the hello.
bool is_wanted(std::string_view offered) {
    const auto in_query = offer::find(offered, {"query", "compression"});
    if (!in_query.empty()) return in_query == "\"true\"";
    return offer::find(offered, {"hello", "features", "compression"}) == "true";
}

int32_t open_session(void *, wse_loop *, wse_bytes offered, void *reply, uint64_t *inout_reply,
                     uint64_t *ret_share, void **ret_state) noexcept {
    return abi::guarded([&]() -> int32_t {
        const std::string_view text = abi::text_of(offered);
        if (!offer::is_object(text)) return WSE_EINVAL;
        if (!is_wanted(text)) return WSE_EDENIED;
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
    return static_cast<Instance *>(self)->encode(loop, abi::text_of(in), out, inout);
}

int32_t decode(void *self, wse_loop *loop, void *, wse_bytes in, void *out,
               uint64_t *inout) noexcept {
    return static_cast<Instance *>(self)->decode(loop, abi::text_of(in), out, inout);
}

const wse_transform_ops kOps = {
    .struct_size = sizeof kOps,
    .layer = WSE_LAYER_COMPRESSION,
    .prefix = {'C', ':', 0, 0},
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
}  // namespace wse::compress_zlib

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_TRANSFORM, 0),
    "compress_zlib",
    "1.0",
    wse::compress_zlib::kOptions,
    sizeof(wse_option),
    sizeof(wse::compress_zlib::Config),
    &wse::compress_zlib::kOps,
    nullptr,
    wse::compress_zlib::Class::create,
    wse::compress_zlib::Class::start,
    wse::compress_zlib::Class::stop,
    wse::compress_zlib::Class::destroy,
};
