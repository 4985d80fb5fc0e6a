// SPDX-License-Identifier: MIT
#include "net/body.h"

#include <http_parser.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace wse::net {
namespace {

struct Output {
    std::string *wire = nullptr;
    bool done = false;
};

int on_piece(http_parser *parser, const char *at, size_t size) noexcept {
    std::string &wire = *static_cast<Output *>(parser->data)->wire;
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), size, 16).ptr;
    wire.append(digits.begin(), end).append("\r\n").append(at, size).append("\r\n");
    return 0;
}

int on_end(http_parser *parser) noexcept {
    auto &output = *static_cast<Output *>(parser->data);
    output.wire->append("0\r\n\r\n");
    output.done = true;
    http_parser_pause(parser, 1);  // what follows is not the body
    return 0;
}

http_parser_settings make_settings() {
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_body = on_piece;
    settings.on_message_complete = on_end;
    return settings;
}

const http_parser_settings &settings() {
    static const http_parser_settings made = make_settings();
    return made;
}

}  // namespace

BodyFramer::BodyFramer(const Request &request) {
    if (request.body == BodyKind::kLength) left_ = request.content_length;
    done_ = request.body == BodyKind::kNone;
    if (request.body != BodyKind::kChunked) return;
    // The head was read elsewhere; a small one of the same kind brings the parser to the body.
    constexpr std::string_view kHead = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    chunked_ = std::make_unique<http_parser>();
    http_parser_init(chunked_.get(), HTTP_REQUEST);
    http_parser_execute(chunked_.get(), &settings(), kHead.data(), kHead.size());
}

BodyFramer::~BodyFramer() = default;

bool BodyFramer::feed(std::string_view bytes, std::string &out) {
    if (done_ || bytes.empty()) return true;
    if (!chunked_) {
        const auto size = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
        out.append(bytes.substr(0, size));
        left_ -= size;
        done_ = left_ == 0;
        return true;
    }
    Output output{&out, false};
    chunked_->data = &output;
    http_parser_execute(chunked_.get(), &settings(), bytes.data(), bytes.size());
    done_ = output.done;
    const auto failure = HTTP_PARSER_ERRNO(chunked_.get());
    return done_ || failure == HPE_OK;
}

}  // namespace wse::net
