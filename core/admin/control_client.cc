// SPDX-License-Identifier: MIT
#include "admin/control_client.h"

#include <algorithm>
#include <vector>

#include "admin/control_line.h"
#include "admin/control_reply.h"
#include "base/log.h"

namespace wse::admin {
namespace {

constexpr size_t kLineOverhead = 64;        // of an answer, around its result
constexpr size_t kKeptCapacity = 64 << 10;  // of a buffer that has become empty

void empty(std::string &buffer) {
    buffer.clear();
    if (buffer.capacity() > kKeptCapacity) buffer.shrink_to_fit();
}

ControlClient &self(void *handle_data) {
    return *static_cast<ControlClient *>(handle_data);
}

}  // namespace

ControlClient::ControlClient(ControlServer &server, uv_stream_t *listener) : server_(server) {
    uv_pipe_init(listener->loop, &pipe_, 0);
    pipe_.data = this;
    write_.data = this;
    if (uv_accept(listener, reinterpret_cast<uv_stream_t *>(&pipe_)) != 0) {
        close();
        return;
    }
    start_reading();
}

void ControlClient::start_reading() {
    if (reading_ || finishing_ || closing_) return;
    reading_ = true;
    uv_read_start(
        reinterpret_cast<uv_stream_t *>(&pipe_),
        [](uv_handle_t *handle, size_t, uv_buf_t *buffer) noexcept {
            auto &shared = self(handle->data).server_.read_buffer_;
            *buffer = uv_buf_init(shared.data(), static_cast<unsigned>(shared.size()));
        },
        [](uv_stream_t *stream, ssize_t count, const uv_buf_t *) noexcept {
            self(stream->data).on_read(count);
        });
}

void ControlClient::on_read(ssize_t count) {
    if (count == 0) return;  // libuv's way to say "try again"
    if (count == UV_EOF) return close_when_sent();
    if (count < 0) return close();
    input_.append(server_.read_buffer_.data(), static_cast<size_t>(count));
    take_lines();
}

// A command may answer inside its call, which comes back here through ended(): the outer call goes
// on with what is there.
void ControlClient::take_lines() {
    if (taking_) return;
    taking_ = true;
    size_t start = 0;
    while (!closing_ && !full()) {
        const size_t end = input_.find('\n', std::max(start, scanned_));
        if (end == std::string::npos) {
            scanned_ = input_.size();
            break;
        }
        scanned_ = end;
        const size_t length = end - start;
        if (length > server_.limits_.line_bytes) break;
        server_.dispatch(std::string_view(input_).substr(start, length), *this);
        start = end + 1;
    }
    taking_ = false;
    scanned_ -= std::min(scanned_, start);
    input_.erase(0, start);
    if (input_.empty()) empty(input_);
    if (closing_) return;

    if (scanned_ > server_.limits_.line_bytes) {
        send(error_line(
            std::nullopt, "too_large",
            "a request has more than " + std::to_string(server_.limits_.line_bytes) + " bytes"));
        empty(input_);
        scanned_ = 0;
        return close_when_sent();
    }
    if (full() && reading_) {
        reading_ = false;
        uv_read_stop(reinterpret_cast<uv_stream_t *>(&pipe_));
    }
}

size_t ControlClient::largest_result() const {
    return server_.limits_.backlog_bytes - std::min(server_.limits_.backlog_bytes, kLineOverhead);
}

bool ControlClient::full() const {
    return replies_.size() >= server_.limits_.requests;
}

void ControlClient::ended(ControlReply &reply) {
    replies_.erase(&reply);
    if (closing_) return;
    take_lines();
    if (!full()) start_reading();
    close_if_finished();
}

bool ControlClient::send(std::string_view line) {
    if (closing_) return false;
    if (writing_.size() + queued_.size() + line.size() + 1 > server_.limits_.backlog_bytes) {
        log::warn("admin", "control.slow", {{"backlog", writing_.size() + queued_.size()}});
        close();
        return false;
    }
    queued_.append(line).push_back('\n');
    flush();
    return !closing_;
}

// One write at a time; what comes meanwhile gathers and leaves together.
void ControlClient::flush() {
    if (!writing_.empty() || queued_.empty()) return;
    writing_.swap(queued_);
    const uv_buf_t buffer = uv_buf_init(writing_.data(), static_cast<unsigned>(writing_.size()));
    const int status = uv_write(
        &write_, reinterpret_cast<uv_stream_t *>(&pipe_), &buffer, 1,
        [](uv_write_t *request, int result) noexcept { self(request->data).on_written(result); });
    if (status != 0) close();
}

void ControlClient::on_written(int status) {
    empty(writing_);
    if (status != 0) return close();
    if (closing_) return;
    flush();
    close_if_finished();
}

void ControlClient::close_when_sent() {
    if (closing_) return;
    finishing_ = true;
    if (reading_) {
        reading_ = false;
        uv_read_stop(reinterpret_cast<uv_stream_t *>(&pipe_));
    }
    close_if_finished();
}

// A client that ended its side (`printf … | socat`) still gets the answers to what it asked; a
// stream has no end to wait for.
void ControlClient::close_if_finished() {
    if (!finishing_ || !writing_.empty() || !queued_.empty()) return;
    const bool waiting = std::any_of(replies_.begin(), replies_.end(),
                                     [](const ControlReply *reply) { return !reply->is_stream(); });
    if (!waiting) close();
}

void ControlClient::close() {
    if (closing_) return;
    closing_ = true;
    uv_close(reinterpret_cast<uv_handle_t *>(&pipe_),
             [](uv_handle_t *handle) noexcept { self(handle->data).on_closed(); });
}

void ControlClient::on_closed() {
    std::vector<Ref<ControlReply>> replies;
    for (ControlReply *reply : replies_) replies.emplace_back(reply);
    replies_.clear();
    for (auto &reply : replies) reply->client_gone();
    server_.forget(*this);
    delete this;
}

}  // namespace wse::admin
