// SPDX-License-Identifier: MIT
#include "key_set.h"

#include "strict_json/strict_json.h"

namespace wse::auth_jwt {

std::shared_ptr<const KeySet> KeySet::parse(std::string_view json, Origin origin,
                                            std::string &ret_problem) {
    if (json.size() > kMaxBytes) {
        ret_problem = "over 256 KiB, the limit for keys";
        return nullptr;
    }
    const strict_json::Object object = strict_json::parse_object(json);
    const cJSON *const list = object ? strict_json::member(object, "keys") : nullptr;
    if (!cJSON_IsArray(list)) {
        ret_problem = "no JWK Set";
        return nullptr;
    }
    const auto set = std::make_shared<KeySet>();
    const cJSON *node = nullptr;
    size_t count = 0;
    cJSON_ArrayForEach(node, list) {
        if (++count > kMaxKeys) {
            ret_problem = "over 64 keys";
            return nullptr;
        }
        Jwk &key = set->keys_.emplace_back();
        if (const char *const problem = read_jwk(node, origin, key)) {
            set->keys_.pop_back();
            set->left_out_.push_back("key " + std::to_string(count) + ": " + problem);
        }
    }
    return set;
}

}  // namespace wse::auth_jwt
