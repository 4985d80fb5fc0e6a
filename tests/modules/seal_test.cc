// SPDX-License-Identifier: MIT
#include "parts/seal.h"

#include <gtest/gtest.h>

#include "support/child.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr const char *kKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr const char *kOther = "dw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

// Answers lines "seal TEXT" and "open TOKEN" with another implementation of the format.
constexpr const char *kProgram = R"(
import sys
from cryptography.fernet import Fernet
fernet = Fernet(sys.argv[1])
for line in sys.stdin:
    verb, text = line.rstrip("\n").split(" ", 1)
    done = fernet.encrypt if verb == "seal" else fernet.decrypt
    print(done(text.encode()).decode(), flush=True)
)";

class OtherFernet {
public:
    OtherFernet() {
        const char *const arguments[] = {"/usr/bin/python3", "-c", kProgram, kKey, nullptr};
        child_ = child_start(arguments);
    }
    ~OtherFernet() { child_stop(&child_); }
    std::string ask(const std::string &line) {
        const std::string whole = line + '\n';
        EXPECT_EQ(write(child_.input, whole.data(), whole.size()),
                  static_cast<ssize_t>(whole.size()));
        char answer[4096];
        child_read_line(&child_, answer, sizeof answer);
        return answer;
    }

private:
    child child_{};
};

TEST(Seal, OpensWhatItHasSealedWhateverTheLength) {
    const Seal seal(kKey);
    for (size_t length = 0; length < 70; ++length) {
        const std::string plain(length, '\xc3');
        EXPECT_EQ(seal.open(seal.seal(plain)), plain) << length;
    }
    EXPECT_NE(seal.seal("same"), seal.seal("same"));
}

TEST(Seal, ReadsAndIsReadByAnotherImplementation) {
    const Seal seal(kKey);
    OtherFernet other;
    for (const std::string plain : {"x", "{\"a\":[1,2,3]}", "sixteen octets !",
                                    "more than one block, so that blocks are chained"}) {
        EXPECT_EQ(other.ask("open " + seal.seal(plain)), plain);
        EXPECT_EQ(seal.open(other.ask("seal " + plain)), plain);
    }
}

TEST(Seal, OpensNothingThatWasChangedAnywhere) {
    const Seal seal(kKey);
    const std::string token = seal.seal("{\"a\":1}");
    for (size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(seal.open(changed)) << i;
        EXPECT_FALSE(seal.open(token.substr(0, i))) << i;
    }
    EXPECT_FALSE(seal.open(token + "AAAA"));
    EXPECT_FALSE(seal.open("{\"a\":1}"));
}

TEST(Seal, OpensNothingOfAnotherKey) {
    EXPECT_FALSE(Seal(kOther).open(Seal(kKey).seal("x")));
}

TEST(Seal, SaysWhatIsWrongWithAKeyAndNothingOfIt) {
    EXPECT_EQ(Seal::key_problem(kKey), "");
    for (const char *key : {"", "short", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4",
                            "cw+0x689RpI-jtRR7oE8h/eQsKImvJapLeSbXpwF4e4="}) {
        EXPECT_EQ(Seal::key_problem(key), "is not 32 octets in base64url") << key;
    }
}

}  // namespace
}  // namespace wse::backplane_redis::parts
