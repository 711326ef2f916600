#include "app/run/past_proxy.hpp"

#include <cerrno>
#include <filesystem>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/run/channel.hpp"

namespace app::run {
namespace {

int connect_to(const char* address, std::uint16_t port) {
  const net::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &at.sin_addr);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 ? 0 : errno;
}

/// Forks a process that tells of its connections and makes some; its exit status.
struct watched_process {
  template <class Work>
  explicit watched_process(Work work) {
    auto ends = channel::make();
    process = ::fork();
    if (process == 0) {
      std::vector<net::descriptor> made;
      made.push_back(tell_of_connections());
      if (!made.front().valid()) ::_exit(77);
      ends->second.send(1, made);
      ends->second.receive<int>();  // until somebody listens
      ::_exit(work());
    }
    ends->second.close();
    std::vector<net::descriptor> handed_over;
    if (ends->first.receive<int>(&handed_over) && !handed_over.empty()) told = std::move(handed_over.front());
    to_process = std::move(ends->first);
  }
  int go() {
    to_process.send(1);
    int status = 0;
    ::waitpid(process, &status, 0);
    return WEXITSTATUS(status);
  }

  pid_t process = -1;
  net::descriptor told;
  channel to_process;
};

TEST(past_proxy, a_program_that_connects_to_port_443_is_named_once_and_not_disturbed) {
  watched_process child([] {
    const int first = connect_to("127.90.71.2", 443);
    connect_to("127.90.71.3", 443);
    connect_to("127.90.71.4", 444);
    return first == ECONNREFUSED ? 0 : 1;
  });
  if (!child.told.valid()) GTEST_SKIP() << "this kernel does not tell";
  std::vector<direct_program> at_once;
  past_proxy past(std::move(child.told), [&](const direct_program& program) { at_once.push_back(program); });
  EXPECT_EQ(child.go(), 0);
  const auto programs = past.programs();
  ASSERT_EQ(programs.size(), 1u);
  EXPECT_EQ(programs[0].executable, std::filesystem::read_symlink("/proc/self/exe").string());
  EXPECT_EQ(programs[0].address, "127.90.71.2");
  EXPECT_EQ(at_once.size(), 1u);
}

TEST(past_proxy, other_ports_are_nobodys_business) {
  watched_process child([] { return connect_to("127.90.71.2", 8080) == ECONNREFUSED ? 0 : 1; });
  if (!child.told.valid()) GTEST_SKIP() << "this kernel does not tell";
  past_proxy past(std::move(child.told), {});
  EXPECT_EQ(child.go(), 0);
  EXPECT_TRUE(past.programs().empty());
}

TEST(past_proxy, ends_while_the_process_goes_on) {
  watched_process child([] { return 0; });
  if (!child.told.valid()) GTEST_SKIP() << "this kernel does not tell";
  {
    past_proxy past(std::move(child.told), {});
  }
  EXPECT_EQ(child.go(), 0);
}

}  // namespace
}  // namespace app::run
