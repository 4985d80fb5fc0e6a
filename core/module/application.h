// SPDX-License-Identifier: MIT
// Asking an application, which is a module of kind app. Fails closed: an error, a timeout or
// nonsense grants nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "module/answer.h"
#include "module/auth.h"
#include "module/pending.h"

namespace wse::module {

enum class About : uint32_t {
    kConnect = WSE_ASK_CONNECT,
    kSubscribe = WSE_ASK_SUBSCRIBE,
    kPublish = WSE_ASK_PUBLISH,
    kSnapshot = WSE_ASK_SNAPSHOT,
};

// What does not apply is empty.
struct AppQuestion {
    About about = About::kConnect;
    std::string_view connection = {};  // borrowed for the call, as everything here
    std::string_view user = {};
    std::string_view topic = {};
    std::string_view type = {};
    std::string_view data = {};  // kConnect: the credential, else JSON
    std::string_view peer_ip = {};
    std::string_view listener = {};
    Credential source = Credential::kNone;
    uint64_t deadline_ms = 0;  // how long to wait
};

// An application, as it is asked on one loop. [loop]
class Application {
public:
    using Done = std::function<void(Result<Reply>)>;

    virtual ~Application() = default;
    virtual const std::string &instance_name() const = 0;
    // `done` comes on this loop exactly once unless the result is destroyed first; never inside
    // this call. WSE_EDENIED is the application's no, anything else that is wrong says nothing; at
    // the deadline it comes with WSE_ETIMEDOUT.
    virtual std::unique_ptr<Pending> ask(const AppQuestion &question, Done done) = 0;
};

}  // namespace wse::module
