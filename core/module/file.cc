// SPDX-License-Identifier: MIT
#include "module/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace wse::module {

Error refusal(const std::string &path, const std::string &why) {
    std::string text = path + ": " + why;
    // One refusal is one line, whatever the linker or a file name has in it.
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return Error{WSE_EINVAL, std::move(text)};
}

std::string linker_refusal(const std::string &reason) {
    return "the dynamic linker refuses it: " + reason + "; install what it needs or build it anew";
}

Result<File> File::open(const std::string &path) {
    // Without O_NONBLOCK a FIFO would hold us here.
    File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.descriptor_ < 0)
        return refusal(path,
                       std::string("cannot be read: ") + std::strerror(errno) +
                           "; correct the path, the permissions or the module directory (-m)");
    struct stat status {};
    if (fstat(file.descriptor_, &status) != 0)
        return refusal(path, std::string("cannot be read: ") + std::strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refusal(path, "is not a regular file; name the module's .so");
    // Whoever can write it becomes us.
    if (status.st_mode & S_IWOTH) {
        char mode[8];
        std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
        return refusal(path, "is writable by every user (mode " + std::string(mode) +
                                 ", at most 0775); run chmod o-w on it");
    }
    file.size_ = static_cast<uint64_t>(status.st_size);
    return file;
}

File::~File() {
    if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace wse::module
