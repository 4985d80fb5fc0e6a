// SPDX-License-Identifier: MIT
#include "net/answer_head.h"

#include <gtest/gtest.h>

namespace wse::net {
namespace {

std::string pass(std::string_view answer, size_t piece = 1) {
    AnswerHead head;
    std::string out;
    for (; !answer.empty(); answer.remove_prefix(std::min(piece, answer.size()))) {
        if (!head.feed(answer.substr(0, piece), out)) return "refused";
    }
    return out;
}

TEST(AnswerHead, SaysThatTheConnectionEnds) {
    const struct {
        std::string_view answer, passed;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nA: b\r\n\r\nbody",
         "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\nbody"},
        {"HTTP/1.0 200 OK\r\nCONNECTION:\r\n keep-alive\r\nA: b\r\n c\r\n\r\n",
         "HTTP/1.0 200 OK\r\nA: b\r\n c\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.1 200 OK\nA: b\n\nbody", "HTTP/1.1 200 OK\nA: b\nConnection: close\r\n\nbody"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\n\r\nConnection: keep-alive\r\n\r\n",
         "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nConnection: keep-alive\r\n\r\n"},
    };
    for (const auto &[answer, passed] : cases) {
        EXPECT_EQ(pass(answer), passed);
        EXPECT_EQ(pass(answer, answer.size()), passed);
    }
}

TEST(AnswerHead, HoldsBackAHeadThatIsNotWhole) {
    EXPECT_EQ(pass("HTTP/1.1 200 OK\r\nA: b\r\n"), "");
}

TEST(AnswerHead, RefusesWhatIsNoAnswer) {
    for (const char *answer : {"hello", "HTTP/2 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
                               "HTTP/1.1 100 Continue\r\n\r\nhello"}) {
        EXPECT_EQ(pass(answer, 100), "refused") << answer;
    }
}

TEST(AnswerHead, RefusesAHeadWithoutAnEnd) {
    EXPECT_EQ(pass("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'b'), 4096), "refused");
}

}  // namespace
}  // namespace wse::net
