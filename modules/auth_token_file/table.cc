// SPDX-License-Identifier: MIT
#include "table.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "strict_json/strict_json.h"
#include "strict_json/text.h"

namespace wse::auth_token_file {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kDigestPrefix = "sha256:";

// Cuts the first word off `line`.
std::string_view next_word(std::string_view &line) {
    const size_t end = std::min(line.find_first_of(kBlanks), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks, end), line.size()));
    return word;
}

std::string_view trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool has_control_character(std::string_view text) {
    for (const char c : text) {
        if ((static_cast<uint8_t>(c) < 0x20 && c != '\t') || c == 0x7f) return true;
    }
    return false;
}

const char *read_claims(std::string_view text, Entry &entry) {
    if (text.empty()) return nullptr;
    const strict_json::Object claims = strict_json::parse_object(text);
    if (!claims) return "what follows the user is no JSON object";
    if (const cJSON *exp = strict_json::member(claims, "exp")) {
        const std::optional<uint64_t> end = strict_json::date_ms(exp);
        if (!end) return "exp is no number of seconds since 1970";
        entry.expires_ms = *end;
    }
    entry.claims = text;
    return nullptr;
}

}  // namespace

bool Table::digest_of(std::string_view token, Digest &ret) {
    return EVP_Digest(token.data(), token.size(), ret.data(), nullptr, EVP_sha256(), nullptr) == 1;
}

const char *Table::read_token(std::string_view word, Digest &ret) {
    if (word.substr(0, kDigestPrefix.size()) != kDigestPrefix)
        return digest_of(word, ret) ? nullptr : "OpenSSL has no SHA-256";
    const std::string_view hex = word.substr(kDigestPrefix.size());
    if (hex.size() != 2 * ret.size()) return "sha256: wants 64 hexadecimal digits";
    for (size_t i = 0; i < ret.size(); ++i) {
        const int high = hex_digit(hex[2 * i]);
        const int low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return "sha256: wants 64 hexadecimal digits";
        ret[i] = static_cast<uint8_t>(high << 4 | low);
    }
    return nullptr;
}

std::string Table::add_line(std::string_view line, int number) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!strict_json::is_utf8(line) || has_control_character(line)) return "not plain UTF-8 text";
    line = trim(line);
    if (line.empty() || line.front() == '#') return "";
    Digest digest;
    if (const char *problem = read_token(next_word(line), digest)) return problem;
    Entry entry;
    entry.line = number;
    entry.user = next_word(line);
    if (entry.user.empty()) return "no user behind the token";
    if (!strict_json::is_user(entry.user))
        return "the user is over 256 bytes or has a control character";
    if (const char *problem = read_claims(line, entry)) return problem;
    const auto [place, added] = entries_.try_emplace(digest, std::move(entry));
    return added ? "" : "the token of line " + std::to_string(place->second.line) + " again";
}

std::shared_ptr<const Table> Table::parse(std::string_view text, std::string &ret_problem) {
    const auto table = std::make_shared<Table>();
    for (int number = 1; !text.empty(); ++number) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string problem = table->add_line(text.substr(0, end), number);
        if (!problem.empty()) {
            ret_problem = std::to_string(number) + ": " + problem;
            return nullptr;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (table->size() > 0) return table;
    // Also what a file looks like in the moment between its truncation and its rewriting.
    ret_problem = "1: no token in the whole file";
    return nullptr;
}

const Entry *Table::find(std::string_view token) const {
    Digest digest;
    if (!digest_of(token, digest)) return nullptr;
    const auto place = entries_.find(digest);
    return place == entries_.end() ? nullptr : &place->second;
}

}  // namespace wse::auth_token_file
