// SPDX-License-Identifier: MIT
// What the built-in HTTP server is asked and answers, and the seam between it and who answers.
// Everything here runs on the service loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ref.h"

namespace wse::admin {

enum class Method { kGet, kHead, kPost, kOther };

// Over which address a request came: that of a listener for clients, or http.address.
enum class Entrance { kListener, kApi };

struct HttpRequest {
    Entrance entrance = Entrance::kListener;
    Method method = Method::kGet;
    std::string path;  // decoded, without the query
    std::vector<std::pair<std::string, std::string>> query = {};
    std::string key = {};              // of Authorization: Bearer, else X-API-Key; empty: none
    std::string idempotency_key = {};  // empty: none
    std::string body = {};
};

struct HttpAnswer {
    int status = 200;
    std::string_view type;  // content-type; static, as the policy
    std::string body;
    std::string_view policy;      // content-security-policy
    std::string_view allow = {};  // of a 405; static
};

// The right to answer one request, once; later answers lead nowhere, as does one whose client has
// gone. One that is dropped unanswered is answered with 500.
class HttpReply : public RefCounted<HttpReply> {
public:
    virtual ~HttpReply() = default;
    virtual void send(const HttpAnswer &answer) = 0;
};

class HttpDesk {
public:
    virtual ~HttpDesk() = default;
    // What can be said before the body is there. Nothing: it is wanted, and answer() follows.
    virtual std::optional<HttpAnswer> judge(const HttpRequest &head) = 0;
    virtual void answer(HttpRequest request, const Ref<HttpReply> &reply) = 0;
    // An answer in the form of the desk's errors, for what goes wrong below it.
    virtual HttpAnswer error(const HttpRequest &request, int status, std::string_view code,
                             std::string_view message) = 0;
};

}  // namespace wse::admin
