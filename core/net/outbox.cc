// SPDX-License-Identifier: MIT
#include "net/outbox.h"

#include "base/assert.h"

namespace wse::net {
namespace {

// Below it, moving the frames up costs less than thinking about it.
constexpr size_t kCompactAt = 64;

}  // namespace

void Outbox::push(FrameRef frame) {
    const size_t size = frame->wire().size();
    if (size == 0) return;
    bytes_ += size;
    frames_.push_back(std::move(frame));
}

size_t Outbox::gather(std::span<iovec> out) const {
    size_t filled = 0;
    for (size_t i = first_; i < frames_.size() && filled < out.size(); ++i) {
        std::string_view wire = frames_[i]->wire();
        if (i == first_) wire.remove_prefix(offset_);
        out[filled++] = {const_cast<char *>(wire.data()), wire.size()};
    }
    return filled;
}

void Outbox::consume(size_t count) {
    WSE_ASSERT(count <= bytes_, "more was written than was queued");
    bytes_ -= count;
    if (bytes_ == 0) {
        std::vector<FrameRef>().swap(frames_);
        first_ = offset_ = 0;
        return;
    }
    while (count > 0) {
        const size_t left = frames_[first_]->wire().size() - offset_;
        if (count < left) {
            offset_ += count;
            break;
        }
        count -= left;
        offset_ = 0;
        frames_[first_++] = FrameRef();
    }
    if (first_ >= kCompactAt && first_ * 2 >= frames_.size()) {
        frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

}  // namespace wse::net
