// SPDX-License-Identifier: MIT
// Certificates and keys: read from PEM files, and what is to be known of them. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace wse::net {

struct TlsFree {
    void operator()(evp_pkey_st *key) const;
    void operator()(ssl_ctx_st *context) const;
    void operator()(ssl_st *session) const;
    void operator()(x509_st *certificate) const;
};
template <class T>
using TlsPtr = std::unique_ptr<T, TlsFree>;

// A certificate and those that vouch for it, one behind the other.
inline constexpr size_t kMaxChain = 16;
// Of those who vouch for clients: what systems come with are some hundred and fifty.
inline constexpr size_t kMaxAuthorities = 1000;

// All of the file, at least one and `most`. Errors continue the name of the file: "holds no
// certificate".
Result<std::vector<TlsPtr<x509_st>>> read_certificates(const std::string &path, size_t most);
// An encrypted one is an error: nobody is there to be asked for its passphrase.
Result<TlsPtr<evp_pkey_st>> read_private_key(const std::string &path);

// DNS names and IP addresses that a certificate is for.
std::vector<std::string> names_of(x509_st &certificate);
std::string serial_of(x509_st &certificate);   // in hexadecimal
std::string subject_of(x509_st &certificate);  // RFC 4514: "CN=device-7,O=Example"
// Milliseconds since 1970.
uint64_t not_before_ms(x509_st &certificate);
uint64_t not_after_ms(x509_st &certificate);

// Why OpenSSL failed just now, in its words; the thread's list of errors is empty afterwards.
std::string tls_reason();

}  // namespace wse::net
