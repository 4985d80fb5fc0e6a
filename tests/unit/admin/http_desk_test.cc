// SPDX-License-Identifier: MIT
// Requests with bodies, and answers that take their time.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "admin/http.h"
#include "unit/admin/unix_peer.h"

namespace wse::admin {
namespace {

using test::UnixPeer;
using testing::HasSubstr;
using testing::StartsWith;

// Says what it was asked, when the test lets it.
class EchoDesk final : public HttpDesk {
public:
    std::optional<HttpAnswer> judge(const HttpRequest &head) override {
        if (head.path == "/closed") return made(401, "no");
        return std::nullopt;
    }
    void answer(HttpRequest request, const Ref<HttpReply> &reply) override {
        std::string query;
        for (const auto &[name, value] : request.query) query += name + "=" + value + ";";
        HttpAnswer echo = made(200, request.path + "|" + query + "|" + request.key + "|" +
                                        request.idempotency_key + "|" + request.body);
        if (request.path == "/dropped") return;
        if (request.path != "/later") return reply->send(std::move(echo));
        const std::lock_guard lock(mutex_);
        held_.emplace_back(reply, std::move(echo));
    }
    HttpAnswer error(const HttpRequest &, int status, std::string_view code,
                     std::string_view) override {
        return made(status, std::string(code));
    }

    size_t held() {
        const std::lock_guard lock(mutex_);
        return held_.size();
    }
    // [loop]
    void release() {
        std::vector<std::pair<Ref<HttpReply>, HttpAnswer>> all;
        {
            const std::lock_guard lock(mutex_);
            all.swap(held_);
        }
        for (auto &[reply, echo] : all) {
            reply->send(std::move(echo));
            reply->send(made(200, "twice"));
        }
    }

private:
    static HttpAnswer made(int status, std::string body) {
        return {.status = status,
                .type = "text/plain",
                .body = std::move(body),
                .policy = "default-src 'none'"};
    }

    std::mutex mutex_;
    std::vector<std::pair<Ref<HttpReply>, HttpAnswer>> held_;
};

class HttpDeskTest : public testing::Test {
protected:
    ~HttpDeskTest() override {
        if (!server_) return;
        std::promise<void> stopped;
        loop_.post([&] {
            server_->stop([&] {
                server_.reset();
                stopped.set_value();
            });
        });
        stopped.get_future().wait();
        loop_.stop();
    }

    void start(HttpLimits limits = {}) {
        auto server = HttpServer::start(loop_, desk_, limits);
        ASSERT_TRUE(server.ok()) << server.error().text;
        server_ = std::move(*server);
        loop_.start();
    }
    UnixPeer connect() {
        auto fd = server_->connect();
        EXPECT_TRUE(fd.ok()) << fd.error().text;
        if (fd) fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) & ~O_NONBLOCK);
        return UnixPeer(fd ? *fd : -1);
    }
    using Answer = std::pair<std::string, std::string>;
    // The status and the body of the answer to a request, of which the first bytes come alone.
    Answer ask(const std::string &request, size_t first = 0) {
        UnixPeer peer = connect();
        peer.write(request.substr(0, first));
        loop_.call([] {});
        peer.write(request.substr(first));
        return answer_of(peer);
    }
    static Answer answer_of(UnixPeer &peer) {
        const std::string text = peer.rest();
        const size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) return {"none", text};
        return {text.substr(0, 12), text.substr(end + 4)};
    }
    static std::string post(const std::string &path, const std::string &body,
                            const std::string &headers = "") {
        return "POST " + path +
               " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               headers + "\r\n" + body;
    }
    void await_held(size_t count) {
        for (int turn = 0; turn < 100'000 && desk_.held() < count; ++turn) loop_.call([] {});
        ASSERT_EQ(desk_.held(), count);
    }

    SystemClock clock_;
    Loop loop_{"service", clock_};
    EchoDesk desk_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpDeskTest, HandsOverTheWholeRequest) {
    start();
    EXPECT_EQ(ask(post("/a?b=c&d=e%20f&g", "body",
                       "Authorization: Bearer secret\r\nIdempotency-Key: once\r\n")),
              Answer("HTTP/1.1 200", "/a|b=c;d=e f;g=;|secret|once|body"));
    EXPECT_EQ(ask(post("/a", "", "X-API-Key: other\r\n")), Answer("HTTP/1.1 200", "/a||other||"));
    EXPECT_EQ(ask("GET /a HTTP/1.1\r\nHost: x\r\nAuthorization: Basic x\r\n\r\n"),
              Answer("HTTP/1.1 200", "/a||||"));
    EXPECT_EQ(ask("POST /a HTTP/1.1\r\nHost: x\r\n\r\n"), Answer("HTTP/1.1 200", "/a||||"));
}

TEST_F(HttpDeskTest, LeavesOutNoParameter) {
    start();
    const std::string large(5000, 'x');
    EXPECT_EQ(ask("GET /a?b=" + large + "&c=d HTTP/1.1\r\nHost: x\r\n\r\n"),
              Answer("HTTP/1.1 200", "/a|b=" + large + ";c=d;|||"));
    std::string many = "?a0=", wanted = "a0=;";
    for (int i = 1; i < 40; ++i) {
        many += "&a" + std::to_string(i) + "=";
        wanted += "a" + std::to_string(i) + "=;";
    }
    EXPECT_EQ(ask("GET /a" + many + " HTTP/1.1\r\nHost: x\r\n\r\n"),
              Answer("HTTP/1.1 200", "/a|" + wanted + "|||"));
}

TEST_F(HttpDeskTest, ReadsBodiesOfEverySizeInPieces) {
    start();
    for (const size_t size : {0, 1, 100, 4095, 4096, 4097, 70'000, 1 << 20}) {
        const std::string body(size, 'x');
        const auto [status, text] = ask(post("/a", body), 20 + size / 2);
        EXPECT_EQ(status, "HTTP/1.1 200") << size;
        EXPECT_TRUE(text == "/a||||" + body) << size << " " << text.size();
    }
}

TEST_F(HttpDeskTest, ReadsABodyInChunks) {
    start();
    const std::string request =
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
    for (const size_t first : {size_t{0}, size_t{60}, request.size() - 8, request.size() - 1})
        EXPECT_EQ(ask(request, first), Answer("HTTP/1.1 200", "/a||||hello!")) << first;
    EXPECT_EQ(ask("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
              Answer("HTTP/1.1 400", "invalid"));
}

TEST_F(HttpDeskTest, RefusesABodyThatIsTooLargeBeforeItComes) {
    start({.body_bytes = 1000});
    EXPECT_EQ(ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"),
              Answer("HTTP/1.1 413", "too_large"));
    EXPECT_EQ(ask("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" +
                  std::string(1200, 'x')),
              Answer("HTTP/1.1 413", "too_large"));
    EXPECT_EQ(ask(post("/a", std::string(1000, 'x'))).first, "HTTP/1.1 200");
}

TEST_F(HttpDeskTest, LetsAClientReadTheRefusalOfWhatItStillSends) {
    start({.body_bytes = 1000});
    for (int count = 0; count < 20; ++count)
        EXPECT_EQ(ask(post("/a", std::string(100'000, 'x'))).first, "HTTP/1.1 413");
}

TEST_F(HttpDeskTest, JudgesBeforeTheBody) {
    start();
    UnixPeer peer = connect();
    peer.write("POST /closed HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
    const std::string answer = peer.rest();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(answer, HasSubstr("www-authenticate: Bearer\r\n"));
    EXPECT_EQ(ask(post("/closed", "")).first, "HTTP/1.1 401");
}

TEST_F(HttpDeskTest, RefusesAmbiguousLengths) {
    start();
    for (const char *headers :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 5\r\n",
          "Content-Length: -1\r\n", "Content-Length: 5x\r\n", "Content-Length: 0x5\r\n",
          "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: gzip, chunked\r\n",
          "Transfer-Encoding: identity\r\n"})
        EXPECT_EQ(ask("POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\nhello").first,
                  "HTTP/1.1 400")
            << headers;
}

TEST_F(HttpDeskTest, SaysThatTheBodyMayCome) {
    start();
    UnixPeer peer = connect();
    peer.write("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(peer.line(), "HTTP/1.1 100 Continue\r");
    EXPECT_EQ(peer.line(), "\r");
    peer.write("hi");
    EXPECT_EQ(answer_of(peer), Answer("HTTP/1.1 200", "/a||||hi"));
}

TEST_F(HttpDeskTest, AnswersManyInAnyOrder) {
    start({.connections = 100});
    std::vector<UnixPeer> peers;
    for (int count = 0; count < 50; ++count) {
        peers.push_back(connect());
        peers.back().write(post("/later", std::to_string(count)));
    }
    await_held(50);
    EXPECT_EQ(ask(post("/a", "b")), Answer("HTTP/1.1 200", "/a||||b"));
    loop_.call([&] { desk_.release(); });
    for (int count = 0; count < 50; ++count)
        EXPECT_EQ(answer_of(peers[static_cast<size_t>(count)]),
                  Answer("HTTP/1.1 200", "/later||||" + std::to_string(count)));
}

TEST_F(HttpDeskTest, OutlivesClientsThatDoNotWait) {
    start();
    {
        UnixPeer gone = connect();
        gone.write(post("/later", "x"));
        await_held(1);
    }
    // The loop is idle while the answer is awaited, though the other end has gone.
    uv_rusage_t before{}, after{};
    loop_.call([&] { uv_getrusage(&before); });
    poll(nullptr, 0, 200);
    loop_.call([&] { uv_getrusage(&after); });
    const auto ms = [](const uv_rusage_t &usage) {
        // A loop that spins is in the kernel most of the time.
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
               (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
    };
    EXPECT_LT(ms(after) - ms(before), 100) << "it spins";
    loop_.call([&] { desk_.release(); });
    EXPECT_EQ(ask(post("/a", "b")).first, "HTTP/1.1 200");
}

TEST_F(HttpDeskTest, SendsWhatItHasToASlowReader) {
    start();
    UnixPeer peer = connect();
    const std::string body(1 << 20, 'x');
    peer.write(post("/a", body));
    poll(nullptr, 0, 100);  // until the socket is full
    EXPECT_TRUE(answer_of(peer).second == "/a||||" + body);
}

TEST_F(HttpDeskTest, EndsWhatTakesTooLong) {
    start({.request_ms = 2000, .answer_ms = 100});
    UnixPeer half = connect();
    half.write("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
    UnixPeer waiting = connect();
    waiting.write(post("/later", ""));
    UnixPeer silent = connect();
    EXPECT_EQ(silent.rest(), "");
    EXPECT_EQ(answer_of(half), Answer("HTTP/1.1 408", "timeout"));
    EXPECT_EQ(answer_of(waiting), Answer("HTTP/1.1 504", "timeout"));
    loop_.call([&] { desk_.release(); });
}

TEST_F(HttpDeskTest, AnswersForADeskThatForgets) {
    start();
    EXPECT_EQ(ask(post("/dropped", "")), Answer("HTTP/1.1 500", "internal"));
}

}  // namespace
}  // namespace wse::admin
