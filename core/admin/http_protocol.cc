// SPDX-License-Identifier: MIT
#include "admin/http_protocol.h"

#include <libwebsockets.h>

#include <string_view>

#include "admin/http_connection.h"
#include "admin/http_head.h"
#include "admin/http_pages.h"

namespace wse::admin {
namespace {

constexpr size_t kMostAtOnce = 16 * 1024;  // of a write; what is longer it would keep a part of
constexpr int kGoOn = 0;
constexpr int kClose = -1;  // after what is queued has been sent

HttpShared &shared(lws *wsi) {
    return *static_cast<HttpShared *>(lws_context_user(lws_get_context(wsi)));
}

// Null until it is adopted, and for what libwebsockets has beside connections.
HttpConnection *connection(lws *wsi) {
    return static_cast<HttpConnection *>(lws_get_opaque_user_data(wsi));
}

int refuse_upgrade(lws *wsi) {
    const HttpAnswer answer = refused_upgrade();
    (void)write_raw(wsi, head_of(answer) + answer.body);
    return kClose;
}

void end(lws *wsi) {
    --shared(wsi).connections;
    delete connection(wsi);
    lws_set_opaque_user_data(wsi, nullptr);
}

int on_event(lws *wsi, lws_callback_reasons reason, void *, void *in, size_t length) noexcept {
    const auto bytes = [&] { return std::string_view(static_cast<const char *>(in), length); };
    switch (reason) {
        case LWS_CALLBACK_WSI_CREATE:
            ++shared(wsi).connections;
            return kGoOn;
        case LWS_CALLBACK_WSI_DESTROY:
            end(wsi);
            return kGoOn;
        case LWS_CALLBACK_HTTP:
            return connection(wsi) ? connection(wsi)->on_head(bytes()) : kClose;
        case LWS_CALLBACK_HTTP_BODY:
            return connection(wsi) ? connection(wsi)->on_body(bytes()) : kClose;
        case LWS_CALLBACK_HTTP_BODY_COMPLETION:
            return connection(wsi) ? connection(wsi)->on_body_end() : kClose;
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
    {"http", on_event, 0, 0, 0, nullptr, kMostAtOnce},
    {nullptr, nullptr, 0, 0, 0, nullptr, 0},
};

}  // namespace

const lws_protocols *http_protocols() {
    return kProtocols;
}

}  // namespace wse::admin
