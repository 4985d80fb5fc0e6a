// SPDX-License-Identifier: MIT
#include "net/chunks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace wse::net {
namespace {

struct Outcome {
    std::string data;
    size_t used = 0;
    ChunkReader::State state = ChunkReader::State::kMore;
    std::vector<Header> trailers;
};

Outcome read(std::string_view wire, size_t piece_bytes) {
    ChunkReader reader;
    Outcome outcome;
    while (outcome.used < wire.size() && reader.state() == ChunkReader::State::kMore) {
        std::string_view piece;
        outcome.used += reader.feed(wire.substr(outcome.used, piece_bytes), piece);
        outcome.data += piece;
    }
    outcome.state = reader.state();
    outcome.trailers = reader.trailers();
    return outcome;
}

TEST(Chunks, AreTheSameInAnyPieces) {
    const std::string wire =
        "3\r\nabc\r\n00A;name=\"v\"\r\n0123456789\r\n1  \r\nx\r\n0\r\nA: b\r\nC:\td \r\n\r\n";
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, wire.size()}) {
        const Outcome outcome = read(wire + "GET /next", piece);
        EXPECT_EQ(outcome.state, ChunkReader::State::kDone);
        EXPECT_EQ(outcome.used, wire.size());
        EXPECT_EQ(outcome.data, "abc0123456789x");
        ASSERT_EQ(outcome.trailers.size(), 2U);
        EXPECT_EQ(outcome.trailers[1].name, "C");
        EXPECT_EQ(outcome.trailers[1].value, "d");
    }
}

TEST(Chunks, RefuseWhatAnotherReaderCouldEndElsewhere) {
    for (const char *wire : {"g\r\n",
                             "-1\r\n",
                             "+1\r\na",
                             "0x1\r\na",
                             "\r\nabc",
                             ";x\r\n",
                             " 1\r\na",
                             "1 2\r\na",
                             "1\na\n",
                             "1\r\r\na",
                             "3\r\nabcd\r\n",
                             "3\r\nabc0\r\n",
                             "3\r\nabc\n0\r\n",
                             "1000000000000000\r\n",
                             "1;a\nb\r\n",
                             "1;a\rb",
                             "0\r\nA\r\n\r\n",
                             "0\r\nA : b\r\n\r\n",
                             "0\r\n: b\r\n\r\n",
                             "0\r\n folded\r\n\r\n",
                             "0\r\nA: b\n\r\n",
                             "0\r\nA: \x01\r\n\r\n",
                             "0\r\n\n"}) {
        for (const size_t piece : {size_t{1}, size_t{64}}) {
            EXPECT_EQ(read(wire, piece).state, ChunkReader::State::kFailed) << wire;
        }
    }
}

TEST(Chunks, LimitExtensionsAndTrailers) {
    EXPECT_EQ(read("1;" + std::string(257, 'x'), 64).state, ChunkReader::State::kFailed);
    EXPECT_EQ(read("1" + std::string(257, ' '), 64).state, ChunkReader::State::kFailed);
    std::string trailers = "0\r\n";
    while (trailers.size() < 9'000) trailers += "a: b\r\n";
    EXPECT_EQ(read(trailers, 64).state, ChunkReader::State::kFailed);
}

}  // namespace
}  // namespace wse::net
