// SPDX-License-Identifier: MIT
#include "server/revocation_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "hub/mapped_file.h"

namespace wse::server {
namespace {

using hub::Descriptor;
using hub::file_failure;
using session::Revocation;

constexpr size_t kMaxLineBytes = 16 * 1024;
constexpr size_t kSpareLines = 1000;  // beyond those that count, before the file is written anew

std::string line_of(const Revocation &revocation) {
    JsonWriter out;
    out.begin_object();
    if (revocation.token.empty()) {
        out.member("user", revocation.user).member("issued_before", revocation.issued_before_ms);
    } else {
        out.member("token", revocation.token);
    }
    return out.member("made", revocation.made_ms).end_object().take() + '\n';
}

uint64_t moment_of(JsonView value) {
    const int64_t ms = value.integer().value_or(0);
    return ms > 0 ? static_cast<uint64_t>(ms) : 0;
}

// Nothing: not one of ours.
std::optional<Revocation> parse_line(std::string_view line) {
    if (line.size() > kMaxLineBytes) return std::nullopt;
    const auto document = JsonDocument::parse(line);
    if (!document) return std::nullopt;
    const JsonView root = document->root();
    Revocation revocation{.user = std::string(root["user"].string().value_or("")),
                          .token = std::string(root["token"].string().value_or("")),
                          .issued_before_ms = moment_of(root["issued_before"]),
                          .made_ms = moment_of(root["made"])};
    if (revocation.user.empty() == revocation.token.empty()) return std::nullopt;
    return revocation.made_ms == 0 ? std::nullopt : std::optional(std::move(revocation));
}

Result<void> write_all(int fd, const std::string &path, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_failure(path, "cannot write it", errno);
        text.remove_prefix(static_cast<size_t>(written));
    }
    if (fdatasync(fd) != 0) return file_failure(path, "cannot write it", errno);
    return {};
}

// Puts the names of its files on the disk.
Result<void> sync_directory(const std::string &path) {
    const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || fsync(directory.get()) != 0)
        return file_failure(path, "cannot write it", errno);
    return {};
}

}  // namespace

Result<void> RevocationFile::load(session::Revocations &revocations, uint64_t wall_ms) {
    if (access(path_.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) return {};
    errno = 0;
    std::ifstream file(path_);
    if (!file) return file_failure(path_, "cannot read it", errno);
    size_t damaged = 0;
    for (std::string line; std::getline(file, line); ++lines_) {
        auto revocation = parse_line(line);
        if (!revocation) {
            ++damaged;
        } else if (wall_ms < revocation->made_ms + revocations.age_ms()) {
            if (auto added = revocations.add(std::move(*revocation), wall_ms); !added)
                return Error{added.error().status, path_ + ": " + added.error().text};
        }
    }
    if (file.bad()) return file_failure(path_, "cannot read it", errno);
    if (damaged > 0)
        log::warn("server", "revocations.damaged", {{"path", path_}, {"lines", damaged}});
    return {};
}

Result<void> RevocationFile::append(const Revocation &revocation, const session::Revocations &all,
                                    uint64_t wall_ms) {
    if (mkdir(directory_.c_str(), 0750) != 0 && errno != EEXIST)
        return file_failure(directory_, "cannot make the directory", errno);
    if (lines_ >= 2 * all.list(wall_ms).size() + kSpareLines) return write_anew(all, wall_ms);
    const Descriptor file(
        open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (file.get() < 0) return file_failure(path_, "cannot open it", errno);
    // A line that a full disk has cut in two must not take the next one with it.
    char last = '\n';
    const off_t size = lseek(file.get(), 0, SEEK_END);
    if (size > 0 && pread(file.get(), &last, 1, size - 1) != 1)
        return file_failure(path_, "cannot read it", errno);
    ++lines_;
    auto written = write_all(file.get(), path_, (last == '\n' ? "" : "\n") + line_of(revocation));
    // One that is new is there after a power failure only when its directory says so.
    return written && size == 0 ? sync_directory(directory_) : written;
}

Result<void> RevocationFile::write_anew(const session::Revocations &all, uint64_t wall_ms) {
    const std::string draft = path_ + ".new";
    const auto kept = all.list(wall_ms);
    std::string text;
    for (const Revocation &revocation : kept) text += line_of(revocation);
    const Descriptor file(
        open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (file.get() < 0) return file_failure(draft, "cannot open it", errno);
    if (auto written = write_all(file.get(), draft, text); !written) return written;
    if (rename(draft.c_str(), path_.c_str()) != 0)
        return file_failure(path_, "cannot put the new one in its place", errno);
    lines_ = kept.size();
    return sync_directory(directory_);
}

}  // namespace wse::server
