// SPDX-License-Identifier: MIT
#include "admin/http_head.h"

#include <libwebsockets.h>

namespace wse::admin {
namespace {

const char *phrase_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 410:
            return "Gone";
        case 413:
            return "Content Too Large";
        case 429:
            return "Too Many Requests";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Internal Server Error";
    }
}

void add(std::string &head, std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string head_of(const HttpAnswer &answer) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    head.append(phrase_of(answer.status)).append("\r\n");
    add(head, "content-type", answer.type);
    add(head, "content-length", std::to_string(answer.body.size()));
    add(head, "content-security-policy", answer.policy);
    add(head, "x-content-type-options", "nosniff");
    add(head, "referrer-policy", "no-referrer");
    add(head, "cache-control", "no-store");
    if (!answer.allow.empty()) add(head, "allow", answer.allow);
    if (answer.status == 401) add(head, "www-authenticate", "Bearer");
    if (answer.status == 503 || answer.status == 429) add(head, "retry-after", "1");
    add(head, "connection", "close");
    return head + "\r\n";
}

bool write_raw(lws *wsi, std::string_view bytes) {
    std::string room(LWS_PRE, '\0');  // which it wants in front of what it writes
    room += bytes;
    auto *const start = reinterpret_cast<unsigned char *>(room.data()) + LWS_PRE;
    return lws_write(wsi, start, bytes.size(), LWS_WRITE_HTTP_HEADERS) >= 0;
}

}  // namespace wse::admin
