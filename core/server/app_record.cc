// SPDX-License-Identifier: MIT
#include "server/app_record.h"

#include <numeric>

namespace wse::server {
namespace {

std::array<std::string_view, 6> texts_of(const module::AppEvent &event) {
    return {event.connection, event.user, event.topic, event.type, event.id, event.data};
}

}  // namespace

size_t AppRecord::bytes_of(const module::AppEvent &event) {
    const auto texts = texts_of(event);
    return std::accumulate(texts.begin(), texts.end(), sizeof(AppRecord),
                           [](size_t sum, std::string_view text) { return sum + text.size(); });
}

AppRecord::AppRecord(const module::AppEvent &event, size_t listener, bool is_message,
                     Ref<AppCredit> credit, AppTotals &totals)
    : listener_(listener),
      is_message_(is_message),
      event_(event.event),
      code_(event.code),
      time_ms_(event.time_ms),
      credit_(std::move(credit)),
      totals_(totals) {
    text_.reserve(bytes_of(event) - sizeof *this);
    const auto texts = texts_of(event);
    for (size_t i = 0; i < texts.size(); ++i) {
        text_ += texts[i];
        ends_[i] = text_.size();
    }
    ++totals_.events;
    totals_.bytes += bytes();
    if (!credit_) return;
    if (is_message_) {
        ++credit_->messages;
        credit_->bytes += bytes();
    } else {
        ++credit_->others;
    }
}

AppRecord::~AppRecord() {
    --totals_.events;
    totals_.bytes -= bytes();
    if (!credit_) return;
    if (is_message_) {
        --credit_->messages;
        credit_->bytes -= bytes();
    } else {
        --credit_->others;
    }
}

module::AppEvent AppRecord::event() const {
    const auto text = [this](size_t i) {
        const size_t from = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(text_).substr(from, ends_[i] - from);
    };
    return {.event = event_,
            .connection = text(0),
            .user = text(1),
            .topic = text(2),
            .type = text(3),
            .id = text(4),
            .data = text(5),
            .time_ms = time_ms_,
            .code = code_};
}

}  // namespace wse::server
