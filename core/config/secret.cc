// SPDX-License-Identifier: MIT
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace wse::config {
namespace {

constexpr size_t kMaxSecretBytes = 64 * 1024;

// An open file, closed at the end.
class File {
public:
    // Does not wait for the writer of a named pipe; that is no regular file and refused after.
    explicit File(const std::string &path)
        : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), error_(errno) {
        if (fd_ < 0) return;
        if (::fstat(fd_, &status_) != 0) error_ = errno;
    }
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    // Why it cannot be used, or empty.
    std::string complaint() const {
        if (fd_ < 0) return std::strerror(error_);
        return S_ISREG(status_.st_mode) ? std::string() : "not a regular file";
    }
    bool readable_by_everybody() const { return (status_.st_mode & S_IROTH) != 0; }
    std::string content(size_t limit) const {
        std::string text(limit, '\0');
        size_t size = 0;
        while (size < limit) {
            const ssize_t n = ::read(fd_, text.data() + size, limit - size);
            if (n <= 0) break;
            size += static_cast<size_t>(n);
        }
        text.resize(size);
        return text;
    }

private:
    int fd_;
    int error_;
    struct stat status_ {};
};

Misfit secret_from_environment(const Document &document, Value &value) {
    const std::string name = value.text.substr(std::strlen("env:"));
    const char *const text = name.empty() ? nullptr : document.getenv(name.c_str());
    if (!text) {
        return {": environment variable '" + name + "' is not set",
                "set it, or name a file that holds the secret: \"file:PATH\"", value.at};
    }
    if (!*text) return {": environment variable '" + name + "' is empty", {}, value.at};
    value.text = text;
    return {};
}

Misfit secret_from_file(const Document &document, Value &value, Diagnostics &diagnostics) {
    const std::string path =
        resolve_path(document, value.text.substr(std::strlen("file:")), value.at);
    const File file(path);
    const std::string complaint = file.complaint();
    if (!complaint.empty()) return {": cannot read '" + path + "': " + complaint, {}, value.at};
    std::string text = file.content(kMaxSecretBytes + 1);
    if (text.size() > kMaxSecretBytes) {
        return {": '" + path + "' is larger than 64 KiB", {}, value.at};
    }
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.empty()) return {": '" + path + "' is empty", {}, value.at};
    if (file.readable_by_everybody()) {
        diagnostics.warning(value.at, "the secret in '" + path + "' is readable by everybody",
                            "chmod o-r " + path);
    }
    value.text = std::move(text);
    return {};
}

// Written out in the file; fine for a trial, so only who may read the file is looked at.
void secret_in_place(const Value &value, Diagnostics &diagnostics) {
    diagnostics.hide_line(value.at);
    const Source *const source = value.at.source;
    if (!source || source->kind != Source::Kind::kFile || value.text.empty()) return;
    if (File(source->name).readable_by_everybody()) {
        diagnostics.warning(value.at, "a secret stands in a file that is readable by everybody",
                            "use \"file:PATH\" or \"env:NAME\", or chmod o-r " + source->name);
    }
}

}  // namespace

std::string resolve_path(const Document &document, const std::string &path, const Location &at) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const bool in_file = at.source && at.source->kind == Source::Kind::kFile;
    const fs::path directory = in_file ? fs::absolute(at.source->name, ignored).parent_path()
                                       : fs::path(document.directory);
    return (directory / path).lexically_normal().string();
}

Misfit resolve_secret(const Document &document, Value &value, Diagnostics &diagnostics) {
    for (Value &item : value.items) {
        if (Misfit misfit = resolve_secret(document, item, diagnostics)) return misfit;
    }
    for (Member &member : value.members) {
        if (Misfit misfit = resolve_secret(document, member.value, diagnostics)) return misfit;
    }
    if (value.kind == Kind::kArray || value.kind == Kind::kTable) return {};
    const bool text = value.kind == Kind::kString;
    if (text && value.text.rfind("env:", 0) == 0) return secret_from_environment(document, value);
    if (text && value.text.rfind("file:", 0) == 0) {
        return secret_from_file(document, value, diagnostics);
    }
    secret_in_place(value, diagnostics);
    return {};
}

Misfit resolve_readable(const Document &document, Value &value) {
    for (Value &item : value.items) {
        if (Misfit misfit = resolve_readable(document, item)) return misfit;
    }
    if (value.kind != Kind::kString || value.text.empty()) return {};
    value.text = resolve_path(document, value.text, value.at);
    const std::string complaint = File(value.text).complaint();
    if (complaint.empty()) return {};
    return {": cannot read '" + value.text + "': " + complaint, {}, value.at};
}

}  // namespace wse::config
