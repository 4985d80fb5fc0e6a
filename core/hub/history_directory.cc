// SPDX-License-Identifier: MIT
#include "hub/history_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

namespace wse::hub {
namespace {

// 0: not the name of a segment. The last half of the numbers is left out, so that a stray file
// cannot leave none for those that follow.
uint64_t segment_number(std::string_view name) {
    constexpr size_t kDigits = 16;
    if (name.size() != kDigits + 4 || !name.ends_with(".seg")) return 0;
    uint64_t number = 0;
    const char *const end = name.data() + kDigits;
    const auto parsed = std::from_chars(name.data(), end, number, 16);
    return parsed.ec == std::errc() && parsed.ptr == end && number >> 63 == 0 ? number : 0;
}

}  // namespace

Result<HistoryDirectory> HistoryDirectory::open(const std::string &path) {
    if (mkdir(path.c_str(), 0750) != 0 && errno != EEXIST)
        return file_failure(path, "cannot make the directory", errno);
    const std::string name = path + "/lock";
    Descriptor lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (lock.get() < 0) return file_failure(name, "cannot open it", errno);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return file_failure(name, "cannot lock it", errno);
        return Error{WSE_EAGAIN, path +
                                     ": another process writes its history here; stop it or set " +
                                     "another history.path"};
    }
    return HistoryDirectory(path, std::move(lock));
}

Result<std::vector<uint64_t>> HistoryDirectory::segments() const {
    const auto close_directory = [](DIR *directory) { closedir(directory); };
    const std::unique_ptr<DIR, decltype(close_directory)> directory(opendir(path_.c_str()));
    if (!directory) return file_failure(path_, "cannot list it", errno);
    std::vector<uint64_t> numbers;
    while (const dirent *entry = readdir(directory.get())) {
        if (const uint64_t number = segment_number(entry->d_name)) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

bool HistoryDirectory::sync() const {
    const Descriptor directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory.get() >= 0 && fsync(directory.get()) == 0;
}

}  // namespace wse::hub
