// SPDX-License-Identifier: MIT
// A Reply that ends at a client of the control socket. May outlive the client.
#pragma once

#include <functional>
#include <string_view>

#include "admin/command.h"

namespace wse::admin {

class ControlClient;

class ControlReply final : public Reply {
public:
    ControlReply(ControlClient &client, int64_t id);
    // A command that drops its reply unanswered would leave the client waiting: it gets an error.
    ~ControlReply() override;

    void ok(std::string_view result_json) override;
    void fail(std::string_view code, std::string_view message) override;
    bool event(std::string_view json) override;
    // After the client has gone it is called at once.
    void on_gone(std::function<void()> callback) override;

    bool is_stream() const { return is_stream_; }
    void client_gone();

private:
    void end(std::string_view line);

    ControlClient *client_;  // null once it has gone or the request is answered
    const int64_t id_;
    bool is_stream_ = false;
    bool gone_ = false;
    std::function<void()> on_gone_;
};

}  // namespace wse::admin
