// SPDX-License-Identifier: MIT
#include "net/answer.h"

#include <http_parser.h>

namespace wse::net {

std::string http_answer(const HttpError &error, std::string_view method) {
    const std::string body = error.text + "\n";
    std::string answer = "HTTP/1.1 " + std::to_string(error.status) + " ";
    answer += http_status_str(static_cast<http_status>(error.status));
    answer += "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
    answer += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n";
    if (error.status == 503) answer += "Retry-After: 5\r\n";
    answer += error.headers + "\r\n";
    if (method != "HEAD") answer += body;
    return answer;
}

HttpError too_many_connections() {
    return {503, "the server has too many connections; try again later", {}};
}

}  // namespace wse::net
