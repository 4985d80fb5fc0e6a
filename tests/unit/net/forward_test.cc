// SPDX-License-Identifier: MIT
#include "net/forward.h"

#include <string>

namespace wse::net {
namespace {

TEST(Forward, DropsWhatConcernsTheConnectionAlone) {
    Request request;
    request.head.method = "POST";
    request.head.path = "/a";
    request.head.headers = {{"host", "h"},
                            {"connection", "keep-alive, X-Hop, host"},
                            {"x-hop", "1"},
                            {"keep-alive", "5"},
                            {"upgrade", "h2c"},
                            {"te", "trailers"},
                            {"x-forwarded-for", "10.0.0.1"},
                            {"x-forwarded-proto", "https"},
                            {"accept", "text/html"}};
    request.body = BodyKind::kLength;
    request.content_length = 3;
    EXPECT_EQ(forwarded_head(request, {"10.0.0.2", 9}),
              "POST /a HTTP/1.1\r\nhost: h\r\naccept: text/html\r\ncontent-length: 3\r\n"
              "x-forwarded-for: 10.0.0.1, 10.0.0.2\r\nx-forwarded-proto: http\r\n"
              "x-forwarded-host: h\r\nconnection: close\r\n\r\n");
}

}  // namespace
}  // namespace wse::net
