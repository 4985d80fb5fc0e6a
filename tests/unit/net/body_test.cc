// SPDX-License-Identifier: MIT
#include "net/body.h"

#include <string>

namespace wse::net {
namespace {

TEST(Body, EndsWhereItsLengthSays) {
    Request request;
    request.body = BodyKind::kLength;
    request.content_length = 5;
    BodyFramer framer(request);
    std::string out;
    EXPECT_EQ(framer.feed("abc", out), 3U);
    EXPECT_FALSE(framer.done());
    EXPECT_EQ(framer.feed("defg", out), 2U);
    EXPECT_TRUE(framer.done());
    EXPECT_EQ(out, "abcde");
}

TEST(Body, LeavesTheNextRequestAlone) {
    Request request;
    BodyFramer none(request);
    std::string out;
    EXPECT_TRUE(none.done());
    EXPECT_EQ(none.feed("GET /", out), 0U);
    request.body = BodyKind::kChunked;
    BodyFramer chunked(request);
    EXPECT_EQ(chunked.feed("1\r\na\r\n0\r\nT: t\r\n\r\nGET /", out), 17U);
    EXPECT_TRUE(chunked.done());
    EXPECT_EQ(out, "1\r\na\r\n0\r\n\r\n");
}

TEST(Body, RefusesChunksThatAreNotWellFormed) {
    for (const char *chunks : {"g\r\n", "-1\r\n", "3\r\nabcd\r\n", "3\r\nabc0\r\n\r\n",
                               "fffffffffffffffff\r\n", "\r\nabc"}) {
        Request request;
        request.body = BodyKind::kChunked;
        BodyFramer framer(request);
        std::string out;
        framer.feed(chunks, out);
        EXPECT_TRUE(framer.failed()) << chunks;
    }
}

TEST(Body, OfAnAnswerThatEndsWithItsConnectionGoesInChunks) {
    BodyFramer framer(BodyKind::kUntilClose, 0, true);
    std::string out;
    framer.feed("hello", out);
    EXPECT_FALSE(framer.done());
    EXPECT_TRUE(framer.end(out));
    EXPECT_EQ(out, "5\r\nhello\r\n0\r\n\r\n");
}

TEST(Body, OfAnAnswerKeepsItsTrailers) {
    BodyFramer framer(BodyKind::kChunked, 0, true);
    std::string out;
    framer.feed("1;x\r\na\r\n0\r\nGrpc-Status: 0\r\nContent-Length: 5\r\n\r\n", out);
    EXPECT_TRUE(framer.done());
    EXPECT_EQ(out, "1\r\na\r\n0\r\nGrpc-Status: 0\r\n\r\n");
}

TEST(Body, OfAnAnswerIsDecodedForAClientThatKnowsNoChunks) {
    BodyFramer framer(BodyKind::kChunked, 0, false);
    std::string out;
    framer.feed("1\r\na\r\n2\r\nbc\r\n0\r\nT: t\r\n\r\n", out);
    EXPECT_TRUE(framer.done());
    EXPECT_EQ(out, "abc");
}

TEST(Body, ThatWasCutShortIsNotWhole) {
    std::string out;
    BodyFramer length(BodyKind::kLength, 5, false);
    length.feed("abc", out);
    EXPECT_FALSE(length.end(out));
    BodyFramer chunked(BodyKind::kChunked, 0, true);
    chunked.feed("1\r\na\r\n0\r\n", out);
    EXPECT_FALSE(chunked.end(out));
}

}  // namespace
}  // namespace wse::net
