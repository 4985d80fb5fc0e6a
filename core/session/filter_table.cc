// SPDX-License-Identifier: MIT
#include "session/filter_table.h"

#include <utility>

#include "base/assert.h"
#include "base/json_scan.h"

namespace wse::session {

Filter::~Filter() {
    table_.discard(criteria_, compiled_);
}

bool Filter::takes(const proto::Message &message) const {
    const uint64_t reading = table_.open(message);
    if (std::exchange(reading_, reading) != reading) verdict_ = table_.match(compiled_);
    return verdict_;
}

FilterTable::~FilterTable() {
    WSE_ASSERT(filters_.empty(), "a table of filters goes before the subscriptions that have them");
    close();
}

Result<FilterRef> FilterTable::find(std::string_view criteria) {
    if (criteria.size() > kMaxCriteriaBytes) {
        return Error{WSE_ETOOBIG,
                     "filter: longer than " + std::to_string(kMaxCriteriaBytes) + " bytes"};
    }
    if (!criteria.starts_with('{') || !check_json(criteria))
        return Error{WSE_EINVAL, "filter: not a JSON object"};
    const auto [entry, is_new] = filters_.try_emplace(std::string(criteria), nullptr);
    if (!is_new) return FilterRef(entry->second);
    auto compiled = filters_.size() > kMaxFilters
                        ? Error{WSE_EAGAIN, "filter: the server holds too many for now"}
                        : module_->compile(criteria);
    if (!compiled) {
        filters_.erase(entry);
        return compiled.error();
    }
    entry->second = new Filter(*this, entry->first, *compiled);
    return FilterRef(entry->second);
}

void FilterTable::discard(std::string_view criteria, void *compiled) {
    filters_.erase(filters_.find(std::string(criteria)));
    module_->discard(compiled);
}

uint64_t FilterTable::open(const proto::Message &message) {
    if (message_ == &message) return reading_;
    close();
    message_ = &message;
    ++reading_;
    const proto::Publication &publication = message.publication;
    const auto view = module_->read({.topic = publication.topic,
                                     .type = publication.type,
                                     .id = publication.id,
                                     .payload = publication.payload,
                                     .extra = publication.extra,
                                     .priority = static_cast<uint32_t>(publication.priority),
                                     .time_ms = message.happened_ms(),
                                     .epoch = message.position.epoch,
                                     .offset = message.position.offset});
    view_ = view ? *view : nullptr;
    return reading_;
}

void FilterTable::close() {
    message_ = nullptr;
    if (void *const view = std::exchange(view_, nullptr)) module_->close(view);
}

}  // namespace wse::session
