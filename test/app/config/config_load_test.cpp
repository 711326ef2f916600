#include "app/config/config_load.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "app/config/config_file.hpp"
#include "app/config/config_keys.hpp"
#include "app/rewrite/rule_set.hpp"

namespace app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class config_load : public testing::Test {
 protected:
  config_load() : directory_(std::filesystem::path(testing::TempDir()) / unique_name()) {
    std::filesystem::create_directories(directory_);
  }
  ~config_load() override { std::filesystem::remove_all(directory_); }

  static std::string unique_name() {
    return std::string("config_load.") + testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  std::filesystem::path write(const std::string& text, const std::string& name = "config.toml") {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }

  config_request request() const { return {{}, {{"HOME", directory_.native()}}, {}, false}; }

  std::filesystem::path directory_;
};

std::vector<std::string> lines_of(const config_result<loaded_config>& loaded) {
  return loaded.has_error() ? loaded.error().lines : std::vector<std::string>{};
}

TEST_F(config_load, without_any_file_the_defaults_stand) {
  const auto loaded = load_config(request());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->values.state_dir, directory_ / ".local/state/zerogravity");
  EXPECT_EQ(loaded->values.ledger.file, directory_ / ".local/state/zerogravity/usage.db");
  EXPECT_EQ(loaded->values.mitm.bundle_file, directory_ / ".local/state/zerogravity/combined-ca.pem");
  EXPECT_EQ(loaded->values.api.listen.tcp.front().port(), 8741);
  EXPECT_THAT(loaded->origins, IsEmpty());
}

TEST_F(config_load, flags_win_over_the_environment_and_that_over_the_file) {
  auto asked = request();
  asked.file = write("[limits]\nstream_idle = \"1s\"\nrequest_idle = \"1s\"\nclient_hello = \"1s\"\n");
  asked.variables["ZEROGRAVITY_LIMITS_STREAM_IDLE"] = "2s";
  asked.variables["ZEROGRAVITY_LIMITS_REQUEST_IDLE"] = "2s";
  asked.flags = {{"limits.stream_idle", setting_value::untyped("3s"), "--set limits.stream_idle"}};
  const auto loaded = load_config(asked);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->values.limits.stream_idle, std::chrono::seconds(3));
  EXPECT_EQ(loaded->values.limits.request_idle, std::chrono::seconds(2));
  EXPECT_EQ(loaded->values.limits.client_hello, std::chrono::seconds(1));
  EXPECT_EQ(loaded->origins.at("limits.stream_idle"), "--set limits.stream_idle");
  EXPECT_EQ(loaded->origins.at("limits.request_idle"), "ZEROGRAVITY_LIMITS_REQUEST_IDLE");
  EXPECT_EQ(loaded->origins.at("limits.client_hello"), asked.file->native() + ":4:1");
}

TEST_F(config_load, the_first_default_file_that_exists_is_read) {
  write("threads = 3\n", ".config/zerogravity/config.toml");
  EXPECT_EQ(load_config(request())->values.threads, 3u);
  auto asked = request();
  write("threads = 4\n", "xdg/zerogravity/config.toml");
  asked.variables["XDG_CONFIG_HOME"] = (directory_ / "xdg").native();
  EXPECT_EQ(load_config(asked)->values.threads, 4u);
  asked.variables["ZEROGRAVITY_CONFIG"] = write("threads = 5\n", "named.toml").native();
  EXPECT_EQ(load_config(asked)->values.threads, 5u);
  asked.file = write("threads = 6\n", "flag.toml");
  EXPECT_EQ(load_config(asked)->values.threads, 6u);
}

TEST_F(config_load, a_named_file_that_does_not_exist_is_an_error) {
  auto asked = request();
  asked.file = directory_ / "none.toml";
  EXPECT_THAT(lines_of(load_config(asked)), ElementsAre(HasSubstr("none.toml: No such file or directory")));
}

TEST_F(config_load, root_keeps_its_state_below_var_lib) {
  auto asked = request();
  asked.root = true;
  EXPECT_EQ(load_config(asked)->values.state_dir, "/var/lib/zerogravity");
  EXPECT_EQ(default_state_dir({{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}, false), "/x/zerogravity");
  EXPECT_EQ(default_state_dir({{"XDG_STATE_HOME", "relative"}, {"HOME", "/h"}}, false), "/h/.local/state/zerogravity");
}

TEST_F(config_load, without_a_home_the_state_directory_must_be_given) {
  EXPECT_THAT(lines_of(load_config({})), ElementsAre(HasSubstr("state_dir")));
}

TEST_F(config_load, an_error_names_file_line_column_key_and_what_was_expected) {
  struct mistake {
    const char* text;
    const char* line;
  };
  const mistake cases[] = {
      {"\n[limits]\nstream_idle = 10\n",
       ":3:1: limits.stream_idle: expected a duration from 1ms to 30d, such as "
       "\"500ms\", \"10s\", \"5m\" or \"1h\"; got 10 (a number has no unit: write "
       "\"10s\"?)"},
      {"[limits]\n  stream_idel = \"10s\"\n", ":2:3: unknown key limits.stream_idel; did you mean limits.stream_idle?"},
      {"stream_idle = \"10s\"\n", ":1:1: unknown key stream_idle; did you mean limits.stream_idle?"},
      {"[limit]\n", ":1:2: unknown key limit"},
      {"[limits]\nconnections = 0\n",
       ":2:1: limits.connections: expected a whole number from 1 to 1000000; got 0 (out "
       "of range)"},
      {"[limits]\nconnections = \"9\"\n", "got \"9\""},
      {"[limits]\nconnections = true\n", "got true"},
      {"[api]\nlisten = [\"127.0.0.1:1\", 2]\n", "got a list with something else than text in it"},
      {"[api]\nlisten = []\n", ":2:1: api.listen: expected addresses"},
      {"[log]\nlevel = \"loud\"\n",
       ":2:1: log.level: expected one of \"trace\", \"debug\", \"info\", \"warn\", "
       "\"error\"; got \"loud\""},
      {"state_dir = \"here\"\n", ":1:1: state_dir: expected an absolute path; got \"here\" (relative)"},
      {"threads = 1\nthreads = 2\n", ":2:"},
      {"threads = \n", ":1:"},
      {"api.listen.x = 1\n", "unknown key api.listen.x"},
  };
  for (const auto& [text, line] : cases) {
    auto asked = request();
    asked.file = write(text);
    EXPECT_THAT(lines_of(load_config(asked)),
                ElementsAre(testing::AllOf(testing::StartsWith(asked.file->native() + ':'), HasSubstr(line))))
        << text;
  }
}

TEST_F(config_load, all_mistakes_are_reported_at_once) {
  auto asked = request();
  asked.file = write("x = 1\nthreads = -1\n");
  asked.variables["ZEROGRAVITY_LOG_LEVEL"] = "loud";
  asked.flags = {{"y", setting_value::untyped("1"), "--set y"}};
  EXPECT_THAT(lines_of(load_config(asked)),
              ElementsAre(HasSubstr("config.toml:1:1: unknown key x"), HasSubstr("config.toml:2:1: threads"),
                          HasSubstr("ZEROGRAVITY_LOG_LEVEL: log.level"), HasSubstr("--set y: unknown key y")));
}

TEST_F(config_load, rules_are_read_with_the_settings_that_limit_them) {
  auto asked = request();
  asked.file = write(
      "[rewrite]\ndry_run = true\n[[rules]]\nname = \"a\"\nact = [ { model = \"m\" } ]\n"
      "[[rules]]\nname = \"b\"\nact = [ { model = \"m\" } ]\n");
  const auto loaded = load_config(asked);
  ASSERT_TRUE(loaded.has_value()) << lines_of(loaded).front();
  EXPECT_EQ(loaded->values.rules->rules().size(), 2u);
  EXPECT_TRUE(loaded->values.rules->dry_run());
  asked.variables["ZEROGRAVITY_LIMITS_REWRITE_RULES"] = "1";
  EXPECT_THAT(lines_of(load_config(asked)), ElementsAre(HasSubstr("rules: expected at most 1")));
}

TEST_F(config_load, mistakes_in_rules_are_reported_with_the_others) {
  auto asked = request();
  asked.file = write("x = 1\n[[rules]]\nname = \"a\"\n");
  EXPECT_THAT(lines_of(load_config(asked)), ElementsAre(HasSubstr("config.toml:1:1: unknown key x"),
                                                        HasSubstr("config.toml:2:1: rules.act: missing")));
}

TEST_F(config_load, without_a_file_there_is_a_set_without_rules) {
  EXPECT_TRUE(load_config(request())->values.rules->rules().empty());
}

TEST_F(config_load, a_section_whose_keys_are_commented_out_is_no_mistake) {
  auto asked = request();
  asked.file = write("[limits]\n# stream_idle = \"1s\"\n[log]\n");
  EXPECT_TRUE(load_config(asked).has_value());
  asked.file = write("[log]\nlevel = {}\n");
  EXPECT_THAT(lines_of(load_config(asked)), ElementsAre(HasSubstr("log.level: expected one of")));
}

TEST_F(config_load, unknown_variables_are_errors_but_foreign_ones_are_not_ours) {
  auto asked = request();
  asked.variables["ZEROGRAVITYX"] = "1";
  asked.variables["ZEROGRAVITY_CONFIG"] = "";
  EXPECT_TRUE(load_config(asked).has_value());
  asked.variables["ZEROGRAVITY_LIMITS_STREAM_IDEL"] = "1s";
  EXPECT_THAT(lines_of(load_config(asked)),
              ElementsAre("ZEROGRAVITY_LIMITS_STREAM_IDEL: unknown variable; did you mean "
                          "ZEROGRAVITY_LIMITS_STREAM_IDLE?"));
}

TEST_F(config_load, a_public_api_address_is_taken_since_there_always_is_a_key) {
  auto asked = request();
  asked.variables["ZEROGRAVITY_API_LISTEN"] = "127.0.0.1:1,0.0.0.0:8741";
  EXPECT_EQ(load_config(asked)->values.api.listen.tcp.size(), 2u);
}

TEST_F(config_load, an_origin_that_no_browser_sends_is_refused_with_what_is_wrong) {
  const std::pair<const char*, const char*> wrong[] = {{"*", "let every web page call the API in your name"},
                                                       {"null", "every sandboxed page has this origin"},
                                                       {"app.example", "it must begin with http:// or https://"},
                                                       {"https://app.example/", "an origin has no path"},
                                                       {"https://App.example", "lower case"},
                                                       {"https://*.example", "not a pattern"},
                                                       {"https://app.example:443", "omit the default port"},
                                                       {"https://", "there is no host"}};
  for (const auto& [origin, why] : wrong) {
    auto asked = request();
    asked.flags = {{"api.cors_origins", setting_value::untyped(origin), "--set api.cors_origins"}};
    EXPECT_THAT(lines_of(load_config(asked)), ElementsAre(testing::AllOf(HasSubstr(origin), HasSubstr(why)))) << origin;
  }
  auto asked = request();
  const auto good = R"(["https://app.example", "http://localhost:3000", "vscode-webview://abc"])";
  asked.flags = {{"api.cors_origins", setting_value::untyped(good), "--set api.cors_origins"}};
  EXPECT_EQ(load_config(asked)->values.api.cors_origins.size(), 3u);
}

TEST_F(config_load, a_refused_key_is_not_repeated_in_the_error) {
  for (const char* key : {"short-secret", "secret with spaces in it", "secret-\xc3\xa9-secret-secret"}) {
    auto asked = request();
    asked.variables["ZEROGRAVITY_API_KEY"] = key;
    const auto lines = lines_of(load_config(asked));
    ASSERT_EQ(lines.size(), 1u) << key;
    EXPECT_THAT(lines.front(), testing::Not(HasSubstr("secret"))) << key;
  }
}

TEST(config_file, a_table_may_be_written_inline_or_dotted) {
  for (const char* text : {"[log]\nlevel = \"warn\"", "log.level = \"warn\"", "log = { level = \"warn\" }"}) {
    const auto settings = parse_config_text(text, "f");
    ASSERT_TRUE(settings.has_value()) << text;
    ASSERT_EQ(settings->size(), 1u);
    EXPECT_EQ(settings->front().key, "log.level");
    EXPECT_EQ(settings->front().value.items, std::vector<std::string>{"warn"});
  }
}

}  // namespace
}  // namespace app
