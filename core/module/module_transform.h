// SPDX-License-Identifier: MIT
// The Transform of one (instance, loop) of kind transform. See transform.h for the contract.
#pragma once

#include "module/instance.h"
#include "module/loop_side.h"
#include "module/transform.h"

namespace wse::module {

class ModuleTransform final : public Transform {
public:
    // Both outlive it, and it outlives the states that it opens.
    ModuleTransform(Instance &instance, size_t loop);

    const std::string &instance_name() const override;
    Layer layer() const override { return static_cast<Layer>(ops_.layer); }
    std::string_view prefix() const override { return ops_.prefix; }
    std::string_view extension() const override { return ops_.extension ? ops_.extension : ""; }
    bool signs() const override { return ops_.sign != nullptr; }
    Result<std::unique_ptr<TransformState>> open(std::string_view offer) override;
    int32_t decode(std::string_view in, size_t limit, std::string &out) override;

private:
    class State;

    template <class Function>
    int32_t fill(const char *name, size_t limit, std::string &out, const Function &function);
    int32_t decode(void *state, std::string_view in, size_t limit, std::string &out);
    char *room(size_t bytes);

    Instance &instance_;
    LoopSide &side_;
    const wse_transform_ops &ops_;
    void *self_;
    std::unique_ptr<char[]> room_;
    size_t room_bytes_ = 0;
};

}  // namespace wse::module
