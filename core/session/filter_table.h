// SPDX-License-Identifier: MIT
// The filters of one loop's subscriptions. Equal criteria are compiled once, a message is read once
// and matched once with each filter, however many subscriptions have it. [loop]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ref.h"
#include "base/result.h"
#include "module/event.h"
#include "proto/message.h"

namespace wse::session {

class FilterTable;

// Counted by the subscriptions that have it; the last one takes it out of the table.
class Filter final : public RefCounted<Filter> {
public:
    // The table outlives it.
    Filter(FilterTable &table, std::string_view criteria, void *compiled)
        : table_(table), criteria_(criteria), compiled_(compiled) {}
    ~Filter();

    // A message that the module cannot read is taken by no filter. The table has the message open
    // until it is closed.
    bool takes(const proto::Message &message) const;
    FilterTable &table() const { return table_; }

private:
    FilterTable &table_;
    const std::string_view criteria_;  // the table's key
    void *const compiled_;
    mutable uint64_t reading_ = 0;  // of the table, that the verdict is about
    mutable bool verdict_ = false;
};
using FilterRef = Ref<const Filter>;

class FilterTable {
public:
    static constexpr size_t kMaxFilters = 4096;
    static constexpr size_t kMaxCriteriaBytes = 4096;

    explicit FilterTable(std::unique_ptr<module::EventFilters> module)
        : module_(std::move(module)) {}
    FilterTable(const FilterTable &) = delete;
    FilterTable &operator=(const FilterTable &) = delete;
    ~FilterTable();

    // The error is a sentence for the client: no JSON object, too long, too many, or the module's.
    Result<FilterRef> find(std::string_view criteria);
    size_t size() const { return filters_.size(); }

    // Ends the reading of a message; the view of one is not kept for the next. Again does nothing.
    void close();

private:
    friend class Filter;
    // The number of the reading, by which a filter knows its verdict.
    uint64_t open(const proto::Message &message);
    bool match(const void *filter) const { return view_ && module_->match(filter, view_); }
    void discard(std::string_view criteria, void *compiled);

    std::unique_ptr<module::EventFilters> module_;
    std::unordered_map<std::string, const Filter *> filters_;
    const proto::Message *message_ = nullptr;  // open
    void *view_ = nullptr;                     // null: it cannot be read
    uint64_t reading_ = 0;
};

}  // namespace wse::session
