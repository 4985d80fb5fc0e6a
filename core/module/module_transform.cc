// SPDX-License-Identifier: MIT
#include "module/module_transform.h"

#include <utility>

#include "base/assert.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "module/bytes.h"
#include "module/call.h"

namespace wse::module {
namespace {

constexpr size_t kReplyBytes = 4096;
constexpr size_t kSignatureBytes = 256;

bool is_object(std::string_view text) {
    return text.starts_with('{') && is_utf8(text) && check_json(text).ok();
}

}  // namespace

// A buffer of the loop's for what a module writes: its memory is not touched before that, so a
// large limit costs nothing.
char *ModuleTransform::room(size_t bytes) {
    if (bytes > room_bytes_) {
        room_.reset(new char[bytes]);
        room_bytes_ = bytes;
    }
    return room_.get();
}

template <class Function>
int32_t ModuleTransform::fill(const char *name, size_t limit, std::string &out,
                              const Function &function) {
    WSE_ASSERT(side_.loop().on_thread(), "a transform is used outside its loop");
    // Sessions say goodbye while modules stop.
    if (side_.stopping()) return WSE_EAGAIN;
    char *const into = room(limit);
    uint64_t size = limit;
    const Call call(side_, name);
    const int32_t status = function(into, &size);
    if (status != WSE_OK) return status;
    if (size > limit) return WSE_EIO;
    out.append(into, size);
    return WSE_OK;
}

class ModuleTransform::State final : public TransformState {
public:
    State(ModuleTransform &transform, void *state, std::string reply, uint64_t share)
        : TransformState(std::move(reply), share), transform_(transform), state_(state) {}
    ~State() override {
        const Call call(transform_.side_, "close");
        ops().close(transform_.self_, transform_.side_.abi(), state_);
    }

    int32_t encode(std::string_view in, size_t limit, std::string &out) override {
        return transform_.fill("encode", limit, out, [&](char *into, uint64_t *size) {
            return ops().encode(transform_.self_, loop(), state_, to_bytes(in), into, size);
        });
    }
    int32_t decode(std::string_view in, size_t limit, std::string &out) override {
        return transform_.decode(state_, in, limit, out);
    }
    int32_t sign(std::string_view in, std::string &out) override {
        if (!ops().sign) return WSE_EINVAL;
        return transform_.fill("sign", kSignatureBytes, out, [&](char *into, uint64_t *size) {
            return ops().sign(transform_.self_, loop(), state_, to_bytes(in), into, size);
        });
    }
    int32_t verify(std::string_view in, std::string_view signature) override {
        if (!ops().verify) return WSE_EINVAL;
        if (transform_.side_.stopping()) return WSE_EAGAIN;
        const Call call(transform_.side_, "verify");
        return ops().verify(transform_.self_, loop(), state_, to_bytes(in), to_bytes(signature));
    }
    Result<std::string> rekey(std::string_view offer) override {
        if (!ops().rekey) return Error{WSE_EINVAL, "this cipher has one key for each connection"};
        std::string reply;
        const int32_t status =
            transform_.fill("rekey", kReplyBytes, reply, [&](char *into, uint64_t *size) {
                return ops().rekey(transform_.self_, loop(), state_, to_bytes(offer), into, size);
            });
        if (status != WSE_OK)
            return Error{static_cast<wse_status>(status), "the key exchange failed"};
        if (!is_object(reply)) return Error{WSE_EIO, "the module replied with no JSON object"};
        return reply;
    }

private:
    const wse_transform_ops &ops() const { return transform_.ops_; }
    wse_loop *loop() const { return transform_.side_.abi(); }

    ModuleTransform &transform_;
    void *state_;
};

ModuleTransform::ModuleTransform(Instance &instance, size_t loop)
    : instance_(instance),
      side_(instance.host().side(loop)),
      ops_(instance.descriptor().transform),
      self_(instance.self()) {}

const std::string &ModuleTransform::instance_name() const {
    return instance_.name();
}

Result<std::unique_ptr<TransformState>> ModuleTransform::open(std::string_view offer) {
    std::string reply;
    uint64_t share = 0;
    void *state = nullptr;
    const int32_t status = fill("open", kReplyBytes, reply, [&](char *into, uint64_t *size) {
        return ops_.open(self_, side_.abi(), to_bytes(offer), into, size, &share, &state);
    });
    if (status != WSE_OK)
        return Error{static_cast<wse_status>(status), instance_.name() + " did not open"};
    auto opened = std::make_unique<State>(*this, state, reply.empty() ? "{}" : std::move(reply),
                                          layer() == Layer::kCipher ? 0 : share);
    if (!is_object(opened->reply()))
        return Error{WSE_EIO, instance_.name() + " replied with no JSON object"};
    if (layer() == Layer::kCipher && !state)
        return Error{WSE_EIO, instance_.name() + " opened without a state"};
    return std::unique_ptr<TransformState>(std::move(opened));
}

int32_t ModuleTransform::decode(std::string_view in, size_t limit, std::string &out) {
    WSE_ASSERT(layer() == Layer::kCompression || layer() == Layer::kCodec,
               "a cipher or an extension decodes without a session");
    return decode(nullptr, in, limit, out);
}

int32_t ModuleTransform::decode(void *state, std::string_view in, size_t limit, std::string &out) {
    return fill("decode", limit, out, [&](char *into, uint64_t *size) {
        return ops_.decode(self_, side_.abi(), state, to_bytes(in), into, size);
    });
}

}  // namespace wse::module
