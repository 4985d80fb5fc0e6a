// SPDX-License-Identifier: MIT
// PatternIndex<T>: values under patterns (base/glob.h), and the question which of the patterns
// match a topic. Patterns that begin alike share their beginning in a tree, so the answer costs the
// length of the topic times the number of beginnings that match it so far, and the number of all
// other patterns does not count. No beginning is looked at twice for the same byte of the topic,
// which bounds the time for hostile patterns. One thread, or immutable.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wse {

struct PatternNode;

// What hangs in the tree under its pattern.
struct PatternEntry {
    explicit PatternEntry(std::string_view text) : pattern(text) {}
    PatternEntry(const PatternEntry &) = delete;
    PatternEntry &operator=(const PatternEntry &) = delete;
    virtual ~PatternEntry() = default;

    const std::string pattern;
};

// The tree of PatternIndex. It owns its entries and never moves them.
class PatternTree {
public:
    PatternTree();
    PatternTree(const PatternTree &) = delete;
    PatternTree &operator=(const PatternTree &) = delete;
    ~PatternTree();

    // Its pattern must not be there yet.
    void insert(std::unique_ptr<PatternEntry> entry);
    PatternEntry *find(std::string_view pattern) const;
    bool erase(std::string_view pattern);
    // Appends the entries that match, each once; the number of steps it took.
    size_t match(std::string_view topic, std::vector<PatternEntry *> &found) const;

    size_t size() const { return size_; }
    size_t node_count() const { return node_count_; }

private:
    std::unique_ptr<PatternNode> root_;
    size_t size_ = 0;
    size_t node_count_ = 0;  // without the root
};

// References to values are valid until their pattern is erased.
template <class T>
class PatternIndex {
public:
    // Makes the value when the pattern is new.
    T &operator[](std::string_view pattern) {
        if (T *known = find(pattern)) return *known;
        auto slot = std::make_unique<Slot>(pattern);
        T &value = slot->value;
        tree_.insert(std::move(slot));
        return value;
    }
    // Null: there is no such pattern. The text is compared; `*` finds only `*`.
    T *find(std::string_view pattern) { return value_of(tree_.find(pattern)); }
    // False: there is no such pattern.
    bool erase(std::string_view pattern) { return tree_.erase(pattern); }

    size_t size() const { return tree_.size(); }
    bool empty() const { return size() == 0; }
    // Pieces the patterns are cut into, which is what the index costs in memory.
    size_t node_count() const { return tree_.node_count(); }

    // visit(const std::string &pattern, T &value) for every pattern that matches, in any order; it
    // must not add or erase patterns. Returns the number of steps it took to find them.
    template <class F>
    size_t match(std::string_view topic, F visit) {
        std::vector<PatternEntry *> found;
        const size_t steps = tree_.match(topic, found);
        for (PatternEntry *entry : found) visit(entry->pattern, *value_of(entry));
        return steps;
    }
    template <class F>
    size_t match(std::string_view topic, F visit) const {
        std::vector<PatternEntry *> found;
        const size_t steps = tree_.match(topic, found);
        for (PatternEntry *entry : found) visit(entry->pattern, std::as_const(*value_of(entry)));
        return steps;
    }

private:
    struct Slot final : PatternEntry {
        using PatternEntry::PatternEntry;
        T value{};
    };

    static T *value_of(PatternEntry *entry) {
        return entry ? &static_cast<Slot *>(entry)->value : nullptr;
    }

    PatternTree tree_;
};

}  // namespace wse
