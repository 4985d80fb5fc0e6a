// SPDX-License-Identifier: MIT
#include "hub/group_hosts.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace wse::hub {
namespace {

constexpr std::string_view kLeft = "left";

}  // namespace

std::string GroupLeave::text() const {
    std::string text(kLeft);
    text += ' ' + std::to_string(head.epoch) + ' ' + std::to_string(head.offset);
    for (const uint64_t offset : waiting) text += ' ' + std::to_string(offset);
    return text;
}

std::optional<GroupLeave> GroupLeave::read(std::string_view text) {
    if (!text.starts_with(kLeft)) return std::nullopt;
    text.remove_prefix(kLeft.size());
    std::vector<uint64_t> numbers;
    while (text.starts_with(' ')) {
        uint64_t number = 0;
        const char *const end = text.data() + text.size();
        const auto [next, error] = std::from_chars(text.data() + 1, end, number);
        if (error != std::errc()) return std::nullopt;
        numbers.push_back(number);
        text.remove_prefix(static_cast<size_t>(next - text.data()));
    }
    if (!text.empty() || numbers.size() < 2) return std::nullopt;
    GroupLeave leave{.head = {static_cast<uint32_t>(numbers[0]), numbers[1]}};
    leave.waiting.assign(numbers.begin() + 2, numbers.end());
    std::sort(leave.waiting.begin(), leave.waiting.end());
    return leave;
}

bool GroupLeave::leaves(proto::Position position) const {
    if (position.epoch != head.epoch) return false;
    return position.offset > head.offset ||
           std::binary_search(waiting.begin(), waiting.end(), position.offset);
}

GroupHosts::~GroupHosts() {
    while (!kept_.empty()) drop_front();
}

const std::string &GroupHosts::owner_of(uint64_t offset) const {
    return *std::next(hosts_.begin(), static_cast<ptrdiff_t>(offset % hosts_.size()));
}

void GroupHosts::keep(const proto::MessageRef &message, const std::string &owner) {
    const size_t bytes = message->publication.bytes();
    while (!kept_.empty() && (kept_.size() >= kMaxKept || bytes_ + bytes > kMaxKeptBytes))
        drop_front();
    if (bytes_ + bytes > kMaxKeptBytes) return;
    bytes_ += bytes;
    kept_.push_back({message, owner});
}

std::vector<proto::MessageRef> GroupHosts::take(const std::string &host, const GroupLeave &leave) {
    std::vector<proto::MessageRef> taken;
    std::erase_if(kept_, [&](const Kept &kept) {
        if (kept.owner != host || !leave.leaves(kept.message->position)) return false;
        bytes_ -= kept.message->publication.bytes();
        taken.push_back(kept.message);
        return true;
    });
    return taken;
}

void GroupHosts::drop_front() {
    bytes_ -= kept_.front().message->publication.bytes();
    kept_.pop_front();
}

}  // namespace wse::hub
