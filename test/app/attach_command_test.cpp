#include "app/attach_command.hpp"

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

}  // namespace
}  // namespace app
