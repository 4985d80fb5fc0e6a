// SPDX-License-Identifier: MIT
#include "http_client/connection.h"

#include <algorithm>

namespace wse::http {
namespace {

uint64_t limited(uint64_t now, uint64_t limit_ms) {
    return limit_ms == 0 ? UINT64_MAX : now + limit_ms;
}

std::string head_of(const Request &request) {
    std::string head = request.method + ' ' + request.url.target +
                       " HTTP/1.1\r\nHost: " + request.url.authority() + "\r\n";
    for (const Header &header : request.headers) head += header.name + ": " + header.value + "\r\n";
    if (!request.body.empty() || request.method == "POST")
        head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return head + "\r\n";
}

}  // namespace

HttpClient::Connection::Connection(HttpClient &client, const Url &url)
    : client_(client),
      origin_(url.origin()),
      stream_(Stream::connect(client.loop_, url, url.tls ? client.tls_ : nullptr, client.streams_,
                              *this)),
      deadline_(limited(uv_now(client.loop_), client.limits_.connect_ms)) {}

HttpClient::Connection::~Connection() {
    stream_->close();
}

void HttpClient::Connection::carry(Call &call) {
    call_ = &call;
    call.connection = this;
    answering_ = false;
    reader_.emplace(call.request.max_body);
    if (open_) write_request();
}

void HttpClient::Connection::on_open() {
    open_ = true;
    write_request();
}

void HttpClient::Connection::write_request() {
    deadline_ = limited(uv_now(client_.loop_), client_.limits_.first_byte_ms);
    stream_->write(head_of(call_->request) + call_->request.body);
    client_.arm();
}

void HttpClient::Connection::on_bytes(std::string_view bytes) {
    if (!call_) return client_.drop(*this);  // an answer that nobody asked for
    answering_ = true;
    deadline_ = UINT64_MAX;
    finish(reader_->feed(bytes));
}

void HttpClient::Connection::on_end(const std::string &problem) {
    if (!call_) return client_.drop(*this);
    if (!open_) return fail(Failure::kConnect, problem);
    if (!problem.empty() || !answering_)
        return fail(Failure::kConnect,
                    problem.empty() ? "the server closed without an answer" : problem);
    finish(reader_->feed_end());
}

void HttpClient::Connection::finish(ResponseReader::Step step) {
    switch (step) {
        case ResponseReader::Step::kMore:
            return;
        case ResponseReader::Step::kTooBig:
            return fail(Failure::kTooBig, "the response is over " +
                                              std::to_string(call_->request.max_body) + " bytes");
        case ResponseReader::Step::kMalformed:
            return fail(Failure::kProtocol, reader_->problem());
        case ResponseReader::Step::kDone:
            break;
    }
    const uint64_t id = std::exchange(call_, nullptr)->id;
    HttpClient &client = client_;
    Outcome outcome;
    outcome.response = reader_->take();
    if (reader_->reusable()) {
        kept_ = true;
        deadline_ = limited(uv_now(client.loop_), client.limits_.idle_ms);
    } else {
        client.drop(*this);  // this connection is gone from here on
    }
    client.finish(id, std::move(outcome));
}

void HttpClient::Connection::fail(Failure failure, std::string problem) {
    HttpClient &client = client_;
    const bool repeats = failure == Failure::kConnect && client.repeat(*call_, *this);
    const uint64_t id = std::exchange(call_, nullptr)->id;
    client.drop(*this);  // this connection is gone from here on
    if (repeats) return client.pump();
    client.finish(id, {failure, std::move(problem), {}});
}

}  // namespace wse::http
