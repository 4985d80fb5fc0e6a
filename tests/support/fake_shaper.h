// SPDX-License-Identifier: MIT
// A module that shapes events as a test says.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "module/event.h"

namespace wse::test {

class FakeShaper final : public module::EventShaper {
public:
    using Act = std::function<int32_t(const module::Event &event, module::Shaping &shaping)>;

    explicit FakeShaper(Act act) : act_(std::move(act)) {}
    const std::string &instance_name() const override { return name_; }
    int32_t shape(const module::Event &event, module::Source, std::string_view, uint64_t,
                  module::Shaping &shaping) override {
        return act_(event, shaping);
    }

private:
    std::string name_ = "fake";
    Act act_;
};

}  // namespace wse::test
