// SPDX-License-Identifier: MIT
#include "question.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "json_text/json_text.h"
#include "snapshot/state.h"

namespace wse::snapshot_http {
namespace {

// Servers read %2e as a dot before they look for "..".
bool is_dots(std::string_view segment) {
    std::string plain;
    while (!segment.empty()) {
        const bool encoded = segment.starts_with("%2e") || segment.starts_with("%2E");
        if (!encoded && segment.front() != '.') return false;
        plain += '.';
        segment.remove_prefix(encoded ? 3 : 1);
    }
    return plain == "." || plain == "..";
}

// … and some %2f and %5c as what separates segments.
size_t separator_at(std::string_view path) {
    constexpr std::string_view kSeparators[] = {"/", "%2f", "%2F", "%5c", "%5C"};
    for (const std::string_view separator : kSeparators) {
        if (path.starts_with(separator)) return separator.size();
    }
    return 0;
}

bool leaves_its_place(std::string_view path) {
    path = path.substr(0, path.find('?'));
    size_t begin = 0;
    for (size_t at = 0; at <= path.size();) {
        const size_t separator = separator_at(path.substr(at));
        if (separator == 0 && at < path.size()) {
            ++at;
            continue;
        }
        if (is_dots(path.substr(begin, at - begin))) return true;
        at += std::max<size_t>(separator, 1);
        begin = at;
    }
    return false;
}

// A member of an object that is being written, with its comma when it is not the first.
std::string &add_name(std::string &out, std::string_view name) {
    if (out.size() > 1) out += ',';
    json_text::append_string(out, name);
    return out += ':';
}

}  // namespace

std::string UrlPattern::read_pieces(std::string_view text) {
    static constexpr std::pair<std::string_view, Part> kPlaceholders[] = {
        {"{topic}", Part::kTopic}, {"{user}", Part::kUser}, {"{params}", Part::kParams}};
    while (!text.empty()) {
        const size_t end = std::min(text.find_first_of("{}"), text.size());
        if (end > 0) pieces_.push_back({Part::kText, std::string(text.substr(0, end))});
        text.remove_prefix(end);
        if (text.empty()) break;
        const auto found = std::find_if(
            std::begin(kPlaceholders), std::end(kPlaceholders),
            [&](const auto &placeholder) { return text.starts_with(placeholder.first); });
        if (found == std::end(kPlaceholders))
            return "url: knows {topic}, {user} and {params}, and no other '{' or '}'";
        pieces_.push_back({found->second, ""});
        text.remove_prefix(found->first.size());
    }
    return "";
}

std::optional<UrlPattern> UrlPattern::parse(std::string_view text, std::string &ret_problem) {
    UrlPattern pattern;
    ret_problem = pattern.read_pieces(text);
    if (!ret_problem.empty()) return std::nullopt;
    // Who subscribes must not choose the server.
    const size_t host = text.find("://");
    const size_t path = host == std::string_view::npos ? host : text.find_first_of("/?", host + 3);
    if (text.find('{') < path) {
        ret_problem = "url: a placeholder stands before the path; only path and query have them";
        return std::nullopt;
    }
    std::string example;
    for (const Piece &piece : pattern.pieces_)
        example += piece.part == Part::kText ? piece.text : "x";
    const auto url = http::parse_url(example);
    if (!url) {
        ret_problem = "url: is no URL of http or https (a user does not stand in it: use headers)";
        return std::nullopt;
    }
    pattern.tls_ = url->tls;
    pattern.shown_ = text.substr(0, text.find_first_of("?#"));
    return pattern;
}

std::optional<http::Url> UrlPattern::expand(const wse_snapshot_request &request) const {
    std::string text;
    for (const Piece &piece : pieces_) {
        switch (piece.part) {
            case Part::kText:
                text += piece.text;
                break;
            case Part::kTopic:
                text += http::percent_encode(abi::text_of(request.topic));
                break;
            case Part::kUser:
                text += http::percent_encode(abi::text_of(request.user));
                break;
            case Part::kParams:
                text += http::percent_encode(abi::text_of(request.params));
                break;
        }
    }
    auto url = http::parse_url(text);
    if (url && leaves_its_place(url->target)) return std::nullopt;
    return url;
}

bool UrlPattern::has_user() const {
    return std::any_of(pieces_.begin(), pieces_.end(),
                       [](const Piece &piece) { return piece.part == Part::kUser; });
}

std::string body_of(const wse_snapshot_request &request) {
    std::string out = "{";
    json_text::append_string(add_name(out, "topic"), abi::text_of(request.topic));
    if (request.user.len > 0)
        json_text::append_string(add_name(out, "user"), abi::text_of(request.user));
    if (request.params.len > 0) add_name(out, "params") += abi::text_of(request.params);
    if (request.offset > 0) {
        json_text::append_string(add_name(out, "epoch"), snapshot::epoch_text(request.epoch));
        add_name(out, "offset") += std::to_string(request.offset);
    }
    return out += '}';
}

}  // namespace wse::snapshot_http
