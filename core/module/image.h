// SPDX-License-Identifier: MIT
// What a module file says of itself, and whether this server would load it, found out without
// running any of it: no linker, no constructor. What only the linker can tell, whether the
// libraries are there and have what the module wants of them, stays open.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "module/descriptor.h"
#include "module/elf.h"

namespace wse::module {

class Image {
public:
    // What can be read; the verdict is in descriptor(). The only error is a file that cannot be
    // read at all, one whole line as from Library::open.
    static Result<Image> read(const std::string &path);
    // The same from a file's bytes.
    static Image of(std::span<const std::byte> file);

    // The error is the sentence with which the server refuses the module, without the path.
    const Result<Descriptor> &descriptor() const { return descriptor_; }
    // As far as it is there and begins with the magic, also when the module is refused.
    const std::optional<Preamble> &preamble() const { return preamble_; }
    // What other files can see of it beyond wse_module; the first kMaxNames of each.
    const std::vector<std::string> &exports() const { return exports_; }
    const std::vector<std::string> &needs() const { return needs_; }

    static constexpr size_t kMaxNames = 1000;

private:
    Image() : descriptor_(Error{}) {}
    Result<Descriptor> judge();

    std::optional<Elf> elf_;  // what descriptor_ points into
    Result<Descriptor> descriptor_;
    std::optional<Preamble> preamble_;
    std::vector<std::string> exports_, needs_;
};

}  // namespace wse::module
