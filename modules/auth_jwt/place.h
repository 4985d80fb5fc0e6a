// SPDX-License-Identifier: MIT
// Where the JWK Set of an issuer is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http_client/url.h"
#include "jwk.h"

namespace wse::auth_jwt {

struct Place {
    std::string path;  // of a file; empty: it is the URL
    http::Url url;
    std::string shown;  // for the log: without the query, which may have a key in it

    Origin origin() const { return path.empty() ? Origin::kUrl : Origin::kFile; }
};

// An absolute path, or a URL: https, or http where nobody is between, which is this host alone
// unless `plain_http`. Empty and a sentence for anything else.
std::optional<Place> parse_place(std::string_view text, bool plain_http, std::string &ret_problem);

}  // namespace wse::auth_jwt
