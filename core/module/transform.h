// SPDX-License-Identifier: MIT
// Modules of kind transform as the rest of the server sees them, one object per instance and loop;
// tests put fakes here. [loop]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <wse/module.h>

#include "base/result.h"

namespace wse::module {

enum class Layer : uint32_t {
    kCompression = WSE_LAYER_COMPRESSION,
    kCodec = WSE_LAYER_CODEC,
    kCipher = WSE_LAYER_CIPHER,
    kExtension = WSE_LAYER_EXTENSION
};

// What a module keeps for one session; closed when destroyed, before the Transform.
class TransformState {
public:
    virtual ~TransformState() = default;

    // Appends to `out` at most `limit` bytes. WSE_ETOOBIG: there are more. encode, WSE_EDENIED: the
    // message stays as it is, which a cipher does not say. After a failure `out` is as it was.
    virtual int32_t encode(std::string_view in, size_t limit, std::string &out) = 0;
    virtual int32_t decode(std::string_view in, size_t limit, std::string &out) = 0;
    // Of the signature: raw bytes. WSE_EINVAL where the module signs nothing.
    virtual int32_t sign(std::string_view in, std::string &out) = 0;
    virtual int32_t verify(std::string_view in, std::string_view signature) = 0;
    // The reply for the client, the last that is encoded under the key before.
    virtual Result<std::string> rekey(std::string_view offer) = 0;

    const std::string &reply() const { return reply_; }  // a JSON object
    // Sessions of the loop with the same number share what encode makes; 0: nobody.
    uint64_t share() const { return share_; }

protected:
    TransformState(std::string reply, uint64_t share) : reply_(std::move(reply)), share_(share) {}

private:
    std::string reply_;
    uint64_t share_;
};

class Transform {
public:
    virtual ~Transform() = default;
    virtual const std::string &instance_name() const = 0;
    virtual Layer layer() const = 0;
    virtual std::string_view prefix() const = 0;     // "C:"; of an extension empty
    virtual std::string_view extension() const = 0;  // its name on the wire, or empty
    virtual bool signs() const = 0;

    // `offer`: a JSON object (wse/module.h). WSE_EDENIED: not for this client. WSE_EINVAL: the
    // offer is malformed. Others: the module has failed.
    virtual Result<std::unique_ptr<TransformState>> open(std::string_view offer) = 0;
    // Of a client that has not opened it; not of a cipher or an extension. As decode above.
    virtual int32_t decode(std::string_view in, size_t limit, std::string &out) = 0;
};

}  // namespace wse::module
