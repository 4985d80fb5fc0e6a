// SPDX-License-Identifier: MIT
// FrameParser: the client's octets as messages and control frames (RFC 6455 sections 5 to 8).
// Pure and incremental; fails at the first octet that no conforming client could have sent there.
// An unfragmented frame that lies whole in the input is not copied. Holds no memory between
// messages.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "net/frame.h"
#include "net/unmask.h"

namespace wse::net {

// Frames of one message, empty ones included: so many, and one more for each of these bytes that
// have come of it. A flood of empty frames ends, and a large message may come in small pieces.
inline constexpr uint32_t kMaxFragments = 16384;
inline constexpr uint32_t kFragmentBytes = 32;

struct FrameEvent {
    enum class Kind : uint8_t {
        kNeedMore,  // the input is used up
        kPart,      // a frame that is not the last of its message has ended
        kText,
        kBinary,
        kPing,
        kPong,
        kClose,  // code (1005: none) and reason
        kError,  // the close code to fail the connection with, and why; the parser stays there
    };
    Kind kind = Kind::kNeedMore;
    uint16_t code = 0;
    std::string_view payload;  // of the message or frame, the reason, the error's text
    bool encoded = false;      // kText, kBinary: an extension must decode it; text is not checked
};

class FrameParser {
public:
    explicit FrameParser(uint64_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

    // An extension is agreed: messages may be encoded, which RSV1 of their first frame says. What
    // they come to is limited by who decodes them.
    void allow_encoded() { may_be_encoded_ = true; }

    // Takes from the front of `input` (which is unmasked in place) up to the next event. The
    // event's payload lies in the input or in the parser and is valid until the next call.
    FrameEvent next(std::span<char> &input);

private:
    enum class Stage : uint8_t { kHead, kPayload, kFailed };

    void release();
    FrameEvent fail(uint16_t code, std::string_view why);
    bool take_head(std::span<char> &input);
    const char *check_start() const;
    bool allows_reserved_bits() const;
    uint64_t limit_bytes() const;
    FrameEvent begin_payload();
    FrameEvent take_control(std::span<char> &input);
    FrameEvent take_data(std::span<char> &input);
    FrameEvent end_control(std::string_view payload);
    FrameEvent end_data(std::string_view payload);
    FrameEvent read_close(std::string_view payload);
    bool is_control() const { return static_cast<uint8_t>(opcode_) >= 0x8; }

    uint64_t max_message_bytes_;
    uint64_t frame_bytes_ = 0;  // payload of the frame
    uint64_t frame_at_ = 0;     // how much of it has been taken
    std::string message_;       // what has come of a message that is not whole
    std::string control_;       // what has come of a control frame that is not whole
    std::string_view error_;
    std::array<uint8_t, 14> head_{};
    Mask mask_{};
    uint32_t fragments_ = 0;  // frames of the open message so far
    uint16_t error_code_ = 0;
    uint8_t head_have_ = 0;
    Stage stage_ = Stage::kHead;
    Opcode opcode_ = Opcode::kContinuation;  // of the frame
    Opcode message_kind_ = Opcode::kText;    // of the open message
    bool message_open_ = false;              // frames of it are still to come
    bool final_ = false;
    bool may_be_encoded_ = false;
    bool encoded_ = false;  // the open message
    Utf8Check utf8_;
};

}  // namespace wse::net
