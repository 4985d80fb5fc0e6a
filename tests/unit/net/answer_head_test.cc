// SPDX-License-Identifier: MIT
#include "net/answer_head.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wse::net {
namespace {

struct Case {
    std::string_view answer;
    bool to_head = false;
};

AnswerReader read(const Case &one, size_t piece) {
    AnswerReader reader(one.to_head);
    std::string_view rest = one.answer;
    while (!rest.empty() && reader.state() == AnswerReader::State::kMore) {
        const std::string_view bytes = rest.substr(0, piece);
        rest.remove_prefix(reader.feed(bytes));
    }
    return reader;
}

std::string pass(const Case &one, uint8_t minor_version = 1, bool keeps = true, size_t piece = 1) {
    const AnswerReader reader = read(one, piece);
    if (reader.state() != AnswerReader::State::kDone) return "refused";
    return forwarded_answer(reader.head(), answer_form(reader.head(), minor_version, keeps));
}

TEST(AnswerHead, GoesOnInOurOwnFraming) {
    const struct {
        Case answer;
        std::string_view passed;
    } cases[] = {
        {{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabc"},
         "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\n"},
        {{"HTTP/1.1 200 OK\r\nConnection: keep-alive, X\r\nKeep-Alive: 5\r\nx: 1\r\n\r\n"},
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {{"HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\nTrailer: T\r\n\r\n"},
         "HTTP/1.1 200\r\nTrailer: T\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {{"HTTP/1.0 404 Not Found\nA: b\n c\nD : e\n\n"},
         "HTTP/1.1 404 Not Found\r\nA: b c\r\nD: e\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {{"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"},
         "HTTP/1.1 204 No Content\r\n\r\n"},
        {{"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
         "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
        {{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"},
         "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"},
        {{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
    };
    for (const auto &[answer, passed] : cases) {
        EXPECT_EQ(pass(answer), passed);
        EXPECT_EQ(pass(answer, 1, true, answer.answer.size()), passed);
    }
}

TEST(AnswerHead, SaysWhenTheConnectionEnds) {
    const Case known{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"};
    EXPECT_EQ(pass(known, 1, false),
              "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
    // HTTP/1.0 knows no chunks: only the end of the connection is left.
    const Case unknown{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
    EXPECT_EQ(pass(unknown, 0, false), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST(AnswerHead, KnowsAnswersThatHaveNoBody) {
    for (const Case &one :
         {Case{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true},
          Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true},
          Case{"HTTP/1.1 200 OK\r\n\r\n", true}, Case{"HTTP/1.1 204 No Content\r\n\r\n"},
          Case{"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
          Case{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}) {
        EXPECT_EQ(read(one, 1).head().body, BodyKind::kNone) << one.answer;
    }
    EXPECT_EQ(pass({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true}),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST(AnswerHead, RefusesWhatIsNoAnswerOrEndsInTwoWays) {
    for (const char *answer :
         {"hello\n", "HTTP/2 200 OK\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n",
          "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 600 OK\r\n", "HTTP/1.1\t200 OK\r\n",
          "HTTP/1.1 200 OK\r\n folded\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n",
          "HTTP/1.1 200 OK\r\n: x\r\n", "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
          "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"}) {
        EXPECT_EQ(read({answer}, 1).state(), AnswerReader::State::kFailed) << answer;
        EXPECT_EQ(read({answer}, 500).state(), AnswerReader::State::kFailed) << answer;
    }
}

TEST(AnswerHead, RefusesAHeadWithoutAnEnd) {
    const std::string endless = "HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'b');
    EXPECT_EQ(read({endless}, 4096).state(), AnswerReader::State::kFailed);
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 300; ++i) many += "A: b\r\n";
    EXPECT_EQ(read({many}, 4096).state(), AnswerReader::State::kFailed);
}

TEST(AnswerHead, LeavesTheBodyAlone) {
    AnswerReader reader(false);
    EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\n\r\nbody"), 19U);
}

}  // namespace
}  // namespace wse::net
