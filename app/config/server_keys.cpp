#include "app/config/key_kinds.hpp"

namespace app {
namespace {

void add_launch(key_list& keys) {
  keys.push_back(any_key(
      "language_server.mode", "one of \"none\", \"launch\", \"attach\", \"discover\"",
      "launch one, attach to a known address, discover one that runs, or none",
      [](config& c) -> auto& { return c.language_server.mode; }, read_server_mode,
      [](server_mode mode) { return toml_text(to_string(mode)); }));
  keys.push_back(any_key(
      "language_server.command", "a list of words, with placeholders such as {csrf_token} and {https_port}",
      "launch: the command line; empty: the program with the flags that its builds usually take",
      [](config& c) -> auto& { return c.language_server.command; }, read_list, toml_list));
  keys.push_back(any_key(
      "language_server.environment", "a list of NAME=value, with the placeholders of the command",
      "launch: variables beside HOME, PATH and SSL_CERT_FILE; a build that takes its token there does not show it to "
      "other users: [\"WINDSURF_CSRF_TOKEN={csrf_token}\"]",
      [](config& c) -> auto& { return c.language_server.environment; }, read_list, toml_list));
  keys.push_back(path_key(
      "language_server.program", [](config& c) -> auto& { return c.language_server.program; },
      "launch: the program; empty: found in the usual places"));
  keys.push_back(text_key(
      "language_server.user", "the name of a user", [](config& c) -> auto& { return c.language_server.user; },
      "who the language server runs as: launch by setuid or sudo, attach and discover by the owner of its port; empty: "
      "who runs the service"));
  keys.push_back(text_key(
      "language_server.cloud_code_endpoint", "a URL",
      [](config& c) -> auto& { return c.language_server.cloud_code_endpoint; },
      "launch: the provider that it talks to"));
  keys.push_back(text_key(
      "language_server.address", "host:port", [](config& c) -> auto& { return c.language_server.address; },
      "attach: where its gRPC port is"));
  auto token = text_key(
      "language_server.csrf_token", "text", [](config& c) -> auto& { return c.language_server.csrf_token; },
      "attach: the token of its --csrf_token");
  token.secret = true;
  keys.push_back(std::move(token));
  keys.push_back(path_key(
      "language_server.certificate_file", [](config& c) -> auto& { return c.language_server.certificate_file; },
      "attach: PEM of its certificate; empty: trusted on first use, on loopback only"));
  keys.push_back(text_key(
      "language_server.workspace_id", "text", [](config& c) -> auto& { return c.language_server.workspace_id; },
      "discover: the workspace whose server is preferred"));
}

template <class Place>
config_key permission_key(const std::string& kind, Place place, std::string meaning) {
  return any_key("language_server.permission_" + kind, "one of \"deny\", \"allow\", \"report\"", std::move(meaning),
                 place, read_permission, [](cascade::permission verdict) { return toml_text(to_string(verdict)); });
}

void add_turns(key_list& keys) {
  keys.push_back(count_key(
      "language_server.turns", {1, 100'000}, [](config& c) -> auto& { return c.language_server.turns.turns; },
      "turns that run at once; further ones wait"));
  keys.push_back(count_key(
      "language_server.turns_waiting", {0, 100'000}, [](config& c) -> auto& { return c.language_server.turns.waiting; },
      "turns that wait; further ones get 429"));
  keys.push_back(duration_key(
      "language_server.turn_wait", [](config& c) -> auto& { return c.language_server.turns.wait; },
      "how long a turn waits for its place"));
  keys.push_back(duration_key(
      "language_server.turn_quiet", [](config& c) -> auto& { return c.language_server.turn.quiet; },
      "a turn without an event until the server is asked whether it lives"));
  keys.push_back(duration_key(
      "language_server.turn_quiet_most", [](config& c) -> auto& { return c.language_server.turn.quiet_most; },
      "a turn without an event until it is given up"));
  keys.push_back(size_key(
      "language_server.receive_limit", {1 << 16, 2047ull << 20},
      [](config& c) -> auto& { return c.language_server.receive_limit; },
      "one message of the language server; a snapshot holds a whole transcript"));
  keys.push_back(permission_key(
      "command", [](config& c) -> auto& { return c.language_server.permissions.run_command; },
      "commands that ask to run: deny, allow, or report to the client, who must answer"));
  keys.push_back(permission_key(
      "file", [](config& c) -> auto& { return c.language_server.permissions.file; }, "files that are asked for"));
  keys.push_back(permission_key(
      "other", [](config& c) -> auto& { return c.language_server.permissions.other; },
      "pages, MCP tools and all other questions"));
}

}  // namespace

void add_language_server(key_list& keys) {
  add_launch(keys);
  add_turns(keys);
}

}  // namespace app
