// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>

#include "base/network.h"
#include "config/address.h"
#include "config/check.h"
#include "config/shape.h"
#include "config/suggest.h"

namespace wse::config {
namespace {

// One [listen.X] with its place in the tree.
class ListenerCheck {
public:
    ListenerCheck(const Document &document, const Listen &listen, const Instance &instance,
                  Diagnostics &diagnostics)
        : document_(document), listen_(listen), instance_(instance), diagnostics_(diagnostics) {}

    void run() {
        check_path();
        check_origins();
        check_fallback_value();
        check_auth();
        check_cookie();
        check_subscribe();
        if (!listen_.extension.empty())
            check_module("extension", listen_.extension, at("extension"));
        check_apps();
        check_tls();
        check_proxies();
    }

    Location at(const char *key) const { return place_of_key(instance_.table, key, instance_.at); }

    void fail(const Location &where, const char *key, const std::string &message,
              std::string hint = {}) const {
        diagnostics_.error(where, "listen." + listen_.name + '.' + key + ": " + message,
                           std::move(hint));
    }

private:
    void check_path() const {
        const std::string &path = listen_.path;
        const bool printable = path.find_first_of(" ?#") == std::string::npos &&
                               std::none_of(path.begin(), path.end(), [](char c) {
                                   return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                               });
        if (path.substr(0, 1) != "/") {
            // Unbound, it was reported as such.
            if (!path.empty() || is_given_empty(instance_.table, "path")) {
                fail(at("path"), "path", '\'' + path + "' does not start with '/'",
                     "did you mean \"/" + path + "\"?");
            }
        } else if (!printable) {
            fail(at("path"), "path", '\'' + path + "' is more than the path of a URL");
        }
    }

    void check_origins() const {
        for (size_t i = 0; i < listen_.origins.size(); ++i) {
            const std::string &origin = listen_.origins[i];
            const Result<void> checked = check_origin(origin);
            if (checked) continue;
            fail(place_of_item(instance_.table, "origins", i, instance_.at), "origins",
                 checked.error().text, origin_hint(origin));
        }
    }

    // The scheme is missing, or there is a path behind, or letter case: all that people write.
    static std::string origin_hint(const std::string &origin) {
        std::string meant = origin;
        if (meant.find("://") == std::string::npos) meant.insert(0, "https://");
        const size_t host = meant.find("://") + 3;
        meant.resize(std::min(meant.find_first_of("/?#", host), meant.size()));
        for (char &c : meant) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        return check_origin(meant) ? "did you mean \"" + meant + "\"?" : std::string();
    }

    void check_fallback_value() const {
        const std::string &fallback = listen_.fallback;
        if (fallback.empty() && !is_given_empty(instance_.table, "fallback")) return;
        const Result<void> checked = check_fallback(fallback);
        if (checked) return;
        const std::string words[] = {"none", "builtin"};
        const auto meant = nearest(fallback, words);
        fail(at("fallback"), "fallback", checked.error().text,
             meant ? "did you mean '" + *meant + "'?" : std::string());
    }

    void check_auth() const {
        const std::vector<ModuleEntry> &modules = document_.settings.modules;
        if (listen_.auth.empty()) {
            // Which module authenticates is known when they are loaded; that none does, now.
            const bool named = instance_.table->find("auth") != nullptr &&
                               !is_given_empty(instance_.table, "auth");
            if (named || !modules.empty() || listen_.anonymous || !document_.complete) return;
            diagnostics_.error(instance_.at,
                               "listen." + listen_.name +
                                   ": no module authenticates its clients and anonymous is false",
                               "add a [module.NAME] that authenticates, or anonymous = true");
            return;
        }
        check_module("auth", listen_.auth, at("auth"));
    }

    // Of which kind it is shows when it is loaded.
    void check_module(const char *key, const std::string &name, const Location &where) const {
        const std::vector<ModuleEntry> &modules = document_.settings.modules;
        std::vector<std::string> names;
        names.reserve(modules.size());
        for (const ModuleEntry &entry : modules) names.push_back(entry.name);
        if (std::find(names.begin(), names.end(), name) != names.end()) return;
        const auto meant = nearest(name, names);
        fail(where, key, "there is no [module." + name + ']',
             meant ? "did you mean '" + *meant + "'?" : std::string());
    }

    void check_apps() const {
        for (size_t i = 0; i < listen_.app.size(); ++i) {
            if (listen_.app[i] == "*") continue;
            check_module("app", listen_.app[i],
                         place_of_item(instance_.table, "app", i, instance_.at));
        }
    }

    // RFC 6265: a token of RFC 7230.
    void check_cookie() const {
        const std::string &name = listen_.token_cookie;
        const bool token = std::all_of(name.begin(), name.end(), [](char c) {
            return c > 0x20 && c < 0x7f &&
                   std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
        });
        if (!token) fail(at("token_cookie"), "token_cookie", '\'' + name + "' is no cookie name");
    }

    void check_subscribe() const {
        for (size_t i = 0; i < listen_.subscribe.size(); ++i) {
            const std::string &topic = listen_.subscribe[i];
            const Location where = place_of_item(instance_.table, "subscribe", i, instance_.at);
            if (std::string why = topic_complaint(topic); !why.empty()) {
                fail(where, "subscribe", why,
                     topic.find('{') == std::string::npos
                         ? std::string()
                         : "{sub}, the client's user, is the only placeholder");
            } else if (topic.size() > document_.settings.limits.max_topic_length) {
                fail(where, "subscribe", "the topic is longer than limits.max_topic_length");
            }
        }
    }

    Location at_tls(const char *key) const {
        return place_of_key(instance_.table->find_table("tls"), key, at("tls"));
    }

    // The files themselves are looked at by who uses them.
    void check_tls() const {
        if (!listen_.tls) return;
        const ListenTls &tls = *listen_.tls;
        const size_t certificates = tls.certificates.size();
        const size_t keys = tls.keys.size();
        // Without either it is missing, or was reported as unusable.
        if (certificates != keys && certificates != 0 && keys != 0) {
            fail(at_tls("key"), "tls.key",
                 std::to_string(keys) + (keys == 1 ? " key for " : " keys for ") +
                     std::to_string(certificates) +
                     (certificates == 1 ? " certificate" : " certificates"),
                 "name the key of each certificate, in their order");
        }
        check_not_empty("certificate", tls.certificates);
        check_not_empty("key", tls.keys);
        const bool asks = tls.client_certificate != ClientCertificate::kNone;
        // One that was given and is empty all the same could not be read, and was reported.
        const Value *const table = instance_.table->find_table("tls");
        const bool no_ca = !table->find("client_ca") || is_given_empty(table, "client_ca");
        if (asks && no_ca) {
            fail(at_tls("client_certificate"), "tls.client_certificate",
                 "there is no client_ca to verify certificates against",
                 "add client_ca = \"clients.pem\"");
        } else if (!asks && !tls.client_ca.empty()) {
            fail(at_tls("client_ca"), "tls.client_ca", "nobody is asked for a certificate",
                 "add client_certificate = \"required\" or \"optional\"");
        }
    }

    void check_not_empty(const char *key, const std::vector<std::string> &files) const {
        const Member *const member = instance_.table->find_table("tls")->find(key);
        const bool is_empty_list =
            member && member->value.kind == Kind::kArray && member->value.items.empty();
        const bool has_empty = std::find(files.begin(), files.end(), "") != files.end();
        if (!is_empty_list && !has_empty) return;
        fail(at_tls(key), (std::string("tls.") + key).c_str(), "names no file");
    }

    // Right only where a firewall lets nobody but the proxies in.
    void warn_of_everybody(const Location &item, size_t i) const {
        diagnostics_.warning(item,
                             "listen." + listen_.name + ".trusted_proxies: '" +
                                 listen_.trusted_proxies[i] +
                                 "' is everybody: any client may say who it is",
                             "name the addresses of the proxies");
    }

    void check_proxies() const {
        for (size_t i = 0; i < listen_.trusted_proxies.size(); ++i) {
            const auto network = Network::parse(listen_.trusted_proxies[i]);
            const Location item =
                place_of_item(instance_.table, "trusted_proxies", i, instance_.at);
            if (network && network->is_everybody()) warn_of_everybody(item, i);
            if (network) continue;
            fail(item, "trusted_proxies", network.error().text,
                 "write \"10.0.0.0/8\", \"2001:db8::/32\" or a single address");
        }
        if (!listen_.proxy_protocol || !listen_.trusted_proxies.empty()) return;
        // What could not be bound was reported, and is not empty.
        const Member *const given = instance_.table->find("trusted_proxies");
        if (given && !(given->value.kind == Kind::kArray && given->value.items.empty())) return;
        fail(at("proxy_protocol"), "proxy_protocol", "no proxy is trusted, so nobody could connect",
             "add trusted_proxies = [\"10.0.0.0/8\"] with the addresses of the proxies");
    }

    const Document &document_;
    const Listen &listen_;
    const Instance &instance_;
    Diagnostics &diagnostics_;
};

struct Bound {
    Address address;
    Location at;
};

void check_address(const ListenerCheck &check, const std::string &text, std::vector<Bound> &taken) {
    const Result<Address> address = parse_address(text);
    const Location at = check.at("address");
    if (!address) {
        check.fail(at, "address", address.error().text, "write \"0.0.0.0:5006\" or \"[::]:5006\"");
        return;
    }
    for (const Bound &other : taken) {
        if (!(other.address == *address)) continue;
        check.fail(at, "address", '\'' + text + "' is taken already at " + describe(other.at));
        return;
    }
    // Port 0 is another one each time.
    if (address->port != 0) taken.push_back({*address, at});
}

}  // namespace

void check_listeners(const Document &document, Diagnostics &diagnostics) {
    const std::vector<Instance> instances = instances_of(document, section("listen"));
    const std::vector<Listen> &listeners = document.settings.listeners;
    // A misspelt section is probably the one that is missed.
    if (!document.root.find("listen") && document.complete && !has_unknown_section(document)) {
        diagnostics.error({document.main(), 0, 0}, "no [listen.NAME]: nobody could connect",
                          "add [listen.main] with address = \"127.0.0.1:5006\"");
    }
    std::vector<Bound> taken;
    for (size_t i = 0; i < listeners.size(); ++i) {
        ListenerCheck check(document, listeners[i], instances[i], diagnostics);
        const Member *const address = instances[i].table->find("address");
        if (address && address->value.kind == Kind::kString && !address->value.broken) {
            check_address(check, listeners[i].address, taken);
        }
        check.run();
    }
}

}  // namespace wse::config
