#include "app/commands/attach_command.hpp"

#include <array>
#include <sstream>

#include <gmock/gmock.h>

namespace app {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(attach_command, offers_for_each_server_the_command_that_has_it_watched) {
  const std::array servers{
      cascade::found_server{4711, 1000, "/opt/language_server", "secret-token", "file_home_me", {40001}},
      cascade::found_server{4712, 1001, "/opt/other", "", "", {}}};
  std::ostringstream text;
  list_servers(servers, {.json = false, .service_runs = true}, text);
  EXPECT_EQ(text.str(),
            "/opt/language_server (process 4711, uid 1000, workspace file_home_me)\n"
            "  sudo scripts/mitm-redirect.sh install --pid 4711\n"
            "/opt/other (process 4712, uid 1001)\n"
            "  sudo scripts/mitm-redirect.sh install --pid 4712\n");
  std::ostringstream lines;
  list_servers(servers, {.json = true, .service_runs = false}, lines);
  EXPECT_THAT(lines.str(), HasSubstr(R"("pid":4711,"uid":1000,"program":"/opt/language_server")"));
  EXPECT_THAT(lines.str(), HasSubstr(R"("command":"sudo zerogravity serve --scope cgroup --pid 4711")"));
  EXPECT_THAT(lines.str(), HasSubstr(R"("workspace":null,"ports":[])"));
  EXPECT_THAT(lines.str(), Not(HasSubstr("secret-token")));
}

TEST(attach_command, an_installed_program_offers_what_it_can_do_itself) {
  const std::array servers{cascade::found_server{4711, 1000, "/opt/language_server", "", "", {}}};
  std::ostringstream text;
  list_servers(servers, {.json = false, .service_runs = true, .script = ""}, text);
  EXPECT_THAT(text.str(), HasSubstr("\n  sudo zerogravity serve --scope cgroup --pid 4711 "));
  EXPECT_THAT(text.str(), Not(HasSubstr("scripts/")));
}

TEST(attach_command, names_of_others_processes_do_not_drive_the_terminal) {
  const std::array servers{cascade::found_server{1, 2, "/x\x1b[2J/language_server", "", "a\nb\x9b", {}}};
  for (const bool json : {false, true}) {
    std::ostringstream text;
    list_servers(servers, {.json = json, .service_runs = true}, text);
    EXPECT_THAT(text.str(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(text.str(), Not(HasSubstr("a\nb")));
  }
}

}  // namespace
}  // namespace app
