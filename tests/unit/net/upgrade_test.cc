// SPDX-License-Identifier: MIT
#include "net/upgrade.h"

#include <map>
#include <string>
#include <vector>

#include "net/accept_key.h"

namespace wse::net {
namespace {

Request good_request() {
    Request request;
    request.head.method = "GET";
    request.head.path = "/wse";
    request.head.headers = {{"host", "a"},
                            {"upgrade", "websocket"},
                            {"connection", "Upgrade"},
                            {"sec-websocket-version", "13"},
                            {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    return request;
}

Request with(std::string_view name, std::string value) {
    Request request = good_request();
    std::erase_if(request.head.headers, [&](const Header &h) { return h.name == name; });
    if (!value.empty()) request.head.headers.push_back({std::string(name), std::move(value)});
    return request;
}

TEST(Upgrade, AcceptsWhatRfc6455Asks) {
    EXPECT_EQ(check_upgrade(good_request()).status, 0);
    EXPECT_EQ(check_upgrade(with("upgrade", "WebSocket")).status, 0);
    EXPECT_EQ(check_upgrade(with("upgrade", "h2c, websocket")).status, 0);
    EXPECT_EQ(check_upgrade(with("connection", "keep-alive, upgrade")).status, 0);
}

TEST(Upgrade, RefusesEverythingElse) {
    struct Case {
        const char *name;
        const char *value;
        int status;
    };
    for (const Case &example : std::vector<Case>{
             {"upgrade", "", 426},
             {"upgrade", "h2c", 426},
             {"upgrade", "websockets", 426},
             {"connection", "", 426},
             {"connection", "keep-alive", 426},
             {"sec-websocket-version", "", 426},
             {"sec-websocket-version", "12", 426},
             {"sec-websocket-version", "13, 8", 426},
             {"sec-websocket-key", "", 400},
             {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=", 400},
             {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQQQ", 400},
             {"sec-websocket-key", "dGhlIHNhbXBsZSBub25j !==", 400},
             {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==dGhl", 400},
         }) {
        EXPECT_EQ(check_upgrade(with(example.name, example.value)).status, example.status)
            << example.name << ": " << example.value;
    }
}

TEST(Upgrade, RefusesOtherMethodsVersionsAndBodies) {
    Request request = good_request();
    request.head.method = "POST";
    EXPECT_EQ(check_upgrade(request).status, 405);
    request = good_request();
    request.minor_version = 0;
    EXPECT_EQ(check_upgrade(request).status, 400);
    request = good_request();
    request.body = BodyKind::kLength;
    EXPECT_EQ(check_upgrade(request).status, 400);
    request = good_request();
    request.head.headers.push_back({"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="});
    EXPECT_EQ(check_upgrade(request).status, 400);
}

TEST(Upgrade, NamesTheVersionItSpeaks) {
    EXPECT_NE(check_upgrade(with("sec-websocket-version", "8"))
                  .headers.find("Sec-WebSocket-Version: 13\r\n"),
              std::string::npos);
}

TEST(Upgrade, AnswersWithTheKeyOfTheExampleInRfc6455) {
    EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(upgrade_answer(good_request().head),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

}  // namespace
}  // namespace wse::net
