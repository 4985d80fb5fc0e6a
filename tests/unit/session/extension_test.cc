// SPDX-License-Identifier: MIT
#include "session/extension.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/frame.h"

namespace wse::session {
namespace {

// What the module is asked, and what it answers.
struct Script {
    std::vector<std::string> offers;
    std::vector<int32_t> statuses;  // of open, one after the other; then WSE_OK
    std::string reply = "{}";
    uint64_t share = 0;
    int32_t encode_status = WSE_OK;
    int encoded = 0;
    int open_states = 0;
};

class FakeState final : public module::TransformState {
public:
    explicit FakeState(Script &script)
        : TransformState(script.reply, script.share), script_(script) {
        ++script_.open_states;
    }
    ~FakeState() override { --script_.open_states; }

    int32_t encode(std::string_view in, size_t limit, std::string &out) override {
        ++script_.encoded;
        if (script_.encode_status != WSE_OK) return script_.encode_status;
        if (limit < 2) return WSE_ETOOBIG;
        out.append(in.substr(0, 1)).append(std::to_string(script_.encoded));
        return WSE_OK;
    }
    int32_t decode(std::string_view in, size_t limit, std::string &out) override {
        if (in.size() > limit) return WSE_ETOOBIG;
        out.append(in.rbegin(), in.rend());
        return WSE_OK;
    }
    int32_t sign(std::string_view, std::string &) override { return WSE_EINVAL; }
    int32_t verify(std::string_view, std::string_view) override { return WSE_EINVAL; }
    Result<std::string> rekey(std::string_view) override { return Error{WSE_EINVAL, "no key"}; }

private:
    Script &script_;
};

class FakeTransform final : public module::Transform {
public:
    explicit FakeTransform(Script &script) : script_(script) {}
    const std::string &instance_name() const override { return name_; }
    module::Layer layer() const override { return module::Layer::kExtension; }
    std::string_view prefix() const override { return {}; }
    std::string_view extension() const override { return "turn"; }
    bool signs() const override { return false; }
    Result<std::unique_ptr<module::TransformState>> open(std::string_view offer) override {
        script_.offers.emplace_back(offer);
        const size_t at = script_.offers.size() - 1;
        if (at < script_.statuses.size() && script_.statuses[at] != WSE_OK)
            return Error{static_cast<wse_status>(script_.statuses[at]), "no"};
        return std::unique_ptr<module::TransformState>(std::make_unique<FakeState>(script_));
    }
    int32_t decode(std::string_view, size_t, std::string &) override { return WSE_EINVAL; }

private:
    const std::string name_ = "fake";
    Script &script_;
};

class SessionExtension : public testing::Test {
protected:
    std::unique_ptr<net::Extension> open(std::string header = "turn") {
        const net::RequestHead head{
            "GET", "/wse", "", {{"sec-websocket-extensions", std::move(header)}}};
        return desk.open(*net::extension_offers(head));
    }

    Script script;
    ExtensionDesk desk{std::make_unique<FakeTransform>(script)};
};

TEST_F(SessionExtension, AsksTheModuleWithTheParametersOfTheOffer) {
    open("turn; a; b=10; c=\"x\"");
    EXPECT_EQ(script.offers,
              std::vector<std::string>{R"({"parameters":{"a":true,"b":"10","c":"x"}})"});
}

TEST_F(SessionExtension, TakesTheFirstOfferThatTheModuleTakes) {
    script.statuses = {WSE_EDENIED, WSE_EINVAL};
    EXPECT_TRUE(open("other, turn;a, turn;b, turn;c, turn;d"));
    EXPECT_EQ(script.offers, (std::vector<std::string>{R"({"parameters":{"a":true}})",
                                                       R"({"parameters":{"b":true}})",
                                                       R"({"parameters":{"c":true}})"}));
}

TEST_F(SessionExtension, IsNoneWhenNothingIsTaken) {
    script.statuses = {WSE_EIO};
    EXPECT_FALSE(open());
    EXPECT_FALSE(open("other"));
    EXPECT_FALSE(open("turn;a;a=1")) << "a parameter stands twice";
    EXPECT_EQ(script.offers.size(), 1U);
}

TEST_F(SessionExtension, AnswersWithWhatTheModuleAgreedTo) {
    EXPECT_EQ(open()->answer(), "turn");
    script.reply = R"({"parameters":{"a":true,"b":"10","c":11}})";
    EXPECT_EQ(open()->answer(), "turn; a; b=10; c=11");
}

// A module cannot write into the head of the answer.
TEST_F(SessionExtension, IsNoneWhenTheModuleAgreesToWhatCannotBeSaid) {
    for (const char *reply :
         {R"({"parameters":{"a b":true}})", R"({"parameters":{"a":"b\r\nc: d"}})",
          R"({"parameters":{"a":""}})", R"({"parameters":{"a":{}}})", R"({"parameters":[]})",
          R"({"parameters":{"a":"1","a":"2"}})"}) {
        script.reply = reply;
        EXPECT_FALSE(open()) << reply;
    }
    EXPECT_EQ(script.open_states, 0);
}

TEST_F(SessionExtension, EncodesAMessageOnceForAllWithTheSameShare) {
    script.share = 7;
    const auto one = open(), other = open();
    script.share = 8;
    const auto third = open();
    const net::FrameRef message = net::Frame::text("hello");
    const net::FrameRef encoded = one->encode(message);
    EXPECT_EQ(encoded->wire(), "\xc1\x02h1");
    EXPECT_EQ(other->encode(message).get(), encoded.get());
    EXPECT_EQ(third->encode(message)->wire(), "\xc1\x02h2");
    const net::FrameRef next = net::Frame::text("next");
    EXPECT_EQ(other->encode(next).get(), one->encode(next).get());
    EXPECT_EQ(script.encoded, 3);
}

TEST_F(SessionExtension, RemembersAlsoThatAMessageStaysAsItIs) {
    script.share = 7;
    script.encode_status = WSE_EDENIED;
    const auto one = open(), other = open();
    const net::FrameRef message = net::make_frame(net::Opcode::kBinary, "hello");
    EXPECT_EQ(one->encode(message).get(), message.get());
    EXPECT_EQ(other->encode(message).get(), message.get());
    EXPECT_EQ(script.encoded, 1);
}

TEST_F(SessionExtension, EncodesForEachWithoutAShare) {
    const auto one = open(), other = open();
    const net::FrameRef message = net::make_frame(net::Opcode::kBinary, "hello");
    EXPECT_EQ(one->encode(message)->wire(), "\xc2\x02h1");
    EXPECT_EQ(other->encode(message)->wire(), "\xc2\x02h2");
}

TEST_F(SessionExtension, SendsPlainWhatDoesNotBecomeSmaller) {
    const net::FrameRef message = net::Frame::text("h");
    EXPECT_EQ(open()->encode(message).get(), message.get());
}

TEST_F(SessionExtension, KeepsNoFrameWhenTheLastOfAShareHasGone) {
    script.share = 7;
    const net::FrameRef message = net::Frame::text("hello");
    auto one = open(), other = open();
    one->encode(message);
    one.reset();
    other->encode(message);
    EXPECT_EQ(script.encoded, 1);
    other.reset();
    open()->encode(message);
    EXPECT_EQ(script.encoded, 2);
    EXPECT_EQ(script.open_states, 0);
}

TEST_F(SessionExtension, DecodesUpToTheLimit) {
    const auto extension = open();
    std::string out;
    EXPECT_EQ(extension->decode("abc", 3, out), WSE_OK);
    EXPECT_EQ(out, "cba");
    EXPECT_EQ(extension->decode("abcd", 3, out), WSE_ETOOBIG);
}

}  // namespace
}  // namespace wse::session
