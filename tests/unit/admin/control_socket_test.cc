// SPDX-License-Identifier: MIT
#include "admin/control_socket.h"

#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "unit/admin/unix_peer.h"

namespace wse::admin {
namespace {

class ControlSocketFile : public testing::Test {
protected:
    void SetUp() override { ASSERT_NE(mkdtemp(directory_), nullptr); }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    std::string path() const { return std::string(directory_) + "/control.sock"; }

    char directory_[32] = "/tmp/wse-control-XXXXXX";
};

TEST_F(ControlSocketFile, IsForItsOwnerAndGroupOnly) {
    const auto socket = open_control_socket(path());
    ASSERT_TRUE(socket.ok()) << socket.error().text;
    struct stat found {};
    ASSERT_EQ(lstat(path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode, mode_t{S_IFSOCK | 0660});
    close(socket->fd);
}

TEST_F(ControlSocketFile, ReplacesOneThatNobodyServes) {
    const auto old = open_control_socket(path());
    ASSERT_TRUE(old.ok());
    close(old->fd);
    const auto socket = open_control_socket(path());
    ASSERT_TRUE(socket.ok()) << socket.error().text;
    close(socket->fd);
}

TEST_F(ControlSocketFile, RefusesToReplaceOneThatIsServed) {
    const auto served = open_control_socket(path());
    ASSERT_TRUE(served.ok());
    ASSERT_EQ(listen(served->fd, 1), 0);
    const auto second = open_control_socket(path());
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().text, "another wsed is running on " + path() +
                                       "; stop it or set another server.runtime_dir");
    EXPECT_TRUE(test::UnixPeer(path()).connected());
    close(served->fd);
}

TEST_F(ControlSocketFile, LeavesAFileOfAnotherKindAlone) {
    std::ofstream(path()) << "precious";
    const auto socket = open_control_socket(path());
    ASSERT_FALSE(socket.ok());
    EXPECT_NE(socket.error().text.find("not a socket"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(path()), 8u);
}

TEST_F(ControlSocketFile, RefusesAPathThatDoesNotFit) {
    const auto socket = open_control_socket("/tmp/" + std::string(108, 'x'));
    ASSERT_FALSE(socket.ok());
    EXPECT_NE(socket.error().text.find("1 to 107 bytes"), std::string::npos);
}

TEST_F(ControlSocketFile, SaysWhichDirectoryIsMissing) {
    const auto socket = open_control_socket("/nonexistent/control.sock");
    ASSERT_FALSE(socket.ok());
    EXPECT_EQ(socket.error().text,
              "control socket /nonexistent/control.sock: cannot bind: No such file or directory");
}

TEST_F(ControlSocketFile, SaysThatTheDirectoryIsNotForTheServersUser) {
    const std::string locked = path() + ".d";
    std::filesystem::create_directory(locked);
    std::filesystem::permissions(locked, std::filesystem::perms::none);
    const int before = setfsuid(65534);  // of this thread; root may write anywhere
    const auto socket = open_control_socket(locked + "/control.sock");
    setfsuid(static_cast<uid_t>(before));
    std::filesystem::permissions(locked, std::filesystem::perms::owner_all);
    ASSERT_FALSE(socket.ok());
    EXPECT_EQ(socket.error().text, "control socket " + locked +
                                       "/control.sock: cannot bind: server.user may not write to "
                                       "the directory");
}

TEST_F(ControlSocketFile, OfALaterServerIsNotRemoved) {
    const auto first = open_control_socket(path());
    ASSERT_TRUE(first.ok());
    std::filesystem::rename(path(), path() + ".kept");  // so that its inode is not used again
    const auto second = open_control_socket(path());
    ASSERT_TRUE(second.ok());
    remove_control_socket(path(), *first);
    EXPECT_TRUE(std::filesystem::exists(path()));
    remove_control_socket(path(), *second);
    EXPECT_FALSE(std::filesystem::exists(path()));
    close(first->fd);
    close(second->fd);
}

}  // namespace
}  // namespace wse::admin
