// SPDX-License-Identifier: MIT
#include "admin/control_reply.h"

#include "admin/control_client.h"
#include "admin/control_line.h"

namespace wse::admin {

ControlReply::ControlReply(ControlClient &client, int64_t id) : client_(&client), id_(id) {
    client.add(*this);
}

ControlReply::~ControlReply() {
    if (client_) end(error_line(id_, "unavailable", "the command ended without an answer"));
}

void ControlReply::ok(std::string_view result_json) {
    if (!client_) return;
    if (result_json.size() > client_->largest_result())
        return fail("too_large", "the result has " + std::to_string(result_json.size()) +
                                     " bytes; ask for less of it (limit)");
    end(ok_line(id_, result_json));
}

void ControlReply::fail(std::string_view code, std::string_view message) {
    if (client_) end(error_line(id_, code, message));
}

bool ControlReply::event(std::string_view json) {
    is_stream_ = true;
    return client_ && client_->send(event_line(id_, json));
}

void ControlReply::on_gone(std::function<void()> callback) {
    if (gone_) return callback();
    if (client_) on_gone_ = std::move(callback);
}

void ControlReply::client_gone() {
    client_ = nullptr;
    gone_ = true;
    // Moved out first: the callback often holds the last reference to what holds this reply.
    if (auto callback = std::move(on_gone_)) callback();
}

void ControlReply::end(std::string_view line) {
    ControlClient &client = *std::exchange(client_, nullptr);
    // Dies last: it may hold the last reference to this reply.
    const auto callback = std::move(on_gone_);
    client.send(line);
    client.ended(*this);
}

}  // namespace wse::admin
