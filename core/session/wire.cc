// SPDX-License-Identifier: MIT
#include "session/wire.h"

#include "base/log.h"
#include "base/utf8.h"
#include "net/frame.h"

namespace wse::session {
namespace {

constexpr size_t kMaxFrame = size_t{1} << 20;  // clients refuse larger ones (rule M15)
constexpr uint64_t kDialectVariant = 1;        // the message without a layer

// The header of a zlib container (RFC 1950), which 1.x and 2.x servers also sent without a prefix.
bool is_bare_zlib(std::string_view message) {
    return message.size() > 2 && message[0] == '\x78' &&
           (message[1] == '\x01' || message[1] == '\x5e' || message[1] == '\x9c' ||
            message[1] == '\xda');
}

bool has_prefix(std::string_view message) {
    return message.size() >= 2 && message[0] >= 'A' && message[0] <= 'Z' && message[1] == ':';
}

}  // namespace

Wire::Layer *Wire::layer_of(module::Layer layer) {
    switch (layer) {
        case module::Layer::kCipher:
            return &cipher_;
        case module::Layer::kCodec:
            return &codec_;
        case module::Layer::kCompression:
            return &compression_;
        default:
            return nullptr;
    }
}

Wire::Opening Wire::open(std::string_view offer, bool has_hello) {
    Opening opening;
    uint64_t number = kDialectVariant;
    for (const auto &transform : transforms_) {
        ++number;
        Layer *const layer = layer_of(transform->layer());
        const bool is_cipher = layer == &cipher_;
        if (!layer || layer->state || (is_cipher && !has_hello)) continue;
        auto state = transform->open(offer);
        if (!state) {
            const wse_status status = state.error().status;
            opening.bad_key = opening.bad_key || (is_cipher && status == WSE_EINVAL);
            opening.failed =
                opening.failed || (is_cipher && status != WSE_EINVAL && status != WSE_EDENIED);
            continue;
        }
        const uint64_t share = (*state)->share();
        // The number of the transform, then what the module tells apart itself.
        *layer = {transform.get(), std::move(*state), share ? (number << 32U) ^ share : 0};
    }
    return opening;
}

std::vector<std::string> Wire::replies(bool with_cipher) const {
    std::vector<std::string> replies;
    for (const Layer *layer : {&compression_, &codec_, &cipher_}) {
        if (layer->state && (with_cipher || layer != &cipher_))
            replies.push_back(layer->state->reply());
    }
    return replies;
}

net::FrameRef Wire::encode(const net::FrameRef &plain) {
    if (broken_) return {};
    if (plain->opcode() != net::Opcode::kText) return plain;
    if (plain->bare()) return in_dialect(plain);
    if (cipher_.state) return seal(plain);
    if (codec_.state) return pass_through(codec_, plain);
    if (compression_.state && compresses_ && plain->payload().size() > threshold_)
        return pass_through(compression_, plain);
    return in_dialect(plain);
}

std::string Wire::text_of(const net::Frame &plain) const {
    return prefixed() ? proto::prefixed(plain.payload()) : std::string(plain.payload());
}

net::FrameRef Wire::in_dialect(const net::FrameRef &plain) {
    if (!prefixed()) return plain;
    if (net::FrameRef known = variants_.find(plain, kDialectVariant)) return known;
    net::FrameRef made = net::Frame::text(proto::prefixed(plain->payload()));
    variants_.keep(plain, kDialectVariant, made);
    return made;
}

net::FrameRef Wire::seal(const net::FrameRef &plain) {
    std::string out(cipher_.transform->prefix());
    const size_t limit = kMaxFrame - out.size();
    const int32_t status = prefixed() ? cipher_.state->encode(text_of(*plain), limit, out)
                                      : cipher_.state->encode(plain->payload(), limit, out);
    if (status == WSE_OK) return net::make_frame(net::Opcode::kBinary, out);
    log::error("session", "session.encryption_failed",
               {{"module", cipher_.transform->instance_name()}, {"status", status}});
    broken_ = true;
    return {};
}

net::FrameRef Wire::pass_through(const Layer &layer, const net::FrameRef &plain) {
    if (layer.variant == 0) return make(layer, plain);
    const uint64_t variant = layer.variant << 1U | (prefixed() ? 1U : 0U);
    if (net::FrameRef known = variants_.find(plain, variant)) return known;
    net::FrameRef made = make(layer, plain);
    variants_.keep(plain, variant, made);
    return made;
}

// What a module cannot make goes as text, which every client reads.
net::FrameRef Wire::make(const Layer &layer, const net::FrameRef &plain) {
    std::string out(layer.transform->prefix());
    const size_t limit = kMaxFrame - out.size();
    const bool is_codec = &layer == &codec_;
    const int32_t status = prefixed() && !is_codec
                               ? layer.state->encode(text_of(*plain), limit, out)
                               : layer.state->encode(plain->payload(), limit, out);
    return status == WSE_OK ? net::make_frame(net::Opcode::kBinary, out) : in_dialect(plain);
}

bool Wire::is_wrapped(std::string_view message) {
    return has_prefix(message) || is_bare_zlib(message);
}

module::Transform *Wire::find_reader(std::string_view message, size_t &ret_prefix) const {
    for (const auto &transform : transforms_) {
        ret_prefix = transform->prefix().size();
        if (message.starts_with(transform->prefix())) return transform.get();
    }
    ret_prefix = 0;
    if (!is_bare_zlib(message)) return nullptr;
    for (const auto &transform : transforms_) {
        if (transform->layer() == module::Layer::kCompression) return transform.get();
    }
    return nullptr;
}

bool Wire::reads(std::string_view message) const {
    size_t prefix = 0;
    return find_reader(message, prefix) != nullptr;
}

Wire::Layer *Wire::find_open(const module::Transform &transform) {
    for (Layer *layer : {&cipher_, &codec_, &compression_}) {
        if (layer->transform == &transform) return layer;
    }
    return nullptr;
}

Result<Wire::Content> Wire::decode(std::string_view message, size_t limit) {
    size_t prefix = 0;
    module::Transform *const reader = find_reader(message, prefix);
    if (!reader) return Error{WSE_EINVAL, "nothing here reads messages of this form"};
    const bool is_cipher = reader->layer() == module::Layer::kCipher;
    Layer *const open = find_open(*reader);
    if (is_cipher && !open) return Error{WSE_EINVAL, "no key has been agreed"};
    message.remove_prefix(prefix);
    Content content{{}, is_cipher};
    const int32_t status = open ? open->state->decode(message, limit, content.text)
                                : reader->decode(message, limit, content.text);
    if (status == WSE_ETOOBIG) return Error{WSE_ETOOBIG, "message is too big"};
    if (status != WSE_OK && is_cipher)
        return Error{WSE_EDENIED, "a message could not be decrypted"};
    if (status != WSE_OK)
        return Error{WSE_EINVAL, "message is malformed, " + reader->instance_name() + " says"};
    if (!is_utf8(content.text)) return Error{WSE_EINVAL, "message is not UTF-8"};
    return content;
}

void Wire::limit_compression(bool enabled, size_t threshold) {
    compresses_ = enabled;
    threshold_ = threshold;
}

std::string Wire::layer() const {
    for (const Layer *layer : {&cipher_, &codec_, &compression_}) {
        if (layer->transform) return layer->transform->instance_name();
    }
    return {};
}

}  // namespace wse::session
