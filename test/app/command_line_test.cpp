#include "app/command_line.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

using testing::HasSubstr;
using words = std::vector<std::string>;

command parsed(const words& arguments) {
  auto result = parse_command_line(arguments);
  if (result.has_error()) ADD_FAILURE() << result.error().text;
  return result.has_error() ? command{} : *result;
}

early_exit refused_line(const words& arguments) {
  const auto result = parse_command_line(arguments);
  if (result.has_value()) ADD_FAILURE() << "was accepted";
  return result.has_value() ? early_exit{} : result.error();
}

std::string setting_words(const command& line) {
  std::string text;
  for (const auto& one : line.settings) {
    text += one.origin + " -> " + one.key;
    for (const auto& item : one.value.items) text += " " + item;
    text += ";";
  }
  return text;
}

TEST(command_line, every_subcommand_becomes_its_own_value) {
  EXPECT_TRUE(std::holds_alternative<serve_command>(parsed({"serve"}).what));
  EXPECT_TRUE(std::holds_alternative<usage_command>(parsed({"usage"}).what));
  EXPECT_TRUE(std::holds_alternative<check_config_command>(parsed({"check-config"}).what));
  EXPECT_TRUE(std::holds_alternative<version_command>(parsed({"version"}).what));
  using action = ca_command::action_of;
  const std::pair<words, action> cases[] = {
      {{"ca"}, action::show},         {{"ca", "show"}, action::show},
      {{"ca", "path"}, action::path}, {{"ca", "bundle"}, action::bundle},
      {{"ca", "env"}, action::env},   {{"ca", "rotate"}, action::rotate},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(std::get<ca_command>(parsed(line).what).action, expected);
}

TEST(command_line, the_configuration_file_may_be_named_before_or_after_the_subcommand) {
  EXPECT_EQ(parsed({"--config", "/a", "serve"}).config_file, "/a");
  EXPECT_EQ(parsed({"serve", "--config", "/a"}).config_file, "/a");
  EXPECT_EQ(parsed({"ca", "env", "--config", "/a"}).config_file, "/a");
  EXPECT_FALSE(parsed({"serve"}).config_file);
}

TEST(command_line, flags_become_settings_of_the_key_they_stand_for) {
  EXPECT_EQ(setting_words(parsed({"serve", "--api-listen", "127.0.0.1:1"})), "--api-listen -> api.listen 127.0.0.1:1;");
  EXPECT_EQ(setting_words(parsed({"serve", "--mitm-listen", ":2"})), "--mitm-listen -> mitm.listen :2;");
  EXPECT_EQ(setting_words(parsed({"serve", "--upstream-ca-file", "x"})),
            "--upstream-ca-file -> mitm.upstream_ca_file x;");
  EXPECT_EQ(setting_words(parsed({"serve", "--bundle-file", "x"})), "--bundle-file -> mitm.bundle_file x;");
  EXPECT_EQ(setting_words(parsed({"serve", "--log-level", "debug"})), "--log-level -> log.level debug;");
  EXPECT_EQ(setting_words(parsed({"check-config", "--log-format", "json"})), "--log-format -> log.format json;");
  EXPECT_EQ(std::get<check_config_command>(parsed({"check-config", "--explain", "r.json"}).what).explain, "r.json");
  EXPECT_EQ(setting_words(parsed({"ca", "path", "--state-dir", "/s"})), "--state-dir -> state_dir /s;");
}

TEST(command_line, hosts_add_up_and_other_flags_are_taken_from_their_last_use) {
  EXPECT_EQ(setting_words(parsed({"serve", "--host", "a.test", "--host", "b.test"})),
            "--host -> mitm.hosts a.test b.test;");
  EXPECT_EQ(setting_words(parsed({"serve", "--log-level", "info", "--log-level", "warn"})),
            "--log-level -> log.level warn;");
}

TEST(command_line, set_reaches_any_key_and_a_flag_of_its_own_wins_over_it) {
  EXPECT_EQ(setting_words(parsed({"serve", "--log-level=warn", "--set", "log.level=info", "--set", "limits.drain=1s"})),
            "--set log.level -> log.level info;--set limits.drain -> limits.drain 1s;--log-level -> log.level warn;");
  EXPECT_EQ(setting_words(parsed({"usage", "--set", "api.key=a=b"})), "--set api.key -> api.key a=b;");
  EXPECT_EQ(refused_line({"serve", "--set", "log.level"}).code, exit_code::bad_usage);
  EXPECT_EQ(refused_line({"serve", "--set", "=x"}).code, exit_code::bad_usage);
}

TEST(command_line, usage_limits_take_no_range_and_no_group) {
  const auto line = parsed({"usage", "--limits", "--json"});
  EXPECT_TRUE(std::get<usage_command>(line.what).limits);
  EXPECT_FALSE(std::get<usage_command>(parsed({"usage"}).what).limits);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--start-time", "1"}, {"--end-time", "1"}, {"--group-by", "host"}, {"verify"}}) {
    std::vector<std::string> words{"usage", "--limits"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(refused_line(words).code, exit_code::bad_usage) << more.front();
  }
}

TEST(command_line, usage_verify_takes_a_conversation_and_the_options_of_usage) {
  const auto line = parsed({"usage", "verify", "--conversation", "c", "--json", "--url", "http://localhost:1"});
  const auto& usage = std::get<usage_command>(line.what);
  EXPECT_TRUE(usage.verify);
  EXPECT_EQ(usage.conversation, "c");
  EXPECT_TRUE(usage.json);
  EXPECT_EQ(usage.url, "http://localhost:1");
  EXPECT_FALSE(usage.apply);
  EXPECT_TRUE(std::get<usage_command>(parsed({"usage", "verify", "--apply"}).what).apply);
  EXPECT_EQ(refused_line({"usage", "verify", "--group-by", "model"}).code, exit_code::bad_usage);
  EXPECT_EQ(refused_line({"usage", "verify", "--apply", "--conversation", "c"}).code, exit_code::bad_usage);
}

TEST(command_line, usage_takes_a_time_range_a_grouping_and_an_address) {
  const auto line = parsed({"usage", "--json", "--start-time", "2026-01-01", "--end-time", "1767312000", "--group-by",
                            "model", "--url", "http://127.0.0.1:9"});
  const auto& usage = std::get<usage_command>(line.what);
  EXPECT_TRUE(usage.json);
  EXPECT_EQ(usage.start_time, 1767225600);
  EXPECT_EQ(usage.end_time, 1767312000);
  EXPECT_EQ(usage.group_by, "model");
  EXPECT_EQ(usage.url, "http://127.0.0.1:9");
  EXPECT_EQ(std::get<usage_command>(parsed({"usage", "--api", "http://[::1]:9"}).what).url, "http://[::1]:9");
}

TEST(command_line, what_is_not_understood_is_a_usage_error_that_says_so) {
  const std::pair<words, const char*> cases[] = {
      {{}, "subcommand"},
      {{"start"}, "start"},
      {{"serve", "--verbose"}, "--verbose"},
      {{"serve", "extra"}, "extra"},
      {{"usage", "--group-by", "colour"}, "colour"},
      {{"usage", "--start-time", "yesterday"}, "--start-time"},
      {{"ca", "burn"}, "burn"},
      {{"serve", "--log-level"}, "--log-level"},
  };
  for (const auto& [line, mention] : cases) {
    const auto refused = refused_line(line);
    EXPECT_EQ(refused.code, exit_code::bad_usage);
    EXPECT_THAT(refused.text, HasSubstr(mention));
  }
}

TEST(command_line, ledger_names_what_to_do_with_which_file) {
  using enum ledger_command::action_of;
  EXPECT_EQ(std::get<ledger_command>(parsed({"ledger", "check"}).what).action, check);
  const auto repaired = std::get<ledger_command>(parsed({"ledger", "repair", "--file", "/x/usage.db"}).what);
  EXPECT_EQ(repaired.action, repair);
  EXPECT_EQ(repaired.file, "/x/usage.db");
  const auto exported = std::get<ledger_command>(parsed({"ledger", "export", "--format", "csv"}).what);
  EXPECT_EQ(exported.action, export_rows);
  EXPECT_TRUE(exported.csv);
  EXPECT_EQ(refused_line({"ledger"}).code, exit_code::bad_usage);
  EXPECT_EQ(refused_line({"ledger", "export", "--format", "xml"}).code, exit_code::bad_usage);
}

TEST(command_line, help_documents_the_exit_status) {
  for (const words& line : {words{"--help"}, words{"serve", "--help"}, words{"usage", "-h"}}) {
    const auto help = refused_line(line);
    EXPECT_EQ(help.code, exit_code::ok);
    EXPECT_THAT(help.text, HasSubstr(std::string(exit_code_help.substr(0, 40))));
  }
}

TEST(command_line, times_are_unix_seconds_or_utc_dates) {
  EXPECT_EQ(parse_time("0"), 0);
  EXPECT_EQ(parse_time("1970-01-02"), 86400);
  EXPECT_EQ(parse_time("2026-01-01T01:02:03Z"), 1767225600 + 3723);
  for (const char* text :
       {"", "-1", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z", "2026-01-01T01:02:03", "2026-1-1",
        "2026-01-01 01:02:03Z", "2026-01-01T01:02:03Zx", "2026-01-01x", "99999999999999999999"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(command_line, the_words_after_the_mark_are_the_commands_of_a_run) {
  const auto line =
      parsed({"run", "--json", "r.json", "--max-tokens", "500", "--host", "a.test", "--", "curl", "--json", "x", "--"});
  const auto& run = std::get<run_command>(line.what);
  EXPECT_EQ(run.words, (words{"curl", "--json", "x", "--"}));
  EXPECT_EQ(run.json, "r.json");
  EXPECT_EQ(run.max_tokens, 500);
  EXPECT_EQ(run.way, run_command::way_of::automatic);
  EXPECT_EQ(run.hosts, (words{"a.test"}));
}

TEST(command_line, a_run_adds_hosts_or_watches_these_alone) {
  const auto more = parsed({"run", "--host", "a.test", "--host", "*.b.test", "--", "true"});
  EXPECT_EQ(std::get<run_command>(more.what).hosts, (words{"a.test", "*.b.test"}));
  EXPECT_FALSE(std::get<run_command>(more.what).only_hosts);
  EXPECT_EQ(setting_words(more), "") << "the configured list stays";
  const auto only = parsed({"run", "--only-host", "a.test", "--", "true"});
  EXPECT_EQ(std::get<run_command>(only.what).hosts, (words{"a.test"}));
  EXPECT_TRUE(std::get<run_command>(only.what).only_hosts);
  EXPECT_EQ(refused_line({"run", "--host", "a.test", "--only-host", "b.test", "--", "true"}).code,
            exit_code::bad_usage);
}

TEST(command_line, a_run_has_a_command_and_a_budget_above_zero) {
  EXPECT_THAT(refused_line({"run"}).text, HasSubstr("the command is missing"));
  EXPECT_THAT(refused_line({"run", "--"}).text, HasSubstr("the command is missing"));
  EXPECT_EQ(refused_line({"run", "--max-tokens", "0", "--", "true"}).code, exit_code::bad_usage);
  for (const char* none : {"0", "-5", "1e6", "1k", "99999999999999999999"}) {
    EXPECT_THAT(refused_line({"run", "--max-tokens", none, "--", "true"}).text, HasSubstr("as in --max-tokens 100000"));
  }
  EXPECT_EQ(refused_line({"run", "--way", "magic", "--", "true"}).code, exit_code::bad_usage);
}

}  // namespace
}  // namespace app
