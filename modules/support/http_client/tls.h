// SPDX-License-Identifier: MIT
// TLS as a client, between two buffers: whoever owns a session moves the octets.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace wse::http {

// Whom to trust. Shared by all sessions of a client; one thread.
class TlsContext {
public:
    // `ca_file`: the only authorities that are trusted; null: those of the system. Null and a
    // sentence when the file holds none.
    static std::unique_ptr<TlsContext> make(const char *ca_file, std::string &ret_problem);
    SSL_CTX *get() const { return context_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

class TlsSession {
public:
    // The certificate must be one for `host`, a name or an address.
    TlsSession(const TlsContext &context, const std::string &host);

    enum class Step { kMore, kOpen, kEnd, kFailed };
    // Takes what came from the network and appends to `ret_plain` what is in it. kOpen: the
    // handshake is done; kEnd: the peer said that nothing follows; kFailed: see problem().
    Step feed(std::string_view cipher, std::string &ret_plain);
    // False when it cannot be encrypted. Only after kOpen.
    bool write(std::string_view plain);
    // What must go to the network now.
    std::string take_output();
    // One sentence, for the log.
    const std::string &problem() const { return problem_; }

private:
    Step shake();
    Step fail();

    struct Free {
        void operator()(SSL *session) const { SSL_free(session); }
    };
    std::unique_ptr<SSL, Free> session_;
    BIO *in_ = nullptr;   // the session's
    BIO *out_ = nullptr;  // the session's
    bool open_ = false;
    std::string problem_;
};

}  // namespace wse::http
