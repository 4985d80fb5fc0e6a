// SPDX-License-Identifier: MIT
// What an application calls by a method's name: conn.send and its kin steer a client, everything
// else is an operation of the HTTP API.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "app/command.h"

namespace wse::app {

struct CallResult {
    bool ok = false;
    std::string json;  // the result; else {"code":"…","message":"…"}
};

// The result of what never became a call.
CallResult failed_call(std::string_view code, std::string_view message);

// One loop, from which everything is called.
class Call {
public:
    // Called once, on the loop, in issue() or later. May be null. Throws nothing.
    using Done = std::function<void(const CallResult &)>;

    // `params`: a JSON object, or empty. Nothing and a sentence when it cannot be a call.
    static std::optional<Call> parse(std::string_view method, std::string_view params, Done done,
                                     std::string &ret_problem);

    // Hands over to the server what it has not got of this yet. WSE_EAGAIN: it has not taken all,
    // and wants to be called in a moment again, before any call that came later. WSE_OK: `done`
    // comes, or has come; the call itself need not live any longer.
    int32_t issue(const wse_host *host, wse_loop *loop);

private:
    struct Outcome;
    int32_t hand_over(const wse_host *host, wse_loop *loop);

    std::string method_;  // of an operation
    std::string params_;
    std::vector<Command> commands_;
    size_t issued_ = 0;
    std::shared_ptr<Outcome> outcome_;
};

}  // namespace wse::app
