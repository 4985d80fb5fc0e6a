// SPDX-License-Identifier: MIT
#include "module/descriptor.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace wse::module {
namespace {

static_assert(sizeof(wse_module_def) == kDescriptorSize1_0);
static_assert(sizeof(wse_option) == kOptionSize1_0);

static_assert(sizeof(Preamble) == 16);

constexpr std::array<const char *, 8> kKindNames = {
    "unknown", "auth", "transform", "snapshot", "backplane", "observer", "event", "app"};

using Verdict = Result<void>;

Error refusal(std::string text) {
    return Error{WSE_EINVAL, std::move(text)};
}

std::string hex(uint32_t value) {
    char text[11];
    std::snprintf(text, sizeof text, "0x%08x", value);
    return text;
}

std::string version(unsigned major, unsigned minor) {
    return std::to_string(major) + '.' + std::to_string(minor);
}

Verdict judge_version(const Preamble &preamble) {
    const std::string numbers = "needs module ABI " +
                                version(preamble.abi_major, preamble.abi_minor) +
                                ", this server speaks " + version(WSE_ABI_MAJOR, WSE_ABI_MINOR);
    if (preamble.abi_major < WSE_ABI_MAJOR)
        return refusal(numbers + "; build the module with this server's wse-dev");
    if (preamble.abi_major > WSE_ABI_MAJOR || preamble.abi_minor > WSE_ABI_MINOR)
        return refusal(numbers + "; upgrade the server or build it with an older wse-dev");
    return {};
}

Verdict judge_kind(wse_kind kind) {
    if (kind > 0 && kind < kKindNames.size()) return {};
    return refusal("is of kind " + std::to_string(kind) + ", this server knows kinds 1 to " +
                   std::to_string(kKindNames.size() - 1) +
                   "; upgrade the server or correct WSE_MODULE(kind, minor)");
}

Verdict judge_preamble(const Preamble &preamble, uint64_t size) {
    if (preamble.magic != WSE_MODULE_MAGIC)
        return refusal("wse_module begins with " + hex(preamble.magic) + ", a module with " +
                       hex(WSE_MODULE_MAGIC) + "; begin it with WSE_MODULE(kind, minor)");
    if (auto verdict = judge_version(preamble); !verdict) return verdict;
    if (preamble.struct_size < kDescriptorSize1_0)
        return refusal("wse_module says it has " + std::to_string(preamble.struct_size) +
                       " bytes, in ABI 1.0 it has " + std::to_string(kDescriptorSize1_0) +
                       "; build the module with this server's wse-dev");
    if (preamble.struct_size > size)
        return refusal("wse_module says it has " + std::to_string(preamble.struct_size) +
                       " bytes, the symbol has " + std::to_string(size) +
                       "; begin it with WSE_MODULE(kind, minor)");
    return judge_kind(preamble.kind);
}

Verdict judge_name(const char *name) {
    if (!name || !*name) return refusal("name is empty; give wse_module a name");
    const size_t length = strnlen(name, kMaxNameLength + 1);
    if (length > kMaxNameLength)
        return refusal("name is longer than " + std::to_string(kMaxNameLength) +
                       " characters; shorten it");
    const std::string_view text(name, length);
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const auto bad = std::find_if_not(text.begin(), text.end(), allowed);
    if (bad != text.end()) {
        char code[5];
        std::snprintf(code, sizeof code, "0x%02x", static_cast<unsigned char>(*bad));
        return refusal("name has the character " + std::string(code) + " at place " +
                       std::to_string(bad - text.begin() + 1) +
                       "; only lower-case letters, digits and '_' are allowed");
    }
    return {};
}

Verdict judge_version_text(const char *text) {
    if (!text || !*text) return refusal("version is empty; give wse_module a version");
    const size_t length = strnlen(text, kMaxVersionLength + 1);
    if (length > kMaxVersionLength)
        return refusal("version is longer than " + std::to_string(kMaxVersionLength) +
                       " characters; shorten it");
    // It is shown in `wsectl modules`, one line each.
    if (!std::all_of(text, text + length, [](char c) { return c > ' ' && c < 0x7f; }))
        return refusal("version has a character that is not printable ASCII; remove it");
    return {};
}

Verdict judge_options(const wse_module_def &def) {
    if (!def.options) return {};
    if (def.option_size < kOptionSize1_0 || def.option_size % alignof(wse_option) != 0)
        return refusal("option_size is " + std::to_string(def.option_size) + ", in ABI 1.0 it is " +
                       std::to_string(kOptionSize1_0) + "; set it to sizeof(wse_option)");
    if (def.config_size == 0 || def.config_size > kMaxConfigSize)
        return refusal("config_size is " + std::to_string(def.config_size) +
                       ", with options it is 1 to " + std::to_string(kMaxConfigSize) +
                       "; set it to the size of the struct they fill");
    if (auto sound = config::check_table({def.options, def.option_size, def.config_size}); !sound)
        return refusal("option table: " + sound.error().text + "; correct the module's options");
    return {};
}

Verdict judge_functions(const wse_module_def &def) {
    if (!def.create) return refusal("create is empty; every module has one");
    if (!def.destroy) return refusal("destroy is empty; every module has one");
    return {};
}

// Copies `theirs` bytes of the module's struct as far as ours has room for them.
template <class Struct>
void copy_known(Struct &ours, const void *theirs, uint32_t their_size) {
    std::memcpy(&ours, theirs, std::min<size_t>(sizeof ours, their_size));
}

Verdict judge_ops_size(const void *theirs, const char *name, uint32_t size1_0) {
    if (!theirs) {
        std::string fault = "ops is empty; point it to the module's ";
        fault += name;
        return refusal(std::move(fault));
    }
    uint32_t size = 0;
    std::memcpy(&size, theirs, sizeof size);
    if (size >= size1_0) return {};
    std::string fault = name;
    fault += " says it has " + std::to_string(size);
    fault += " bytes, in ABI 1.0 it has " + std::to_string(size1_0);
    fault += "; set struct_size to sizeof(";
    fault += name;
    fault += ')';
    return refusal(std::move(fault));
}

// Its struct of functions, which had `size1_0` bytes in ABI 1.0.
template <class Ops>
Verdict read_ops(Ops &ours, const void *theirs, const char *name, uint32_t size1_0) {
    if (auto verdict = judge_ops_size(theirs, name, size1_0); !verdict) return verdict;
    uint32_t size = 0;
    std::memcpy(&size, theirs, sizeof size);
    copy_known(ours, theirs, size);
    return {};
}

// What a kind cannot do without.
Verdict judge_ops(const wse_auth_ops &ops) {
    if (!ops.authenticate)
        return refusal("authenticate is empty; every module of kind auth has one");
    return {};
}

bool is_prefix(const char (&prefix)[4]) {
    return prefix[0] >= 'A' && prefix[0] <= 'Z' && prefix[1] == ':' && prefix[2] == 0;
}

// Short enough for a header, and without what would end it.
bool is_token(const char *name) {
    constexpr size_t kMaxBytes = 64;
    const std::string_view text(name ? name : "", name ? strnlen(name, kMaxBytes + 1) : 0);
    return !text.empty() && text.size() <= kMaxBytes &&
           text.find_first_not_of(
               "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

Verdict judge_ops(const wse_transform_ops &ops) {
    if (!ops.open || !ops.close || !ops.encode || !ops.decode)
        return refusal(
            "open, close, encode or decode is empty; every module of kind transform has "
            "these four");
    if (ops.layer < WSE_LAYER_COMPRESSION || ops.layer > WSE_LAYER_EXTENSION)
        return refusal("layer " + std::to_string(ops.layer) +
                       " is none of 1 (compression), 2 (codec), 3 (cipher) and 4 (extension)");
    if (ops.layer == WSE_LAYER_EXTENSION ? !is_token(ops.extension) : !is_prefix(ops.prefix))
        return refusal(ops.layer == WSE_LAYER_EXTENSION
                           ? "extension is no token of RFC 9110, as \"permessage-deflate\" is"
                           : "prefix is not a capital letter and a colon, as \"C:\" is");
    if (!ops.save != !ops.restore)
        return refusal("save or restore is empty; a module has both or none");
    if (!ops.sign != !ops.verify)
        return refusal("sign or verify is empty; a module has both or none");
    return {};
}

Verdict judge_ops(const wse_event_ops &ops) {
    const int filters = !!ops.compile + !!ops.discard + !!ops.read + !!ops.match + !!ops.close;
    if (filters != 0 && filters != 5)
        return refusal("has " + std::to_string(filters) +
                       " of the 5 functions for filters (compile, discard, read, match, close); a "
                       "module has all of them or none");
    if (filters == 0 && !ops.shape)
        return refusal("shape is empty; a module of kind event has it, or filters");
    return {};
}

Verdict judge_ops(const wse_snapshot_ops &ops) {
    if (!ops.request) return refusal("request is empty; every module of kind snapshot has one");
    return {};
}

Verdict judge_ops(const wse_backplane_ops &ops) {
    if (!ops.submit || !ops.follow || !ops.unfollow)
        return refusal(
            "submit, follow or unfollow is empty; every module of kind backplane has "
            "these three");
    return {};
}

Verdict judge_ops(const wse_app_ops &ops) {
    if (!ops.deliver) return refusal("deliver is empty; every module of kind app has one");
    return {};
}

Verdict judge_ops(const wse_observer_ops &ops) {
    if (!ops.observe) return refusal("observe is empty; every module of kind observer has one");
    if (ops.mask == 0)
        return refusal("mask is 0; a module of kind observer names the events it wants to hear of");
    return {};
}

template <class Ops>
Verdict take_ops(Ops &ours, const void *theirs, const char *name, uint32_t size1_0) {
    if (auto verdict = read_ops(ours, theirs, name, size1_0); !verdict) return verdict;
    return judge_ops(ours);
}

// Sizes that the structs had in ABI 1.0.
static_assert(sizeof(wse_auth_ops) == 32 && sizeof(wse_transform_ops) == 96);
static_assert(sizeof(wse_event_ops) == 56 && sizeof(wse_snapshot_ops) == 32);
static_assert(sizeof(wse_backplane_ops) == 64 && sizeof(wse_app_ops) == 40);
static_assert(sizeof(wse_observer_ops) == 24);

Verdict take_ops_of_kind(Descriptor &to) {
    const void *ops = to.def.ops;
    switch (to.def.kind) {
        case WSE_KIND_AUTH:
            return take_ops(to.auth, ops, "wse_auth_ops", 32);
        case WSE_KIND_TRANSFORM:
            return take_ops(to.transform, ops, "wse_transform_ops", 96);
        case WSE_KIND_SNAPSHOT:
            return take_ops(to.snapshot, ops, "wse_snapshot_ops", 32);
        case WSE_KIND_BACKPLANE:
            return take_ops(to.backplane, ops, "wse_backplane_ops", 64);
        case WSE_KIND_OBSERVER:
            return take_ops(to.observer, ops, "wse_observer_ops", 24);
        case WSE_KIND_EVENT:
            return take_ops(to.event, ops, "wse_event_ops", 56);
        case WSE_KIND_APP:
            return take_ops(to.app, ops, "wse_app_ops", 40);
        default:
            return judge_kind(to.def.kind);
    }
}

}  // namespace

const char *kind_name(wse_kind kind) {
    return kind < kKindNames.size() ? kKindNames[kind] : kKindNames[0];
}

Result<Preamble> read_preamble(const void *object, uint64_t size) {
    if (size < sizeof(Preamble))
        return refusal("wse_module has " + std::to_string(size) +
                       " bytes, its preamble alone has " + std::to_string(sizeof(Preamble)) +
                       "; define it as const wse_module_def");
    Preamble preamble;
    std::memcpy(&preamble, object, sizeof preamble);
    if (auto verdict = judge_preamble(preamble, size); !verdict) return verdict.error();
    return preamble;
}

Result<Descriptor> read_descriptor(const void *object, uint64_t size) {
    const auto preamble = read_preamble(object, size);
    if (!preamble) return preamble.error();

    Descriptor descriptor;
    copy_known(descriptor.def, object, preamble->struct_size);
    const wse_module_def &def = descriptor.def;
    for (const auto &verdict : {judge_name(def.name), judge_version_text(def.version),
                                judge_functions(def), judge_options(def)})
        if (!verdict) return verdict.error();
    if (auto verdict = take_ops_of_kind(descriptor); !verdict) return verdict.error();
    return descriptor;
}

}  // namespace wse::module
