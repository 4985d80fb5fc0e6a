// SPDX-License-Identifier: MIT
#include "http_client/response_reader.h"

#include <algorithm>
#include <iterator>
#include <new>

namespace wse::http {
namespace {

constexpr int kStop = 1;  // what a callback answers to end the parsing

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

ResponseReader &reader_of(http_parser *parser) {
    return *static_cast<ResponseReader *>(parser->data);
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
    const auto at = std::find_if(headers.begin(), headers.end(),
                                 [&](const Header &header) { return header.name == name; });
    return at == headers.end() ? std::string_view() : std::string_view(at->value);
}

ResponseReader::ResponseReader(uint64_t max_body) : max_body_(max_body) {
    http_parser_init(&parser_, HTTP_RESPONSE);
    parser_.data = this;
}

// No exception passes through http_parser.
template <class Action>
int ResponseReader::guard(Action action) noexcept {
    try {
        return action() ? 0 : kStop;
    } catch (const std::bad_alloc &) {
        out_of_memory_ = true;
        return kStop;
    }
}

const http_parser_settings &ResponseReader::settings() {
    static const http_parser_settings shared = [] {
        http_parser_settings settings{};
        settings.on_header_field = [](http_parser *parser, const char *at, size_t length) {
            ResponseReader &self = reader_of(parser);
            return self.guard([&] { return self.add_name({at, length}); });
        };
        settings.on_header_value = [](http_parser *parser, const char *at, size_t length) {
            ResponseReader &self = reader_of(parser);
            return self.guard([&] { return self.add_value({at, length}); });
        };
        settings.on_headers_complete = [](http_parser *parser) {
            return reader_of(parser).end_head();
        };
        settings.on_body = [](http_parser *parser, const char *at, size_t length) {
            ResponseReader &self = reader_of(parser);
            return self.guard([&] { return self.add_body({at, length}); });
        };
        settings.on_message_complete = [](http_parser *parser) {
            return reader_of(parser).end_message();
        };
        return settings;
    }();
    return shared;
}

bool ResponseReader::add_name(std::string_view part) {
    if (!grow(part.size())) return false;
    auto &headers = response_.headers;
    if (in_value_ || headers.empty()) headers.emplace_back();
    if (headers.size() > kMaxHeaders) return false;
    in_value_ = false;
    std::transform(part.begin(), part.end(), std::back_inserter(headers.back().name), lower);
    return true;
}

bool ResponseReader::add_value(std::string_view part) {
    if (!grow(part.size()) || response_.headers.empty()) return false;
    in_value_ = true;
    response_.headers.back().value += part;
    return true;
}

bool ResponseReader::add_body(std::string_view part) {
    too_big_ = response_.body.size() + part.size() > max_body_;
    if (!too_big_) response_.body += part;
    return !too_big_;
}

bool ResponseReader::grow(size_t octets) {
    head_ += octets;
    return head_ <= kMaxHead;
}

int ResponseReader::end_head() {
    if (parser_.status_code == 101) return -1;  // nobody asked for another protocol
    const bool known = (parser_.flags & F_CONTENTLENGTH) != 0;
    too_big_ = known && parser_.content_length != UINT64_MAX && parser_.content_length > max_body_;
    return too_big_ ? -1 : 0;
}

int ResponseReader::end_message() {
    in_value_ = false;
    if (parser_.status_code < 200) {  // the answer follows
        response_ = Response();
        return 0;
    }
    done_ = true;
    reusable_ = http_should_keep_alive(&parser_) != 0;
    response_.status = parser_.status_code;
    http_parser_pause(&parser_, 1);
    return 0;
}

ResponseReader::Step ResponseReader::step_after(size_t taken, size_t given) {
    if (done_) {
        // What follows an answer belongs to nobody.
        if (taken != given) reusable_ = false;
        return Step::kDone;
    }
    if (too_big_) return Step::kTooBig;
    const auto error = HTTP_PARSER_ERRNO(&parser_);
    if (error == HPE_OK && taken == given) return Step::kMore;
    problem_ = out_of_memory_ ? "out of memory"
               : head_ > kMaxHead || response_.headers.size() > kMaxHeaders
                   ? "the head of the response is too large"
                   : http_errno_description(error);
    return Step::kMalformed;
}

ResponseReader::Step ResponseReader::feed(std::string_view bytes) {
    const size_t taken = http_parser_execute(&parser_, &settings(), bytes.data(), bytes.size());
    return step_after(taken, bytes.size());
}

ResponseReader::Step ResponseReader::feed_end() {
    http_parser_execute(&parser_, &settings(), nullptr, 0);
    const Step step = step_after(0, 0);
    reusable_ = false;
    if (step == Step::kMore) problem_ = "the connection ended before the response";
    return step == Step::kMore ? Step::kMalformed : step;
}

}  // namespace wse::http
