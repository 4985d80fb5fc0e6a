// SPDX-License-Identifier: MIT
#include "admin/http_pages.h"

#include "admin/demo_page.h"

namespace wse::admin {
namespace {

TEST(HttpPages, AreFoundByMethodAndPath) {
    const struct {
        Method method;
        std::string_view path;
        int status;
    } kCases[] = {
        {Method::kGet, "/", 200},      {Method::kGet, "/demo", 200},
        {Method::kHead, "/demo", 200}, {Method::kGet, "/livez", 200},
        {Method::kGet, "/demo/", 404}, {Method::kGet, "/Demo", 404},
        {Method::kGet, "", 404},       {Method::kHead, "/none", 404},
        {Method::kOther, "/", 405},    {Method::kOther, "/none", 405},
    };
    for (const auto &test : kCases)
        EXPECT_EQ(find_page(test.method, test.path).status, test.status) << test.path;
}

TEST(HttpPages, GiveTheDemoAPolicyThatNamesItsScriptAndStyleByHash) {
    const std::string_view policy = find_page(Method::kGet, "/demo").policy;
    EXPECT_THAT(std::string(policy), testing::ContainsRegex("script-src 'sha256-.{43}='; style-src "
                                                            "'sha256-.{43}='; connect-src 'self'"));
    EXPECT_EQ(policy.find("unsafe"), std::string_view::npos);
}

TEST(HttpPages, EmbedTheDemoWhole) {
    EXPECT_EQ(kDemoPage.substr(0, 15), "<!doctype html>");
    EXPECT_NE(kDemoPage.find("</script>"), std::string_view::npos);
    EXPECT_EQ(kDemoPage.find("src=\"http"), std::string_view::npos) << "an external resource";
}

}  // namespace
}  // namespace wse::admin
