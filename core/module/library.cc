// SPDX-License-Identifier: MIT
#include "module/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace wse::module {
namespace {

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor() {
        if (number_ >= 0) close(number_);
    }
    FileDescriptor(const FileDescriptor &) = delete;
    FileDescriptor &operator=(const FileDescriptor &) = delete;
    int number() const { return number_; }

private:
    int number_;
};

Error refusal(const std::string &path, const std::string &why) {
    std::string text = path + ": " + why;
    // One refusal is one line, whatever the linker or a file name has in it.
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return Error{WSE_EINVAL, std::move(text)};
}

Result<void> judge_file(const std::string &path, int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0)
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
    return {};
}

// The linker takes a file for loaded when it knows its name, and it keeps every name it was given,
// so the number of a descriptor that is closed and used again would name the wrong file. Each name
// is written differently: the count stands in it as "/." for one and "/" for nought.
std::string unique_name(int fd) {
    static std::atomic<uint64_t> count{0};
    std::string name = "/proc/self/fd";
    for (uint64_t rest = ++count; rest; rest >>= 1) name += rest & 1 ? "/." : "/";
    return name + '/' + std::to_string(fd);
}

std::string linker_error(const std::string &name, const std::string &path) {
    const char *error = dlerror();
    std::string text = error ? error : "no reason given";
    // The reason begins with the name that we gave; the operator knows the file by its path.
    if (text.starts_with(name)) text = text.substr(name.size());
    if (text.starts_with(": ")) text = text.substr(2);
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name))
        text.replace(at, name.size(), path);
    return text;
}

struct Symbol {
    const void *address = nullptr;
    uint64_t size = 0;
};

Result<Symbol> find_descriptor(void *handle) {
    Symbol symbol{dlsym(handle, "wse_module"), 0};
    if (!symbol.address)
        return Error{WSE_ENOTFOUND,
                     "exports no symbol wse_module; it is no module, or the symbol is hidden: "
                     "declare it by including wse/module.h"};
    Dl_info info{};
    void *entry = nullptr;
    if (dladdr1(symbol.address, &info, &entry, RTLD_DL_SYMENT) == 0 || !entry)
        return Error{WSE_EINVAL, "wse_module has no entry in the symbol table; link it as C"};
    const auto &elf = *static_cast<const ElfW(Sym) *>(entry);
    if (ELF64_ST_TYPE(elf.st_info) != STT_OBJECT)
        return Error{WSE_EINVAL, "wse_module is not an object; define it as const wse_module_def"};
    symbol.size = elf.st_size;
    return symbol;
}

}  // namespace

Result<std::unique_ptr<Library>> Library::open(const std::string &path) {
    // Without O_NONBLOCK a FIFO would hold us here.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0)
        return refusal(path,
                       std::string("cannot be read: ") + std::strerror(errno) +
                           "; correct the path, the permissions or the module directory (-m)");
    if (auto verdict = judge_file(path, file.number()); !verdict) return verdict.error();

    // By descriptor: what was judged is what is loaded, and a file that has replaced another is
    // another.
    const std::string name = unique_name(file.number());
    void *handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return refusal(path, "the dynamic linker refuses it: " + linker_error(name, path) +
                                 "; install what it needs or build it anew");
    std::unique_ptr<Library> library(new Library(path, handle));
    const auto symbol = find_descriptor(handle);
    if (!symbol) return refusal(path, symbol.error().text);
    auto descriptor = read_descriptor(symbol->address, symbol->size);
    if (!descriptor) return refusal(path, descriptor.error().text);
    library->descriptor_ = *descriptor;
    return library;
}

Library::~Library() {
    if (!kept_) dlclose(handle_);
}

}  // namespace wse::module
