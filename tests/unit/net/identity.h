// SPDX-License-Identifier: MIT
// Certificates made for a test, and a TLS client that shows them.
#pragma once

#include <filesystem>
#include <string>

#include "net/tls_pem.h"
#include "unit/net/loopback.h"

namespace wse::test {

// A key and its certificate.
class Identity {
public:
    struct Options {
        std::string name = "localhost";
        long begins_s = -3600;  // from now
        long ends_s = 90L * 24 * 3600;
        bool is_authority = false;         // may sign others
        const Identity *issuer = nullptr;  // null: signed by itself
    };
    Identity() : Identity(Options{}) {}
    explicit Identity(const Options &options);

    std::string certificate_pem() const;
    std::string key_pem() const;
    x509_st *certificate() const { return certificate_.get(); }
    evp_pkey_st *key() const { return key_.get(); }

private:
    net::TlsPtr<evp_pkey_st> key_;
    net::TlsPtr<x509_st> certificate_;
};

// A directory that goes with the test.
class PemFiles {
public:
    PemFiles();
    ~PemFiles();
    PemFiles(const PemFiles &) = delete;
    PemFiles &operator=(const PemFiles &) = delete;

    // The path of a file with that content, readable by its owner alone.
    std::string write(const std::string &name, const std::string &text) const;

private:
    std::filesystem::path directory_;
};

// Blocking; believes every certificate.
class TlsClient {
public:
    explicit TlsClient(const std::string &address, const Identity *identity = nullptr,
                       int receive_buffer = 0);
    ~TlsClient();
    TlsClient(const TlsClient &) = delete;
    TlsClient &operator=(const TlsClient &) = delete;

    bool handshake();
    void send(std::string_view bytes);
    std::string receive(size_t count);  // fewer when the connection ends
    std::string receive_head();
    std::string upgrade();
    size_t records() const { return records_; }  // of data that have come

private:
    Client client_;
    net::TlsPtr<ssl_ctx_st> context_;
    net::TlsPtr<ssl_st> session_;
    size_t records_ = 0;
};

}  // namespace wse::test
