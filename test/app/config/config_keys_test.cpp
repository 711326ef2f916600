#include "app/config/config_keys.hpp"

#include <set>

#include <gmock/gmock.h>

#include "app/config/config_file.hpp"
#include "app/config/config_load.hpp"
#include "app/config/config_print.hpp"

namespace app {
namespace {

/// For every key a value that is not its default, in words that the environment would use.
std::string other_value(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> words = {
      {"state_dir", "/other/state"},
      {"threads", "7"},
      {"api.listen", "127.0.0.1:1,[::1]:2,unix:/other/api.sock"},
      {"api.key", "a-key-of-some-length"},
      {"api.require_key", "true"},
      {"api.permissions", "client"},
      {"api.cors_origins", "https://app.example"},
      {"mitm.listen", "127.0.0.1:3"},
      {"mitm.providers", "openai,xai"},
      {"mitm.hosts", "api.openai.com"},
      {"mitm.upstream_ca_file", "/other/ca.pem"},
      {"mitm.bundle_file", "/other/bundle.pem"},
      {"mitm.system_ca_file", "/other/system.pem"},
      {"mitm.reuse_upstream", "false"},
      {"mitm.upstream_proxy", "http://user:secret@proxy.example:3128"},
      {"mitm.no_proxy", ".corp.example,10.0.0.0/8"},
      {"redirect.scope", "cgroup"},
      {"redirect.cgroup", "/other"},
      {"redirect.pid", "7"},
      {"redirect.backend", "ebpf"},
      {"redirect.pending", "77"},
      {"limits.head_size", "7KiB"},
      {"limits.captured_value", "7KiB"},
      {"limits.decoded_body", "7MiB"},
      {"limits.decoded_ratio", "7"},
      {"limits.connections", "7"},
      {"limits.h2_open_streams", "7"},
      {"limits.rewrite_body", "7KiB"},
      {"limits.held_bodies", "7MiB"},
      {"limits.rewrite_rules", "7"},
      {"limits.rewrite_mock", "7KiB"},
      {"limits.own_providers", "7"},
      {"limits.provider_hosts", "7"},
      {"limits.kept_upstreams", "7"},
      {"limits.cached_leaves", "7"},
      {"limits.bypass_after", "7"},
      {"limits.api_head_size", "7KiB"},
      {"limits.api_body_size", "7KiB"},
      {"limits.api_connections", "7"},
      {"limits.api_peer_connections", "7"},
      {"limits.api_reports", "7"},
      {"limits.api_h2_streams", "7"},
      {"limits.proxy_head_size", "7KiB"},
      {"ledger.file", "/other/usage.db"},
      {"ledger.retention_days", "7"},
      {"ledger.max_size", "7MiB"},
      {"ledger.queue", "7"},
      {"attribution.rows", "7"},
      {"attribution.transcripts", "7"},
      {"attribution.ids", "7"},
      {"language_server.mode", "attach"},
      {"language_server.command", "/other/server"},
      {"language_server.program", "/other/program"},
      {"language_server.environment", "OTHER=value"},
      {"language_server.user", "other"},
      {"language_server.cloud_code_endpoint", "https://other.test"},
      {"language_server.address", "127.0.0.1:4"},
      {"language_server.csrf_token", "a-token-of-some-length"},
      {"language_server.certificate_file", "/other/server.pem"},
      {"language_server.workspace_id", "other"},
      {"language_server.turns", "7"},
      {"language_server.turns_waiting", "7"},
      {"language_server.receive_limit", "7MiB"},
      {"language_server.permission_command", "allow"},
      {"language_server.permission_file", "report"},
      {"language_server.permission_other", "allow"},
      {"openai.aliases", "other=model"},
      {"openai.reasoning", "false"},
      {"openai.socket_turns", "7"},
      {"openai.responses", "7"},
      {"openai.responses_size", "7MiB"},
      {"openai.conversations", "7"},
      {"openai.images", "7"},
      {"openai.image_size", "7KiB"},
      {"rewrite.dry_run", "true"},
      {"log.level", "debug"},
      {"log.format", "json"},
  };
  const auto found = words.find(name);
  return found == words.end() ? "1234ms" : found->second;  // the rest are durations
}

environment every_variable() {
  environment variables;
  for (const auto& key : config_keys()) variables[key.variable()] = other_value(key.name);
  return variables;
}

TEST(config_keys, every_key_can_be_set_from_the_environment_and_reaches_a_field_of_its_own) {
  for (const auto& key : config_keys()) {
    const config defaults;
    config changed;
    ASSERT_FALSE(key.read(changed, setting_value::untyped(other_value(key.name)))) << key.name;
    EXPECT_NE(key.write(changed), key.write(defaults)) << key.name;
    for (const auto& other : config_keys()) {
      if (&other != &key) EXPECT_EQ(other.write(changed), other.write(defaults)) << key.name << " set " << other.name;
    }
  }
}

TEST(config_keys, every_key_names_its_meaning_and_what_is_expected) {
  std::set<std::string_view> names;
  std::set<std::string> variables;
  for (const auto& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_TRUE(variables.insert(key.variable()).second) << key.variable();
    EXPECT_FALSE(key.meaning.empty()) << key.name;
    EXPECT_FALSE(key.expected().empty()) << key.name;
    EXPECT_EQ(find_key(key.name), &key);
  }
}

TEST(config_keys, a_value_of_the_wrong_type_is_refused_by_every_key) {
  for (const auto& key : config_keys()) {
    config values;
    EXPECT_TRUE(key.read(values, {setting_value::kind_of::other, {"a boolean"}})) << key.name;
  }
}

TEST(config_keys, zero_is_refused_by_every_limit) {
  for (const auto& key : config_keys()) {
    if (!key.name.starts_with("limits.") && !key.name.starts_with("ledger.")) continue;
    config values;
    for (const char* zero : {"0", "0s", "0ms", "0B", "0KiB"}) {
      if (key.name != "ledger.file")
        EXPECT_TRUE(key.read(values, setting_value::untyped(zero))) << key.name << ' ' << zero;
    }
  }
}

TEST(config_keys, the_nearest_key_is_found_within_a_few_letters_or_in_another_table) {
  EXPECT_EQ(nearest_key("limits.stream_idel")->name, "limits.stream_idle");
  EXPECT_EQ(nearest_key("limit.stream_idle")->name, "limits.stream_idle");
  EXPECT_EQ(nearest_key("key")->name, "api.key");
  EXPECT_EQ(nearest_key("completely.different_words"), nullptr);
  EXPECT_EQ(nearest_key(std::string(100'000, 'x')), nullptr);
}

TEST(config_print, what_is_printed_reads_back_as_the_same_configuration) {
  const auto first = load_config({{}, every_variable(), {}, true});
  ASSERT_TRUE(first.has_value());
  const auto settings = parse_config_text(to_toml(*first), "printed");
  ASSERT_TRUE(settings.has_value()) << settings.error().lines.front();
  loaded_config again;
  for (const auto& one : *settings) {
    const auto* key = find_key(one.key);
    ASSERT_NE(key, nullptr) << one.key;
    if (!key->form.secret) ASSERT_TRUE(apply_settings(again, {one}).has_value()) << one.key;
  }
  for (const auto& key : config_keys()) {
    if (!key.form.secret) EXPECT_EQ(key.write(again.values), key.write(first->values)) << key.name;
  }
}

TEST(config_print, every_key_is_shown_and_says_where_a_value_came_from) {
  const auto loaded = load_config({{}, every_variable(), {}, true});
  ASSERT_TRUE(loaded.has_value());
  const auto text = to_toml(*loaded);
  for (const auto& key : config_keys()) EXPECT_THAT(text, testing::HasSubstr("# from " + key.variable() + "\n"));
  EXPECT_THAT(to_toml(*load_config({{}, {}, {}, true})), testing::Not(testing::HasSubstr("# from")));
}

TEST(config_print, no_secret_is_ever_printed) {
  const auto loaded = load_config({{}, every_variable(), {}, true});
  ASSERT_TRUE(loaded.has_value());
  ASSERT_TRUE(find_key("api.key")->form.secret);
  for (const auto& key : config_keys()) {
    if (key.form.secret)
      EXPECT_THAT(to_toml(*loaded), testing::Not(testing::HasSubstr(other_value(key.name)))) << key.name;
  }
  EXPECT_THAT(to_toml(*loaded), testing::HasSubstr("key = \"<redacted>\""));
}

TEST(config_print, the_reference_lists_every_key) {
  const auto text = config_reference();
  for (const auto& key : config_keys()) EXPECT_THAT(text, testing::HasSubstr("| `" + std::string(key.name) + "` |"));
}

}  // namespace
}  // namespace app
