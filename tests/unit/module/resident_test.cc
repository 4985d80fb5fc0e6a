// SPDX-License-Identifier: MIT
#include "module/resident.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/library.h"

namespace wse::module {
namespace {

void ignore(void *, wse_loop *, const wse_observation *) noexcept {}
int32_t create(const wse_host *, const void *, void **, wse_error *) noexcept {
    return WSE_OK;
}
void destroy(void *) noexcept {}

const wse_observer_ops kOps = {
    .struct_size = sizeof kOps, .mask = 1, .observe = ignore, .wants = nullptr};

wse_module_def definition() {
    return {.magic = WSE_MODULE_MAGIC,
            .abi_major = WSE_ABI_MAJOR,
            .abi_minor = 0,
            .struct_size = sizeof(wse_module_def),
            .kind = WSE_KIND_OBSERVER,
            .name = "mine",
            .version = "1",
            .options = nullptr,
            .option_size = sizeof(wse_option),
            .config_size = 0,
            .ops = &kOps,
            .check = nullptr,
            .create = create,
            .start = nullptr,
            .stop = nullptr,
            .destroy = destroy};
}

class Resident : public testing::Test {
protected:
    ~Resident() override { forget_residents(); }
    const wse_module_def def_ = definition();
};

TEST_F(Resident, IsLoadedFromTheProgram) {
    add_resident("mine", def_);
    const auto library = Library::open("program:mine");
    ASSERT_TRUE(library) << library.error().text;
    EXPECT_EQ((*library)->path(), "program:mine");
    EXPECT_EQ((*library)->descriptor().observer.observe, ignore);
}

TEST_F(Resident, IsJudgedLikeAFile) {
    wse_module_def other = def_;
    other.abi_major = WSE_ABI_MAJOR + 1;
    add_resident("mine", other);
    const auto library = Library::open("program:mine");
    ASSERT_FALSE(library);
    EXPECT_THAT(library.error().text, testing::StartsWith("program:mine: "));
}

TEST_F(Resident, IsRefusedWhereTheProgramHasNone) {
    EXPECT_EQ(Library::open("program:mine").error().text,
              "program:mine: this program has no module of that name");
    add_resident("mine", def_);
    forget_residents();
    EXPECT_FALSE(Library::open("program:mine"));
}

}  // namespace
}  // namespace wse::module
