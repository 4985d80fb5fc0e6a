// SPDX-License-Identifier: MIT
// What a module has once for each of its loops, so that no call takes a lock.
#pragma once

#include <memory>
#include <vector>

#include <wse/module.h>

namespace wse::abi {

// Lane is made in start and gone after stop; between the two, of() is called on its loop only.
template <class Lane>
class Lanes {
public:
    explicit Lanes(const wse_host *host) : host_(host), lanes_(host->loop_count) {}

    void put(wse_loop *loop, std::unique_ptr<Lane> lane) { at(loop) = std::move(lane); }
    void clear(wse_loop *loop) { at(loop).reset(); }
    // Null outside start and stop.
    Lane *of(wse_loop *loop) { return at(loop).get(); }

private:
    std::unique_ptr<Lane> &at(wse_loop *loop) { return lanes_[host_->loop_index(host_, loop)]; }

    const wse_host *host_;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace wse::abi
