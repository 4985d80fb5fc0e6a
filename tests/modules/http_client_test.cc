// SPDX-License-Identifier: MIT
// HttpClient against a server that does whatever servers do.
#include "http_client/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "support/child.h"

namespace wse::http {
namespace {

class HttpClientTest : public testing::Test {
protected:
    HttpClientTest() { uv_loop_init(&loop_); }
    ~HttpClientTest() override {
        bool closed = false;
        if (client_) client_->close([&] { closed = true; });
        while (client_ && !closed) uv_run(&loop_, UV_RUN_ONCE);
        client_.reset();
        EXPECT_EQ(uv_run(&loop_, UV_RUN_NOWAIT), 0);
        EXPECT_EQ(uv_loop_close(&loop_), 0) << "the client left a handle open";
        child_stop(&server_);
    }

    void serve(std::vector<const char *> arguments = {}, const char *host = "127.0.0.1") {
        arguments.insert(arguments.begin(), {"/usr/bin/python3", WSE_ODD_HTTP_SERVER});
        arguments.push_back(nullptr);
        server_ = child_start(arguments.data());
        char line[16];
        child_read_line(&server_, line, sizeof line);
        origin_ = std::string("http://") + host + ':' + line;
    }
    HttpClient &client(Limits limits = {}, const TlsContext *tls = nullptr) {
        if (!client_) client_ = std::make_unique<HttpClient>(&loop_, limits, tls);
        return *client_;
    }
    Request request(const std::string &path) {
        Request request;
        request.url = parse_url(origin_ + path).value();
        request.timeout_ms = 60'000;
        return request;
    }
    // Until `count` requests have their outcome.
    void run(size_t count) {
        while (outcomes_.size() < count) uv_run(&loop_, UV_RUN_ONCE);
    }
    uint64_t send(Request asked) {
        return client().send(std::move(asked),
                             [this](Outcome outcome) { outcomes_.push_back(std::move(outcome)); });
    }
    Outcome ask(Request asked) {
        const size_t before = outcomes_.size();
        EXPECT_NE(send(std::move(asked)), 0u);
        run(before + 1);
        return outcomes_.back();
    }
    Outcome ask(const std::string &path) { return ask(request(path)); }
    void expect_body(const std::string &path, const std::string &body) {
        const Outcome outcome = ask(path);
        EXPECT_EQ(outcome.failure, Failure::kNone) << path << ": " << outcome.problem;
        EXPECT_EQ(outcome.response.body, body) << path;
    }
    void expect_failure(const std::string &path, Failure failure) {
        const Outcome outcome = ask(path);
        EXPECT_EQ(outcome.failure, failure) << path << ": " << outcome.problem;
        EXPECT_FALSE(outcome.problem.empty()) << path;
    }

    uv_loop_t loop_{};
    child server_{};
    std::string origin_;
    std::unique_ptr<HttpClient> client_;
    std::vector<Outcome> outcomes_;
};

bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

TEST_F(HttpClientTest, SendsMethodHeadersAndBody) {
    serve();
    Request post = request("/echo/a?b=c");
    post.method = "POST";
    post.headers = {{"X-Key", "k"}};
    post.body = "{\"a\":1}";
    const Outcome outcome = ask(std::move(post));
    EXPECT_EQ(outcome.response.status, 200);
    EXPECT_EQ(outcome.response.header("content-type"), "application/json");
    EXPECT_EQ(outcome.response.header("x-none"), "");
    for (const char *part : {"\"POST\"", "\"/echo/a?b=c\"", "\"x-key\": \"k\"",
                             "\"content-length\": \"7\"", R"("body": "{\"a\":1}")"})
        EXPECT_TRUE(has(outcome.response.body, part)) << part << " in " << outcome.response.body;
}

TEST_F(HttpClientTest, UsesAConnectionAgain) {
    serve();
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 1, \"request\": 1}"));
    EXPECT_EQ(ask("/status/204").response.status, 204);
    EXPECT_EQ(ask("/status/304").response.status, 304);
    expect_body("/chunked", "{\"a\":1}");
    expect_body("/continue", "1");
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 1, \"request\": 6}"));
}

TEST_F(HttpClientTest, TakesANewConnectionAfterAnAnswerThatEndsOne) {
    serve();
    expect_body("/until-end", "{\"a\":1}");
    expect_body("/extra", "1");
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 3, \"request\": 1}"));
}

TEST_F(HttpClientTest, AsksOnceMoreWhenAKeptConnectionWasClosed) {
    serve();
    ask("/kick");
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 2, \"request\": 1}"));
    ask("/kick");
    Request once = request("/echo");
    once.repeatable = false;
    EXPECT_EQ(ask(std::move(once)).failure, Failure::kConnect);
}

TEST_F(HttpClientTest, GivesRedirectsAndErrorsAsTheyAre) {
    serve();
    for (const int status : {200, 302, 404, 429, 500, 503}) {
        const Outcome outcome = ask("/status/" + std::to_string(status));
        EXPECT_EQ(outcome.response.status, status);
        EXPECT_EQ(outcome.response.body, "{\"odd\":true}");
    }
}

TEST_F(HttpClientTest, FailsWhenTheAnswerIsNoneOrNotWhole) {
    serve();
    expect_failure("/drop", Failure::kConnect);
    expect_failure("/half", Failure::kProtocol);
    expect_failure("/half-head", Failure::kProtocol);
    expect_failure("/half-chunk", Failure::kProtocol);
    expect_failure("/garbage", Failure::kProtocol);
    expect_failure("/two-lengths", Failure::kProtocol);
    expect_failure("/upgrade", Failure::kProtocol);
    expect_failure("/endless-head", Failure::kProtocol);
}

TEST_F(HttpClientTest, ReadsNoMoreThanItWasAllowed) {
    serve();
    expect_failure("/huge", Failure::kTooBig);
    expect_failure("/endless", Failure::kTooBig);
    Request small = request("/chunked");
    small.max_body = 7;
    EXPECT_EQ(ask(small).failure, Failure::kNone);
    small.max_body = 6;
    EXPECT_EQ(ask(small).failure, Failure::kTooBig);
}

TEST_F(HttpClientTest, GivesUpWhenTheTimeIsOver) {
    serve();
    for (const char *path : {"/never", "/drip"}) {
        ask("/echo");  // so that there is a connection
        Request slow = request(path);
        slow.timeout_ms = 100;
        const Outcome outcome = ask(std::move(slow));
        EXPECT_EQ(outcome.failure, Failure::kTimeout) << path;
        EXPECT_EQ(outcome.problem, "no answer in time");
    }
}

TEST_F(HttpClientTest, GivesUpWhenTheFirstByteIsLate) {
    serve();
    Limits limits;
    limits.first_byte_ms = 100;
    client(limits);
    const Outcome outcome = ask("/never");
    EXPECT_EQ(outcome.failure, Failure::kTimeout);
    EXPECT_EQ(outcome.problem, "no answer in time");
}

TEST_F(HttpClientTest, ClosesWhatIsNotUsed) {
    serve();
    Limits limits;
    limits.idle_ms = 10;
    client(limits);
    ask("/echo");
    while (uv_loop_alive(&loop_)) uv_run(&loop_, UV_RUN_ONCE);
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 2, \"request\": 1}"));
}

TEST_F(HttpClientTest, LetsRequestsWaitAndRefusesTooMany) {
    serve();
    Limits limits;
    limits.connections = 2;
    limits.waiting = 3;
    client(limits);
    for (int i = 0; i < 5; ++i) EXPECT_NE(send(request("/echo")), 0u) << i;
    EXPECT_EQ(send(request("/echo")), 0u);
    run(5);
    for (const Outcome &outcome : outcomes_) {
        EXPECT_EQ(outcome.response.status, 200);
        EXPECT_FALSE(has(outcome.response.body, "\"connection\": 3"));
    }
}

TEST_F(HttpClientTest, TellsNothingOfACanceledRequest) {
    serve();
    Limits limits;
    limits.connections = 1;
    client(limits);
    const uint64_t under_way = send(request("/never"));
    const uint64_t waiting = send(request("/never"));
    send(request("/echo"));
    client().cancel(waiting);
    client().cancel(under_way);
    client().cancel(12345);
    run(1);
    EXPECT_EQ(outcomes_.at(0).response.status, 200);
}

TEST_F(HttpClientTest, EndsWhatIsUnderWayWhenItIsClosed) {
    serve();
    Limits limits;
    limits.connections = 1;
    client(limits);
    send(request("/never"));
    send(request("/never"));
    bool closed = false;
    client().close([&] { closed = true; });
    EXPECT_FALSE(closed);
    ASSERT_EQ(outcomes_.size(), 2u);
    EXPECT_EQ(outcomes_.at(1).failure, Failure::kCanceled);
    EXPECT_EQ(send(request("/echo")), 0u);
    while (!closed) uv_run(&loop_, UV_RUN_ONCE);
    client_.reset();
}

TEST_F(HttpClientTest, ConnectsByIpv6AndTellsOfARefusedConnection) {
    serve({"", "", "::1"}, "[::1]");
    EXPECT_EQ(ask("/echo").failure, Failure::kNone);
    child_stop(&server_);
    const Outcome outcome = ask("/echo");
    EXPECT_EQ(outcome.failure, Failure::kConnect);
}

TEST_F(HttpClientTest, TellsOfANameThatIsNone) {
    Request nowhere;
    nowhere.url = parse_url("http://nowhere.invalid/").value();
    nowhere.timeout_ms = 60'000;
    const Outcome outcome = ask(std::move(nowhere));
    EXPECT_EQ(outcome.failure, Failure::kConnect);
    EXPECT_TRUE(has(outcome.problem, "the name: ")) << outcome.problem;
}

class HttpsClientTest : public HttpClientTest {
protected:
    ~HttpsClientTest() override { std::filesystem::remove_all(directory_); }

    // For the name or address that the certificate is made out to.
    void serve_tls(const std::string &name) {
        char made[] = "/tmp/wse-tls-XXXXXX";
        directory_ = mkdtemp(made);
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
            "/CN=test -addext subjectAltName=" +
            name + " -keyout " + directory_ + "/key -out " + directory_ + "/cert 2>/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
        serve({cert().c_str(), key().c_str()}, "localhost");
        origin_.replace(0, 4, "https");
    }
    const std::string &cert() { return cert_ = directory_ + "/cert"; }
    const std::string &key() { return key_ = directory_ + "/key"; }
    void trust(const char *file) {
        std::string problem;
        tls_ = TlsContext::make(file, problem);
        ASSERT_TRUE(tls_) << problem;
        client({}, tls_.get());
    }

    std::string directory_, cert_, key_;
    std::unique_ptr<TlsContext> tls_;
};

TEST_F(HttpsClientTest, TalksTlsWithAServerItCanTrust) {
    serve_tls("DNS:localhost");
    trust(cert().c_str());
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 1, \"request\": 1}"));
    EXPECT_TRUE(has(ask("/echo").response.body, "\"connection\": 1, \"request\": 2}"));
    expect_failure("/half", Failure::kConnect);
    expect_failure("/until-end", Failure::kConnect);  // cut off, for all that TLS knows
    expect_failure("/endless", Failure::kTooBig);
}

TEST_F(HttpsClientTest, RefusesAServerThatNobodyVouchesFor) {
    serve_tls("DNS:localhost");
    trust(nullptr);
    const Outcome outcome = ask("/echo");
    EXPECT_EQ(outcome.failure, Failure::kConnect);
    EXPECT_TRUE(has(outcome.problem, "the server's certificate: ")) << outcome.problem;
}

TEST_F(HttpsClientTest, RefusesACertificateForAnotherName) {
    serve_tls("DNS:example.org,IP:192.0.2.1");
    trust(cert().c_str());
    EXPECT_TRUE(has(ask("/echo").problem, "the server's certificate: "));
}

TEST_F(HttpsClientTest, AcceptsACertificateForAnAddress) {
    serve_tls("IP:127.0.0.1");
    trust(cert().c_str());
    origin_.replace(8, 9, "127.0.0.1");
    EXPECT_EQ(ask("/echo").failure, Failure::kNone);
}

TEST_F(HttpsClientTest, GivesUpOnAServerThatShakesNoHands) {
    serve();
    origin_.insert(4, "s");
    std::string problem;
    tls_ = TlsContext::make(nullptr, problem);
    Limits limits;
    limits.connect_ms = 100;
    client(limits, tls_.get());
    const Outcome outcome = ask("/echo");
    EXPECT_EQ(outcome.failure, Failure::kTimeout);
    EXPECT_EQ(outcome.problem, "no connection in time");
}

TEST(HttpUrl, IsTakenApart) {
    const auto url = parse_url("https://[2001:db8::1]:8443/a?b#c");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "2001:db8::1");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/a?b");
    EXPECT_EQ(url->origin(), "https://[2001:db8::1]:8443");
    EXPECT_EQ(parse_url("http://a.example?q")->target, "/?q");
    EXPECT_EQ(parse_url("http://a.example:80")->authority(), "a.example");
}

TEST(HttpUrl, IsRefusedWhenItIsNone) {
    for (const char *text :
         {"", "a.example", "ftp://a.example", "http://", "http:///a", "http://u:p@a.example/",
          "http://a.example:0/", "http://a.example:65536/", "http://a.example:x/",
          "http://a.example/ b", "http://a.example/\r\nX: y", "http://[::1", "http://[::1]x/",
          "http://a\\b/", "http://a.example/\xc3\xbc"})
        EXPECT_FALSE(parse_url(text)) << text;
}

TEST(HttpUrl, EncodesWhatIsNotPlain) {
    EXPECT_EQ(percent_encode("a-Z_0.~"), "a-Z_0.~");
    EXPECT_EQ(percent_encode("a/b?c=d&e%\xc3\xbc "), "a%2Fb%3Fc%3Dd%26e%25%C3%BC%20");
}

TEST(HttpHeader, MayNotBeOneOfOursNorBreakTheLine) {
    EXPECT_TRUE(is_header_name("X-Api-Key"));
    for (const char *name : {"", "Host", "content-length", "Transfer-Encoding", "a b", "a:", "a\n"})
        EXPECT_FALSE(is_header_name(name)) << name;
    EXPECT_TRUE(is_header_value("Bearer abc"));
    EXPECT_FALSE(is_header_value("a\r\nX: b"));
}

}  // namespace
}  // namespace wse::http
