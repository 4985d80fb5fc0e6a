// SPDX-License-Identifier: MIT
#include "server/process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

namespace wse::server {
namespace {

Error system_error(const std::string &what) {
    return {WSE_EIO, what + ": " + strerror(errno)};
}

Result<const passwd *> find_user(const std::string &name) {
    errno = 0;
    if (const passwd *user = getpwnam(name.c_str())) return user;
    return Error{WSE_ENOTFOUND, "server.user: there is no user '" + name + "'"};
}

Result<void> check_existing(const std::string &directory) {
    struct stat found {};
    if (stat(directory.c_str(), &found) != 0)
        return system_error("server.runtime_dir " + directory);
    if (!S_ISDIR(found.st_mode))
        return Error{WSE_EINVAL, "server.runtime_dir " + directory + " is not a directory"};
    if ((found.st_mode & S_IWOTH) == 0) return {};
    return Error{WSE_EDENIED, "server.runtime_dir " + directory +
                                  " is writable by everybody; chmod o-w it, or name another one"};
}

Result<void> give_to_user(const std::string &directory, const std::string &name) {
    if (name.empty() || geteuid() != 0) return {};
    auto user = find_user(name);
    if (!user) return user.error();
    if (chown(directory.c_str(), (*user)->pw_uid, (*user)->pw_gid) != 0)
        return system_error("cannot give " + directory + " to " + name);
    return {};
}

// A file that is not there yet needs a directory it can be made in.
bool can_append(const std::string &path) {
    if (access(path.c_str(), F_OK) == 0) return access(path.c_str(), W_OK) == 0;
    const size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    return access(directory.c_str(), W_OK | X_OK) == 0;
}

log::Level level_of(const std::string &name) {
    if (name == "error") return log::Level::kError;
    if (name == "warn") return log::Level::kWarn;
    return name == "debug" ? log::Level::kDebug : log::Level::kInfo;
}

}  // namespace

Result<void> start_log(const config::Log &settings) {
    log::Settings out;
    out.level = level_of(settings.level);
    out.format = settings.format == "json" ? log::Format::kJson : log::Format::kText;
    out.path = settings.file;
    return log::start(out);
}

Result<void> check_process(const config::Settings &settings) {
    if (!settings.server.user.empty()) {
        if (auto user = find_user(settings.server.user); !user) return user.error();
    }
    if (!settings.log.file.empty() && !can_append(settings.log.file))
        return system_error("log.file: cannot write to " + settings.log.file);
    return {};
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void> make_runtime_dir(const config::Server &settings) {
    const char *path = settings.runtime_dir.c_str();
    if (mkdir(path, 0750) == 0) return give_to_user(settings.runtime_dir, settings.user);
    if (errno == EEXIST) return check_existing(settings.runtime_dir);
    return system_error("cannot make server.runtime_dir " + settings.runtime_dir);
}

void make_state_dir(const config::Server &settings) {
    if (mkdir(settings.state_dir.c_str(), 0750) != 0) return;
    (void)give_to_user(settings.state_dir, settings.user).ok();
}

Result<void> drop_privileges(const config::Server &settings) {
    if (settings.user.empty()) return {};
    auto user = find_user(settings.user);
    if (!user) return user.error();
    const uid_t uid = (*user)->pw_uid;
    const gid_t gid = (*user)->pw_gid;
    if (geteuid() == uid) return {};
    if (geteuid() != 0) {
        return Error{WSE_EDENIED, "server.user: only root can become '" + settings.user +
                                      "'; start wsed as root, or as that user"};
    }
    // Groups first: without the user's rights they could not be changed any more.
    if (initgroups(settings.user.c_str(), gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
        return system_error("cannot become server.user '" + settings.user + "'");
    if (setuid(0) == 0) return Error{WSE_EIO, "privileges could be taken back; refusing to run"};
    return {};
}

}  // namespace wse::server
