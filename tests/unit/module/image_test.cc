// SPDX-License-Identifier: MIT
#include "module/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "module/library.h"
#include "support.h"

namespace wse::module {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempDir;
using test::zoo_path;

std::vector<std::string> all_animals() {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(WSE_ZOO_SOURCES))
        if (entry.path().extension() == ".c") names.push_back(entry.path().stem());
    std::sort(names.begin(), names.end());
    return names;
}

class ImageOfZoo : public ::testing::TestWithParam<std::string> {};

// The whole point: what is told without running a module is what the server says when it loads it.
TEST_P(ImageOfZoo, IsJudgedAsTheServerJudgesTheFile) {
    const std::string path = zoo_path(GetParam());
    const auto library = Library::open(path);
    const auto image = Image::read(path);
    ASSERT_TRUE(image) << image.error().text;
    if (GetParam() == "bad_linker") return;  // what it wants of others only the linker knows
    ASSERT_EQ(image->descriptor().ok(), library.ok());
    if (!library) {
        EXPECT_EQ(path + ": " + image->descriptor().error().text, library.error().text);
        return;
    }
    const Descriptor &loaded = (*library)->descriptor();
    EXPECT_STREQ(image->descriptor()->def.name, loaded.def.name);
    EXPECT_STREQ(image->descriptor()->def.version, loaded.def.version);
    EXPECT_EQ(image->descriptor()->def.config_size, loaded.def.config_size);
    EXPECT_EQ(image->preamble()->kind, loaded.def.kind);
}

INSTANTIATE_TEST_SUITE_P(Modules, ImageOfZoo, ::testing::ValuesIn(all_animals()),
                         [](const auto &param) { return param.param; });

TEST(Image, HasTheOptionsOfEveryModuleThatIsShipped) {
    int count = 0;
    for (const auto &entry : fs::directory_iterator(WSE_MODULES_DIR)) {
        if (entry.path().extension() != ".so") continue;
        const auto library = Library::open(entry.path());
        const auto image = Image::read(entry.path());
        ASSERT_TRUE(library && image && image->descriptor()) << entry.path();
        const wse_option *loaded = (*library)->descriptor().def.options;
        const wse_option *read = image->descriptor()->def.options;
        ASSERT_EQ(read == nullptr, loaded == nullptr) << entry.path();
        for (; loaded && loaded->name; ++loaded, ++read) {
            EXPECT_STREQ(read->name, loaded->name);
            EXPECT_STREQ(read->fallback, loaded->fallback);
            EXPECT_STREQ(read->help, loaded->help);
            EXPECT_EQ(read->offset, loaded->offset);
        }
        EXPECT_TRUE(!read || !read->name);
        EXPECT_THAT(image->needs(), ::testing::Contains("libc.so.6"));
        ++count;
    }
    EXPECT_GT(count, 0) << "no module is built";
}

TEST(Image, NamesWhatElseIsExported) {
    const auto image = Image::read(zoo_path("exports_more"));
    ASSERT_TRUE(image);
    EXPECT_FALSE(image->exports().empty());
    EXPECT_THAT(image->exports(), ::testing::Not(::testing::Contains("wse_module")));
}

TEST(Image, TellsTheAbiOfAModuleThatIsTooNew) {
    const auto image = Image::read(zoo_path("bad_minor_newer"));
    ASSERT_TRUE(image && image->preamble());
    EXPECT_GT(image->preamble()->abi_minor, WSE_ABI_MINOR);
    EXPECT_EQ(image->preamble()->kind, WSE_KIND_AUTH);
}

TEST(Image, DoesNotReadWhatTheServerWouldNotOpen) {
    const TempDir directory;
    EXPECT_THAT(Image::read(directory.path()).error().text,
                ::testing::HasSubstr("is not a regular file"));
    EXPECT_THAT(Image::read("/nowhere/x.so").error().text, ::testing::HasSubstr("cannot be read"));
}

// ---- Files that lie. Nothing may be read beyond them, which the sanitizers watch.

std::vector<std::byte> bytes_of(const std::string &name) {
    const std::string text = read_file(zoo_path(name));
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

std::string refusal_of(std::span<const std::byte> bytes) {
    const Image image = Image::of(bytes);
    return image.descriptor() ? "accepted" : image.descriptor().error().text;
}

TEST(Image, RefusesWhatIsNoSharedObject) {
    EXPECT_THAT(refusal_of({}), ::testing::HasSubstr("the file is too short"));
    std::vector<std::byte> bytes = bytes_of("minimal");
    bytes[0] = std::byte{'e'};
    EXPECT_THAT(refusal_of(bytes), ::testing::HasSubstr("invalid ELF header"));
    bytes = bytes_of("minimal");
    bytes[offsetof(Elf64_Ehdr, e_machine)] = std::byte{EM_MIPS};
    EXPECT_THAT(refusal_of(bytes), ::testing::HasSubstr("another kind of machine"));
}

TEST(Image, RefusesAFileThatIsCutAnywhere) {
    const std::vector<std::byte> whole = bytes_of("minimal");
    const size_t step = std::max<size_t>(1, whole.size() / 500);
    for (size_t size = 0; size < whole.size(); size += step)
        (void)refusal_of(std::span(whole).first(size));
}

// Places where a wrong value does most: the headers, the dynamic section, relocations, the table.
TEST(Image, SurvivesAnyChangeOfItsBytes) {
    constexpr uint64_t kWords[] = {
        0, 1, 0x7fffffff, 0xffffffff, UINT64_MAX, UINT64_MAX / 2, uint64_t{1} << 40, 0x1000};
    for (const char *name : {"minimal", "calls_from_thread"}) {
        const std::vector<std::byte> whole = bytes_of(name);
        std::mt19937_64 random(7);
        for (int round = 0; round < 3000; ++round) {
            std::vector<std::byte> bytes = whole;
            const size_t reach = round % 3 == 0 ? 1024 : bytes.size() - sizeof(uint64_t);
            for (int change = 0; change < 1 + round % 4; ++change) {
                const size_t at = random() % reach & ~size_t{7};
                const uint64_t word =
                    round % 2 ? kWords[random() % std::size(kWords)] : random() % whole.size();
                std::memcpy(bytes.data() + at, &word, sizeof word);
            }
            (void)refusal_of(bytes);
        }
    }
}

// Every word of the part that relocations fill, each replaced by a pointer to nowhere.
TEST(Image, RefusesPointersOutOfTheFile) {
    const std::vector<std::byte> whole = bytes_of("minimal");
    size_t beyond = 0;
    for (size_t at = 0; at + sizeof(Elf64_Rela) <= whole.size(); at += sizeof(uint64_t)) {
        Elf64_Rela entry;
        std::memcpy(&entry, whole.data() + at, sizeof entry);
        if (entry.r_info != R_X86_64_RELATIVE && entry.r_info != R_AARCH64_RELATIVE) continue;
        entry.r_addend = 0x123456789abc;
        std::vector<std::byte> bytes = whole;
        std::memcpy(bytes.data() + at, &entry, sizeof entry);
        if (refusal_of(bytes).find("points outside of the file") != std::string::npos) ++beyond;
    }
    EXPECT_GE(beyond, 2u) << "name and version at least";
}

}  // namespace
}  // namespace wse::module
