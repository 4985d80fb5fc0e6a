// SPDX-License-Identifier: MIT
// Wire: the form in which one session's messages travel. The session writes and reads JSON text;
// here it gets the dialect of its client and at most one layer around it: the cipher if one is
// open, else the codec, else compression. [loop]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "module/transform.h"
#include "net/handler.h"
#include "proto/dialect.h"
#include "session/variant_cache.h"

namespace wse::session {

// Those of a loop that put a prefix in front of a message, in the order of the file.
using Transforms = std::vector<std::unique_ptr<module::Transform>>;

class Wire {
public:
    // `transforms` and `variants` are the loop's, and outlive it.
    Wire(const Transforms &transforms, VariantCache &variants, proto::Dialect dialect)
        : transforms_(transforms), variants_(variants), dialect_(dialect) {}

    // Opens what suits the client, of each layer the first that does. `offer` is {"query":{…},
    // "hello":{…}}; without a hello no cipher is asked. Again: opens what was not open yet.
    struct Opening {
        bool bad_key = false;  // a cipher found the client's offer malformed
        bool failed = false;   // a cipher could not be opened: the session must not go on without
    };
    Opening open(std::string_view offer, bool has_hello);
    // What the modules of open layers said to the client, JSON objects for server_hello.
    std::vector<std::string> replies(bool with_cipher) const;

    // The frame as this client gets it. Null: the cipher has failed, and nothing may be sent any
    // more.
    net::FrameRef encode(const net::FrameRef &plain);

    // Does the binary message begin as one with a layer does?
    static bool is_wrapped(std::string_view message);
    // Is there a module for that form?
    bool reads(std::string_view message) const;
    struct Content {
        std::string text;  // UTF-8
        bool sealed = false;
    };
    // WSE_ETOOBIG: over `limit` bytes. WSE_EDENIED: the cipher refuses it, and the session must
    // end. WSE_EINVAL: it is malformed, or nothing here reads it.
    Result<Content> decode(std::string_view message, size_t limit);

    // What the client asked for: nothing is compressed of up to `threshold` bytes, or at all.
    void limit_compression(bool enabled, size_t threshold);

    bool prefixed() const { return dialect_ == proto::Dialect::kPrefixed; }
    bool sealed() const { return cipher_.state != nullptr; }
    module::TransformState *cipher() const { return cipher_.state.get(); }
    std::string layer() const;  // its module instance, or empty: for operators

private:
    struct Layer {
        module::Transform *transform = nullptr;
        std::unique_ptr<module::TransformState> state;
        uint64_t variant = 0;  // 0: what it makes is for this session alone
    };

    Layer *layer_of(module::Layer layer);
    Layer *find_open(const module::Transform &transform);
    module::Transform *find_reader(std::string_view message, size_t &ret_prefix) const;
    net::FrameRef seal(const net::FrameRef &plain);
    net::FrameRef pass_through(const Layer &layer, const net::FrameRef &plain);
    net::FrameRef make(const Layer &layer, const net::FrameRef &plain);
    net::FrameRef in_dialect(const net::FrameRef &plain);
    std::string text_of(const net::Frame &plain) const;

    const Transforms &transforms_;
    VariantCache &variants_;
    const proto::Dialect dialect_;
    bool compresses_ = true;
    bool broken_ = false;
    size_t threshold_ = 0;
    Layer cipher_;
    Layer codec_;
    Layer compression_;
};

}  // namespace wse::session
