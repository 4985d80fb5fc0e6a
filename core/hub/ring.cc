// SPDX-License-Identifier: MIT
#include "hub/ring.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.h"

namespace wse::hub {
namespace {

constexpr size_t kSmallestBuffer = 4;

// glibc's malloc hands out granules of 16 bytes, 8 of a block are its own.
size_t heap_block(size_t bytes) {
    return std::max<size_t>(32, (bytes + 8 + 15) / 16 * 16);
}

size_t text_block(const std::string &text) {
    static const size_t in_place = std::string().capacity();
    return text.capacity() > in_place ? heap_block(text.capacity() + 1) : 0;
}

}  // namespace

size_t footprint(const proto::Message &message) {
    const proto::Publication &publication = message.publication;
    return heap_block(sizeof(message)) + text_block(publication.topic) +
           text_block(publication.type) + text_block(publication.id) +
           text_block(publication.payload) + text_block(publication.extra) +
           text_block(message.handling.key);
}

void Ring::push(proto::MessageRef message, uint64_t at_ms) {
    const proto::Position position = message->position;
    if (head_ == proto::Position{}) head_.epoch = position.epoch;
    if (position != proto::Position{head_.epoch, head_.offset + 1}) {
        // Nobody knows the sequences of what is missing, but they are below this one.
        restart({position.epoch, position.offset - 1},
                message->sequence > 0 ? message->sequence - 1 : 0);
    }
    // Room is made first, so that a buffer that is full at the limit need not grow.
    if (count_ > 0 && count_ >= limits_.messages) drop_front();
    if (count_ == slots_.size()) resize(std::max(kSmallestBuffer, slots_.size() * 2));
    message_bytes_ += footprint(*message);
    slots_[slot(count_++)] = {std::move(message), at_ms};
    head_ = position;
    while (count_ > 0 && (count_ > limits_.messages || memory_bytes() > limits_.bytes))
        drop_front();
    shrink();
}

void Ring::expire(uint64_t now_ms) {
    while (next_expiry() <= now_ms) drop_front();
    shrink();
}

uint64_t Ring::next_expiry() const {
    if (count_ == 0 || limits_.age_ms == 0) return kNever;
    return slots_[first_].at_ms + limits_.age_ms;
}

void Ring::pop_front() {
    drop_front();
    shrink();
}

void Ring::clear() {
    while (count_ > 0) drop_front();
    shrink();
}

void Ring::restart(proto::Position head, uint64_t sequence) {
    clear();
    head_ = head;
    evicted_sequence_ = sequence;
}

bool Ring::covers(proto::Position position) const {
    return position.epoch == head_.epoch && position.offset <= head_.offset &&
           position.offset + 1 >= first_offset();
}

const proto::Message *Ring::find(proto::Position position) const {
    if (position.epoch != head_.epoch || position.offset < first_offset() ||
        position.offset > head_.offset) {
        return nullptr;
    }
    return slots_[slot(position.offset - first_offset())].message.get();
}

std::vector<proto::MessageRef> Ring::after(uint64_t offset, size_t max_messages,
                                           size_t max_bytes) const {
    std::vector<proto::MessageRef> messages;
    if (offset >= head_.offset) return messages;
    size_t bytes = 0;
    const uint64_t start = std::max(offset, first_offset() - 1) + 1;
    for (uint64_t next = start; next <= head_.offset; ++next) {
        const auto &message = slots_[slot(next - first_offset())].message;
        bytes += message->publication.bytes();
        const bool over = messages.size() >= max_messages || bytes > max_bytes;
        if (over && !messages.empty()) break;
        messages.push_back(message);
    }
    return messages;
}

size_t Ring::memory_bytes() const {
    return message_bytes_ + (slots_.empty() ? 0 : heap_block(slots_.size() * sizeof(Entry)));
}

void Ring::resize(size_t capacity) {
    std::vector<Entry> slots(capacity);
    for (size_t i = 0; i < count_; ++i) slots[i] = std::move(slots_[slot(i)]);
    slots_.swap(slots);
    first_ = 0;
}

void Ring::drop_front() {
    WSE_ASSERT(count_ > 0, "a message was taken from an empty ring");
    const proto::MessageRef message = std::exchange(slots_[first_].message, {});
    message_bytes_ -= footprint(*message);
    evicted_sequence_ = std::max(evicted_sequence_, message->sequence);
    first_ = slot(1);
    --count_;
}

void Ring::shrink() {
    if (count_ == 0) {
        if (!slots_.empty()) resize(0);
        return;
    }
    // Only at a quarter, so that a ring at the edge does not move all the time.
    size_t capacity = slots_.size();
    while (capacity > kSmallestBuffer && count_ <= capacity / 4) capacity /= 2;
    if (capacity != slots_.size()) resize(capacity);
}

}  // namespace wse::hub
