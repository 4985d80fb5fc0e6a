// SPDX-License-Identifier: MIT
// TlsContext: what a listener shows to those who connect, made from its files at one moment. It
// never changes; Certificates has the latest one. A connection keeps the one it began with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ref.h"
#include "net/tls_pem.h"
#include "net/tls_tickets.h"

namespace wse::net {

enum class ClientCertificate : uint8_t { kNone, kOptional, kRequired };

// As many keys as certificates, at least one of each.
struct TlsOptions {
    std::string listener;                   // its name
    std::vector<std::string> certificates;  // PEM files, each with the chain behind its certificate
    std::vector<std::string> keys;          // of the certificates, in their order
    std::string client_ca = {};             // PEM file of those who vouch for clients
    ClientCertificate client_certificate = ClientCertificate::kNone;
};

// What is wrong with a file. Without an error the context is made.
struct TlsProblem {
    const char *option;  // "certificate", "key", "client_ca"
    size_t index;        // of the file in its list
    bool is_error;       // else a warning
    std::string text;    // names the file: "'a.pem' expired on 2026-01-02"
    std::string hint;
};

struct CertificateRow {
    std::string file;
    std::vector<std::string> names;
    std::string serial;
    uint64_t expires_ms;  // since 1970
};

class TlsContext final : public RefCounted<TlsContext> {
public:
    // [any] Reads the files. Null: `ret_problems` has an error. `tickets` outlives it.
    static Ref<const TlsContext> make(const TlsOptions &options, TicketKeys &tickets,
                                      uint64_t now_ms, std::vector<TlsProblem> &ret_problems);
    ~TlsContext() = default;

    const std::vector<CertificateRow> &certificates() const { return rows_; }
    bool asks_for_certificate() const { return asks_; }

    // For the callbacks of OpenSSL, and for TlsStream. The one whose certificate is for `name`,
    // else the first.
    ssl_ctx_st *context_for(const std::string &name) const;
    ssl_ctx_st *first() const { return contexts_.front().get(); }
    TicketKeys &tickets() const { return tickets_; }

private:
    class Builder;
    explicit TlsContext(TicketKeys &tickets) : tickets_(tickets) {}

    TicketKeys &tickets_;
    // Side by side: one for each certificate.
    std::vector<TlsPtr<ssl_ctx_st>> contexts_;
    std::vector<TlsPtr<x509_st>> leaves_;
    std::vector<CertificateRow> rows_;
    bool asks_ = false;
};

}  // namespace wse::net
