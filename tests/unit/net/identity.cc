// SPDX-License-Identifier: MIT
#include "unit/net/identity.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <fstream>

namespace wse::test {
namespace {

template <class Write>
std::string pem(Write write) {
    BIO *const bio = BIO_new(BIO_s_mem());
    EXPECT_EQ(write(bio), 1);
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
}

void add(X509 *certificate, int kind, const std::string &value) {
    X509_EXTENSION *const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

void on_message(int written, int, int type, const void *data, size_t, SSL *,
                void *records) noexcept {
    const bool is_data = type == SSL3_RT_HEADER &&
                         *static_cast<const unsigned char *>(data) == SSL3_RT_APPLICATION_DATA;
    if (!written && is_data) ++*static_cast<size_t *>(records);
}

}  // namespace

Identity::Identity(const Options &options)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")), certificate_(X509_new()) {
    X509 *const made = certificate_.get();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 0x0a0b);
    X509_gmtime_adj(X509_getm_notBefore(made), options.begins_s);
    X509_gmtime_adj(X509_getm_notAfter(made), options.ends_s);
    X509_set_pubkey(made, key_.get());
    X509_NAME *const subject = X509_get_subject_name(made);
    const auto *name = reinterpret_cast<const unsigned char *>(options.name.c_str());
    const auto *organisation = reinterpret_cast<const unsigned char *>("Example");
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, organisation, -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0);
    const Identity &issuer = options.issuer ? *options.issuer : *this;
    X509_set_issuer_name(made, X509_get_subject_name(issuer.certificate()));
    add(made, NID_subject_alt_name, "DNS:" + options.name);
    if (options.is_authority) add(made, NID_basic_constraints, "critical,CA:TRUE");
    EXPECT_GT(X509_sign(made, issuer.key(), EVP_sha256()), 0);
}

std::string Identity::certificate_pem() const {
    return pem([this](BIO *bio) { return PEM_write_bio_X509(bio, certificate()); });
}

std::string Identity::key_pem() const {
    return pem([this](BIO *bio) {
        return PEM_write_bio_PrivateKey(bio, key(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

PemFiles::PemFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "wse-pem-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
}

PemFiles::~PemFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string PemFiles::write(const std::string &name, const std::string &text) const {
    const std::filesystem::path path = directory_ / name;
    std::ofstream(path) << text;
    using std::filesystem::perms;
    std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
    return path.string();
}

TlsClient::TlsClient(const std::string &address, const Identity *identity, int receive_buffer)
    : client_(address, receive_buffer),
      context_(SSL_CTX_new(TLS_client_method())),
      session_(nullptr) {
    // A server that has ended is an answer. For this thread alone: the server's must not need it.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    if (identity) {
        SSL_CTX_use_certificate(context_.get(), identity->certificate());
        SSL_CTX_use_PrivateKey(context_.get(), identity->key());
    }
    session_.reset(SSL_new(context_.get()));
    SSL_set_fd(session_.get(), client_.fd());
    SSL_set_msg_callback(session_.get(), on_message);
    SSL_set_msg_callback_arg(session_.get(), &records_);
}

TlsClient::~TlsClient() = default;

bool TlsClient::handshake() {
    return SSL_connect(session_.get()) == 1;
}

void TlsClient::send(std::string_view bytes) {
    size_t count = 0;
    SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count);
}

std::string TlsClient::receive(size_t count) {
    std::string bytes(count, '\0');
    size_t filled = 0;
    while (filled < count) {
        size_t got = 0;
        if (SSL_read_ex(session_.get(), bytes.data() + filled, count - filled, &got) != 1) break;
        filled += got;
    }
    bytes.resize(filled);
    return bytes;
}

std::string TlsClient::receive_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
        const std::string octet = receive(1);
        if (octet.empty()) break;
        head += octet;
    }
    return head;
}

std::string TlsClient::upgrade() {
    send(upgrade_request());
    return receive_head();
}

}  // namespace wse::test
