// SPDX-License-Identifier: MIT
// The row that holds a topic's settings (history, presence, slow, retain, snapshot). Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "config/settings.h"

namespace wse::config {

// The first row that matches the topic by its name alone, {sub} read as *; null: none does, and
// nobody may use the topic. Rights are decided for a user instead, by session/rights.h.
const TopicRow *settings_row(const std::vector<TopicRow> &rows, std::string_view topic);

}  // namespace wse::config
