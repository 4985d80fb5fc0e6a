// SPDX-License-Identifier: MIT
// app_socket: what comes over a connection, cut into frames. However the octets come in pieces, the
// frames are the same; they are those that the lengths say, and stop before one that is too large.
#include <algorithm>
#include <string>
#include <vector>

#include "app_socket/frame_reader.h"
#include "fuzz.h"

namespace wse::app_socket {
namespace {

constexpr uint64_t kLimit = 64;

struct Found {
    std::vector<std::string> frames;
    bool is_too_big = false;
};

Found frames_of(std::string_view bytes, size_t piece) {
    Found found;
    FrameReader reader(kLimit);
    while (!bytes.empty()) {
        reader.add(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        while (const auto frame = reader.peek()) {
            WSE_ASSERT(frame->size() <= kLimit, "a frame is larger than it may be");
            WSE_ASSERT(reader.peek() == frame, "what was not taken has changed");
            found.frames.emplace_back(*frame);
            reader.take();
        }
    }
    found.is_too_big = reader.is_too_big();
    return found;
}

}  // namespace
}  // namespace wse::app_socket

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace wse::app_socket;
    if (size == 0) return 0;
    const std::string_view bytes = wse::fuzz::text_of(data + 1, size - 1);
    const Found whole = frames_of(bytes, bytes.size());
    const Found pieces = frames_of(bytes, size_t{data[0]} + 1);
    WSE_ASSERT(whole.frames == pieces.frames && whole.is_too_big == pieces.is_too_big,
               "the pieces change the frames");
    std::string again;
    for (const std::string &frame : whole.frames) append_frame(again, frame);
    WSE_ASSERT(bytes.substr(0, again.size()) == again, "the frames are not what came");
    const std::string_view rest = bytes.substr(again.size());
    if (whole.is_too_big) {
        WSE_ASSERT(rest.size() >= 4, "a frame is refused whose length has not come");
    }
    return 0;
}
