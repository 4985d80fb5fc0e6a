// SPDX-License-Identifier: MIT
// demo.html as part of the program; demo_page.cc is written by embed_page.cmake during the build.
#pragma once

#include <string_view>

namespace wse::admin {

extern const std::string_view kDemoPage;
// Its content-security-policy: the page's own script and style by their hashes, and nothing else.
extern const std::string_view kDemoPolicy;

}  // namespace wse::admin
