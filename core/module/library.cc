// SPDX-License-Identifier: MIT
#include "module/library.h"

#include <dlfcn.h>
#include <link.h>

#include <atomic>

#include "module/file.h"
#include "module/resident.h"

namespace wse::module {
namespace {

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
    if (!symbol.address) return Error{WSE_ENOTFOUND, kNoSymbol};
    Dl_info info{};
    void *entry = nullptr;
    if (dladdr1(symbol.address, &info, &entry, RTLD_DL_SYMENT) == 0 || !entry)
        return Error{WSE_EINVAL, "wse_module has no entry in the symbol table; link it as C"};
    const auto &elf = *static_cast<const ElfW(Sym) *>(entry);
    if (ELF64_ST_TYPE(elf.st_info) != STT_OBJECT) return Error{WSE_EINVAL, kNoObject};
    symbol.size = elf.st_size;
    return symbol;
}

bool contains(const dl_phdr_info &object, uintptr_t address) {
    for (int i = 0; i < object.dlpi_phnum; ++i) {
        const auto &segment = object.dlpi_phdr[i];
        const uintptr_t begin = object.dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_LOAD && address >= begin && address - begin < segment.p_memsz)
            return true;
    }
    return false;
}

// The code of the object that `symbol` is in.
CodeRange find_code(const void *symbol) {
    struct Search {
        uintptr_t address;
        CodeRange code;
    } search{reinterpret_cast<uintptr_t>(symbol), {}};
    dl_iterate_phdr(
        [](dl_phdr_info *object, size_t, void *arg) noexcept {
            auto *it = static_cast<Search *>(arg);
            if (!contains(*object, it->address)) return 0;
            for (int i = 0; i < object->dlpi_phnum; ++i) {
                const auto &segment = object->dlpi_phdr[i];
                if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
                const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
                it->code = {begin, begin + segment.p_memsz};
            }
            return 1;
        },
        &search);
    return search.code;
}

}  // namespace

Result<std::unique_ptr<Library>> Library::open_resident(const std::string &path) {
    const wse_module_def *const def = find_resident(path.substr(kProgram.size()));
    if (!def) return refusal(path, "this program has no module of that name");
    auto descriptor = read_descriptor(def, sizeof *def);
    if (!descriptor) return refusal(path, descriptor.error().text);
    std::unique_ptr<Library> library(new Library(path, nullptr));
    library->descriptor_ = *descriptor;
    library->code_ = find_code(def);
    return library;
}

Result<std::unique_ptr<Library>> Library::open(const std::string &path) {
    if (path.starts_with(kProgram)) return open_resident(path);
    const auto file = File::open(path);
    if (!file) return file.error();

    // By descriptor: what was judged is what is loaded, and a file that has replaced another is
    // another.
    const std::string name = unique_name(file->descriptor());
    void *handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return refusal(path, linker_refusal(linker_error(name, path)));
    std::unique_ptr<Library> library(new Library(path, handle));
    const auto symbol = find_descriptor(handle);
    if (!symbol) return refusal(path, symbol.error().text);
    auto descriptor = read_descriptor(symbol->address, symbol->size);
    if (!descriptor) return refusal(path, descriptor.error().text);
    library->descriptor_ = *descriptor;
    library->code_ = find_code(symbol->address);
    return library;
}

Library::~Library() {
    if (handle_ && !kept_) dlclose(handle_);
}

}  // namespace wse::module
