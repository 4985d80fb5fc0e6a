// SPDX-License-Identifier: MIT
#include "net/extensions.h"

#include <string>
#include <vector>

namespace wse::net {
namespace {

RequestHead head_with(const std::vector<std::string> &values) {
    RequestHead head{"GET", "/wse", "", {{"host", "a"}}};
    for (const std::string &value : values)
        head.headers.push_back({"sec-websocket-extensions", value});
    return head;
}

// What was read, as one line: "a b=1 | c"; "refused" when it was not.
std::string offers_of(const std::vector<std::string> &values) {
    const auto offers = extension_offers(head_with(values));
    if (!offers) return "refused";
    std::string line;
    for (const ExtensionOffer &offer : *offers) {
        line += (line.empty() ? "" : " | ") + offer.name;
        for (const ExtensionParameter &parameter : offer.parameters) {
            line += ' ' + parameter.name;
            if (parameter.value) line += '=' + *parameter.value;
        }
    }
    return line;
}

TEST(Extensions, AreReadInTheOrderOfTheClient) {
    EXPECT_EQ(offers_of({}), "");
    EXPECT_EQ(offers_of({"a"}), "a");
    EXPECT_EQ(offers_of({"a; b; c=1, a; c=2"}), "a b c=1 | a c=2");
    EXPECT_EQ(offers_of({"a,b", "c;d"}), "a | b | c d");
}

TEST(Extensions, MayHaveBlanksAndEmptyPlacesInTheirList) {
    EXPECT_EQ(offers_of({" a ; \tb = 1 ,\tc "}), "a b=1 | c");
    EXPECT_EQ(offers_of({",a,, b,"}), "a | b");
}

TEST(Extensions, MayQuoteValuesThatAreTokens) {
    EXPECT_EQ(offers_of({R"(a;b="10")"}), "a b=10");
    EXPECT_EQ(offers_of({R"(a;b="1\0")"}), "a b=10");
}

TEST(Extensions, AreRefusedWhenTheyDoNotFollowTheGrammar) {
    for (const char *value : {"",          " ",          ",",           ";",           "a;",
                              "a;;b",      "a b",        "a;b c",       "a;b=",        "a;=b",
                              "a=b",       "a/b",        "\"a\"",       "a;b=\"\"",    "a;b=\"1",
                              "a;b=\"1\\", "a;b=\"1\"2", "a;b=\"1 2\"", "a;b=\"1,2\"", "a;b=1/2",
                              "(a)",       "a;\xc3\xa9"}) {
        EXPECT_EQ(offers_of({value}), "refused") << value;
    }
    EXPECT_EQ(offers_of({"a", ""}), "refused") << "one header of two is empty";
}

TEST(Extensions, HaveALimit) {
    std::string offers = "a", parameters = "a";
    for (size_t i = 1; i < kMaxExtensionOffers; ++i) offers += ",a";
    for (size_t i = 0; i < kMaxExtensionParameters; ++i) parameters += ";b";
    EXPECT_NE(offers_of({offers}), "refused");
    EXPECT_EQ(offers_of({offers + ",a"}), "refused");
    EXPECT_EQ(offers_of({offers, "a"}), "refused");
    EXPECT_NE(offers_of({parameters}), "refused");
    EXPECT_EQ(offers_of({parameters + ";b"}), "refused");
}

}  // namespace
}  // namespace wse::net
