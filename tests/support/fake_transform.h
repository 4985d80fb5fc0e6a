// SPDX-License-Identifier: MIT
// Modules of kind transform whose work can be read: what is encoded has a name in angle brackets in
// front. Counts what it is asked.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "module/transform.h"

namespace wse::test {

struct TransformCalls {
    int opened = 0, closed = 0, encoded = 0, decoded = 0;
    std::string offer;          // the last one
    int32_t encode_status = 0;  // when not 0: encode fails with it
    size_t least = 0;           // encode leaves what is shorter as it is
    int32_t open_status = 0;    // when not 0: open fails with it
    int32_t sign_status = 0;    // likewise
    int32_t rekey_status = 0;   // likewise
};

class FakeTransform final : public module::Transform {
public:
    FakeTransform(module::Layer layer, TransformCalls &calls) : layer_(layer), calls_(calls) {}

    const std::string &instance_name() const override { return name_; }
    module::Layer layer() const override { return layer_; }
    std::string_view prefix() const override {
        if (layer_ == module::Layer::kCipher) return "E:";
        return layer_ == module::Layer::kCodec ? "M:" : "C:";
    }
    std::string_view extension() const override { return {}; }
    bool signs() const override { return layer_ == module::Layer::kCipher; }

    Result<std::unique_ptr<module::TransformState>> open(std::string_view offer) override {
        calls_.offer = offer;
        if (calls_.open_status != WSE_OK)
            return Error{static_cast<wse_status>(calls_.open_status), "it does not open"};
        const auto offers = [&](std::string_view what) {
            return offer.find(what) != std::string_view::npos;
        };
        const bool is_cipher = layer_ == module::Layer::kCipher;
        if (is_cipher && offers(R"("encryption_public_key":"bad")"))
            return Error{WSE_EINVAL, "bad key"};
        if (is_cipher && !offers(R"("encryption_public_key":"key")"))
            return Error{WSE_EDENIED, "no key"};
        if (layer_ == module::Layer::kCodec && !offers(R"("format":"msgpack")"))
            return Error{WSE_EDENIED, "not asked for"};
        if (layer_ == module::Layer::kCompression && !offers(R"("compression":"true")"))
            return Error{WSE_EDENIED, "not asked for"};
        ++calls_.opened;
        std::string reply =
            is_cipher ? R"({"features":{"encryption":true},"encryption_public_key":"ours"})"
                      : R"({"features":{"layer":true}})";
        return std::unique_ptr<module::TransformState>(
            new State(*this, std::move(reply), is_cipher ? 0 : 1));
    }
    int32_t decode(std::string_view in, size_t limit, std::string &out) override {
        return decode_with("<0>", in, limit, out);
    }

private:
    class State final : public module::TransformState {
    public:
        State(FakeTransform &owner, std::string reply, uint64_t share)
            : TransformState(std::move(reply), share), owner_(owner) {}
        ~State() override { ++owner_.calls_.closed; }

        int32_t encode(std::string_view in, size_t limit, std::string &out) override {
            TransformCalls &calls = owner_.calls_;
            ++calls.encoded;
            if (calls.encode_status != WSE_OK) return calls.encode_status;
            if (in.size() < calls.least) return WSE_EDENIED;
            const std::string key = "<" + std::to_string(std::exchange(key_, next_key_)) + ">";
            if (in.size() + key.size() > limit) return WSE_ETOOBIG;
            out.append(key).append(in);
            return WSE_OK;
        }
        int32_t decode(std::string_view in, size_t limit, std::string &out) override {
            return owner_.decode_with("<" + std::to_string(key_) + ">", in, limit, out);
        }
        int32_t sign(std::string_view in, std::string &out) override {
            out = signature_of(in);
            return owner_.calls_.sign_status;
        }
        int32_t verify(std::string_view in, std::string_view signature) override {
            return signature == signature_of(in) ? WSE_OK : WSE_EDENIED;
        }
        Result<std::string> rekey(std::string_view offer) override {
            if (const int32_t status = owner_.calls_.rekey_status; status != WSE_OK)
                return Error{static_cast<wse_status>(status), "not now"};
            if (offer.find("bad") != std::string_view::npos)
                return Error{WSE_EINVAL, "the key exchange failed"};
            ++next_key_;
            return std::string(R"({"success":true,"new_public_key":"next"})");
        }

    private:
        FakeTransform &owner_;
        int key_ = 0;
        int next_key_ = 0;
    };

public:
    static std::string signature_of(std::string_view in) {
        return "signed " + std::to_string(std::hash<std::string_view>()(in));
    }

private:
    int32_t decode_with(std::string_view key, std::string_view in, size_t limit, std::string &out) {
        ++calls_.decoded;
        if (!in.starts_with(key)) return WSE_EINVAL;
        in.remove_prefix(key.size());
        if (in.size() > limit) return WSE_ETOOBIG;
        out.append(in);
        return WSE_OK;
    }

    const module::Layer layer_;
    TransformCalls &calls_;
    std::string name_ = "fake";
};

}  // namespace wse::test
