// SPDX-License-Identifier: MIT
#include "net/tls_context.h"

#include <sys/stat.h>

#include <chrono>
#include <string>
#include <vector>

#include "net/certificates.h"
#include "support/fake_clock.h"
#include "unit/net/identity.h"

namespace wse::net {
namespace {

using test::Identity;
using testing::HasSubstr;

constexpr long kDay = 24L * 3600;

class TlsContextTest : public testing::Test {
protected:
    // Certificates are made for the time that it is.
    TlsContextTest() {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        clock_.wall = static_cast<uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    }

    TlsOptions options(const Identity &identity) {
        return {.listener = "main",
                .certificates = {files_.write("a.pem", identity.certificate_pem())},
                .keys = {files_.write("a.key", identity.key_pem())}};
    }

    Ref<const TlsContext> make(const TlsOptions &options) {
        problems_.clear();
        return TlsContext::make(options, tickets_, clock_.wall, problems_);
    }

    // The one problem there is: "error key 0: text".
    std::string problem() const {
        if (problems_.size() != 1) return std::to_string(problems_.size()) + " problems";
        const TlsProblem &one = problems_.front();
        return std::string(one.is_error ? "error " : "warning ") + one.option + ' ' +
               std::to_string(one.index) + ": " + one.text;
    }

    test::PemFiles files_;
    test::FakeClock clock_;
    TicketKeys tickets_{clock_};
    std::vector<TlsProblem> problems_;
};

TEST_F(TlsContextTest, KnowsItsCertificates) {
    const auto context = make(options(Identity({.name = "a.example"})));
    ASSERT_TRUE(context);
    EXPECT_TRUE(problems_.empty());
    const CertificateRow &row = context->certificates().at(0);
    EXPECT_EQ(row.names, std::vector<std::string>{"a.example"});
    EXPECT_EQ(row.serial, "0A0B");
    EXPECT_NEAR(static_cast<double>(row.expires_ms - clock_.wall), 90.0 * kDay * 1000, 60'000);
}

TEST_F(TlsContextTest, IsChosenByTheNameAskedFor) {
    const Identity first({.name = "a.example"});
    const Identity second({.name = "*.b.example"});
    TlsOptions both = options(first);
    both.certificates.push_back(files_.write("b.pem", second.certificate_pem()));
    both.keys.push_back(files_.write("b.key", second.key_pem()));
    const auto context = make(both);
    ASSERT_TRUE(context);
    EXPECT_EQ(context->context_for("a.example"), context->first());
    EXPECT_NE(context->context_for("x.b.example"), context->first());
    EXPECT_EQ(context->context_for("other.example"), context->first());
}

TEST_F(TlsContextTest, IsNotMadeOfTheKeyOfAnother) {
    TlsOptions wrong = options(Identity());
    wrong.keys = {files_.write("b.key", Identity().key_pem())};
    EXPECT_FALSE(make(wrong));
    EXPECT_THAT(problem(), HasSubstr("error key 0: '" + wrong.keys[0] + "' is not the key of '"));
}

TEST_F(TlsContextTest, IsNotMadeOutsideOfItsTime) {
    EXPECT_FALSE(make(options(Identity({.begins_s = -2 * kDay, .ends_s = -kDay}))));
    EXPECT_THAT(problem(), HasSubstr("error certificate 0: "));
    EXPECT_THAT(problem(), HasSubstr("expired on 20"));
    EXPECT_FALSE(make(options(Identity({.begins_s = kDay}))));
    EXPECT_THAT(problem(), HasSubstr("is not valid before 20"));
}

TEST_F(TlsContextTest, WarnsTwoWeeksBeforeTheEnd) {
    EXPECT_TRUE(make(options(Identity({.ends_s = 15 * kDay}))));
    EXPECT_TRUE(problems_.empty());
    EXPECT_TRUE(make(options(Identity({.ends_s = 13 * kDay}))));
    EXPECT_THAT(problem(), HasSubstr("warning certificate 0: "));
}

TEST_F(TlsContextTest, WarnsOfAKeyThatEverybodyMayRead) {
    const TlsOptions open = options(Identity());
    chmod(open.keys[0].c_str(), 0644);
    EXPECT_TRUE(make(open));
    EXPECT_THAT(problem(), HasSubstr("warning key 0: "));
}

TEST_F(TlsContextTest, SaysWhatIsWrongWithAFile) {
    const Identity identity;
    TlsOptions bad = options(identity);
    const std::string text = identity.certificate_pem();
    bad.certificates = {files_.write("b.pem", "nothing")};
    EXPECT_FALSE(make(bad));
    EXPECT_THAT(problem(), HasSubstr("holds no certificate in PEM"));
    bad.certificates = {files_.write("b.pem", text + text.substr(0, text.size() / 2))};
    EXPECT_FALSE(make(bad));
    EXPECT_THAT(problem(), HasSubstr("holds a broken certificate"));
    bad.certificates = {"/nonexistent/a.pem"};
    EXPECT_FALSE(make(bad));
    EXPECT_THAT(problem(), HasSubstr("cannot be read: No such file"));
    bad = options(identity);
    bad.keys = {files_.write("b.key", text)};
    EXPECT_FALSE(make(bad));
    EXPECT_THAT(problem(), HasSubstr("holds no private key in PEM"));
}

TEST_F(TlsContextTest, FindsEveryProblemAtOnce) {
    TlsOptions bad = options(Identity());
    bad.certificates = {files_.write("b.pem", "")};
    bad.keys = {files_.write("b.key", "")};
    bad.client_ca = files_.write("ca.pem", "");
    bad.client_certificate = ClientCertificate::kRequired;
    EXPECT_FALSE(make(bad));
    EXPECT_EQ(problems_.size(), 3U);
}

TEST_F(TlsContextTest, IsReplacedOnlyByOneThatWasMade) {
    const TlsOptions files = options(Identity());
    Certificates certificates(files, tickets_, clock_);
    certificates.replace(certificates.read(problems_));
    const auto before = certificates.current();
    ASSERT_TRUE(before);
    files_.write("a.key", Identity().key_pem());
    EXPECT_FALSE(certificates.read(problems_));
    EXPECT_EQ(certificates.current().get(), before.get());
}

}  // namespace
}  // namespace wse::net
