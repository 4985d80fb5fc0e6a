// SPDX-License-Identifier: MIT
// What a transform costs a message, through the ABI: the built modules with the test host around
// them.
#include <wse/test_host.h>

#include "base/assert.h"
#include "base/json_writer.h"
#include "bench/bench.h"

namespace wse::bench {
namespace {

constexpr size_t kRoom = size_t{1} << 20;

// A message of at least so many bytes, with as much in common as those of an application have: a
// list of orders.
std::string message_of(size_t bytes) {
    JsonWriter out;
    out.begin_object().member("c", "U").member("t", "orders_update").member("tp", "orders:17");
    out.member("e", "0000abcd").member("o", 41).key("p").begin_object();
    out.key("orders").begin_array();
    uint32_t random = 1;
    const auto next = [&](uint32_t bound) {
        random = random * 1664525 + 1013904223;
        return (random >> 8) % bound;
    };
    constexpr std::string_view kStates[] = {"open", "paid", "sent", "returned"};
    while (out.text().size() + 8 < bytes) {
        out.begin_object().member("id", next(1000000)).member("status", kStates[next(4)]);
        out.member("customer", "c-" + std::to_string(next(10000)));
        out.member("total", next(100000) / 100.0).end_object();
    }
    return out.end_array().end_object().member("v", 1).end_object().take();
}

wse_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

struct Setting {
    std::string name;  // "encode/compress_zlib"
    std::string module;
    std::string option, value;
    std::string offer;
    size_t bytes = 0;
    uint64_t units = 0;
};

// The generator of the curve does as the key of a client that is not there.
constexpr const char *kCipherOffer =
    R"({"hello":{"features":{"encryption":true},"encryption_public_key":")"
    "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU="
    R"("}})";

class TransformRound final : public Round {
public:
    explicit TransformRound(const Setting &setting);
    ~TransformRound() override;
    uint64_t run(Stopwatch &watch) override;

private:
    using Operation = void (TransformRound::*)();

    void open(void *&state);
    void open_and_close();
    void encode();
    void decode();
    void sign();

    const Setting setting_;
    const std::string message_;
    std::string packed_, out_;
    wse_test_instance instance_{};
    const wse_transform_ops *ops_ = nullptr;
    wse_loop *loop_ = nullptr;
    void *state_ = nullptr;
};

TransformRound::TransformRound(const Setting &setting)
    : setting_(setting), message_(message_of(setting.bytes)), out_(kRoom, '\0') {
    const std::string file = WSE_MODULES_DIR "/" + setting.module + ".so";
    wse_test_instance_init(&instance_, wse_test_load(file.c_str()));
    if (!setting.option.empty())
        wse_test_config_set(instance_.config, setting.option.c_str(), setting.value.c_str());
    const bool opened = wse_test_instance_open(&instance_) == WSE_OK;
    WSE_ASSERT(opened, "a module does not start for a benchmark");
    ops_ = static_cast<const wse_transform_ops *>(instance_.def->ops);
    loop_ = wse_test_host_loop(instance_.host, 0);
    open(state_);
    if (!setting.name.starts_with("decode")) return;
    uint64_t size = kRoom;
    const auto status =
        ops_->encode(instance_.self, loop_, state_, bytes_of(message_), out_.data(), &size);
    WSE_ASSERT(status == WSE_OK, "a module does not encode for a benchmark");
    packed_ = out_.substr(0, size);
}

TransformRound::~TransformRound() {
    ops_->close(instance_.self, loop_, state_);
    wse_test_instance_close(&instance_);
}

void TransformRound::open(void *&state) {
    uint64_t size = kRoom, share = 0;
    const auto status = ops_->open(instance_.self, loop_, bytes_of(setting_.offer), out_.data(),
                                   &size, &share, &state);
    WSE_ASSERT(status == WSE_OK, "a module does not open for a benchmark");
}

void TransformRound::open_and_close() {
    void *state = nullptr;
    open(state);
    ops_->close(instance_.self, loop_, state);
}

void TransformRound::encode() {
    uint64_t size = kRoom;
    const auto status =
        ops_->encode(instance_.self, loop_, state_, bytes_of(message_), out_.data(), &size);
    WSE_ASSERT(status == WSE_OK, "a module does not encode in a benchmark");
}

void TransformRound::decode() {
    uint64_t size = kRoom;
    const auto status =
        ops_->decode(instance_.self, loop_, state_, bytes_of(packed_), out_.data(), &size);
    WSE_ASSERT(status == WSE_OK, "a module does not decode in a benchmark");
}

void TransformRound::sign() {
    uint64_t size = kRoom;
    const auto status =
        ops_->sign(instance_.self, loop_, state_, bytes_of(message_), out_.data(), &size);
    WSE_ASSERT(status == WSE_OK, "a module does not sign in a benchmark");
}

uint64_t TransformRound::run(Stopwatch &watch) {
    const std::string_view name = setting_.name;
    const Operation operation = name.starts_with("open")     ? &TransformRound::open_and_close
                                : name.starts_with("decode") ? &TransformRound::decode
                                : name.starts_with("sign")   ? &TransformRound::sign
                                                             : &TransformRound::encode;
    watch.start();
    for (uint64_t i = 0; i < setting_.units; ++i) (this->*operation)();
    watch.stop();
    return setting_.units;
}

}  // namespace

void add_transform_cases(std::vector<Case> &cases) {
    constexpr const char *kCompression = R"({"query":{"compression":"true"}})";
    constexpr const char *kCodec = R"({"query":{"format":"msgpack"}})";
    std::vector<Setting> settings;
    for (const size_t bytes : {1024, 16384}) {
        const uint64_t units = (uint64_t{16} << 20) / bytes;
        for (const char *level : {"1", "3", "6", "9"})
            settings.push_back({std::string("encode/compress_zlib-") + level, "compress_zlib",
                                "level", level, kCompression, bytes, units});
        settings.push_back(
            {"decode/compress_zlib", "compress_zlib", "", "", kCompression, bytes, units});
        settings.push_back({"encode/codec_msgpack", "codec_msgpack", "", "", kCodec, bytes, units});
        settings.push_back({"decode/codec_msgpack", "codec_msgpack", "", "", kCodec, bytes, units});
        settings.push_back(
            {"encode/encrypt_aesgcm", "encrypt_aesgcm", "", "", kCipherOffer, bytes, units});
        settings.push_back(
            {"sign/encrypt_aesgcm", "encrypt_aesgcm", "", "", kCipherOffer, bytes, units});
    }
    for (const auto &setting : settings) {
        cases.push_back({setting.name + "/" + std::to_string(setting.bytes), "messages",
                         setting.bytes,
                         [setting] { return std::make_unique<TransformRound>(setting); }});
    }
    const Setting opening = {
        "open/encrypt_aesgcm", "encrypt_aesgcm", "", "", kCipherOffer, 64, 1000};
    cases.push_back({opening.name, "sessions", 0,
                     [opening] { return std::make_unique<TransformRound>(opening); }});
}

}  // namespace wse::bench
