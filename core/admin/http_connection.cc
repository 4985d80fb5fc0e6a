// SPDX-License-Identifier: MIT
#include "admin/http_connection.h"

#include <libwebsockets.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "admin/http_head.h"

namespace wse::admin {
namespace {

constexpr size_t kChunkBytes = 8192;  // less than there is room for when there is some
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr uint64_t kDrainMs = 1000;  // that a client gets to read an answer to what it still sends
constexpr int kGoOn = 0;
constexpr int kClose = -1;  // after what is queued has been sent

Method method_of(lws *wsi) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0) return Method::kGet;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0) return Method::kHead;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0) return Method::kPost;
    return Method::kOther;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

// "a=b" by its first '='.
std::pair<std::string, std::string> parameter_of(const std::string &text) {
    const size_t equals = std::min(text.find('='), text.size());
    return {text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
}

// All of them, which the head bounds: without one, a question would be a wider one.
std::vector<std::pair<std::string, std::string>> query_of(lws *wsi) {
    std::vector<std::pair<std::string, std::string>> query;
    const int total = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS);
    std::string buffer(static_cast<size_t>(total) + 1, '\0');
    for (int i = 0;; ++i) {
        const int length = lws_hdr_copy_fragment(
            wsi, buffer.data(), static_cast<int>(buffer.size()), WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length < 0) return query;
        query.push_back(parameter_of(buffer.substr(0, static_cast<size_t>(length))));
    }
}

// At once, not after the call of libwebsockets that this may be in.
void set_reading(lws *wsi, bool reads) {
    lws_rx_flow_control(wsi, (reads ? 1 : 0) | LWS_RXFLOW_REASON_FLAG_PROCESS_NOW);
}

bool has_room(int fd) {
    pollfd waiting{fd, POLLOUT, 0};
    return poll(&waiting, 1, 0) == 1;
}

}  // namespace

// Knows its connection as long as that waits for it.
class HttpConnection::Reply final : public HttpReply {
public:
    explicit Reply(HttpConnection &connection) : connection_(&connection) {}
    ~Reply() override {
        if (connection_)
            connection_->refuse(500, "internal", "the server has no answer to this request");
    }
    void send(const HttpAnswer &answer) override {
        if (HttpConnection *const connection = std::exchange(connection_, nullptr))
            connection->answer(answer);
    }
    void forget() { connection_ = nullptr; }

private:
    HttpConnection *connection_;
};

HttpConnection::HttpConnection(lws *wsi, HttpShared &shared, Entrance entrance)
    : wsi_(wsi),
      shared_(shared),
      entrance_(entrance),
      deadline_([this] { on_deadline(); }),
      retry_([this] { write_on(); }) {
    wait(Phase::kHead, shared_.limits.request_ms);
}

HttpConnection::~HttpConnection() {
    if (reply_) reply_->forget();
}

void HttpConnection::wait(Phase phase, uint64_t limit_ms) {
    phase_ = phase;
    shared_.timers.schedule(deadline_, limit_ms);
}

std::string HttpConnection::text_of(int token) const {
    const auto index = static_cast<lws_token_indexes>(token);
    std::string text(static_cast<size_t>(lws_hdr_total_length(wsi_, index)) + 1, '\0');
    const int length = lws_hdr_copy(wsi_, text.data(), static_cast<int>(text.size()), index);
    text.resize(length > 0 ? static_cast<size_t>(length) : 0);
    return text;
}

// `header`: lower case, with its colon.
std::string HttpConnection::text_of(const char *header) const {
    const int name = static_cast<int>(std::strlen(header));
    const int length = lws_hdr_custom_length(wsi_, header, name);
    if (length <= 0) return {};
    std::string text(static_cast<size_t>(length) + 1, '\0');
    const int copied =
        lws_hdr_custom_copy(wsi_, text.data(), static_cast<int>(text.size()), header, name);
    text.resize(copied > 0 ? static_cast<size_t>(copied) : 0);
    return text;
}

// How long the body is. libwebsockets takes the first of two lengths, and knows no chunks.
Result<void> HttpConnection::read_framing() {
    length_ = 0;
    is_chunked_ = false;
    const std::string coding = lower(text_of(WSI_TOKEN_HTTP_TRANSFER_ENCODING));
    const std::string length = text_of(WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (!coding.empty() && !length.empty())
        return Error{WSE_EINVAL, "both content-length and transfer-encoding say how long it is"};
    if (!coding.empty()) {
        if (coding != "chunked")
            return Error{WSE_EINVAL, "transfer-encoding: only chunked is known"};
        is_chunked_ = true;
        chunks_ = ChunkedBody();
    }
    if (length.empty()) return {};
    const char *const last = length.data() + length.size();
    const auto [end, failure] = std::from_chars(length.data(), last, length_);
    if (failure != std::errc() || end != last)
        return Error{WSE_EINVAL, "content-length: not one number"};
    return {};
}

void HttpConnection::read_head(std::string_view path) {
    request_ = {.entrance = entrance_, .method = method_of(wsi_), .path = std::string(path)};
    request_.query = query_of(wsi_);
    constexpr std::string_view kBearer = "bearer ";
    const std::string authorization = text_of(WSI_TOKEN_HTTP_AUTHORIZATION);
    if (lower(authorization.substr(0, kBearer.size())) == kBearer)
        request_.key = authorization.substr(kBearer.size());
    if (request_.key.empty()) request_.key = text_of("x-api-key:");
    request_.idempotency_key = text_of("idempotency-key:");
    is_head_ = request_.method == Method::kHead;
}

// Nothing is read from the end of the request on: with an end of the client that nobody takes note
// of, libwebsockets would spin a core. As it writes nothing either while it does not read, it is
// not asked when there is room, see write_on().
int HttpConnection::on_head(std::string_view path) {
    return inside([&] { take_head(path); });
}

void HttpConnection::take_head(std::string_view path) {
    if (phase_ != Phase::kHead) return close();
    lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
    read_head(path);
    const auto framing = read_framing();
    has_body_ = is_chunked_ || length_ > 0;
    if (!framing) return refuse(400, "invalid", framing.error().text);
    if (length_ > shared_.limits.body_bytes) return refuse_large();
    if (auto judged = shared_.desk.judge(request_)) return answer(*judged);
    if (!has_body_) return ask_desk();
    wait(Phase::kBody, shared_.limits.request_ms);
    if (!text_of(WSI_TOKEN_HTTP_EXPECT).empty() && !write_raw(wsi_, kContinue)) close();
}

int HttpConnection::on_body(std::string_view bytes) {
    return inside([&] { take_body(bytes); });
}

void HttpConnection::take_body(std::string_view bytes) {
    if (phase_ != Phase::kBody) return;  // of a request that has its answer already
    std::string &body = request_.body;
    auto state = ChunkedBody::State::kMore;
    if (is_chunked_) {
        state = chunks_.feed(bytes, body);
    } else {
        body.append(bytes);
    }
    if (body.size() > shared_.limits.body_bytes) {
        refuse_large();
    } else if (state == ChunkedBody::State::kMalformed) {
        refuse(400, "invalid", "the chunks of the body are malformed");
    } else if (state == ChunkedBody::State::kDone) {
        has_body_ = false;
        ask_desk();
    }
}

// Also comes when there is none, and was answered.
int HttpConnection::on_body_end() {
    return inside([this] {
        if (phase_ == Phase::kDraining) return close();
        if (is_chunked_) return;
        has_body_ = false;
        if (phase_ == Phase::kBody) ask_desk();
    });
}

// In a call of libwebsockets, which ends the connection when it returns.
template <class F>
int HttpConnection::inside(F what) {
    inside_ = true;
    what();
    inside_ = false;
    return closing_ ? kClose : kGoOn;
}

void HttpConnection::ask_desk() {
    set_reading(wsi_, false);
    wait(Phase::kDesk, shared_.limits.answer_ms);
    const auto reply = make_ref<Reply>(*this);
    reply_ = reply.get();
    shared_.desk.answer(std::move(request_), reply);
}

void HttpConnection::refuse(int status, std::string_view code, std::string_view message) {
    answer(shared_.desk.error(request_, status, code, message));
}

void HttpConnection::refuse_large() {
    refuse(413, "too_large",
           "the body is larger than http.max_body, " + std::to_string(shared_.limits.body_bytes) +
               " bytes");
}

void HttpConnection::answer(const HttpAnswer &answer) {
    reply_ = nullptr;
    if (!has_body_) set_reading(wsi_, false);
    output_ = head_of(answer);
    if (!is_head_) output_ += answer.body;
    sent_ = 0;
    wait(Phase::kSending, shared_.limits.request_ms);
    write_on();
}

// As much as the client takes. What libwebsockets cannot write it would keep, and write when it is
// told that there is room; so it gets no more than there is room for.
void HttpConnection::write_on() {
    while (sent_ < output_.size()) {
        if (!has_room(lws_get_socket_fd(wsi_)))
            return shared_.timers.schedule(retry_, TimerWheel::kTickMs);
        const std::string_view rest = std::string_view(output_).substr(sent_, kChunkBytes);
        if (!write_raw(wsi_, rest) || lws_partial_buffered(wsi_)) return close();
        sent_ += rest.size();
        shared_.timers.schedule(deadline_, shared_.limits.request_ms);
    }
    finish();
}

void HttpConnection::finish() {
    if (has_body_) return drain();
    phase_ = Phase::kDraining;
    close();
}

// A client that still sends would find its connection reset, and with it the answer lost.
void HttpConnection::drain() {
    wait(Phase::kDraining, kDrainMs);
    shutdown(lws_get_socket_fd(wsi_), SHUT_WR);
}

void HttpConnection::on_deadline() {
    if (phase_ == Phase::kBody) return refuse(408, "timeout", "the request did not come in time");
    if (phase_ != Phase::kDesk) return close();
    reply_->forget();
    refuse(504, "timeout", "the server did not get it done in time");
}

// Outside of a call of libwebsockets it deletes this.
void HttpConnection::close() {
    closing_ = true;
    if (!inside_) lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

}  // namespace wse::admin
