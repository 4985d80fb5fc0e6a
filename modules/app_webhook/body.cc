// SPDX-License-Identifier: MIT
#include "body.h"

#include <string_view>
#include <utility>

#include "app/event_json.h"

namespace wse::app_webhook {
namespace {

constexpr std::string_view kEnd = "]}";
constexpr uint64_t kMaxText = 1024;  // of a type and an id, where room is short

// As much as there must be of an event, to see that there was one. Type and id are the client's and
// may be as long as its message.
std::string without_data(uint64_t seq, const wse_app_event &event) {
    wse_app_event rest = event;
    rest.data = {};
    if (rest.type.len > kMaxText) rest.type = {};
    if (rest.id.len > kMaxText) rest.id = {};
    std::string text;
    app::append_event(text, seq, rest);
    text.pop_back();
    return text + ",\"data_bytes\":" + std::to_string(event.data.len) + '}';
}

}  // namespace

BodyWriter::BodyWriter(std::string epoch, uint64_t max_bytes)
    : epoch_(std::move(epoch)), max_bytes_(max_bytes) {}

void BodyWriter::begin(uint64_t batch, std::deque<Body> &ret) const {
    Body &body = ret.emplace_back();
    body.batch = batch;
    body.text =
        "{\"epoch\":\"" + epoch_ + "\",\"batch\":" + std::to_string(batch) + ",\"events\":[";
}

uint64_t BodyWriter::write(const wse_app_event *events, uint64_t count, std::deque<Body> &ret) {
    uint64_t cut = 0, seq = seq_, batch = batch_;
    ret.clear();
    for (uint64_t i = 0; i < count; ++i) {
        std::string text;
        app::append_event(text, ++seq, events[i]);
        const uint64_t needed = 1 + text.size() + kEnd.size();
        if (i == 0) {
            begin(++batch, ret);
        } else if (ret.back().text.size() + needed > max_bytes_) {
            ret.back().text += kEnd;
            begin(++batch, ret);
        }
        Body &body = ret.back();
        if (body.text.size() + needed > max_bytes_) {
            text = without_data(seq, events[i]);
            ++cut;
        }
        if (body.events++ > 0) body.text += ',';
        body.text += text;
    }
    if (!ret.empty()) ret.back().text += kEnd;
    seq_ = seq;
    batch_ = batch;
    return cut;
}

}  // namespace wse::app_webhook
