#include "app/doctor/doctor_language_server.hpp"

#include <array>

#include <gmock/gmock.h>

namespace app {
namespace {

using enum finding::state_of;
using testing::HasSubstr;
using testing::Not;

cascade::found_server server_with(std::string token, bool shown) {
  cascade::found_server server;
  server.pid = 4711;
  server.owner = 1000;
  server.csrf_token = std::move(token);
  server.token_is_shown = shown;
  return server;
}

TEST(doctor_language_server, a_token_that_all_users_can_read_is_told_with_the_command_that_hides_it) {
  const std::array servers{server_with("secret", true)};
  const auto found = look_at_tokens(servers, false);
  EXPECT_EQ(found.state, absent);
  EXPECT_THAT(found.detail, HasSubstr("process 4711 of uid 1000"));
  EXPECT_THAT(found.detail, Not(HasSubstr("secret")));
  EXPECT_EQ(found.next, "sudo mount -o remount,hidepid=invisible /proc");
}

TEST(doctor_language_server, a_token_that_only_its_owner_can_read_is_well) {
  const std::array shown{server_with("secret", true)};
  EXPECT_EQ(look_at_tokens(shown, true).state, works);
  const std::array hidden{server_with("secret", false)};
  EXPECT_EQ(look_at_tokens(hidden, false).state, works);
}

TEST(doctor_language_server, knows_a_proc_that_hides_processes) {
  EXPECT_FALSE(hides_processes(""));
  EXPECT_FALSE(hides_processes("proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"));
  EXPECT_FALSE(hides_processes("proc /proc proc rw,hidepid=off 0 0\n"));
  EXPECT_FALSE(hides_processes("proc /srv/proc proc rw,hidepid=invisible 0 0\nproc /proc proc rw 0 0\n"));
  for (const char* value : {"invisible", "noaccess", "ptraceable", "1", "2", "4"}) {
    EXPECT_TRUE(hides_processes("x / ext4 rw 0 0\nproc /proc proc rw,relatime,gid=5,hidepid=" + std::string(value) +
                                ",subset=all 0 0\n"))
        << value;
  }
  EXPECT_FALSE(hides_processes("proc /proc proc rw,hidepid=2 0 0\nproc /proc proc rw 0 0\n")) << "the last lies on top";
}

}  // namespace
}  // namespace app
