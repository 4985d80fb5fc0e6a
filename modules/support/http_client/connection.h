// SPDX-License-Identifier: MIT
// HttpClient's parts: a request under way, and a connection that carries one after the other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http_client/http_client.h"

namespace wse::http {

struct HttpClient::Call {
    uint64_t id = 0;
    Request request;
    Done done;
    uint64_t deadline = 0;             // of the loop's clock
    Connection *connection = nullptr;  // null: waits for one
    bool repeated = false;
};

class HttpClient::Connection final : public StreamOwner {
public:
    Connection(HttpClient &client, const Url &url);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    // Only on an idle one.
    void carry(Call &call);
    bool idle() const { return call_ == nullptr; }
    const std::string &origin() const { return origin_; }
    // Has it answered something before?
    bool kept() const { return kept_; }
    bool answering() const { return answering_; }
    Call *call() const { return call_; }
    // When something must have happened, and what it was then.
    uint64_t deadline() const { return deadline_; }
    const char *overdue() const { return open_ ? "no answer in time" : "no connection in time"; }

    void on_open() override;
    void on_bytes(std::string_view bytes) override;
    void on_end(const std::string &problem) override;

private:
    void write_request();
    void finish(ResponseReader::Step step);
    void fail(Failure failure, std::string problem);

    HttpClient &client_;
    const std::string origin_;
    Stream *stream_;
    Call *call_ = nullptr;
    std::optional<ResponseReader> reader_;
    uint64_t deadline_ = UINT64_MAX;
    bool open_ = false;
    bool answering_ = false;  // the response has begun
    bool kept_ = false;
};

}  // namespace wse::http
