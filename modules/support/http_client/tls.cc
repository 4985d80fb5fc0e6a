// SPDX-License-Identifier: MIT
#include "http_client/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <climits>
#include <new>

namespace wse::http {
namespace {

std::string last_error() {
    char text[160] = "no reason given";
    if (const unsigned long code = ERR_peek_last_error())
        ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return text;
}

int length_of(std::string_view text) {
    return text.size() > INT_MAX ? INT_MAX : static_cast<int>(text.size());
}

}  // namespace

std::unique_ptr<TlsContext> TlsContext::make(const char *ca_file, std::string &ret_problem) {
    auto made = std::make_unique<TlsContext>();
    made->context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX *const context = made->context_.get();
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
        ret_problem = "OpenSSL makes no TLS client: " + last_error();
        return nullptr;
    }
    const int loaded = ca_file ? SSL_CTX_load_verify_file(context, ca_file)
                               : SSL_CTX_set_default_verify_paths(context);
    if (loaded != 1) {
        ret_problem = std::string(ca_file ? ca_file : "the authorities of the system") +
                      ": no certificates can be read: " + last_error();
        return nullptr;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    // A server may close after its answer without a word of TLS; whether the answer was whole is
    // told by its own framing.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    return made;
}

TlsSession::TlsSession(const TlsContext &context, const std::string &host)
    : session_(SSL_new(context.get())), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    static constexpr std::array<unsigned char, 9> kProtocols = {8,   'h', 't', 't', 'p',
                                                                '/', '1', '.', '1'};
    if (!session_ || !in_ || !out_) throw std::bad_alloc();
    SSL_set_bio(session_.get(), in_, out_);
    SSL_set_connect_state(session_.get());
    SSL_set_alpn_protos(session_.get(), kProtocols.data(), kProtocols.size());
    // An address stands in no server name, and is compared as one.
    X509_VERIFY_PARAM *const rules = SSL_get0_param(session_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) return;
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // As SSL_set_tlsext_host_name(), which is a macro with a cast of C.
    const long named = SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                TLSEXT_NAMETYPE_host_name, const_cast<char *>(host.c_str()));
    if (named != 1 || X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) != 1)
        problem_ = "no server name: " + last_error();
}

TlsSession::Step TlsSession::fail() {
    const long verdict = SSL_get_verify_result(session_.get());
    problem_ = verdict != X509_V_OK ? std::string("the server's certificate: ") +
                                          X509_verify_cert_error_string(verdict)
                                    : "TLS: " + last_error();
    ERR_clear_error();
    return Step::kFailed;
}

TlsSession::Step TlsSession::shake() {
    const int done = SSL_do_handshake(session_.get());
    if (done == 1) {
        open_ = true;
        return Step::kOpen;
    }
    return SSL_get_error(session_.get(), done) == SSL_ERROR_WANT_READ ? Step::kMore : fail();
}

TlsSession::Step TlsSession::feed(std::string_view cipher, std::string &ret_plain) {
    if (!problem_.empty()) return Step::kFailed;
    ERR_clear_error();
    if (!cipher.empty() && BIO_write(in_, cipher.data(), length_of(cipher)) != length_of(cipher))
        return fail();
    Step step = Step::kMore;
    if (!open_) {
        step = shake();
        if (step != Step::kOpen) return step;
    }
    char block[16384];
    for (;;) {
        const int n = SSL_read(session_.get(), block, sizeof block);
        if (n > 0) {
            ret_plain.append(block, static_cast<size_t>(n));
            continue;
        }
        const int error = SSL_get_error(session_.get(), n);
        if (error == SSL_ERROR_WANT_READ) return step;
        return error == SSL_ERROR_ZERO_RETURN ? Step::kEnd : fail();
    }
}

bool TlsSession::write(std::string_view plain) {
    ERR_clear_error();
    return plain.empty() ||
           SSL_write(session_.get(), plain.data(), length_of(plain)) == length_of(plain);
}

std::string TlsSession::take_output() {
    std::string output(BIO_ctrl_pending(out_), '\0');
    if (!output.empty()) BIO_read(out_, output.data(), length_of(output));
    return output;
}

}  // namespace wse::http
