// SPDX-License-Identifier: MIT
// What an application answers: its head whole and octet by octet, and the answer as the client gets
// it, in each form, which must be one that we would read ourselves to the same end. The first octet
// says what was asked.
#include <string>

#include "fuzz.h"
#include "net/answer_head.h"
#include "net/body.h"

namespace wse::net {
namespace {

struct Whole {
    AnswerReader::State state;
    AnswerHead head;
    std::string wire;  // as the client gets it
    bool failed = false;
    bool whole = false;
};

// `piece`: octets at a time.
Whole pass(std::string_view wire, bool to_head, uint8_t minor_version, size_t piece) {
    AnswerReader reader(to_head);
    while (!wire.empty() && reader.state() == AnswerReader::State::kMore)
        wire.remove_prefix(reader.feed(wire.substr(0, piece)));
    Whole result{reader.state(), reader.head(), {}};
    if (result.state != AnswerReader::State::kDone || result.head.is_interim()) return result;
    const AnswerForm form = answer_form(result.head, minor_version, true);
    result.wire = forwarded_answer(result.head, form);
    BodyFramer body(result.head.body, result.head.content_length, form.chunked);
    while (!wire.empty() && body.state() == BodyFramer::State::kMore)
        wire.remove_prefix(body.feed(wire.substr(0, piece), result.wire));
    result.failed = body.failed();
    result.whole = !result.failed && body.end(result.wire);
    return result;
}

// The payload of an answer, and whether it was whole.
std::string payload(std::string_view wire, bool to_head, bool &whole) {
    AnswerReader reader(to_head);
    wire.remove_prefix(reader.feed(wire));
    WSE_ASSERT(reader.state() == AnswerReader::State::kDone, "our own answer is refused");
    BodyFramer body(reader.head().body, reader.head().content_length, false);
    std::string out;
    const size_t used = body.feed(wire, out);
    WSE_ASSERT(!body.failed() && used == wire.size(), "our own answer ends before its end");
    whole = body.end(out);
    return out;
}

void run(std::string_view wire, bool to_head) {
    const Whole modern = pass(wire, to_head, 1, wire.size() + 1);
    const Whole slow = pass(wire, to_head, 1, 1);
    WSE_ASSERT(modern.state == slow.state, "octets are judged otherwise");
    if (modern.state != AnswerReader::State::kDone || modern.head.is_interim()) return;
    WSE_ASSERT(modern.failed == slow.failed && modern.whole == slow.whole, "octets end elsewhere");
    if (modern.failed) return;
    const Whole old = pass(wire, to_head, 0, wire.size() + 1);
    bool modern_whole = false;
    bool slow_whole = false;
    bool old_whole = false;
    const std::string expected = payload(modern.wire, to_head, modern_whole);
    WSE_ASSERT(expected == payload(slow.wire, to_head, slow_whole), "octets make another answer");
    WSE_ASSERT(expected == payload(old.wire, to_head, old_whole), "HTTP/1.0 gets another answer");
    WSE_ASSERT(modern_whole == modern.whole && slow_whole == modern.whole,
               "a client takes half an answer for a whole one");
}

}  // namespace
}  // namespace wse::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text = wse::fuzz::text_of(data, size);
    if (!text.empty()) wse::net::run(text.substr(1), text[0] == 'H');
    return 0;
}
