// SPDX-License-Identifier: MIT
#include "net/tls_pem.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace wse::net {
namespace {

constexpr size_t kMaxBytes = 4 << 20;

struct FreeBio {
    void operator()(BIO *bio) const { BIO_free_all(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

// A file's text, which is no longer in memory once this has gone: it may be a key.
class PemText {
public:
    ~PemText() { OPENSSL_cleanse(text_.data(), text_.size()); }

    Result<void> read(const std::string &path) {
        // A name may stand for a pipe, which would wait for ever.
        const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0) return Error{WSE_EIO, std::string("cannot be read: ") + std::strerror(errno)};
        text_.resize(kMaxBytes + 1);
        size_t size = 0;
        ssize_t count = 0;
        while (size < text_.size() &&
               (count = ::read(fd, text_.data() + size, text_.size() - size)) > 0) {
            size += static_cast<size_t>(count);
        }
        const int why = errno;
        ::close(fd);
        if (count < 0) return Error{WSE_EIO, std::string("cannot be read: ") + std::strerror(why)};
        if (size > kMaxBytes) return Error{WSE_ETOOBIG, "is larger than 4 MiB"};
        size_ = size;
        return {};
    }

    BioPtr bio() const { return BioPtr(BIO_new_mem_buf(text_.data(), static_cast<int>(size_))); }

private:
    std::string text_;
    size_t size_ = 0;
};

bool at_end_of_pem() {
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// Called for a passphrase.
int refuse_passphrase(char *, int, int, void *asked) noexcept {
    *static_cast<bool *>(asked) = true;
    return -1;
}

std::string text_of(const ASN1_STRING *string) {
    const auto *data = reinterpret_cast<const char *>(ASN1_STRING_get0_data(string));
    return {data, static_cast<size_t>(ASN1_STRING_length(string))};
}

std::string ip_text(const std::string &bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
    if (bytes.size() != 4 && bytes.size() != 16) return {};
    return inet_ntop(family, bytes.data(), text.data(), text.size()) ? text.data() : "";
}

std::string name_text(const GENERAL_NAME &name) {
    int type = 0;
    const void *const value = GENERAL_NAME_get0_value(&name, &type);
    if (type == GEN_DNS) return text_of(static_cast<const ASN1_STRING *>(value));
    if (type == GEN_IPADD) return ip_text(text_of(static_cast<const ASN1_STRING *>(value)));
    return {};
}

std::string common_name(X509 &certificate) {
    std::array<char, 256> text{};
    X509_NAME *const subject = X509_get_subject_name(&certificate);
    const int size = X509_NAME_get_text_by_NID(subject, NID_commonName, text.data(), text.size());
    return size > 0 ? text.data() : "";
}

std::string taken(const BioPtr &bio) {
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

uint64_t ms_of(const ASN1_TIME *time) {
    std::tm parts{};
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
    const time_t seconds = timegm(&parts);
    return seconds > 0 ? static_cast<uint64_t>(seconds) * 1000 : 0;
}

}  // namespace

void TlsFree::operator()(evp_pkey_st *key) const {
    EVP_PKEY_free(key);
}
void TlsFree::operator()(ssl_ctx_st *context) const {
    SSL_CTX_free(context);
}
void TlsFree::operator()(ssl_st *session) const {
    SSL_free(session);
}
void TlsFree::operator()(x509_st *certificate) const {
    X509_free(certificate);
}

Result<std::vector<TlsPtr<x509_st>>> read_certificates(const std::string &path, size_t most) {
    PemText text;
    if (auto read = text.read(path); !read) return read.error();
    const BioPtr bio = text.bio();
    std::vector<TlsPtr<x509_st>> all;
    ERR_clear_error();
    while (X509 *const one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        all.emplace_back(one);
        if (all.size() > most) {
            return Error{WSE_ETOOBIG, "holds more than " + std::to_string(most) + " certificates"};
        }
    }
    const bool whole = at_end_of_pem();
    const std::string why = tls_reason();
    if (!whole) return Error{WSE_EINVAL, "holds a broken certificate: " + why};
    if (all.empty()) return Error{WSE_EINVAL, "holds no certificate in PEM"};
    return all;
}

Result<TlsPtr<evp_pkey_st>> read_private_key(const std::string &path) {
    PemText text;
    if (auto read = text.read(path); !read) return read.error();
    const BioPtr bio = text.bio();
    bool asked = false;
    ERR_clear_error();
    TlsPtr<evp_pkey_st> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, &asked));
    ERR_clear_error();
    if (key) return key;
    if (asked) return Error{WSE_EINVAL, "is encrypted, and nobody is there to be asked for it"};
    return Error{WSE_EINVAL, "holds no private key in PEM"};
}

std::vector<std::string> names_of(x509_st &certificate) {
    std::vector<std::string> names;
    auto *const alternatives = static_cast<GENERAL_NAMES *>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives); ++i) {
        std::string name = name_text(*sk_GENERAL_NAME_value(alternatives, i));
        if (!name.empty()) names.push_back(std::move(name));
    }
    GENERAL_NAMES_free(alternatives);
    if (names.empty()) {
        if (std::string name = common_name(certificate); !name.empty()) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

std::string serial_of(x509_st &certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    i2a_ASN1_INTEGER(bio.get(), X509_get0_serialNumber(&certificate));
    return taken(bio);
}

std::string subject_of(x509_st &certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253);
    return taken(bio);
}

uint64_t not_before_ms(x509_st &certificate) {
    return ms_of(X509_get0_notBefore(&certificate));
}

uint64_t not_after_ms(x509_st &certificate) {
    return ms_of(X509_get0_notAfter(&certificate));
}

std::string tls_reason() {
    const unsigned long error = ERR_peek_last_error();
    const char *const reason = error ? ERR_reason_error_string(error) : nullptr;
    std::string text = reason ? reason : "no reason given";
    ERR_clear_error();
    return text;
}

}  // namespace wse::net
