// SPDX-License-Identifier: MIT
// A shared object laid out in memory as the dynamic linker would, of which nothing runs. The bytes
// may be anybody's: whatever they say of addresses, sizes and counts is checked before it is used.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wse::module {

class Elf {
public:
    struct Symbol {
        std::string_view name;
        uint64_t address = 0;
        uint64_t size = 0;
        unsigned char type = 0;  // STT_*
        bool exported = false;   // defined here and seen by others
    };

    // The error says why the linker would refuse it. Pointers in the data are relocated: what they
    // point to in this file is then at that place in memory; what other files would give is some
    // address outside of it that is not null.
    static Result<Elf> lay_out(std::span<const std::byte> file);
    Elf(Elf &&) noexcept = default;
    Elf &operator=(Elf &&) noexcept = default;

    // By the file's own addresses; null when [address, address + size) is not all inside.
    const void *at(uint64_t address, uint64_t size) const;
    // Are `size` bytes from `pointer` on inside? A text that begins inside also ends: zeros follow.
    bool has(const void *pointer, uint64_t size) const;

    // In the order of the file. Views point into this object.
    std::vector<Symbol> symbols() const;
    // Names of the libraries that the linker would load with it.
    std::vector<std::string_view> needs() const;

private:
    Elf() = default;
    Result<void> load(std::span<const std::byte> file, std::span<const Elf64_Phdr> parts);
    void read_dynamic(uint64_t address, uint64_t size);
    void relocate();
    void relocate_rela(const Elf64_Rela &entry);
    void relocate_relr(uint64_t table, uint64_t size);
    void relocate_one(uint64_t address, uint64_t value);
    uint64_t symbol_count() const;
    uint64_t count_by_chains(uint64_t table) const;
    std::optional<Elf64_Sym> symbol(uint64_t index) const;
    std::string_view text(uint64_t offset) const;
    uint64_t dynamic(int64_t tag) const;
    uint64_t base() const { return reinterpret_cast<uint64_t>(memory_.data()) - lowest_; }

    template <class T>
    std::optional<T> read(uint64_t address) const {
        const void *place = at(address, sizeof(T));
        if (!place) return std::nullopt;
        T value;
        std::memcpy(&value, place, sizeof value);
        return value;
    }

    std::vector<std::byte> memory_;  // zeros follow what the file fills
    uint64_t lowest_ = 0;            // the file's own address of memory_[0]
    uint64_t size_ = 0;              // of what the file fills
    std::vector<Elf64_Dyn> dynamic_;
};

}  // namespace wse::module
