// SPDX-License-Identifier: MIT
#include "net/forward.h"

#include <string>
#include <utility>
#include <vector>

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
    EXPECT_EQ(forwarded_head(request, {"10.0.0.2", 9}, false),
              "POST /a HTTP/1.1\r\nhost: h\r\naccept: text/html\r\ncontent-length: 3\r\n"
              "x-forwarded-for: 10.0.0.2\r\nx-forwarded-proto: http\r\n"
              "x-forwarded-host: h\r\nconnection: close\r\n\r\n");
}

Request websocket() {
    Request request;
    request.head.method = "GET";
    request.head.path = "/app";
    request.head.headers = {{"host", "h"},
                            {"connection", "keep-alive, Upgrade"},
                            {"upgrade", "websocket"},
                            {"sec-websocket-key", "k"}};
    return request;
}

TEST(Forward, AsksForTheWebSocketOfTheApplication) {
    const std::string head = forwarded_head(websocket(), {"10.0.0.2", 9}, false);
    EXPECT_NE(head.find("\r\nsec-websocket-key: k\r\n"), std::string::npos);
    EXPECT_TRUE(head.ends_with("\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")) << head;
}

TEST(Forward, PassesNoOtherUpgradeOn) {
    Request h2c = websocket();
    h2c.head.headers[2].value = "h2c";
    Request with_body = websocket();
    with_body.body = BodyKind::kChunked;
    Request old = websocket();
    old.minor_version = 0;
    Request post = websocket();
    post.head.method = "POST";
    for (const Request &request : {h2c, with_body, old, post}) {
        EXPECT_FALSE(wants_websocket(request));
        const std::string head = forwarded_head(request, {"10.0.0.2", 9}, false);
        EXPECT_EQ(head.find("upgrade: "), std::string::npos);
        EXPECT_TRUE(head.ends_with("connection: close\r\n\r\n"));
    }
}

Request with_origins() {
    Request request;
    request.head.method = "GET";
    request.head.path = "/";
    request.head.headers = {{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "203.0.113.9"},
                            {"x-forwarded-proto", "https"}, {"x-forwarded-host", "site.example"},
                            {"x_forwarded_for", "6.6.6.6"}, {"x-real-ip", "6.6.6.6"},
                            {"x_real-ip", "6.6.6.6"},       {"x-forwarded-port", "1"},
                            {"x-forwarded-ssl", "on"},      {"content_length", "1"},
                            {"forwarded", "for=6.6.6.6"}};
    return request;
}

TEST(Forward, LeavesOutWhatAClientSaysOfItsWay) {
    EXPECT_EQ(forwarded_head(with_origins(), {"203.0.113.9", 9}, false),
              "GET / HTTP/1.1\r\nhost: \r\nx-forwarded-for: 203.0.113.9\r\n"
              "x-forwarded-proto: http\r\nconnection: close\r\n\r\n");
}

TEST(Forward, ContinuesWhatATrustedProxySays) {
    Request request = with_origins();
    request.proxy_ip = "10.0.0.1";
    EXPECT_EQ(forwarded_head(request, {"203.0.113.9", 0}, false),
              "GET / HTTP/1.1\r\nhost: \r\n"
              "x-forwarded-for: 6.6.6.6, 203.0.113.9, 10.0.0.1\r\n"
              "x-forwarded-proto: https\r\nx-forwarded-host: site.example\r\n"
              "connection: close\r\n\r\n");
}

TEST(Forward, TakesTheSchemeOfTheClientFromAList) {
    for (const auto &[said, scheme] :
         std::vector<std::pair<const char *, const char *>>{{"https, http", "https"},
                                                            {"http,https", "http"},
                                                            {"https", "https"},
                                                            {"ws", "http"}}) {
        Request request;
        request.proxy_ip = "10.0.0.1";
        request.head.headers = {{"x-forwarded-proto", said}};
        const std::string head = forwarded_head(request, {"203.0.113.9", 0}, false);
        EXPECT_NE(head.find("x-forwarded-proto: " + std::string(scheme) + "\r\n"),
                  std::string::npos)
            << said;
    }
}

TEST(Forward, SaysThatTlsCarriedTheRequest) {
    Request request;
    EXPECT_NE(forwarded_head(request, {"10.0.0.2", 9}, true).find("x-forwarded-proto: https\r\n"),
              std::string::npos);
}

}  // namespace
}  // namespace wse::net
