// SPDX-License-Identifier: MIT
// Connections over TLS: the same server, with an OpenSSL client.
#include <string>

#include "net/certificates.h"
#include "unit/net/client_frame.h"
#include "unit/net/identity.h"
#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::Identity;
using test::Loopback;
using test::TlsClient;

class TlsConnection : public testing::Test {
protected:
    Loopback::Options secured(ClientCertificate asks = ClientCertificate::kNone) {
        TlsOptions options{.listener = "test",
                           .certificates = {files_.write("a.pem", identity_.certificate_pem())},
                           .keys = {files_.write("a.key", identity_.key_pem())}};
        options.client_ca = files_.write("ca.pem", authority_pem_);
        options.client_certificate = asks;
        certificates_ = std::make_unique<Certificates>(options, tickets_, clock_);
        std::vector<TlsProblem> problems;
        certificates_->replace(certificates_->read(problems));
        EXPECT_TRUE(problems.empty());
        Loopback::Options with;
        with.certificates = certificates_.get();
        return with;
    }

    const SystemClock clock_;
    TicketKeys tickets_{clock_};
    test::PemFiles files_;
    Identity identity_;
    Identity authority_{{.name = "authority", .is_authority = true}};
    std::string authority_pem_ = authority_.certificate_pem();
    std::unique_ptr<Certificates> certificates_;
};

TEST_F(TlsConnection, CarriesMessagesBothWays) {
    Loopback server(secured());
    server.on_loop([&] {
        server.on_text = [](Connection &connection, std::string_view message) {
            connection.send(Frame::text(message));
        };
    });
    TlsClient client(server.address(), nullptr, 4096);
    ASSERT_TRUE(client.handshake());
    ASSERT_TRUE(client.upgrade().starts_with("HTTP/1.1 101 "));
    const std::string large(300'000, 'x');
    client.send(test::text_frame(large));
    EXPECT_EQ(client.receive(10 + large.size()).substr(10), large);
    client.send(test::text_frame("small"));
    EXPECT_EQ(client.receive(7).substr(2), "small");
    EXPECT_EQ(server.counter(Counter::tls_handshakes), 1U);
}

TEST_F(TlsConnection, SendsWhatATurnQueuesInOneRecord) {
    Loopback server(secured());
    server.on_loop([&] {
        server.on_text = [](Connection &connection, std::string_view message) {
            for (int i = 0; i < 100; ++i) connection.send(Frame::text(message));
        };
    });
    TlsClient client(server.address());
    ASSERT_TRUE(client.handshake());
    client.upgrade();
    const size_t before = client.records();
    client.send(test::text_frame("hello"));
    EXPECT_EQ(client.receive(700).size(), 700U);
    EXPECT_EQ(client.records() - before, 1U);
}

TEST_F(TlsConnection, SaysGoodbyeWithACloseFrameAndAnEnd) {
    Loopback server(secured());
    TlsClient client(server.address());
    ASSERT_TRUE(client.handshake());
    client.upgrade();
    client.send(test::close_frame(1000, "bye"));
    EXPECT_EQ(client.receive(100), std::string("\x88\x05\x03\xe8", 4) + "bye");
    server.journal.wait_for("closed 1000 by peer bye");
}

TEST_F(TlsConnection, TellsTheGateWhoAVerifiedClientIs) {
    Loopback server(secured(ClientCertificate::kRequired));
    const Identity device({.name = "device-7", .issuer = &authority_});
    TlsClient client(server.address(), &device);
    ASSERT_TRUE(client.handshake());
    EXPECT_TRUE(client.upgrade().starts_with("HTTP/1.1 101 "));
    server.on_loop([&] { EXPECT_EQ(server.latest()->peer().subject, "CN=device-7,O=Example"); });
}

TEST_F(TlsConnection, DoesNotTakeTheCertificateOfAProxyForItsClients) {
    Loopback::Options options = secured(ClientCertificate::kRequired);
    options.trusted_proxies = {*Network::parse("127.0.0.0/8")};
    Loopback server(options);
    const Identity proxy({.name = "proxy", .issuer = &authority_});
    TlsClient client(server.address(), &proxy);
    ASSERT_TRUE(client.handshake());
    client.send(test::upgrade_request("/wse", "X-Forwarded-For: 203.0.113.9\r\n"));
    EXPECT_TRUE(client.receive_head().starts_with("HTTP/1.1 101 "));
    server.on_loop([&] {
        EXPECT_EQ(server.latest()->peer().ip, "203.0.113.9");
        EXPECT_EQ(server.latest()->peer().subject, "");
    });
}

TEST_F(TlsConnection, NamesNobodyWithoutACertificate) {
    Loopback server(secured(ClientCertificate::kOptional));
    TlsClient client(server.address());
    ASSERT_TRUE(client.handshake());
    client.upgrade();
    server.on_loop([&] { EXPECT_EQ(server.latest()->peer().subject, ""); });
}

// Their names together are too long for a handshake.
TEST_F(TlsConnection, IsVouchedForByOneOfAThousandAuthorities) {
    const Identity long_named({.name = std::string(64, 'a'), .is_authority = true});
    std::string all;
    for (size_t i = 1; i < kMaxAuthorities; ++i) all += long_named.certificate_pem();
    authority_pem_ = all + authority_.certificate_pem();
    Loopback server(secured(ClientCertificate::kRequired));
    const Identity device({.name = "device-7", .issuer = &authority_});
    TlsClient client(server.address(), &device);
    ASSERT_TRUE(client.handshake());
    EXPECT_TRUE(client.upgrade().starts_with("HTTP/1.1 101 "));
}

TEST_F(TlsConnection, IsRefusedWithACertificateThatNobodyVouchesFor) {
    for (const auto asks : {ClientCertificate::kOptional, ClientCertificate::kRequired}) {
        Loopback server(secured(asks));
        TlsClient client(server.address(), &identity_);
        client.handshake();
        EXPECT_EQ(client.upgrade(), "");
        // The alert is with the client before the server has counted.
        server.on_loop([&] { EXPECT_EQ(server.counter(Counter::tls_failures), 1U); });
    }
}

TEST_F(TlsConnection, GetsOneDeadlineForHandshakeAndRequest) {
    Loopback::Options options = secured();
    options.real_clock = false;
    Loopback server(options);
    Client silent(server.address());
    Client slow(server.address());
    slow.send(std::string("\x16\x03\x01\x02\0\x01", 6));
    server.await_accepted(2);
    server.advance(10'100);
    EXPECT_TRUE(silent.ended());
    EXPECT_EQ(slow.receive_all(), "");
    EXPECT_EQ(server.counter(Counter::tls_failures), 2U);
}

TEST_F(TlsConnection, IsGivenUpWhenTooManyBegin) {
    Loopback::Options options = secured();
    options.limits.max_pending_handshakes = 2;
    Loopback server(options);
    Client first(server.address());
    server.await_accepted(1);
    Client second(server.address());
    Client third(server.address());
    EXPECT_TRUE(first.ended());
    TlsClient fourth(server.address());
    EXPECT_TRUE(fourth.handshake());
}

TEST_F(TlsConnection, IsAnsweredInPlainTextWhenItSpeaksHttp) {
    Loopback server(secured());
    for (const char *method : {"GET", "HEAD", "POST", "PUT", "CONNECT"}) {
        Client client(server.address());
        client.send(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400 ")) << method;
    }
}

}  // namespace
}  // namespace wse::net
