// SPDX-License-Identifier: MIT
#include "net/head.h"

#include <string>
#include <vector>

namespace wse::net {
namespace {

using namespace std::string_literals;

HeadReader read(std::string_view text, size_t step, size_t max_bytes = 4096,
                size_t max_headers = 10) {
    HeadReader reader(max_bytes, max_headers);
    for (size_t at = 0; at < text.size() && reader.state() == HeadReader::State::kMore;
         at += step) {
        reader.feed(text.substr(at, step));
    }
    return reader;
}

// 0: accepted, -1: unfinished, else the status of the refusal.
int verdict(std::string_view text, size_t step) {
    const HeadReader reader = read(text, step);
    if (reader.state() == HeadReader::State::kMore) return -1;
    return reader.state() == HeadReader::State::kDone ? 0 : reader.error().status;
}

std::string get(std::string_view headers) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

TEST(Head, JudgesRequestsWholeAndInPieces) {
    struct Case {
        std::string text;
        int status;
    };
    const std::vector<Case> cases = {
        {get(""), 0},
        {get("X: y\r\n"), 0},
        {get("X:y\r\n"), 0},
        {get("X: \xc3\xa9\r\n"), 0},
        {get("X:\r\n"), 0},
        {"GET / HTTP/1.0\r\n\r\n", 0},
        {"GET / HTTP/1.1\r\nHost: a\r\n", -1},
        {"", -1},
        // Lines.
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400},
        {get("X: y\r\n z\r\n"), 400},
        {get("X: y\r\n\tz\r\n"), 400},
        {get("X: a\0b\r\n"s), 400},
        {get("X: a\x01r\r\n"), 400},
        {get("X: a\x7fr\r\n"), 400},
        {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"\x16\x03\x01\x02\x00\x01"s, 400},  // TLS on a plain port
        // Header names.
        {get("X : y\r\n"), 400},
        {get("X y: z\r\n"), 400},
        {get(": y\r\n"), 400},
        {get("novalue\r\n"), 400},
        {get("X\xc3: y\r\n"), 400},
        {get("X(: y\r\n"), 400},
        {get("Transfer-Encodings: x\r\n"), 400},
        {get("Content-Length2: 5\r\n"), 400},
        {get("X-Content-Length: 5\r\n"), 0},
        // The request line.
        {"GET /\r\nHost: a\r\n\r\n", 400},
        {"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\n", 505},
        {"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505},
        {"GET / HTTQ/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET  / HTTP/1.1 x\r\nHost: a\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.15\r\nHost: a\r\n\r\n", 400},
        {"GET / x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        // Host.
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {get("Host: b\r\n"), 400},
        // The length of the body.
        {get("Content-Length: 5\r\n"), 0},
        {get("Transfer-Encoding: Chunked\r\n"), 0},
        {get("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        {get("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        {get("Content-Length: 5, 5\r\n"), 400},
        {get("Content-Length: +5\r\n"), 400},
        {get("Content-Length: 0x5\r\n"), 400},
        {get("Content-Length: -1\r\n"), 400},
        {get("Content-Length:\r\n"), 400},
        {get("Content-Length: 99999999999999999999\r\n"), 400},
        {get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        {get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        {get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    };
    for (const Case &example : cases) {
        for (const size_t step : {1U, 5U, 10'000U}) {
            EXPECT_EQ(verdict(example.text, step), example.status)
                << ::testing::PrintToString(example.text) << ", " << step << " at a time";
        }
    }
}

TEST(Head, RefusesOtherTransferCodings) {
    for (const char *coding : {"gzip", "gzip, chunked", "chunked, gzip", "identity", "xchunked"}) {
        const int status =
            verdict(get("Transfer-Encoding: " + std::string(coding) + "\r\n"), 10'000);
        EXPECT_TRUE(status == 400 || status == 501) << coding << ": " << status;
    }
}

TEST(Head, SplitsTargetAndHeaders) {
    HeadReader reader =
        read("POST /a/b?x=1&y HTTP/1.1\r\nHost: h\r\nX-Thing:  two words \t\r\nEmpty:\r\n\r\n", 1);
    ASSERT_EQ(reader.state(), HeadReader::State::kDone);
    const RequestHead &head = reader.request().head;
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.path, "/a/b");
    EXPECT_EQ(head.query, "x=1&y");
    EXPECT_EQ(head.header("x-thing"), "two words");
    EXPECT_EQ(head.header("empty"), "");
    EXPECT_EQ(head.headers.size(), 3U);
}

TEST(Head, TakesNoMoreThanTheHead) {
    HeadReader reader(4096, 10);
    const std::string head = get("Upgrade: websocket\r\nConnection: Upgrade\r\n");
    EXPECT_EQ(reader.feed(head + "rest"), head.size());
    EXPECT_EQ(reader.state(), HeadReader::State::kDone);
}

TEST(Head, ReadsTheLengthOfTheBody) {
    EXPECT_EQ(read(get("Content-Length: 17\r\n"), 99).request().content_length, 17U);
    EXPECT_EQ(read(get("Content-Length: 17\r\n"), 99).request().body, BodyKind::kLength);
    EXPECT_EQ(read(get("Transfer-Encoding: chunked\r\n"), 99).request().body, BodyKind::kChunked);
    EXPECT_EQ(read(get("Content-Length: 0\r\n"), 99).request().body, BodyKind::kNone);
}

TEST(Head, LimitsBytesAndHeaders) {
    const std::string text = get("X: " + std::string(100, 'a') + "\r\n");
    EXPECT_EQ(read(text, 7, text.size()).state(), HeadReader::State::kDone);
    EXPECT_EQ(read(text, 7, text.size() - 1).error().status, 431);
    EXPECT_EQ(read(get("A: 1\r\nB: 2\r\n"), 7, 4096, 3).state(), HeadReader::State::kDone);
    EXPECT_EQ(read(get("A: 1\r\nB: 2\r\n"), 7, 4096, 2).error().status, 431);
    EXPECT_EQ(read("GET /" + std::string(5000, 'a'), 7).error().status, 431);
}

TEST(Head, FindsTokensInLists) {
    RequestHead head;
    head.headers = {{"connection", "keep-alive , Upgrade"}, {"connection", "x"}};
    EXPECT_TRUE(has_token(head, "connection", "upgrade"));
    EXPECT_TRUE(has_token(head, "connection", "X"));
    EXPECT_FALSE(has_token(head, "connection", "up"));
    EXPECT_FALSE(has_token(head, "upgrade", "upgrade"));
}

}  // namespace
}  // namespace wse::net
