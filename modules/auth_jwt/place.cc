// SPDX-License-Identifier: MIT
#include "place.h"

namespace wse::auth_jwt {

std::optional<Place> parse_place(std::string_view text, bool plain_http, std::string &ret_problem) {
    Place place;
    if (text.starts_with('/')) {
        place.path = text;
        place.shown = text;
        return place;
    }
    const auto url = http::parse_url(text);
    if (!url) {
        ret_problem = "neither an http or https URL nor an absolute path";
        return std::nullopt;
    }
    if (!url->tls && !plain_http && !url->is_loopback()) {
        ret_problem =
            "keys that come over http may be anybody's; write https, or plain_http = true";
        return std::nullopt;
    }
    place.url = *url;
    place.shown = url->origin() + url->target.substr(0, url->target.find('?'));
    return place;
}

}  // namespace wse::auth_jwt
