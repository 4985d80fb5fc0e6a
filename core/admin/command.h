// SPDX-License-Identifier: MIT
// The commands of the control socket: a table from name to function. The server fills it, the
// control server reads it. Everything here runs on the service loop.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/ref.h"

namespace wse::admin {

// The right to answer one request. ok() or fail() ends it; the first of them counts. A reference
// may travel to another thread and back, and may die there once the request is answered.
class Reply : public RefCounted<Reply> {
public:
    virtual ~Reply() = default;
    virtual void ok(std::string_view result_json) = 0;
    // `code` is a stable word: "not_found", "invalid", "denied", "unavailable", "timeout".
    virtual void fail(std::string_view code, std::string_view message) = 0;
    // One item of a stream (subscribe); before ok() or fail(). False: the client is gone, or its
    // backlog is over the limit and it is being disconnected.
    virtual bool event(std::string_view json) = 0;
    // Called once if the client goes away before the end, on the service loop.
    virtual void on_gone(std::function<void()> callback) = 0;
};

// The arguments of one request: a tree to read, and the text as it was written, because a payload
// is passed on byte for byte. Borrowed for the call.
class Args {
public:
    Args(JsonView tree, std::string_view text) : tree_(tree), text_(text) {}
    operator JsonView() const { return tree_; }
    JsonView operator[](std::string_view name) const { return tree_[name]; }
    // The value of a member as written; empty when it is absent.
    std::string_view text(std::string_view name) const;
    std::string whole() const { return std::string(text_); }

private:
    JsonView tree_;
    std::string_view text_;
};

struct Command {
    std::string name;                                // "publish", "conn.ls"
    std::function<void(Args args, Ref<Reply>)> run;  // args is borrowed for the call
};

using CommandTable = std::vector<Command>;

}  // namespace wse::admin
