// SPDX-License-Identifier: MIT
#include "base/pattern_index.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/assert.h"

namespace wse {

// A piece of pattern text. A star is a piece of its own, because a walk that reaches one stays
// there; question marks are bytes among others.
struct PatternNode {
    PatternNode *child(char first) const {
        const auto found = children.find(first);
        return found == children.end() ? nullptr : found->second.get();
    }
    bool is_star() const { return label == "*"; }

    std::string label;                                      // empty for the root alone
    std::map<char, std::unique_ptr<PatternNode>> children;  // by the first byte of their labels
    std::unique_ptr<PatternEntry> entry;                    // of the pattern that ends here
};

namespace {

// The longest piece a pattern can begin with.
std::string_view first_piece(std::string_view pattern) {
    return pattern.front() == '*' ? pattern.substr(0, 1) : pattern.substr(0, pattern.find('*'));
}

// Cuts the label in two; the node keeps the first part, its new and only child has the rest.
void split(PatternNode &node, size_t at) {
    auto rest = std::make_unique<PatternNode>();
    rest->label = node.label.substr(at);
    rest->children = std::exchange(node.children, {});
    rest->entry = std::move(node.entry);
    node.label.resize(at);
    const char first = rest->label.front();
    node.children.emplace(first, std::move(rest));
}

// Undoes split().
void join_only_child(PatternNode &node) {
    const std::unique_ptr<PatternNode> child = std::move(node.children.begin()->second);
    node.label += child->label;
    node.children = std::move(child->children);
    node.entry = std::move(child->entry);
}

// The nodes from the root to the end of the pattern; empty when it is not in the tree.
std::vector<PatternNode *> path_to(PatternNode &root, std::string_view pattern) {
    std::vector<PatternNode *> path = {&root};
    while (!pattern.empty()) {
        PatternNode *next = path.back()->child(pattern.front());
        if (!next || !pattern.starts_with(next->label)) return {};
        pattern.remove_prefix(next->label.size());
        path.push_back(next);
    }
    if (!path.back()->entry) return {};
    return path;
}

// Goes through a topic byte by byte and knows all the places in the tree where what it has read may
// end.
//
// A place lies behind a star, where it stays until the topic ends, or behind another byte, where it
// is for one step. Either kind is reached from one place only, the one before it in the tree; so
// places reached by a byte cannot come twice in a step, and only stars must be remembered.
class Walk {
public:
    Walk(const PatternNode &root, std::vector<PatternEntry *> &found) : found_(found) {
        arrive({&root, 0});
        places_.swap(next_);
    }

    bool over() const { return places_.empty() && stars_.empty(); }
    size_t steps() const { return steps_; }

    void read(char byte) {
        next_.clear();
        std::erase_if(stars_, [this](const PatternNode *star) { return is_spent(*star); });
        const size_t stars = stars_.size();  // those this byte reaches come after it
        for (const Place &place : places_) advance(place, byte);
        for (size_t i = 0; i < stars; ++i) advance({stars_[i], 1}, byte);
        places_.swap(next_);
    }

    void end() {
        for (const Place &place : places_) {
            if (at_end(place) && place.node->entry) found_.push_back(place.node->entry.get());
        }
    }

private:
    struct Place {
        const PatternNode *node;
        size_t read;  // bytes of its label
    };

    static bool at_end(const Place &place) { return place.read == place.node->label.size(); }

    // Once the next star is reached, an earlier one can gain nothing by taking more; unless another
    // pattern branches off or ends between the two. So each pattern keeps few stars alive, however
    // many it has.
    bool is_spent(const PatternNode &star) const {
        if (star.children.size() != 1) return false;
        const PatternNode &next = *star.children.begin()->second;
        if (next.is_star()) return true;
        const PatternNode *later = next.child('*');
        return later && !next.entry && next.children.size() == 1 && passed_.contains(later);
    }

    void advance(const Place &place, char byte) {
        ++steps_;
        if (!at_end(place)) {
            const char expected = place.node->label[place.read];
            if (expected == byte || expected == '?') arrive({place.node, place.read + 1});
            return;
        }
        if (const PatternNode *any = place.node->child('?')) arrive({any, 1});
        if (byte == '?' || byte == '*') return;  // in a topic they are ordinary, here they are not
        if (const PatternNode *same = place.node->child(byte)) arrive({same, 1});
    }

    void arrive(const Place &place) {
        next_.push_back(place);
        if (!at_end(place)) return;
        // A star may be empty, and so may one that follows it. Whatever the topic goes on with, a
        // pattern that ends with the star matches.
        const PatternNode *star = place.node->child('*');
        for (; star && passed_.insert(star).second; star = star->child('*')) {
            if (star->entry) found_.push_back(star->entry.get());
            if (!star->children.empty()) stars_.push_back(star);
        }
    }

    std::vector<PatternEntry *> &found_;
    std::vector<Place> places_;  // reached by the last byte
    std::vector<Place> next_;
    std::vector<const PatternNode *> stars_;  // reached at any time, with something behind them
    std::unordered_set<const PatternNode *> passed_;
    size_t steps_ = 0;
};

}  // namespace

PatternTree::PatternTree() : root_(std::make_unique<PatternNode>()) {}

PatternTree::~PatternTree() {
    // Not one inside the other: a pattern can be as deep as it is long, and the stack is not.
    std::vector<std::unique_ptr<PatternNode>> doomed;
    doomed.push_back(std::move(root_));
    while (!doomed.empty()) {
        const std::unique_ptr<PatternNode> node = std::move(doomed.back());
        doomed.pop_back();
        for (auto &[first, child] : node->children) doomed.push_back(std::move(child));
    }
}

void PatternTree::insert(std::unique_ptr<PatternEntry> entry) {
    PatternNode *node = root_.get();
    std::string_view rest = entry->pattern;
    while (!rest.empty()) {
        auto &child = node->children[rest.front()];
        if (!child) {
            child = std::make_unique<PatternNode>();
            child->label = first_piece(rest);
            ++node_count_;
        }
        node = child.get();
        const std::string_view label = node->label;
        const auto fork = std::mismatch(label.begin(), label.end(), rest.begin(), rest.end());
        const auto shared = static_cast<size_t>(fork.first - label.begin());
        rest.remove_prefix(shared);
        if (shared < label.size()) {
            split(*node, shared);
            ++node_count_;
        }
    }
    WSE_ASSERT(!node->entry, "a pattern is inserted twice");
    node->entry = std::move(entry);
    ++size_;
}

PatternEntry *PatternTree::find(std::string_view pattern) const {
    const auto path = path_to(*root_, pattern);
    return path.empty() ? nullptr : path.back()->entry.get();
}

bool PatternTree::erase(std::string_view pattern) {
    auto path = path_to(*root_, pattern);
    if (path.empty()) return false;
    path.back()->entry.reset();
    --size_;
    while (path.size() > 1 && !path.back()->entry && path.back()->children.empty()) {
        const char first = path.back()->label.front();
        path.pop_back();
        path.back()->children.erase(first);
        --node_count_;
    }
    PatternNode &last = *path.back();
    const bool is_seam = path.size() > 1 && !last.entry && last.children.size() == 1;
    if (is_seam && !last.is_star() && !last.child('*')) {
        join_only_child(last);
        --node_count_;
    }
    return true;
}

size_t PatternTree::match(std::string_view topic, std::vector<PatternEntry *> &found) const {
    Walk walk(*root_, found);
    for (const char byte : topic) {
        if (walk.over()) break;
        walk.read(byte);
    }
    walk.end();
    return walk.steps();
}

}  // namespace wse
