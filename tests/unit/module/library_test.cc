// SPDX-License-Identifier: MIT
#include "module/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "support.h"

namespace wse::module {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using test::zoo_path;

// ---- The zoo: what each module's first comment says must come true.

struct Animal {
    std::string name;
    std::string refusal;  // a regular expression; empty: it is accepted
};

void PrintTo(const Animal &animal, std::ostream *out) {
    *out << animal.name;
}

std::vector<Animal> all_animals() {
    std::vector<Animal> animals;
    for (const auto &entry : fs::directory_iterator(WSE_ZOO_SOURCES)) {
        if (entry.path().extension() != ".c") continue;
        std::ifstream in(entry.path());
        std::string line;
        std::getline(in, line);
        const std::string mark = "/* refused: ", end = " */";
        std::string refusal;
        if (line.starts_with(mark) && line.ends_with(end))
            refusal = line.substr(mark.size(), line.size() - mark.size() - end.size());
        else if (!line.starts_with("/* accepted: "))
            refusal = "its first line says neither accepted nor refused";
        animals.push_back({entry.path().stem(), refusal});
    }
    std::sort(animals.begin(), animals.end(),
              [](const Animal &a, const Animal &b) { return a.name < b.name; });
    return animals;
}

class Zoo : public ::testing::TestWithParam<Animal> {};

TEST_P(Zoo, IsJudgedAsItsFirstLineSays) {
    const std::string path = zoo_path(GetParam().name);
    const auto library = Library::open(path);
    if (GetParam().refusal.empty()) {
        EXPECT_TRUE(library) << library.error().text;
        return;
    }
    ASSERT_FALSE(library);
    EXPECT_THAT(library.error().text, ::testing::StartsWith(path + ": "));
    EXPECT_THAT(library.error().text, ::testing::ContainsRegex(GetParam().refusal));
    EXPECT_EQ(library.error().text.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Modules, Zoo, ::testing::ValuesIn(all_animals()),
                         [](const auto &param) { return param.param.name; });

TEST(Library, AcceptsEveryModuleThatIsShipped) {
    int count = 0;
    if (fs::exists(WSE_MODULES_DIR)) {
        for (const auto &entry : fs::directory_iterator(WSE_MODULES_DIR)) {
            if (entry.path().extension() != ".so") continue;
            const auto library = Library::open(entry.path());
            EXPECT_TRUE(library) << library.error().text;
            ++count;
        }
    }
    EXPECT_GT(count, 0) << "no module is built";
}

// ---- What is wrong with the file, not with what is in it.

std::string refusal_of(const std::string &path) {
    const auto library = Library::open(path);
    return library ? "accepted" : library.error().text;
}

TEST(Library, RefusesAFileThatIsNotThere) {
    EXPECT_EQ(refusal_of("/nowhere/auth_x.so"),
              "/nowhere/auth_x.so: cannot be read: No such file or directory; correct the path, "
              "the permissions or the module directory (-m)");
}

TEST(Library, RefusesADirectoryAndAFifo) {
    const TempDir directory;
    ASSERT_EQ(mkfifo(directory.file("fifo.so").c_str(), 0600), 0);
    EXPECT_EQ(refusal_of(directory.path()),
              directory.path() + ": is not a regular file; name the module's .so");
    EXPECT_EQ(refusal_of(directory.file("fifo.so")),
              directory.file("fifo.so") + ": is not a regular file; name the module's .so");
}

TEST(Library, RefusesAFileThatEverybodyMayWrite) {
    const TempDir directory;
    const std::string path = directory.file("auth_x.so");
    fs::copy_file(zoo_path("minimal"), path);
    ASSERT_EQ(chmod(path.c_str(), 0757), 0);
    EXPECT_EQ(refusal_of(path), path +
                                    ": is writable by every user (mode 0757, at most 0775); run "
                                    "chmod o-w on it");
    ASSERT_EQ(chmod(path.c_str(), 0775), 0);
    EXPECT_EQ(refusal_of(path), "accepted");
}

TEST(Library, RefusesAFileThatIsNoSharedObjectUnderItsOwnName) {
    const TempDir directory;
    const std::string path = directory.file("auth_x.so");
    std::ofstream(path) << "#!/bin/sh\n";
    EXPECT_THAT(refusal_of(path),
                ::testing::StartsWith(path + ": the dynamic linker refuses it: "));
    EXPECT_THAT(refusal_of(path), ::testing::Not(::testing::HasSubstr("/proc/self")));
}

TEST(Library, KeepsAPathWithANewlineOnOneLine) {
    EXPECT_EQ(refusal_of("/no\nwhere").find('\n'), std::string::npos);
}

TEST(Library, LoadsAFileThatHasReplacedAnotherAnew) {
    const TempDir directory;
    const std::string path = directory.file("auth_x.so");
    const auto replace = [&](const char *animal) {
        fs::copy_file(zoo_path(animal), directory.file("new"));
        fs::rename(directory.file("new"), path);
    };
    replace("minimal");
    const auto before = Library::open(path);
    ASSERT_TRUE(before);
    replace("auth_never");
    const auto after = Library::open(path);
    ASSERT_TRUE(after);
    EXPECT_STREQ((*before)->descriptor().def.name, "minimal");
    EXPECT_STREQ((*after)->descriptor().def.name, "auth_never");
}

// The number of the descriptor through which a module was opened is soon another file's.
TEST(Library, IsNeverMistakenForAnEarlierOneOfTheSameDescriptorNumber) {
    for (const char *name : {"minimal", "auth_never", "auth_late", "minimal", "auth_double"}) {
        const auto library = Library::open(zoo_path(name));
        ASSERT_TRUE(library);
        (*library)->keep();
        EXPECT_STREQ((*library)->descriptor().def.name, name);
    }
}

TEST(Library, OpensOneFileTwiceForTwoInstances) {
    const auto first = Library::open(zoo_path("minimal"));
    const auto second = Library::open(zoo_path("minimal"));
    ASSERT_TRUE(first && second);
    EXPECT_EQ((*first)->descriptor().def.create, (*second)->descriptor().def.create);
}

bool is_loaded(const std::string &path) {
    return test::read_file("/proc/self/maps").find(fs::canonical(path)) != std::string::npos;
}

TEST(Library, UnloadsWhatWasRefusedOrOnlyChecked) {
    const TempDir directory;
    const std::string path = directory.file("checked.so");
    fs::copy_file(zoo_path("minimal"), path);
    {
        const auto library = Library::open(path);
        ASSERT_TRUE(library);
        EXPECT_TRUE(is_loaded(path));
    }
    EXPECT_FALSE(is_loaded(path));
}

TEST(Library, StaysLoadedOnceItWasKept) {
    const TempDir directory;
    const std::string path = directory.file("kept.so");
    fs::copy_file(zoo_path("minimal"), path);
    {
        const auto library = Library::open(path);
        ASSERT_TRUE(library);
        (*library)->keep();
    }
    EXPECT_TRUE(is_loaded(path));
}

}  // namespace
}  // namespace wse::module
