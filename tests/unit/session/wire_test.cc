// SPDX-License-Identifier: MIT
#include "session/wire.h"

#include <gtest/gtest.h>

#include "support/fake_transform.h"

namespace wse::session {
namespace {

using module::Layer;
using proto::Dialect;

constexpr const char *kEverything =
    R"({"query":{"compression":"true","format":"msgpack"},"hello":{"encryption_public_key":"key"}})";

class WireTest : public testing::Test {
protected:
    void load(const std::vector<Layer> &layers) {
        for (const Layer layer : layers)
            transforms.push_back(std::make_unique<test::FakeTransform>(layer, calls));
    }
    static std::string sent(Wire &wire, const net::FrameRef &frame) {
        const net::FrameRef made = wire.encode(frame);
        return made ? std::string(made->payload()) : "nothing";
    }

    test::TransformCalls calls;
    Transforms transforms;
    VariantCache variants;
    const net::FrameRef news = net::Frame::text(R"({"c":"U","t":"news","v":1})");
};

TEST_F(WireTest, IsPlainTextWhenNothingWasAskedFor) {
    load({Layer::kCompression, Layer::kCodec, Layer::kCipher});
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(R"({"query":{},"hello":{}})", true);
    EXPECT_TRUE(wire.replies(true).empty());
    EXPECT_EQ(wire.encode(news).get(), news.get());
    EXPECT_EQ(wire.layer(), "");
}

TEST_F(WireTest, HasOneLayerTheCipherThenTheCodecThenCompression) {
    const std::pair<std::vector<Layer>, const char *> kTable[] = {
        {{Layer::kCompression, Layer::kCodec, Layer::kCipher}, "E:"},
        {{Layer::kCodec, Layer::kCompression}, "M:"},
        {{Layer::kCompression}, "C:"},
    };
    for (const auto &[layers, prefix] : kTable) {
        transforms.clear();
        load(layers);
        Wire wire(transforms, variants, Dialect::kCurrent);
        wire.open(kEverything, true);
        EXPECT_EQ(wire.replies(true).size(), layers.size());
        EXPECT_EQ(sent(wire, net::Frame::text("text")), std::string(prefix) + "<0>text");
        EXPECT_EQ(wire.encode(news)->wire()[0], '\x82') << "a binary frame";
    }
}

TEST_F(WireTest, IsMadeOnceForAllWhoTakeItInOneForm) {
    load({Layer::kCompression});
    Wire one(transforms, variants, Dialect::kCurrent),
        other(transforms, variants, Dialect::kCurrent);
    one.open(kEverything, true);
    other.open(kEverything, true);
    EXPECT_EQ(one.encode(news).get(), other.encode(news).get());
    EXPECT_EQ(calls.encoded, 1);
    Wire old(transforms, variants, Dialect::kPrefixed);
    old.open(kEverything, true);
    EXPECT_EQ(sent(old, news), R"(C:<0>U{"t":"news","v":1})") << "another form";
    EXPECT_EQ(calls.encoded, 2);
}

TEST_F(WireTest, IsMadeForEachSessionWithACipher) {
    load({Layer::kCipher});
    Wire one(transforms, variants, Dialect::kCurrent),
        other(transforms, variants, Dialect::kCurrent);
    one.open(kEverything, true);
    other.open(kEverything, true);
    one.encode(news);
    other.encode(news);
    EXPECT_EQ(calls.encoded, 2);
}

TEST_F(WireTest, StaysTextWhereCompressionDoesNotPay) {
    load({Layer::kCompression});
    calls.least = 1000;
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(kEverything, true);
    EXPECT_EQ(wire.encode(news).get(), news.get());
    wire.encode(news);
    EXPECT_EQ(calls.encoded, 1) << "and is not asked again";
}

TEST_F(WireTest, IsCompressedAsFarAsTheClientWants) {
    load({Layer::kCompression});
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(kEverything, true);
    wire.limit_compression(true, news->payload().size());
    EXPECT_EQ(wire.encode(news).get(), news.get());
    wire.limit_compression(true, news->payload().size() - 1);
    EXPECT_NE(wire.encode(news).get(), news.get());
    wire.limit_compression(false, 0);
    EXPECT_EQ(wire.encode(news).get(), news.get());
}

TEST_F(WireTest, LeavesKeepAlivesAndControlFramesAsTheyAre) {
    load({Layer::kCipher});
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(kEverything, true);
    const auto bare = net::Frame::text(R"({"c":"WSE","t":"PONG"})", true);
    EXPECT_EQ(wire.encode(bare).get(), bare.get());
    EXPECT_EQ(calls.encoded, 0);
}

TEST_F(WireTest, SendsNothingMoreOnceTheCipherHasFailed) {
    load({Layer::kCipher});
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(kEverything, true);
    calls.encode_status = WSE_EIO;
    EXPECT_FALSE(wire.encode(news));
    calls.encode_status = WSE_OK;
    EXPECT_FALSE(wire.encode(news));
    EXPECT_FALSE(wire.encode(net::Frame::text("{}", true)));
}

TEST_F(WireTest, SendsTextWhereACodecFails) {
    load({Layer::kCodec});
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(kEverything, true);
    calls.encode_status = WSE_EIO;
    EXPECT_EQ(wire.encode(news).get(), news.get());
}

TEST_F(WireTest, AsksNoCipherBeforeTheHello) {
    load({Layer::kCipher, Layer::kCompression});
    Wire wire(transforms, variants, Dialect::kCurrent);
    wire.open(kEverything, false);
    EXPECT_FALSE(wire.sealed());
    EXPECT_EQ(wire.replies(true).size(), 1U);
    wire.open(kEverything, true);
    EXPECT_TRUE(wire.sealed());
    EXPECT_EQ(wire.replies(true).size(), 2U) << "also of what was open before";
    EXPECT_EQ(wire.replies(false).size(), 1U);
}

TEST_F(WireTest, TellsAMalformedKey) {
    load({Layer::kCipher});
    Wire wire(transforms, variants, Dialect::kCurrent);
    EXPECT_TRUE(wire.open(R"({"hello":{"encryption_public_key":"bad"}})", true).bad_key);
    EXPECT_FALSE(wire.sealed());
}

TEST_F(WireTest, TellsACipherThatFailsFromOneThatIsNotWanted) {
    load({Layer::kCipher});
    Wire wire(transforms, variants, Dialect::kCurrent);
    EXPECT_FALSE(wire.open(R"({"hello":{}})", true).failed);
    calls.open_status = WSE_ENOMEM;
    EXPECT_TRUE(wire.open(kEverything, true).failed);
}

TEST_F(WireTest, ReadsEveryFormThatModulesKnow) {
    load({Layer::kCompression, Layer::kCodec});
    Wire wire(transforms, variants, Dialect::kCurrent);
    for (const char *message : {"C:<0>{}", "M:<0>{}"}) {
        ASSERT_TRUE(Wire::is_wrapped(message));
        const auto content = wire.decode(message, 100);
        ASSERT_TRUE(content.ok()) << message;
        EXPECT_EQ(content->text, "{}");
        EXPECT_FALSE(content->sealed);
    }
    EXPECT_TRUE(Wire::is_wrapped("\x78\x9c..")) << "a bare zlib container";
    EXPECT_FALSE(Wire::is_wrapped("{}"));
    EXPECT_FALSE(Wire::is_wrapped("U{}"));
    EXPECT_FALSE(Wire::is_wrapped(""));
}

TEST_F(WireTest, SaysWhyItCannotRead) {
    load({Layer::kCompression, Layer::kCipher});
    Wire wire(transforms, variants, Dialect::kCurrent);
    const auto status = [&](std::string_view message, size_t limit = 100) {
        const auto content = wire.decode(message, limit);
        return content.ok() ? WSE_OK : content.error().status;
    };
    EXPECT_EQ(status("M:<0>{}"), WSE_EINVAL) << "no such module";
    EXPECT_EQ(status("E:<0>{}"), WSE_EINVAL) << "no key yet";
    EXPECT_EQ(status("C:nonsense"), WSE_EINVAL);
    EXPECT_EQ(status("C:<0>\xff"), WSE_EINVAL) << "no UTF-8";
    EXPECT_EQ(status("C:<0>{\"much\":1}", 5), WSE_ETOOBIG);
    wire.open(kEverything, true);
    EXPECT_EQ(status("E:<0>{}"), WSE_OK);
    EXPECT_EQ(status("E:forged"), WSE_EDENIED);
}

}  // namespace
}  // namespace wse::session
