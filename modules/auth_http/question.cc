// SPDX-License-Identifier: MIT
#include "question.h"

#include <openssl/evp.h>

#include "abi/module_class.h"
#include "json_text/json_text.h"
#include "strict_json/text.h"

namespace wse::auth_http {
namespace {

const char *word_of(uint32_t source) {
    switch (source) {
        case WSE_CREDENTIAL_COOKIE:
            return "cookie";
        case WSE_CREDENTIAL_BEARER:
            return "bearer";
        case WSE_CREDENTIAL_QUERY:
            return "query";
        default:
            return "none";
    }
}

// False: not UTF-8.
bool append_member(std::string &out, std::string_view name, std::string_view value) {
    if (!strict_json::is_utf8(value)) return false;
    if (out.back() != '{') out += ',';
    json_text::append_string(out, name);
    out += ':';
    json_text::append_string(out, value);
    return true;
}

}  // namespace

std::optional<std::string> body_of(const wse_auth_request &request, const NamedHeaders &headers) {
    std::string body = "{";
    bool is_text = append_member(body, "source", word_of(request.source)) &&
                   append_member(body, "credential", abi::text_of(request.credential)) &&
                   append_member(body, "peer", abi::text_of(request.peer)) &&
                   append_member(body, "listener", abi::text_of(request.listener));
    if (WSE_HAS(wse_auth_request, &request, subject) && request.subject.len > 0)
        is_text = is_text && append_member(body, "subject", abi::text_of(request.subject));
    if (!headers.empty()) {
        body += ",\"headers\":{";
        for (const auto &[name, value] : headers)
            is_text = is_text && append_member(body, name, value);
        body += '}';
    }
    if (!is_text) return std::nullopt;
    return body + '}';
}

std::string key_of(std::string_view body) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(body.data(), body.size(), digest, &size, EVP_sha256(), nullptr) != 1) return "";
    return {reinterpret_cast<const char *>(digest), size};
}

}  // namespace wse::auth_http
