// SPDX-License-Identifier: MIT
// What a session reads from its request. The first line of the input is the query, the second
// Authorization, the third Origin, and each further one a Cookie.
#include <algorithm>
#include <string>

#include "base/json.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "session/request_fields.h"

namespace wse::session {
namespace {

net::RequestHead head_of(std::string_view text) {
    constexpr const char *kNames[] = {"", "authorization", "origin", "cookie"};
    net::RequestHead head;
    head.method = "GET";
    head.path = "/wse";
    for (size_t line = 0; !text.empty(); ++line) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string value(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line == 0)
            head.query = std::move(value);
        else
            head.headers.push_back({kNames[std::min<size_t>(line, 3)], std::move(value)});
    }
    return head;
}

void check_credential(const net::RequestHead &head, const config::Listen &listen) {
    const FoundCredential found = find_credential(head, listen);
    const bool is_none = found.source == module::Credential::kNone;
    WSE_ASSERT(is_none == found.text.empty(), "a credential without a text");
    WSE_ASSERT(found.text != "null" && found.text != "undefined", "a script's word is a token");
}

void run(std::string_view text) {
    const net::RequestHead head = head_of(text);
    config::Listen listen{};
    listen.token_cookie = "access_token";
    listen.token_query = true;
    check_credential(head, listen);
    const std::string object = query_object(head.query);
    const auto document = JsonDocument::parse(object);
    WSE_ASSERT(is_utf8(object), "the query as an object is not UTF-8");
    WSE_ASSERT(document.ok() || object.find("\\u0000") != std::string::npos,
               "the query as an object is no JSON");
    WSE_ASSERT(!document || !document.value().root()["token"], "a token is shown to modules");
    WSE_ASSERT(cookie_value(head, "a").find(';') == std::string::npos, "two cookies are one");
    origin_allowed(head, listen);
    listen.origins = {"https://example.com"};
    origin_allowed(head, listen);
}

}  // namespace
}  // namespace wse::session

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::session::run(wse::fuzz::text_of(data, size));
    return 0;
}
