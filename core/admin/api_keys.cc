// SPDX-License-Identifier: MIT
#include "admin/api_keys.h"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <fstream>

#include "base/base64.h"
#include "base/random.h"

namespace wse::admin {
namespace {

constexpr std::string_view kHash = "sha256:";
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxFileBytes = size_t{256} << 10;
constexpr size_t kKeyBytes = 32;  // so many that no key can be guessed, and a plain hash will do

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxNameBytes &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '.';
           });
}

std::string_view trimmed(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

Result<std::string> content_of(const std::string &path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxFileBytes + 1, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file && !file.eof())
        return Error{WSE_EIO, "cannot read " + path + ": " +
                                  (errno == 0 ? "not a file" : strerrordesc_np(errno))};
    text.resize(static_cast<size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) return Error{WSE_ETOOBIG, path + " is larger than 256 KiB"};
    return text;
}

}  // namespace

Result<ApiKeys> ApiKeys::read(const std::vector<std::pair<std::string, std::string>> &given,
                              const std::string &file) {
    ApiKeys keys;
    for (const auto &[name, hash] : given) {
        if (auto added = keys.add(name, hash); !added)
            return Error{added.error().status, "http.keys: " + added.error().text};
    }
    if (file.empty()) return keys;
    const auto text = content_of(file);
    if (!text) return Error{text.error().status, "http.key_file: " + text.error().text};
    if (auto added = keys.add_lines(*text); !added)
        return Error{added.error().status, "http.key_file: " + file + ":" + added.error().text};
    return keys;
}

// The error begins with the number of the line.
Result<void> ApiKeys::add_lines(std::string_view text) {
    for (size_t number = 1; !text.empty(); ++number) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        const size_t blank = std::min(line.find_first_of(" \t"), line.size());
        auto added = add(line.substr(0, blank), trimmed(line.substr(blank)));
        if (!added)
            return Error{added.error().status, std::to_string(number) + ": " + added.error().text};
    }
    return {};
}

Result<void> ApiKeys::add(std::string_view name, std::string_view hash) {
    // What stands there may be a key by mistake: it is not repeated.
    if (!is_name(name)) return Error{WSE_EINVAL, "the name of a key is not letters, digits, _-."};
    const std::string called(name);
    const auto digest =
        hash.starts_with(kHash) ? parse_sha256(hash.substr(kHash.size())) : std::optional<Sha256>();
    if (!digest)
        return Error{WSE_EINVAL, called +
                                     ": no hash of a key, \"sha256:\" and 64 hex digits; "
                                     "see wsectl keys new"};
    if (keys_.size() >= kMost)
        return Error{WSE_ETOOBIG, called + ": more than " + std::to_string(kMost) + " keys"};
    for (const ApiKey &other : keys_) {
        if (other.name == name) return Error{WSE_EINVAL, called + ": this name stands twice"};
        if (other.digest == *digest)
            return Error{WSE_EINVAL, called + ": the same key as " + other.name};
    }
    keys_.push_back({called, *digest});
    return {};
}

// All are looked at, so that the time tells nothing about which of them it was.
std::optional<size_t> ApiKeys::find(std::string_view key) const {
    const Sha256 digest = sha256(key);
    std::optional<size_t> found;
    for (size_t i = 0; i < keys_.size(); ++i) {
        if (equal_in_constant_time(digest, keys_[i].digest)) found = i;
    }
    return found;
}

Result<NewApiKey> new_api_key(std::string_view name) {
    if (!is_name(name))
        return Error{WSE_EINVAL, "a name is 1 to 64 letters, digits, '_', '-' and '.'"};
    std::string bytes(kKeyBytes, '\0');
    random_bytes(bytes.data(), bytes.size());
    std::string text = base64(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.resize(text.find('='));
    NewApiKey made{.key = "wse_" + text, .hash = {}, .line = {}};
    made.hash = std::string(kHash) + hex_of(sha256(made.key));
    made.line = std::string(name) + ' ' + made.hash;
    return made;
}

}  // namespace wse::admin
