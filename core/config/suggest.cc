// SPDX-License-Identifier: MIT
#include "config/suggest.h"

#include <algorithm>
#include <vector>

namespace wse::config {
namespace {

constexpr size_t kLongestWord = 64;
constexpr size_t kShortestStem = 4;

// Lower case, '_' for '-', one byte for each character.
std::string folded(std::string_view word) {
    std::string out(word);
    std::erase_if(out, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
    for (char &c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '-') c = '_';
    }
    return out;
}

bool begins_with_other(const std::string &a, const std::string &b) {
    const size_t common = std::min(a.size(), b.size());
    return common >= kShortestStem && a.compare(0, common, b, 0, common) == 0;
}

}  // namespace

// Three rows of the usual table are enough: a swap looks back by two.
size_t edit_distance(std::string_view left, std::string_view right) {
    const std::string a = folded(left);
    const std::string b = folded(right);
    std::vector<size_t> before(b.size() + 1);
    std::vector<size_t> previous(b.size() + 1);
    std::vector<size_t> current(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
        }
        before.swap(previous);
        previous.swap(current);
    }
    return previous[b.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
    if (word.empty() || word.size() > kLongestWord) return std::nullopt;
    const std::string *best = nullptr;
    size_t best_distance = 0;
    for (const std::string &candidate : known) {
        const size_t distance = edit_distance(word, candidate);
        const size_t allowed = std::max<size_t>(1, std::max(word.size(), candidate.size()) / 4);
        if (distance > allowed && !begins_with_other(folded(word), candidate)) continue;
        if (!best || distance < best_distance) {
            best = &candidate;
            best_distance = distance;
        }
    }
    return best ? std::optional(*best) : std::nullopt;
}

}  // namespace wse::config
