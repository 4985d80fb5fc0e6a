// SPDX-License-Identifier: MIT
// The module instances of one reading of the configuration, from file to running.
//
//     ModuleSet::load()      opens, binds options, checks; all there is for `wsed -t`
//     create(), start()      instances come to life, all or none
//     authenticator()        sessions ask
//     stop()                 while the loops still run; the destructor destroys
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/diagnostics.h"
#include "config/load.h"
#include "module/auth.h"
#include "module/host.h"
#include "module/instance.h"
#include "module/stats.h"
#include "module/transform.h"

namespace wse::module {

// One line of `wsectl modules`.
struct ModuleRow {
    std::string name;     // of the instance
    std::string module;   // its own name, "auth_jwt"
    std::string version;  // its own
    std::string kind;
    std::string path;
    std::vector<std::string> loops;  // that it runs on
    uint64_t tokens_outstanding = 0;
    uint64_t tokens_oldest_ms = 0;
    uint64_t slow_calls = 0;  // over the budget
    uint64_t slowest_ms = 0;
};

// [main] unless said otherwise; never on one of the connection loops.
class ModuleSet {
public:
    // Opens every configured module, fills its options and lets it check them. All problems go to
    // `diagnostics` at the place of [module.X] or of its `load`; with errors among them the set is
    // good for nothing but tables().
    static std::unique_ptr<ModuleSet> load(const config::Loaded &loaded,
                                           config::Diagnostics &diagnostics);
    // Destroys the instances, last first, after stop().
    ~ModuleSet();
    ModuleSet(const ModuleSet &) = delete;
    ModuleSet &operator=(const ModuleSet &) = delete;

    // Is there a module of that kind and name, or a single one of the kind when `name` is empty?
    // From load() on.
    bool has(wse_kind kind, std::string_view name) const;
    size_t count(wse_kind kind) const;
    // Is there a cipher that signs?
    bool has_signer() const;
    // Of the transform of that name; none when there is no such module.
    std::optional<Layer> layer(std::string_view transform) const;
    // Is there an application of that name, and can it be asked?
    bool can_ask(std::string_view app) const;
    // The option tables, for config::dump(). Valid as long as the set, until create().
    std::vector<config::ModuleTable> tables() const;

    // Makes the instances. On the first failure, which goes to `diagnostics`, there are none.
    bool create(const Surroundings &surroundings, const config::Loaded &loaded,
                config::Diagnostics &diagnostics);
    // Starts each instance on every loop. On a failure those already started are stopped, and only
    // destroying the set is left; the error names module and loop.
    Result<void> start();
    // Stops all of them and waits, at most for the deadline of one. False when one did not stop:
    // the log says which, and its handles are perhaps open on the loops.
    bool stop();

    // The auth instance of that name, or the only one when `name` is empty; null when there is
    // none, or no single one. Valid until the set is destroyed. [any], to be used on the loop.
    Authenticator *authenticator(std::string_view name, size_t loop) const;

    // The instance that has() is about, or null; and all, or all of a kind, in the order of the
    // file. From create() on, as long as the set.
    Instance *find(wse_kind kind, std::string_view name) const;
    std::vector<Instance *> all() const;
    std::vector<Instance *> all(wse_kind kind) const;

    // [any] between start() and the destructor.
    std::vector<ModuleRow> rows() const;
    std::vector<StatRow> stats() const;

private:
    struct Item;

    ModuleSet();
    const Item *find_item(wse_kind kind, std::string_view name) const;
    void load_one(const config::Loaded &loaded, size_t index, config::Diagnostics &diagnostics);
    void check_filters(const config::Loaded &loaded, config::Diagnostics &diagnostics) const;
    void check_prefixes(const config::Loaded &loaded, config::Diagnostics &diagnostics) const;
    void destroy_all();

    std::vector<Item> items_;  // in the order of the file
};

}  // namespace wse::module
