// SPDX-License-Identifier: MIT
#include "module/image.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "config/option.h"
#include "module/file.h"

namespace wse::module {
namespace {

constexpr uint64_t kMaxFile = 1u << 30;
constexpr size_t kMaxText = 1u << 16;
constexpr size_t kMaxRows = 1000;  // more than the table may have, which is judged afterwards

Error beyond(const char *member) {
    return Error{WSE_EINVAL, std::string(member) +
                                 " points outside of the file, and the server would crash on it; "
                                 "correct the module"};
}

bool has_text(const Elf &elf, const char *text) {
    return !text || (elf.has(text, 1) && strnlen(text, kMaxText) < kMaxText);
}

bool has_texts(const Elf &elf, const wse_option &row) {
    return has_text(elf, row.name) && has_text(elf, row.fallback) && has_text(elf, row.choices) &&
           has_text(elf, row.env) && has_text(elf, row.help);
}

// Is all of the table in the file, up to the row without a name?
bool has_options(const Elf &elf, const wse_module_def &def) {
    if (!def.options || def.option_size < kOptionSize1_0) return true;  // judged as it is
    if (reinterpret_cast<uint64_t>(def.options) % alignof(wse_option) != 0) return false;
    const auto *row = reinterpret_cast<const std::byte *>(def.options);
    for (size_t i = 0; i < kMaxRows; ++i) {
        wse_option option;
        if (!elf.has(row, sizeof option)) return false;
        std::memcpy(&option, row, sizeof option);
        if (!option.name) return true;
        if (!has_texts(elf, option) || !elf.has(row, def.option_size)) return false;
        row += def.option_size;
    }
    return true;
}

// What read_descriptor is going to follow. A server trusts a module that far, since its code is
// going to run anyway; here it might be anything.
Result<void> judge_pointers(const Elf &elf, const wse_module_def &def) {
    if (!has_text(elf, def.name)) return beyond("name");
    if (!has_text(elf, def.version)) return beyond("version");
    if (def.ops && !elf.has(def.ops, sizeof(uint32_t))) return beyond("ops");
    if (!has_options(elf, def)) return beyond("the option table");
    return {};
}

Result<std::vector<std::byte>> read_all(const std::string &path) {
    const auto file = File::open(path);
    if (!file) return file.error();
    if (file->size() > kMaxFile)
        return refusal(path, "is larger than 1 GiB; name the module's .so");
    std::vector<std::byte> bytes(file->size());
    size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t count = ::read(file->descriptor(), bytes.data() + have, bytes.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return refusal(path, std::string("cannot be read: ") + std::strerror(errno));
        if (count == 0) break;
        have += static_cast<size_t>(count);
    }
    bytes.resize(have);
    return bytes;
}

}  // namespace

Result<Image> Image::read(const std::string &path) {
    const auto bytes = read_all(path);
    if (!bytes) return bytes.error();
    return of(*bytes);
}

Image Image::of(std::span<const std::byte> file) {
    Image image;
    auto elf = Elf::lay_out(file);
    if (!elf) {
        image.descriptor_ = Error{WSE_EINVAL, linker_refusal(elf.error().text)};
        return image;
    }
    image.elf_ = std::move(*elf);
    for (const std::string_view name : image.elf_->needs())
        if (image.needs_.size() < kMaxNames) image.needs_.emplace_back(name);
    image.descriptor_ = image.judge();
    return image;
}

Result<Descriptor> Image::judge() {
    std::optional<Elf::Symbol> symbol;
    for (const Elf::Symbol &each : elf_->symbols()) {
        if (!each.exported) continue;
        if (each.name == "wse_module" && !symbol)
            symbol = each;
        else if (exports_.size() < kMaxNames)
            exports_.emplace_back(each.name);
    }
    std::sort(exports_.begin(), exports_.end());
    if (!symbol) return Error{WSE_ENOTFOUND, kNoSymbol};
    if (symbol->type != STT_OBJECT) return Error{WSE_EINVAL, kNoObject};
    const void *object = elf_->at(symbol->address, symbol->size);
    if (!object) return beyond("wse_module");

    Preamble preamble{};
    std::memcpy(&preamble, object, std::min<uint64_t>(sizeof preamble, symbol->size));
    if (preamble.magic == WSE_MODULE_MAGIC && symbol->size >= sizeof preamble) preamble_ = preamble;
    if (const auto known = read_preamble(object, symbol->size); !known) return known.error();
    wse_module_def def{};
    std::memcpy(&def, object, std::min<uint64_t>(sizeof def, symbol->size));
    if (auto verdict = judge_pointers(*elf_, def); !verdict) return verdict.error();
    return read_descriptor(object, symbol->size);
}

}  // namespace wse::module
