// SPDX-License-Identifier: MIT
// The rules about the meaning of values and about more than one of them. Reports, changes nothing.
#pragma once

#include "config/diagnostics.h"
#include "config/document.h"

namespace wse::config {

// After fill_settings. What could not be bound was reported there and is passed over here.
void check_settings(const Document &document, Diagnostics &diagnostics);

// The parts, in files of their own.
void check_listeners(const Document &document, Diagnostics &diagnostics);
void check_topics(const Document &document, Diagnostics &diagnostics);

// Where the value of a key stands; when it is not in the tree, the section.
Location place_of_key(const Value *table, const char *key, const Location &section);
// The same for item `index` of a list.
Location place_of_item(const Value *table, const char *key, size_t index, const Location &section);

// Is the key given as "", as against not given, or not usable and reported?
bool is_given_empty(const Value *table, const char *key);

// Why a topic pattern cannot be meant, or empty: braces other than {sub}, blanks, nothing at all.
std::string topic_complaint(const std::string &pattern);

}  // namespace wse::config
