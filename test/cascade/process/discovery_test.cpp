#include "cascade/process/discovery.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "cascade/process/discovery_proc.hpp"

namespace {

using namespace std::string_literals;
using namespace cascade;
using testing::ElementsAre;

std::string nul_separated(std::initializer_list<std::string_view> words) {
  std::string text;
  for (const auto word : words) (text += word) += '\0';
  return text;
}

TEST(discovery, reads_both_forms_of_a_flag_with_one_dash_or_two) {
  for (const auto& arguments :
       {nul_separated({"x", "--csrf_token", "t"}), nul_separated({"x", "-csrf_token", "t"}),
        nul_separated({"x", "--csrf_token=t"}), nul_separated({"x", "-csrf_token=t", "--other"})}) {
    EXPECT_EQ(flag_value(arguments, "csrf_token"), "t");
  }
}

TEST(discovery, takes_the_last_of_a_repeated_flag) {
  EXPECT_EQ(flag_value(nul_separated({"--a", "1", "--a=2"}), "a"), "2");
}

TEST(discovery, does_not_take_a_flag_that_only_begins_alike) {
  EXPECT_EQ(flag_value(nul_separated({"--csrf_token_file=f", "csrf_token=g"}), "csrf_token"), std::nullopt);
}

TEST(discovery, a_flag_at_the_very_end_has_an_empty_value) {
  EXPECT_EQ(flag_value("--a", "a"), "");
}

TEST(discovery, knows_an_antigravity_server_by_program_and_folder) {
  const auto server =
      read_command_line(nul_separated({"/opt/x/language_server_linux_x64", "--app_data_dir", "antigravity",
                                       "--csrf_token=t", "--workspace_id", "file_home_u_p"}));
  ASSERT_TRUE(server);
  EXPECT_EQ(server->program, "/opt/x/language_server_linux_x64");
  EXPECT_EQ(server->csrf_token, "t");
  EXPECT_EQ(server->workspace_id, "file_home_u_p");
}

TEST(discovery, knows_it_by_a_path_when_no_folder_is_named) {
  EXPECT_TRUE(read_command_line(nul_separated({"/usr/share/antigravity/bin/language_server", "--random_port"})));
}

TEST(discovery, knows_the_demonstrations_server) {
  EXPECT_TRUE(read_command_line(nul_separated({"/tmp/x/zerogravity-sim-language-server", "--csrf_token", "t"})));
  EXPECT_TRUE(read_command_line(nul_separated({"/tmp/x/language_server", "--app_data_dir", "antigravity"})));
}

TEST(discovery, tells_whether_the_token_stands_in_the_command_line) {
  const auto shown = read_command_line(nul_separated({"antigravity/language_server", "--csrf_token", "t"}));
  EXPECT_TRUE(shown->token_is_shown);
  const auto hidden = read_command_line(nul_separated({"antigravity/language_server", "--random_port"}));
  EXPECT_FALSE(hidden->token_is_shown);
  const auto environment = nul_separated({"HOME=/", "WINDSURF_CSRF_TOKEN_X=no", "WINDSURF_CSRF_TOKEN=t=1", "A=b"});
  EXPECT_EQ(environment_value(environment, token_variable), "t=1");
  EXPECT_EQ(environment_value(environment, "B"), "");
}

TEST(discovery, leaves_its_kin_and_everything_else_alone) {
  EXPECT_FALSE(read_command_line(nul_separated({"language_server_linux_x64", "--app_data_dir", "windsurf"})));
  EXPECT_FALSE(read_command_line(nul_separated({"/antigravity/language_server_x", "--app_data_dir=windsurf"})));
  EXPECT_FALSE(read_command_line(nul_separated({"language_server_linux_x64", "--random_port"})));
  EXPECT_FALSE(read_command_line(nul_separated({"vim", "antigravity/language_server_linux_x64"})));
  EXPECT_FALSE(read_command_line(""));
}

TEST(discovery, reads_the_inode_of_a_socket_link) {
  EXPECT_EQ(socket_inode("socket:[123]"), 123u);
  EXPECT_EQ(socket_inode("pipe:[123]"), std::nullopt);
  EXPECT_EQ(socket_inode("socket:[12x]"), std::nullopt);
  EXPECT_EQ(socket_inode("socket:[]"), std::nullopt);
}

constexpr std::string_view tcp_table =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 501 1 0000 100 0 0 10 "
    "0\n"
    "   1: 0100007F:9C41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 502 1 0000 100 0 0 10 "
    "0\n"
    "   2: 0100007F:9C40 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000        0 503 1 0000 100 0 0 10 "
    "0\n"
    "   3: 0A00000A:9C42 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 504 1 0000 100 0 0 10 "
    "0\n"
    "   4: garbage\n"
    "   5: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 505 1 0000 100 0 0 10 "
    "0";

constexpr std::string_view tcp6_table =
    "  sl  local_address                         remote_address                        st …\n"
    "   0: 00000000000000000000000001000000:9C43 00000000000000000000000000000000:0000 0A 00000000:00000000 "
    "00:00000000 "
    "00000000  1000        0 506 1 0000 100 0 0 10 0\n";

TEST(discovery, lists_who_listens_where_loopback_reaches_him) {
  listening_ports ports;
  read_tcp_table(tcp_table, ports);
  read_tcp_table(tcp6_table, ports);
  EXPECT_EQ(ports, (listening_ports{{501, 40000}, {502, 40001}, {505, 80}, {506, 40003}}));
}

std::vector<pid_t> order(std::vector<found_server> servers, std::string_view workspace) {
  put_in_order(servers, workspace);
  std::vector<pid_t> pids;
  for (const auto& each : servers) pids.push_back(each.pid);
  return pids;
}

TEST(discovery, prefers_the_workspace_then_no_workspace_then_the_newest) {
  const std::vector<found_server> servers{
      {1, 0, "", "t", "other", {1}}, {2, 0, "", "t", "mine", {1}}, {3, 0, "", "t", "", {1}},
      {4, 0, "", "t", "", {1}},      {5, 0, "", "", "mine", {1}},  {6, 0, "", "t", "mine", {}},
  };
  EXPECT_THAT(order(servers, "mine"), ElementsAre(2, 4, 3, 1, 6, 5));
}

class copy_of_proc : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / ("zerogravity-proc-" + std::to_string(::getpid()));
    std::filesystem::create_directories(root_ / "net");
    write("net/tcp", tcp_table);
    write("net/tcp6", tcp6_table);
    write("uptime", "1 1");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, std::string_view text) { std::ofstream(root_ / name, std::ios::binary) << text; }

  void add_process(int pid, const std::string& command_line, std::initializer_list<std::pair<int, int>> sockets) {
    const auto folder = std::to_string(pid);
    std::filesystem::create_directories(root_ / folder / "fd");
    write(folder + "/cmdline", command_line);
    std::filesystem::create_symlink("/dev/null", root_ / folder / "fd/0");
    for (const auto& [number, inode] : sockets) {
      std::filesystem::create_symlink("socket:[" + std::to_string(inode) + "]",
                                      root_ / folder / "fd" / std::to_string(number));
    }
  }

  std::filesystem::path root_;
};

const std::string command_line = nul_separated({"/opt/antigravity/language_server_linux_x64", "--csrf_token", "t"});

TEST_F(copy_of_proc, gives_the_ports_of_a_server_in_the_order_they_were_opened) {
  add_process(70, command_line, {{12, 501}, {9, 502}, {30, 503}, {31, 506}});
  add_process(71, nul_separated({"bash"}), {{3, 505}});
  const auto servers = find_servers(root_, "");
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].pid, 70);
  EXPECT_EQ(servers[0].owner, ::geteuid());
  EXPECT_EQ(servers[0].csrf_token, "t");
  EXPECT_THAT(servers[0].ports, ElementsAre(40001, 40000, 40003));
  EXPECT_THAT(ports_of(root_, 71), ElementsAre(80));
}

TEST_F(copy_of_proc, lists_no_more_than_its_limits) {
  for (int pid = 70; pid < 80; ++pid) add_process(pid, command_line, {{3, 501}});
  EXPECT_EQ(find_servers(root_, "", {.servers = 4}).size(), 4u);
  EXPECT_TRUE(find_servers(root_, "", {.command_line = 8}).empty());
  EXPECT_TRUE(ports_of(root_, 70, {.tcp_table = 10}).empty());
}

TEST_F(copy_of_proc, a_process_that_has_gone_and_a_proc_that_is_not_there_are_no_servers) {
  EXPECT_TRUE(find_servers(root_ / "nowhere", "").empty());
  EXPECT_TRUE(ports_of(root_, 99).empty());
}

}  // namespace
