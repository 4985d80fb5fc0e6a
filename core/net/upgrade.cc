// SPDX-License-Identifier: MIT
#include "net/upgrade.h"

#include "net/accept_key.h"
#include "net/extensions.h"

namespace wse::net {
namespace {

HttpError refuse(int status, const char *text, const char *headers = "") {
    return {status, text, headers};
}

}  // namespace

HttpError check_upgrade(const Request &request) {
    const RequestHead &head = request.head;
    if (!has_token(head, "upgrade", "websocket") || !has_token(head, "connection", "upgrade")) {
        return refuse(426, "this is a WebSocket endpoint: connect to it with ws:// or wss://",
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    }
    if (head.method != "GET") {
        return refuse(405, "a WebSocket is opened with GET", "Allow: GET\r\n");
    }
    if (request.minor_version == 0) return refuse(400, "a WebSocket is opened over HTTP/1.1");
    if (request.body != BodyKind::kNone) {
        return refuse(400, "a request that opens a WebSocket has no body");
    }
    if (count_headers(head, "sec-websocket-version") != 1 ||
        head.header("sec-websocket-version") != "13") {
        return refuse(426, "only version 13 of the WebSocket protocol is spoken here",
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    }
    if (count_headers(head, "sec-websocket-key") != 1) {
        return refuse(400, "sec-websocket-key must be given once");
    }
    if (!is_websocket_key(head.header("sec-websocket-key"))) {
        return refuse(400, "sec-websocket-key must be 16 bytes in base64");
    }
    // Also where none is taken: RFC 6455 section 9.1 has the connection fail.
    const auto offers = extension_offers(head);
    return offers ? HttpError{} : refuse(400, offers.error().text.c_str());
}

std::string upgrade_answer(const RequestHead &head, std::string_view extension) {
    std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_key(head.header("sec-websocket-key")) + "\r\n";
    if (!extension.empty())
        answer.append("Sec-WebSocket-Extensions: ").append(extension).append("\r\n");
    return answer + "\r\n";
}

}  // namespace wse::net
