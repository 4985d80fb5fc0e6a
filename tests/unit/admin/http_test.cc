// SPDX-License-Identifier: MIT
#include "admin/http.h"

#include <fcntl.h>

#include <future>

#include "admin/demo_page.h"
#include "admin/http_pages.h"
#include "unit/admin/unix_peer.h"

namespace wse::admin {
namespace {

using test::UnixPeer;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Http : public testing::Test {
protected:
    ~Http() override {
        stop();
        loop_.stop();
    }

    void start(HttpLimits limits = {}) {
        auto server = HttpServer::start(loop_, *desk_, limits);
        ASSERT_TRUE(server.ok()) << server.error().text;
        server_ = std::move(*server);
        loop_.start();
    }
    void stop() {
        if (!server_) return;
        std::promise<void> stopped;
        loop_.post([&] {
            server_->stop([&] {
                server_.reset();
                stopped.set_value();
            });
        });
        stopped.get_future().wait();
    }

    UnixPeer connect() {
        auto fd = server_->connect();
        EXPECT_TRUE(fd.ok()) << fd.error().text;
        return UnixPeer(fd.ok() ? *fd : -1);
    }
    // The whole answer, up to the end of the connection.
    std::string ask(std::string_view line, std::string_view headers = "",
                    std::string_view body = "") {
        UnixPeer peer = connect();
        peer.write(std::string(line) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n" +
                   std::string(body));
        return peer.rest();
    }
    bool becomes_empty() {
        for (int turn = 0; turn < 100'000 && server_->connections() > 0; ++turn) loop_.call([] {});
        return server_->connections() == 0;
    }

    SystemClock clock_;
    Loop loop_{"service", clock_};
    PageDesk pages_;
    HttpDesk *desk_ = &pages_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(Http, SaysThatItIsAlive) {
    start();
    const std::string answer = ask("GET /livez");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("content-length: 3\r\n"));
    EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nok\n"));
}

TEST_F(Http, ServesTheDemoPageWithItsPolicy) {
    start();
    for (const auto *request : {"GET /", "GET /demo", "GET /demo?path=/other"}) {
        const std::string answer = ask(request);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(answer, HasSubstr("content-type: text/html; charset=utf-8\r\n"));
        EXPECT_THAT(answer, HasSubstr("content-security-policy: " + std::string(kDemoPolicy)));
        EXPECT_THAT(answer, HasSubstr("x-content-type-options: nosniff\r\n"));
        EXPECT_THAT(answer, HasSubstr("cache-control: no-store\r\n"));
        EXPECT_THAT(answer, EndsWith("\r\n\r\n" + std::string(kDemoPage)));
    }
}

TEST_F(Http, AnswersHeadWithoutABody) {
    start();
    const std::string answer = ask("HEAD /demo");
    EXPECT_THAT(answer, HasSubstr("content-length: " + std::to_string(kDemoPage.size())));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(Http, DoesNotFindTheRest) {
    start();
    for (const auto *request : {"GET /none", "GET /../../etc/passwd", "GET /demo/x", "HEAD /x"})
        EXPECT_THAT(ask(request), StartsWith("HTTP/1.1 404 Not Found\r\n")) << request;
}

TEST_F(Http, AllowsGetAndHeadOnly) {
    start();
    for (const auto *method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
        const std::string answer =
            ask(method + std::string(" /demo"), "Content-Length: 5\r\n", "hello");
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 ")) << method;
        EXPECT_THAT(answer, HasSubstr("allow: GET, HEAD\r\n")) << method;
    }
}

TEST_F(Http, DoesNotWaitForABodyThatItRefuses) {
    start();
    UnixPeer peer = connect();
    peer.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
    EXPECT_THAT(peer.rest(), StartsWith("HTTP/1.1 405 "));
}

TEST_F(Http, NeverUpgrades) {
    start();
    for (const auto *protocol : {"websocket", "h2c"}) {
        const std::string answer =
            ask("GET /",
                "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
                "Upgrade: " +
                    std::string(protocol) + "\r\n");
        EXPECT_THAT(answer, HasSubstr(" 400 Bad Request\r\n")) << protocol;
    }
}

TEST_F(Http, EndsWhatIsNoRequestAtAll) {
    start();
    for (const auto *bytes : {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "BREW / HTTP/1.1\r\n\r\n",
                              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x01\x02\x03\r\n\r\n"}) {
        UnixPeer peer = connect();
        peer.write(bytes);
        EXPECT_THAT(peer.rest(), testing::Not(HasSubstr("200 OK")));
    }
    EXPECT_TRUE(becomes_empty());
    EXPECT_THAT(ask("GET /livez"), EndsWith("ok\n"));
}

TEST_F(Http, RefusesAHeadThatIsTooLarge) {
    start();
    EXPECT_THAT(ask("GET /", "X: " + std::string(20'000, 'a') + "\r\n"),
                testing::Not(HasSubstr("200")));
    EXPECT_TRUE(becomes_empty());
}

TEST_F(Http, AnswersOneRequestAConnection) {
    start();
    const std::string answers = ask("GET /livez", "\r\nGET /livez HTTP/1.1\r\nHost: x\r\n");
    EXPECT_EQ(answers.find("HTTP/1.1"), answers.rfind("HTTP/1.1")) << answers;
    EXPECT_THAT(answers, EndsWith("\r\n\r\nok\n"));
}

TEST_F(Http, CutsARequestThatDripsInAndOneThatNeverComes) {
    start({.request_ms = 1000});
    UnixPeer silent = connect();
    UnixPeer dripping = connect();
    bool open = true;
    for (int bytes = 0; bytes < 100 && open; ++bytes) {
        open =
            send(dripping.fd(), "GET / HTTP/1.1\r\nA: aaaaaaa" + bytes % 25, 1, MSG_NOSIGNAL) == 1;
        pollfd ended{dripping.fd(), POLLRDHUP, 0};
        if (open && poll(&ended, 1, 100) == 1) open = false;
    }
    EXPECT_FALSE(open) << "still open after ten seconds";
    EXPECT_EQ(silent.rest(), "");
    EXPECT_TRUE(becomes_empty());
}

TEST_F(Http, HandsOutNoMoreConnectionsThanItsLimit) {
    start({.connections = 3});
    std::vector<UnixPeer> peers;
    for (int count = 0; count < 3; ++count) peers.push_back(connect());
    const auto refused = server_->connect();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().status, WSE_EAGAIN);
    peers.clear();
    EXPECT_TRUE(becomes_empty());
    EXPECT_THAT(ask("GET /livez"), EndsWith("ok\n"));
}

TEST_F(Http, TakesDescriptorsOfAnyHeight) {
    start({.connections = 2});
    std::vector<int> filler;
    for (int count = 0; count < 600; ++count) filler.push_back(fcntl(0, F_DUPFD_CLOEXEC, 3));
    EXPECT_THAT(ask("GET /livez"), EndsWith("ok\n"));
    for (const int fd : filler) close(fd);
}

TEST_F(Http, StopsWithConnectionsInEveryState) {
    start();
    UnixPeer silent = connect();
    UnixPeer half = connect();
    half.write("GET / HT");
    UnixPeer waiting = connect();
    waiting.write("POST / HTTP/1.1\r\nHost: x\r\n");
    UnixPeer late = connect();
    stop();
    EXPECT_EQ(silent.rest() + half.rest() + waiting.rest() + late.rest(), "");
}

TEST_F(Http, StartsAgainAfterAStop) {
    start();
    stop();
    loop_.stop();
    start();
    EXPECT_THAT(ask("GET /livez"), EndsWith("ok\n"));
}

}  // namespace
}  // namespace wse::admin
