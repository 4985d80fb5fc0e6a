// SPDX-License-Identifier: MIT
#include "admin/chunked_body.h"

#include <gtest/gtest.h>

namespace wse::admin {
namespace {

using State = ChunkedBody::State;

State read(std::string_view bytes, std::string &out, size_t piece) {
    ChunkedBody body;
    State state = State::kMore;
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        state = body.feed(part, out);
    }
    return state;
}

TEST(ChunkedBody, IsTheSameInPiecesOfAnySize) {
    const std::string text =
        "5\r\nhello\r\n1;name=\"v\"\r\n \r\nA \r\n0123456789\r\n0\r\nX: y\r\n\r\n";
    for (size_t piece = 1; piece <= text.size(); ++piece) {
        std::string out;
        EXPECT_EQ(read(text, out, piece), State::kDone) << piece;
        EXPECT_EQ(out, "hello 0123456789");
    }
}

TEST(ChunkedBody, EndsWhereItEnds) {
    std::string out;
    EXPECT_EQ(read("0\r\n\r\nGET / HTTP/1.1", out, 100), State::kDone);
    EXPECT_EQ(out, "");
}

TEST(ChunkedBody, WaitsForTheRest) {
    for (const char *text :
         {"", "5", "5\r\n", "5\r\nhel", "5\r\nhello\r\n", "0\r\n", "0\r\nX: y\r\n"}) {
        std::string out;
        EXPECT_EQ(read(text, out, 1), State::kMore) << text;
    }
}

TEST(ChunkedBody, RefusesWhatTwoReadersCouldTakeDifferently) {
    for (const std::string text :
         {"\r\n", "x\r\n", "-1\r\n", "+1\r\na\r\n", "0x1\r\na\r\n", "5\nhello\r\n", "1\r\nab\r\n",
          "1\r\na\n0\r\n\r\n", "1 2\r\n", "123456789\r\n", "5\r\r\nhello", "0\r\nX: y\n\r\n"}) {
        std::string out;
        const bool trailing =
            text == "1 2\r\n";  // a blank ends the size, as lenient writers pad it
        EXPECT_EQ(read(text, out, 1), trailing ? State::kMore : State::kMalformed) << text;
    }
}

TEST(ChunkedBody, BoundsSizesExtensionsAndTrailers) {
    std::string out;
    EXPECT_EQ(read("1;" + std::string(300, 'a'), out, 7), State::kMalformed);
    std::string trailers = "0\r\n";
    for (int count = 0; count < 50; ++count) trailers += "X: " + std::string(100, 'y') + "\r\n";
    EXPECT_EQ(read(trailers, out, 64), State::kMalformed);
}

}  // namespace
}  // namespace wse::admin
