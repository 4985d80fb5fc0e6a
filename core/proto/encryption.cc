// SPDX-License-Identifier: MIT
#include "proto/encryption.h"

#include "base/json_writer.h"

namespace wse::proto {

std::string encryption_response(const EncryptionState &state) {
    JsonWriter out;
    out.begin_object().member("c", "WSE").member("t", "encryption_response");
    out.key("p").begin_object().member("enabled", state.enabled);
    out.member("signing", state.signing).key("algorithms").begin_object();
    out.member("encryption", state.enabled ? "AES-GCM-256" : "none");
    out.member("key_exchange", state.enabled ? "ECDH-P256" : "none");
    out.member("signing", state.signing ? "HMAC-SHA256" : "none").end_object();
    out.end_object().member("v", 1).end_object();
    return out.take();
}

std::string key_rotation_response(std::string_view reply, uint64_t wall_ms) {
    JsonWriter out;
    out.begin_object().member("c", "WSE").member("t", "key_rotation_response");
    out.key("p").begin_object().member("timestamp", wall_ms);
    if (reply != "{}") out.members(reply);
    out.end_object().member("v", 1).end_object();
    return out.take();
}

}  // namespace wse::proto
