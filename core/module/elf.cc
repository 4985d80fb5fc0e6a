// SPDX-License-Identifier: MIT
#include "module/elf.h"

#include <algorithm>

namespace wse::module {
namespace {

#if defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
constexpr uint32_t kRelative = R_AARCH64_RELATIVE, kAbsolute = R_AARCH64_ABS64;
#else
constexpr uint16_t kMachine = EM_X86_64;
constexpr uint32_t kRelative = R_X86_64_RELATIVE, kAbsolute = R_X86_64_64;
#endif

constexpr uint64_t kMaxMemory = 256u << 20;
constexpr uint64_t kTail = 4096;  // zeros behind the file's part: what begins inside may be read
constexpr uint64_t kMaxParts = 64;
constexpr uint64_t kMaxSymbols = 1u << 20;
constexpr uint64_t kMaxDynamic = 4096;
constexpr uint64_t kMaxName = 2048;
constexpr uint64_t kElsewhere = 1;  // an address that no file has

// Neither tables of newer linkers nor their tags are in every elf.h.
constexpr int64_t kTagRelr = 36, kTagRelrSize = 35;

Error refused(const char *why) {
    return Error{WSE_EINVAL, why};
}

Result<Elf64_Ehdr> read_header(std::span<const std::byte> file) {
    Elf64_Ehdr header;
    if (file.size() < sizeof header) return refused("the file is too short");
    std::memcpy(&header, file.data(), sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return refused("invalid ELF header");
    const bool known =
        header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB;
    if (!known || header.e_machine != kMachine)
        return refused("it was built for another kind of machine");
    if (header.e_type != ET_DYN) return refused("it is no shared object");
    return header;
}

Result<std::vector<Elf64_Phdr>> read_parts(std::span<const std::byte> file,
                                           const Elf64_Ehdr &header) {
    const uint64_t size = uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
    if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
        header.e_phnum > kMaxParts || header.e_phoff > file.size() ||
        size > file.size() - header.e_phoff)
        return refused("its program header is not sound");
    std::vector<Elf64_Phdr> parts(header.e_phnum);
    std::memcpy(parts.data(), file.data() + header.e_phoff, size);
    return parts;
}

}  // namespace

Result<Elf> Elf::lay_out(std::span<const std::byte> file) {
    const auto header = read_header(file);
    if (!header) return header.error();
    const auto parts = read_parts(file, *header);
    if (!parts) return parts.error();
    Elf elf;
    if (auto loaded = elf.load(file, *parts); !loaded) return loaded.error();
    for (const Elf64_Phdr &part : *parts)
        if (part.p_type == PT_DYNAMIC) elf.read_dynamic(part.p_vaddr, part.p_memsz);
    if (elf.dynamic_.empty()) return refused("it has no dynamic section");
    elf.relocate();
    return elf;
}

Result<void> Elf::load(std::span<const std::byte> file, std::span<const Elf64_Phdr> parts) {
    uint64_t lowest = UINT64_MAX, highest = 0;
    for (const Elf64_Phdr &part : parts) {
        if (part.p_type != PT_LOAD) continue;
        if (part.p_filesz > part.p_memsz || part.p_offset > file.size() ||
            part.p_filesz > file.size() - part.p_offset || part.p_memsz > UINT64_MAX - part.p_vaddr)
            return refused("the file is not as long as its header says");
        lowest = std::min(lowest, part.p_vaddr);
        highest = std::max(highest, part.p_vaddr + part.p_memsz);
    }
    if (lowest >= highest) return refused("it has nothing to load");
    if (highest - lowest > kMaxMemory) return refused("it needs more memory than a module may");
    // Places keep their alignment: memory begins where a multiple of 16 would be.
    lowest_ = lowest & ~uint64_t{15};
    size_ = highest - lowest_;
    memory_.resize(size_ + kTail);
    for (const Elf64_Phdr &part : parts) {
        if (part.p_type != PT_LOAD || part.p_filesz == 0) continue;
        std::memcpy(memory_.data() + (part.p_vaddr - lowest_), file.data() + part.p_offset,
                    part.p_filesz);
    }
    return {};
}

void Elf::read_dynamic(uint64_t address, uint64_t size) {
    const uint64_t count = std::min(size / sizeof(Elf64_Dyn), kMaxDynamic);
    for (uint64_t i = 0; i < count; ++i) {
        const auto entry = read<Elf64_Dyn>(address + i * sizeof(Elf64_Dyn));
        if (!entry || entry->d_tag == DT_NULL) return;
        dynamic_.push_back(*entry);
    }
}

uint64_t Elf::dynamic(int64_t tag) const {
    for (const Elf64_Dyn &entry : dynamic_)
        if (entry.d_tag == tag) return entry.d_un.d_val;
    return 0;
}

const void *Elf::at(uint64_t address, uint64_t size) const {
    if (address < lowest_ || address - lowest_ > size_ || size > size_ - (address - lowest_))
        return nullptr;
    return memory_.data() + (address - lowest_);
}

bool Elf::has(const void *pointer, uint64_t size) const {
    return at(reinterpret_cast<uint64_t>(pointer) - base(), size) != nullptr;
}

void Elf::relocate() {
    const uint64_t table = dynamic(DT_RELA);
    const uint64_t count = dynamic(DT_RELASZ) / sizeof(Elf64_Rela);
    for (uint64_t i = 0; table && i < count; ++i) {
        const auto entry = read<Elf64_Rela>(table + i * sizeof(Elf64_Rela));
        if (!entry) break;
        relocate_rela(*entry);
    }
    relocate_relr(dynamic(kTagRelr), dynamic(kTagRelrSize));
}

void Elf::relocate_rela(const Elf64_Rela &entry) {
    const uint64_t type = ELF64_R_TYPE(entry.r_info);
    const auto addend = static_cast<uint64_t>(entry.r_addend);
    if (type == kRelative) return relocate_one(entry.r_offset, base() + addend);
    if (type != kAbsolute) return;
    const auto named = symbol(ELF64_R_SYM(entry.r_info));
    if (!named) return;
    uint64_t value = kElsewhere;
    if (named->st_shndx != SHN_UNDEF) value = base() + named->st_value + addend;
    const bool missing = named->st_shndx == SHN_UNDEF && ELF64_ST_BIND(named->st_info) == STB_WEAK;
    relocate_one(entry.r_offset, missing ? 0 : value);
}

// A word is the address of a relative relocation, or, when it is odd, says which of the 63 words
// that follow the last one are relocated too.
void Elf::relocate_relr(uint64_t table, uint64_t size) {
    uint64_t next = 0;
    for (uint64_t at = 0; table && at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
        const auto word = read<uint64_t>(table + at);
        if (!word) return;
        const bool is_map = *word & 1;
        if (!is_map) next = *word;
        for (unsigned bit = 0; bit < (is_map ? 63u : 1u); ++bit) {
            const uint64_t place = next + bit * sizeof(uint64_t);
            const bool wanted = !is_map || (*word >> (bit + 1) & 1);
            if (const auto addend = read<uint64_t>(place); wanted && addend)
                relocate_one(place, base() + *addend);
        }
        next += (is_map ? 63 : 1) * sizeof(uint64_t);
    }
}

void Elf::relocate_one(uint64_t address, uint64_t value) {
    if (!at(address, sizeof value)) return;
    std::memcpy(memory_.data() + (address - lowest_), &value, sizeof value);
}

std::string_view Elf::text(uint64_t offset) const {
    const uint64_t address = dynamic(DT_STRTAB) + offset;
    if (offset >= dynamic(DT_STRSZ) || !at(address, 1)) return {};
    const auto *begin = reinterpret_cast<const char *>(memory_.data() + (address - lowest_));
    return {begin, strnlen(begin, kMaxName)};
}

std::optional<Elf64_Sym> Elf::symbol(uint64_t index) const {
    if (index >= kMaxSymbols) return std::nullopt;
    return read<Elf64_Sym>(dynamic(DT_SYMTAB) + index * sizeof(Elf64_Sym));
}

// The newer of the two tables by which the linker finds a name: its chains end with the last symbol
// of each bucket, so the longest way through them ends with the last symbol of all.
uint64_t Elf::count_by_chains(uint64_t table) const {
    const auto buckets = read<uint32_t>(table), first = read<uint32_t>(table + 4);
    const auto filter = read<uint32_t>(table + 8);
    if (!buckets || !first || !filter) return 0;
    const uint64_t bucket_at = table + 16 + uint64_t{*filter} * sizeof(uint64_t);
    const uint64_t chain_at = bucket_at + uint64_t{*buckets} * sizeof(uint32_t);
    uint64_t last = 0;
    for (uint64_t i = 0; i < std::min<uint64_t>(*buckets, kMaxSymbols); ++i) {
        const auto bucket = read<uint32_t>(bucket_at + i * sizeof(uint32_t));
        if (!bucket) return 0;
        last = std::max<uint64_t>(last, *bucket);
    }
    if (last < *first) return *first;
    for (; last < kMaxSymbols; ++last) {
        const auto hash = read<uint32_t>(chain_at + (last - *first) * sizeof(uint32_t));
        if (!hash) return 0;
        if (*hash & 1) return last + 1;
    }
    return kMaxSymbols;
}

uint64_t Elf::symbol_count() const {
    if (const uint64_t table = dynamic(DT_GNU_HASH)) return count_by_chains(table);
    if (const uint64_t table = dynamic(DT_HASH)) return read<uint32_t>(table + 4).value_or(0);
    return 0;
}

std::vector<Elf::Symbol> Elf::symbols() const {
    std::vector<Symbol> found;
    const uint64_t count = symbol_count();
    for (uint64_t i = 1; i < count; ++i) {  // the first one is none
        const auto entry = symbol(i);
        if (!entry) break;
        const unsigned char visibility = ELF64_ST_VISIBILITY(entry->st_other);
        const bool shown = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
        const bool exported =
            entry->st_shndx != SHN_UNDEF && shown && ELF64_ST_BIND(entry->st_info) != STB_LOCAL;
        const auto type = static_cast<unsigned char>(ELF64_ST_TYPE(entry->st_info));
        found.push_back({text(entry->st_name), entry->st_value, entry->st_size, type, exported});
    }
    return found;
}

std::vector<std::string_view> Elf::needs() const {
    std::vector<std::string_view> found;
    for (const Elf64_Dyn &entry : dynamic_)
        if (entry.d_tag == DT_NEEDED) found.push_back(text(entry.d_un.d_val));
    return found;
}

}  // namespace wse::module
