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
    EXPECT_TRUE(framer.feed("abc", out));
    EXPECT_FALSE(framer.done());
    EXPECT_TRUE(framer.feed("defg", out));
    EXPECT_TRUE(framer.done());
    EXPECT_EQ(out, "abcde");
}

TEST(Body, RefusesChunksThatAreNotWellFormed) {
    for (const char *chunks : {"g\r\n", "-1\r\n", "3\r\nabcd\r\n", "3\r\nabc0\r\n\r\n",
                               "fffffffffffffffff\r\n", "\r\nabc"}) {
        Request request;
        request.body = BodyKind::kChunked;
        BodyFramer framer(request);
        std::string out;
        EXPECT_FALSE(framer.feed(chunks, out)) << chunks;
    }
}

}  // namespace
}  // namespace wse::net
