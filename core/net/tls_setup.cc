// SPDX-License-Identifier: MIT
#include "net/tls_setup.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/random.h"

namespace wse::net {
namespace {

// AES-128 first: nobody breaks it, and it is the fastest where processors have it. A client that
// prefers ChaCha20 has none, and gets that (SSL_OP_PRIORITIZE_CHACHA).
constexpr const char *kSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char *kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char *kGroups = "X25519:P-256:P-384";
// Of the names of authorities, which help a client to choose one of its certificates. They come
// with every handshake, and more than 64 KiB do not fit into it.
constexpr size_t kMaxAuthorityNameBytes = 16 * 1024;
constexpr long kMaxClientChainBytes = 32 * 1024;
constexpr int kMaxClientChain = 4;
constexpr long kTicketSeconds = 12 * 3600;  // what a client is told; its key opens for as long

const TlsContext &owner_of(const SSL_CTX *context) {
    return *static_cast<const TlsContext *>(SSL_CTX_get_app_data(context));
}

int on_server_name(SSL *session, int *, void *owner) noexcept {
    const char *const name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    if (!name) return SSL_TLSEXT_ERR_NOACK;
    SSL_CTX *const chosen = static_cast<const TlsContext *>(owner)->context_for(name);
    if (chosen != SSL_get_SSL_CTX(session)) SSL_set_SSL_CTX(session, chosen);
    return SSL_TLSEXT_ERR_OK;
}

// Who offers protocols, and not ours, would misunderstand us.
int on_protocols(SSL *, const unsigned char **out, unsigned char *out_size,
                 const unsigned char *offered, unsigned offered_size, void *) noexcept {
    static constexpr std::array<unsigned char, 9> kOurs = {8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
    unsigned char *chosen = nullptr;
    const int found =
        SSL_select_next_proto(&chosen, out_size, kOurs.data(), kOurs.size(), offered, offered_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_up_ticket(const TicketKeys::Key &key, const unsigned char *iv, EVP_CIPHER_CTX *cipher,
                   EVP_MAC_CTX *mac, bool seals) {
    std::array<char, 7> digest = {"SHA256"};
    auto *const mac_key = const_cast<uint8_t *>(key.mac.data());  // it is only read
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key, key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv,
                             seals ? 1 : 0) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// 1: done, 0: no such key, 2: done, and the client is to get a new ticket, -1: no ticket.
int on_ticket(SSL *session, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
              EVP_MAC_CTX *mac, int seals) noexcept {
    TicketKeys &keys = owner_of(SSL_get_SSL_CTX(session)).tickets();
    if (seals) {
        const TicketKeys::Key key = keys.current();
        std::copy(key.name.begin(), key.name.end(), name);
        random_bytes(iv, static_cast<size_t>(EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())));
        return set_up_ticket(key, iv, cipher, mac, true) ? 1 : -1;
    }
    const auto found = keys.find({name, std::tuple_size_v<decltype(TicketKeys::Key::name)>});
    if (!found || !set_up_ticket(found->key, iv, cipher, mac, false)) return 0;
    return found->seals ? 1 : 2;
}

// A session of one listener is none of another: what it asks of clients may differ.
void set_session_scope(SSL_CTX *context, std::string_view listener) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(listener.data(), listener.size(), digest.data(), &size, EVP_sha256(), nullptr);
    SSL_CTX_set_session_id_context(context, digest.data(),
                                   std::min<unsigned>(size, SSL_MAX_SID_CTX_LENGTH));
}

}  // namespace

TlsPtr<ssl_ctx_st> make_tls_context(const TlsContext &owner, std::string_view listener) {
    TlsPtr<ssl_ctx_st> made(SSL_CTX_new(TLS_server_method()));
    SSL_CTX *const context = made.get();
    const bool usable = context && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                        SSL_CTX_set_ciphersuites(context, kSuites) == 1 &&
                        SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
                        SSL_CTX_set1_groups_list(context, kGroups) == 1;
    WSE_ASSERT(usable, "OpenSSL does not know a cipher or group that it had");
    // An end without close_notify is an end: WebSockets and requests say themselves where they end.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);  // a record's head and body in one call
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets hold sessions
    SSL_CTX_set_timeout(context, kTicketSeconds);
    SSL_CTX_set_num_tickets(context, 1);
    set_session_scope(context, listener);
    SSL_CTX_set_app_data(context, const_cast<TlsContext *>(&owner));
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
    // What the macro of OpenSSL would do, without a cast of C.
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(on_server_name));
    SSL_CTX_set_tlsext_servername_arg(context, const_cast<TlsContext *>(&owner));
    SSL_CTX_set_alpn_select_cb(context, on_protocols, nullptr);
    return made;
}

void ask_for_certificate(ssl_ctx_st &context, const std::vector<TlsPtr<x509_st>> &trusted,
                         bool required) {
    X509_STORE *const store = SSL_CTX_get_cert_store(&context);
    size_t name_bytes = 0;
    for (const auto &each : trusted) {
        X509_STORE_add_cert(store, each.get());
        name_bytes += static_cast<size_t>(
            std::max(i2d_X509_NAME(X509_get_subject_name(each.get()), nullptr), 0));
    }
    // All or none: a client would not show a certificate of one that is left out.
    for (const auto &each : trusted) {
        if (name_bytes <= kMaxAuthorityNameBytes) SSL_CTX_add_client_CA(&context, each.get());
    }
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
    SSL_CTX_set_verify_depth(&context, kMaxClientChain);
    SSL_CTX_set_max_cert_list(&context, kMaxClientChainBytes);
    // A resumed session would not be verified again: not its dates, nor by a new authority.
    SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(&context, 0);
}

}  // namespace wse::net
