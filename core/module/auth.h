// SPDX-License-Identifier: MIT
// Asking a module of kind auth. Fails closed: an error, a timeout or nonsense is a refusal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "module/pending.h"

namespace wse::module {

enum class Credential : uint32_t {
    kNone = WSE_CREDENTIAL_NONE,
    kCookie = WSE_CREDENTIAL_COOKIE,
    kBearer = WSE_CREDENTIAL_BEARER,
    kQuery = WSE_CREDENTIAL_QUERY,
};

struct AuthRequest {
    Credential source = Credential::kNone;
    std::string_view credential;  // borrowed for the call, as everything here
    std::string_view peer_ip;
    std::string_view listener;
    uint64_t deadline_ms = 0;       // how long to wait
    std::string_view subject = {};  // of the client's TLS certificate; or empty
    // Looks up a request header by lower-case name; called inside authenticate only.
    std::function<std::string_view(std::string_view name)> header;
};

struct Identity {
    std::string user;
    std::string claims;       // a JSON object, or empty
    uint64_t expires_ms = 0;  // wall clock, 0: never
};

enum class Action : uint32_t { kSubscribe = WSE_ACTION_SUBSCRIBE, kPublish = WSE_ACTION_PUBLISH };

// An auth module on one connection loop. [loop]
class Authenticator {
public:
    using Done = std::function<void(Result<Identity>)>;

    virtual ~Authenticator() = default;
    virtual const std::string &instance_name() const = 0;
    // `done` comes on this loop exactly once unless the result is destroyed first; never inside
    // this call. At the deadline it comes with WSE_ETIMEDOUT.
    virtual std::unique_ptr<Pending> authenticate(const AuthRequest &request, Done done) = 0;
    // Answers at once; true grants. A module without `authorize` grants.
    virtual bool authorize(const Identity &who, Action action, std::string_view topic) = 0;
};

}  // namespace wse::module
