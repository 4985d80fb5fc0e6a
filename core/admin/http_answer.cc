// SPDX-License-Identifier: MIT
#include "admin/http_answer.h"

#include <libwebsockets.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>

#include "admin/http_pages.h"

namespace wse::admin {
namespace {

constexpr size_t kChunkBytes = 8192;
constexpr int kAnswerSeconds = 10;  // a reader slower than that is cut
constexpr int kGoOn = 0;
constexpr int kClose = -1;  // after what is queued has been sent

// libwebsockets keeps one per connection, zeroed.
struct Answer {
    const char *rest;
    size_t rest_bytes;
};

// A head under construction. libwebsockets wants room in front of what it writes.
class Head {
public:
    explicit Head(lws *wsi) : wsi_(wsi) {}

    void start(const Page &page) {
        fits(lws_add_http_common_headers(wsi_, static_cast<unsigned>(page.status), page.type.data(),
                                         page.body.size(), &at_, end_));
        add("content-security-policy:", page.policy);
        add("x-content-type-options:", "nosniff");
        add("referrer-policy:", "no-referrer");
        add("cache-control:", "no-store");
        add("connection:", "close");
    }
    void add(const char *name, std::string_view value) {
        fits(lws_add_http_header_by_name(wsi_, reinterpret_cast<const unsigned char *>(name),
                                         reinterpret_cast<const unsigned char *>(value.data()),
                                         static_cast<int>(value.size()), &at_, end_));
    }
    bool send() {
        fits(lws_finalize_http_header(wsi_, &at_, end_));
        if (failed_) return false;
        const auto length = static_cast<size_t>(at_ - start_);
        return lws_write(wsi_, start_, length, LWS_WRITE_HTTP_HEADERS) >= 0;
    }

private:
    void fits(int result) { failed_ = failed_ || result != 0; }

    lws *wsi_;
    unsigned char buffer_[LWS_PRE + 2048];
    unsigned char *const start_ = buffer_ + LWS_PRE;
    unsigned char *at_ = start_;
    unsigned char *const end_ = buffer_ + sizeof buffer_;
    bool failed_ = false;
};

Method method_of(lws *wsi) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0) return Method::kGet;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0) return Method::kHead;
    return Method::kOther;
}

int send_chunk(lws *wsi, Answer &answer) {
    unsigned char buffer[LWS_PRE + kChunkBytes];
    const size_t count = std::min(answer.rest_bytes, kChunkBytes);
    std::memcpy(buffer + LWS_PRE, answer.rest, count);
    answer.rest += count;
    answer.rest_bytes -= count;
    const bool last = answer.rest_bytes == 0;
    const auto kind = last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
    if (lws_write(wsi, buffer + LWS_PRE, count, kind) < 0 || last) return kClose;
    lws_callback_on_writable(wsi);
    return kGoOn;
}

// Every request is answered here and now: one that is not would spin a core once its client closes.
int answer_request(lws *wsi, std::string_view path, Answer &answer) {
    const Method method = method_of(wsi);
    const Page &page = find_page(method, path);
    Head head(wsi);
    head.start(page);
    if (page.status == 405) head.add("allow:", "GET, HEAD");
    if (!head.send()) return kClose;
    if (method == Method::kHead) return kClose;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, kAnswerSeconds);
    answer = {page.body.data(), page.body.size()};
    return send_chunk(wsi, answer);
}

int refuse_upgrade(lws *wsi) {
    const Page &page = refused_upgrade();
    Head head(wsi);
    head.start(page);
    Answer answer{page.body.data(), page.body.size()};
    if (head.send()) (void)send_chunk(wsi, answer);
    return kClose;
}

std::atomic<uint32_t> &connections(lws *wsi) {
    return *static_cast<std::atomic<uint32_t> *>(lws_context_user(lws_get_context(wsi)));
}

int on_event(lws *wsi, lws_callback_reasons reason, void *user, void *in, size_t length) noexcept {
    switch (reason) {
        case LWS_CALLBACK_WSI_CREATE:
            ++connections(wsi);
            return kGoOn;
        case LWS_CALLBACK_WSI_DESTROY:
            --connections(wsi);
            return kGoOn;
        case LWS_CALLBACK_HTTP:
            return answer_request(wsi, std::string_view(static_cast<const char *>(in), length),
                                  *static_cast<Answer *>(user));
        case LWS_CALLBACK_HTTP_WRITEABLE:
            return send_chunk(wsi, *static_cast<Answer *>(user));
        case LWS_CALLBACK_HTTP_BODY:  // of a request that has its answer already
            return kClose;
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:  // h2c and WebSocket: it would check neither
            return refuse_upgrade(wsi);
        case LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL:  // what it makes of CONNECT
        case LWS_CALLBACK_RAW_ADOPT:
        case LWS_CALLBACK_RAW_RX:
            return kClose;
        default:
            return kGoOn;
    }
}

constexpr lws_protocols kProtocols[] = {
    {"http", on_event, sizeof(Answer), 0, 0, nullptr, 0},
    {nullptr, nullptr, 0, 0, 0, nullptr, 0},
};

}  // namespace

const lws_protocols *http_protocols() {
    return kProtocols;
}

}  // namespace wse::admin
