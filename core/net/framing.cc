// SPDX-License-Identifier: MIT
#include "net/framing.h"

#include <algorithm>
#include <cstring>

namespace wse::net {
namespace {

using Kind = FrameEvent::Kind;

constexpr uint16_t kProtocolError = 1002;
constexpr uint16_t kInvalidData = 1007;
constexpr uint16_t kPolicy = 1008;
constexpr uint16_t kTooBig = 1009;

std::span<char> take(std::span<char> &input, uint64_t most) {
    const auto piece = input.first(static_cast<size_t>(std::min<uint64_t>(input.size(), most)));
    input = input.subspan(piece.size());
    return piece;
}

std::string_view text_of(std::span<char> bytes) {
    return {bytes.data(), bytes.size()};
}

// Octets of the head that the second octet announces, mask included.
size_t head_size(uint8_t second) {
    const uint8_t length = second & 0x7f;
    return 2U + (length == 126 ? 2U : length == 127 ? 8U : 0U) + 4U;
}

bool is_known(uint8_t opcode) {
    return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa);
}

}  // namespace

FrameEvent FrameParser::next(std::span<char> &input) {
    release();
    if (stage_ == Stage::kFailed) return {Kind::kError, error_code_, error_};
    if (stage_ == Stage::kHead) {
        if (!take_head(input)) {
            return stage_ == Stage::kFailed ? FrameEvent{Kind::kError, error_code_, error_}
                                            : FrameEvent{};
        }
        const FrameEvent refused = begin_payload();
        if (refused.kind == Kind::kError) return refused;
    }
    return is_control() ? take_control(input) : take_data(input);
}

// What the last event showed is not needed any more. A fragmented message stays open around control
// frames.
void FrameParser::release() {
    if (stage_ != Stage::kHead) return;
    if (!control_.empty()) std::string().swap(control_);
    if (!message_open_ && !message_.empty()) std::string().swap(message_);
}

FrameEvent FrameParser::fail(uint16_t code, std::string_view why) {
    stage_ = Stage::kFailed;
    error_code_ = code;
    error_ = why;
    std::string().swap(message_);
    std::string().swap(control_);
    return {Kind::kError, code, why};
}

// True when the head is complete. Its first two octets are judged as soon as they are there.
bool FrameParser::take_head(std::span<char> &input) {
    while (true) {
        const size_t need = head_have_ < 2 ? 2 : head_size(head_[1]);
        const auto piece = take(input, need - head_have_);
        std::memcpy(head_.data() + head_have_, piece.data(), piece.size());
        const bool judged = head_have_ >= 2;
        head_have_ = static_cast<uint8_t>(head_have_ + piece.size());
        if (head_have_ < need) return false;
        if (judged) return true;
        if (const char *why = check_start()) {
            fail(kProtocolError, why);
            return false;
        }
    }
}

const char *FrameParser::check_start() const {
    const uint8_t opcode = head_[0] & 0x0f;
    const bool final = (head_[0] & 0x80) != 0;
    if (!allows_reserved_bits()) return "reserved bits are set without an extension";
    if (!is_known(opcode)) return "reserved opcode";
    if ((head_[1] & 0x80) == 0) return "frame is not masked";
    if (opcode >= 0x8) {
        if (!final) return "control frame is fragmented";
        if ((head_[1] & 0x7f) > kMaxControlPayload) return "control frame is over 125 bytes";
        return nullptr;
    }
    if (opcode == 0 && !message_open_) return "continuation without a message";
    if (opcode != 0 && message_open_) return "new message inside a fragmented one";
    return nullptr;
}

// RSV1 marks a message that an extension has encoded, on its first frame.
bool FrameParser::allows_reserved_bits() const {
    const uint8_t bits = head_[0] & 0x70;
    const uint8_t opcode = head_[0] & 0x0f;
    return bits == 0 || (bits == 0x40 && may_be_encoded_ && (opcode == 0x1 || opcode == 0x2));
}

// What cannot be compressed grows a little when it is encoded.
uint64_t FrameParser::limit_bytes() const {
    return encoded_ ? max_message_bytes_ + max_message_bytes_ / 8 + 64 : max_message_bytes_;
}

FrameEvent FrameParser::begin_payload() {
    const uint8_t *at = head_.data() + 2;
    const uint8_t length = head_[1] & 0x7f;
    uint64_t size = length;
    if (length >= 126) {
        const size_t width = length == 126 ? 2 : 8;
        size = 0;
        for (size_t i = 0; i < width; ++i) size = (size << 8) | *at++;
        if (size >> 63) return fail(kProtocolError, "frame length has its highest bit set");
        if (size <= (width == 2 ? 125U : 0xffffU)) {
            return fail(kProtocolError, "frame length is not in its shortest form");
        }
    }
    std::memcpy(mask_.data(), at, mask_.size());
    final_ = (head_[0] & 0x80) != 0;
    opcode_ = static_cast<Opcode>(head_[0] & 0x0f);
    frame_bytes_ = size;
    frame_at_ = 0;
    head_have_ = 0;
    stage_ = Stage::kPayload;
    if (is_control()) return {};
    if (!message_open_) {
        message_kind_ = opcode_;
        message_open_ = true;
        encoded_ = (head_[0] & 0x40) != 0;
        fragments_ = 0;
        utf8_.reset();
    }
    if (++fragments_ > kMaxFragments + message_.size() / kFragmentBytes)
        return fail(kPolicy, "message has too many fragments");
    if (size > limit_bytes() - message_.size()) return fail(kTooBig, "message is too big");
    return {};
}

FrameEvent FrameParser::take_control(std::span<char> &input) {
    const auto piece = take(input, frame_bytes_ - frame_at_);
    unmask(piece, mask_, frame_at_);
    const bool whole = frame_at_ == 0 && piece.size() == frame_bytes_;
    frame_at_ += piece.size();
    if (whole) return end_control(text_of(piece));
    control_.append(text_of(piece));
    return frame_at_ == frame_bytes_ ? end_control(control_) : FrameEvent{};
}

FrameEvent FrameParser::end_control(std::string_view payload) {
    stage_ = Stage::kHead;
    if (opcode_ == Opcode::kClose) return read_close(payload);
    const Kind kind = opcode_ == Opcode::kPing ? Kind::kPing : Kind::kPong;
    return {kind, 0, payload};
}

FrameEvent FrameParser::read_close(std::string_view payload) {
    if (payload.empty()) return {Kind::kClose, kNoCloseCode, {}};
    if (payload.size() == 1) return fail(kProtocolError, "close frame with half a code");
    const auto high = static_cast<uint8_t>(payload[0]);
    const auto low = static_cast<uint8_t>(payload[1]);
    const auto code = static_cast<uint16_t>((high << 8) | low);
    if (!is_close_code(code)) return fail(kProtocolError, "close code is not allowed");
    payload.remove_prefix(2);
    if (!is_utf8(payload)) return fail(kInvalidData, "close reason is not valid UTF-8");
    return {Kind::kClose, code, payload};
}

FrameEvent FrameParser::take_data(std::span<char> &input) {
    const auto piece = take(input, frame_bytes_ - frame_at_);
    unmask(piece, mask_, frame_at_);
    if (message_kind_ == Opcode::kText && !encoded_ && !utf8_.feed(text_of(piece))) {
        return fail(kInvalidData, "text is not valid UTF-8");
    }
    const bool whole = final_ && fragments_ == 1 && piece.size() == frame_bytes_;
    frame_at_ += piece.size();
    if (whole) return end_data(text_of(piece));
    message_.append(text_of(piece));
    return frame_at_ == frame_bytes_ ? end_data(message_) : FrameEvent{};
}

FrameEvent FrameParser::end_data(std::string_view payload) {
    stage_ = Stage::kHead;
    if (!final_) return {Kind::kPart, 0, {}};
    message_open_ = false;
    if (message_kind_ == Opcode::kBinary) return {Kind::kBinary, 0, payload, encoded_};
    if (!utf8_.complete()) return fail(kInvalidData, "text ends inside a character");
    return {Kind::kText, 0, payload, encoded_};
}

}  // namespace wse::net
