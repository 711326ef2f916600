#include "app/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

namespace app {
namespace {

struct config_flag {
  const char* name;
  const char* key;
  const char* meaning;
};

constexpr config_flag state_dir_flag{"--state-dir", "state_dir",
                                     "directory of the CA, the CA bundle, the ledger and the API key"};
constexpr config_flag host_flag{"--host", "mitm.hosts",
                                "host or pattern to intercept, instead of the configured list; may be repeated"};
constexpr config_flag serve_flags[] = {
    {"--api-listen", "api.listen", "address of the HTTP API, e.g. 127.0.0.1:8741 or unix:/run/zerogravity/api.sock"},
    {"--mitm-listen", "mitm.listen", "address for redirected connections, e.g. 127.0.0.1:8742"},
    host_flag,
    state_dir_flag,
    {"--upstream-ca-file", "mitm.upstream_ca_file",
     "PEM file of CAs to trust for origins, in addition to the system's"},
    {"--bundle-file", "mitm.bundle_file", "path of the combined CA bundle"},
    {"--scope", "redirect.scope", "none, or cgroup: redirect the connections of --cgroup or --pid to the service"},
    {"--cgroup", "redirect.cgroup", "path of the cgroup (v2) to redirect"},
    {"--pid", "redirect.pid", "process to redirect, including its descendants"},
    {"--backend", "redirect.backend", "how to redirect: auto, nft or ebpf"},
    {"--log-level", "log.level", "least severe level to log: trace, debug, info, warn or error"},
    {"--log-format", "log.format", "format of the log: auto, text or json"},
};

/// What is wrong with a number of tokens. Empty: nothing.
std::string why_no_budget(const std::string& text) {
  std::int64_t tokens = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tokens);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && tokens > 0 ? std::string()
                             : "expected a number of tokens above 0, as in --max-tokens 100000; got " + text;
}

/// CLI11 reads the options of all subcommands into this, and keeps pointers to it.
struct parsed_flags {
  std::string config_file;
  std::map<const CLI::App*, std::map<std::string, std::vector<std::string>>> values;  // by subcommand and flag
  usage_command usage;
  std::string start_time;
  std::string end_time;
  check_config_command check;
  cascade_command cascade;
  run_command run;
  doctor_command doctor;
  attach_command attach;
  ledger_command ledger;
  std::string ledger_format;
  std::string run_way;
  std::vector<std::string> only_hosts;
};

void add_config_flag(CLI::App& sub, parsed_flags& flags, const config_flag& flag) {
  sub.add_option(flag.name, flags.values[&sub][flag.name], flag.meaning)->take_all()->allow_extra_args(false);
}

void add_set_flag(CLI::App& sub, parsed_flags& flags) {
  sub.add_option("--set", flags.values[&sub]["--set"],
                 "set any configuration key, as section.key=value; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
}

void add_serve_flags(CLI::App& sub, parsed_flags& flags) {
  for (const auto& flag : serve_flags) add_config_flag(sub, flags, flag);
  add_set_flag(sub, flags);
}

void add_serve(CLI::App& app, parsed_flags& flags) {
  add_serve_flags(*app.add_subcommand("serve", "Run the interceptor and its API in the foreground"), flags);
}

void add_run(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand(
      "run", "Run a command, intercept its traffic to the watched hosts, and report its usage: run -- CMD…");
  auto& wanted = flags.run;
  sub->add_option("--json", wanted.json, "write the report to this file, as JSON");
  sub->add_option("--max-tokens", wanted.max_tokens, "end the command when it has spent this many tokens (status 124)")
      ->check(CLI::Validator(why_no_budget, "COUNT"));
  sub->add_flag("--quiet,-q", wanted.quiet, "print no report on stderr");
  sub->add_option("--way", flags.run_way,
                  "what to intercept: network (every TCP port), usual-ports (443, 80, 22, 8443), proxy (what uses "
                  "HTTPS_PROXY) or "
                  "auto (the first of these that works)")
      ->check(CLI::IsMember({"auto", "network", "usual-ports", "proxy"}));
  const auto hosts = [&](const char* name, const char* meaning, std::vector<std::string>& into) {
    return sub->add_option(name, into, meaning)->take_all()->allow_extra_args(false);
  };
  auto* more = hosts("--host", "host or pattern to intercept as well, beside the configured ones; may be repeated",
                     wanted.hosts);
  hosts("--only-host", "host or pattern to intercept instead of the configured ones; may be repeated", flags.only_hosts)
      ->excludes(more);
  for (const auto* name : {"--state-dir", "--upstream-ca-file", "--bundle-file", "--log-level"}) {
    const auto flag = std::ranges::find(serve_flags, std::string_view(name), &config_flag::name);
    add_config_flag(*sub, flags, *flag);
  }
  add_set_flag(*sub, flags);
}

void add_usage(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand("usage", "Print the usage that the running service has recorded");
  sub->add_flag("--json", flags.usage.json, "print the API's JSON instead of tables");
  sub->add_option("--start-time", flags.start_time,
                  "only requests since this time: Unix seconds, 2026-01-31 or 2026-01-31T12:00:00Z");
  sub->add_option("--end-time", flags.end_time, "only requests before this time");
  sub->add_option("--group-by", flags.usage.group_by,
                  "one table, by model, conversation, host, status, process or rule")
      ->check(CLI::IsMember({"model", "conversation", "host", "status", "process", "rule"}));
  sub->add_flag("--limits", flags.usage.limits, "print the limits that the providers have told, by host and account");
  sub->add_option("--url,--api", flags.usage.url,
                  "the service, e.g. http://127.0.0.1:8741 or unix:/path (default: api.listen)");
  add_set_flag(*sub, flags);
  auto* verify = sub->add_subcommand(
      "verify",
      "Compare the ledger with the language server's own list of calls, and its rows with the usage objects that they "
      "keep; fail if a difference has no explanation");
  verify->add_option("--conversation", flags.usage.conversation,
                     "check only this conversation (default: all of the last day)");
  verify->add_flag("--apply", flags.usage.apply,
                   "correct the rows that are booked otherwise than their usage objects read, and the sums; what was "
                   "booked before is kept");
  verify->fallthrough();
  verify->callback([&flags] { flags.usage.verify = true; });
}

void add_cascade(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand("cascade", "Send a message to the agent language server of the running service");
  auto& wanted = flags.cascade;
  auto* text = sub->add_option("text", wanted.text, "the message");
  sub->add_option("--continue", wanted.continue_id, "id of the cascade to continue (default: start a new one)")
      ->needs(text);
  sub->add_option("--model", wanted.model, "label of the model (default: the one that the server recommends)")
      ->needs(text);
  sub->add_flag("--allow", wanted.allow, "allow every step that asks for permission (default: as configured)")
      ->needs(text);
  auto* list = sub->add_flag("--list", wanted.list, "list the cascades")->excludes(text);
  sub->add_option("--cancel", wanted.cancel_id, "id of a cascade whose turn to end")->excludes(text)->excludes(list);
  sub->add_flag("--json", wanted.json, "print one JSON object per line");
  sub->add_option("--url,--api", wanted.url,
                  "the service, e.g. http://127.0.0.1:8741 or unix:/path (default: api.listen)");
  add_set_flag(*sub, flags);
}

void add_ca(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand("ca", "Show or renew the CA that intercepted clients must trust");
  sub->require_subcommand(0, 1);
  sub->add_subcommand("show", "print its name, fingerprint, validity and permitted hosts (the default)");
  sub->add_subcommand("path", "print the path of the CA certificate");
  sub->add_subcommand("bundle", "write the combined bundle again and print its path");
  sub->add_subcommand("env", "print shell assignments that make programs trust the bundle");
  sub->add_subcommand("rotate", "replace the CA, for example after adding hosts");
  for (auto* action : sub->get_subcommands({})) action->fallthrough();
  add_config_flag(*sub, flags, state_dir_flag);
  add_config_flag(*sub, flags, host_flag);
  add_set_flag(*sub, flags);
}

void add_ledger(CLI::App& app, parsed_flags& flags) {
  using enum ledger_command::action_of;
  auto* sub = app.add_subcommand("ledger", "Check, repair or export the ledger file; no service is needed");
  sub->require_subcommand(1);
  const auto add = [&](const char* name, const char* meaning, ledger_command::action_of action) {
    auto* made = sub->add_subcommand(name, meaning);
    made->fallthrough();
    made->callback([&flags, action] { flags.ledger.action = action; });
    return made;
  };
  add("check", "check its tables, pages and sums (status 1: damaged)", check);
  add("repair", "build a new file from all rows that can be read, and keep the damaged file beside it", repair);
  auto* rows = add("export", "print every row that can be read, also from a damaged file", export_rows);
  rows->add_option("--format", flags.ledger_format, "jsonl (the default) or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  sub->add_option("--file", flags.ledger.file, "path of the ledger file (default: ledger.file)");
  add_config_flag(*sub, flags, state_dir_flag);
  add_set_flag(*sub, flags);
}

void add_key(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand("key", "Show or replace the API key, which other users and machines need");
  sub->require_subcommand(0, 1);
  sub->add_subcommand("show", "print it (the default)");
  sub->add_subcommand("rotate", "replace it; a running service uses the new key after its next start");
  for (auto* action : sub->get_subcommands({})) action->fallthrough();
  add_config_flag(*sub, flags, state_dir_flag);
  add_set_flag(*sub, flags);
}

void add_doctor(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand("doctor", "Check what works on this machine, and print how to fix the rest");
  sub->add_flag("--json", flags.doctor.json, "print the findings as JSON");
  sub->add_option("--probe", flags.doctor.probe)->take_all()->allow_extra_args(false)->group("");  // internal
  add_config_flag(*sub, flags, state_dir_flag);
  add_set_flag(*sub, flags);
}

void add_check_config(CLI::App& app, parsed_flags& flags) {
  auto* sub = app.add_subcommand("check-config", "Check the configuration, and print the values in force");
  sub->add_flag("--reference", flags.check.reference, "print every key with its default and its meaning instead");
  sub->add_option("--explain", flags.check.explain, "print what the rules do to the request in this JSON file");
  add_serve_flags(*sub, flags);
}

early_exit usage_error(std::string text) {
  return {exit_code::bad_usage, std::move(text) + "\n"};
}

boost::system::result<std::vector<setting>, early_exit> settings_of(const std::vector<std::string>& sets) {
  std::vector<setting> settings;
  for (const auto& text : sets) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      return usage_error("--set " + text + ": expected section.key=value");
    auto key = text.substr(0, equals);
    settings.push_back({key, setting_value::untyped(text.substr(equals + 1)), "--set " + key});
  }
  return settings;
}

boost::system::result<std::vector<setting>, early_exit> chosen_settings(const CLI::App& sub, parsed_flags& flags) {
  auto& values = flags.values[&sub];
  auto settings = settings_of(values["--set"]);
  if (settings.has_error()) return settings;
  for (const auto& flag : serve_flags) {
    const auto found = values.find(flag.name);
    if (found == values.end() || found->second.empty()) continue;
    auto items = found->second;
    if (std::string_view(flag.name) != host_flag.name)
      items.erase(items.begin(), items.end() - 1);  // the last one wins
    settings->push_back({flag.key, {setting_value::kind_of::untyped, std::move(items)}, flag.name});
  }
  return settings;
}

boost::system::result<command, early_exit> usage_of(parsed_flags& flags) {
  const auto read = [](const std::string& text, std::optional<std::int64_t>& into) {
    if (text.empty()) return true;
    into = parse_time(text);
    return into.has_value();
  };
  constexpr std::string_view expected = ": expected Unix seconds, 2026-01-31 or 2026-01-31T12:00:00Z";
  if (!read(flags.start_time, flags.usage.start_time)) return usage_error("--start-time" + std::string(expected));
  if (!read(flags.end_time, flags.usage.end_time)) return usage_error("--end-time" + std::string(expected));
  if (flags.usage.verify && (flags.usage.end_time || !flags.usage.group_by.empty()))
    return usage_error("usage verify: --end-time and --group-by do not apply");
  if (flags.usage.limits &&
      (flags.usage.verify || flags.usage.start_time || flags.usage.end_time || !flags.usage.group_by.empty()))
    return usage_error("usage --limits: verify, --start-time, --end-time and --group-by do not apply");
  if (flags.usage.apply && !flags.usage.conversation.empty())
    return usage_error("usage verify: --apply corrects the whole ledger; give no --conversation");
  return command{flags.usage, {}, {}};
}

command ca_of(const CLI::App& sub) {
  constexpr std::string_view names[] = {"show", "path", "bundle", "env", "rotate"};
  const auto chosen = sub.get_subcommands();
  if (chosen.empty()) return {ca_command{}, {}, {}};
  const auto index = std::ranges::find(names, chosen.front()->get_name()) - std::begin(names);
  return {ca_command{static_cast<ca_command::action_of>(index)}, {}, {}};
}

command key_of(const CLI::App& sub) {
  const auto chosen = sub.get_subcommands();
  const bool rotate = !chosen.empty() && chosen.front()->get_name() == "rotate";
  return {key_command{rotate ? key_command::action_of::rotate : key_command::action_of::show}, {}, {}};
}

boost::system::result<command, early_exit> run_of(parsed_flags& flags) {
  if (flags.run.words.empty())
    return usage_error("run: the command is missing; give it after --, as in: run -- curl …");
  using enum run_command::way_of;
  constexpr std::pair<std::string_view, run_command::way_of> ways[] = {
      {"", automatic}, {"auto", automatic}, {"network", network}, {"usual-ports", usual_ports}, {"proxy", proxy}};
  for (const auto& [name, way] : ways) {
    if (name == flags.run_way) flags.run.way = way;
  }
  flags.run.only_hosts = !flags.only_hosts.empty();
  if (flags.run.only_hosts) flags.run.hosts = flags.only_hosts;
  return command{flags.run, {}, {}};
}

boost::system::result<command, early_exit> command_of(const CLI::App& sub, parsed_flags& flags) {
  const auto& name = sub.get_name();
  if (name == "serve") return command{serve_command{}, {}, {}};
  if (name == "usage") return usage_of(flags);
  if (name == "cascade") {
    const auto& wanted = flags.cascade;
    if (wanted.text.empty() && !wanted.list && wanted.cancel_id.empty()) {
      return usage_error("cascade: give a message, --list or --cancel ID");
    }
    return command{wanted, {}, {}};
  }
  if (name == "run") return run_of(flags);
  if (name == "attach") return command{flags.attach, {}, {}};
  if (name == "ledger") {
    flags.ledger.csv = flags.ledger_format == "csv";
    return command{flags.ledger, {}, {}};
  }
  if (name == "doctor") return command{flags.doctor, {}, {}};
  if (name == "ca") return ca_of(sub);
  if (name == "key") return key_of(sub);
  if (name == "check-config") return command{flags.check, {}, {}};
  return command{version_command{}, {}, {}};
}

early_exit exit_of(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = app.exit(error, out, err);
  return code == 0 ? early_exit{exit_code::ok, out.str()} : early_exit{exit_code::bad_usage, err.str()};
}

}  // namespace

boost::system::result<command, early_exit> parse_command_line(const std::vector<std::string>& arguments) {
  CLI::App app(
      "Shows what a coding agent spends, by intercepting its TLS connections, and lets other tools drive the agent.",
      "zerogravity");
  parsed_flags flags;
  app.add_option("--config", flags.config_file, "configuration file (TOML)");
  app.require_subcommand(0, 1)->fallthrough()->footer(std::string(exit_code_help));
  add_serve(app, flags);
  add_run(app, flags);
  add_usage(app, flags);
  add_cascade(app, flags);
  add_ca(app, flags);
  add_ledger(app, flags);
  add_key(app, flags);
  add_doctor(app, flags);
  auto* attach =
      app.add_subcommand("attach", "List the running language servers, each with the command that intercepts it");
  attach->add_flag("--json", flags.attach.json, "print one JSON object per line");
  add_check_config(app, flags);
  app.add_subcommand("version", "Print the version");
  for (auto* sub : app.get_subcommands({})) sub->fallthrough()->footer(std::string(exit_code_help));
  auto own = arguments;
  if (const auto mark = std::ranges::find(own, "--");
      mark != own.end() && std::find(own.begin(), mark, "run") != mark) {
    // These words belong to the other program; none is an option of ours.
    flags.run.words.assign(mark + 1, own.end());
    own.erase(mark, own.end());
  }
  std::ranges::reverse(own);  // CLI11 takes them last first
  try {
    app.parse(std::move(own));
  } catch (const CLI::ParseError& error) {
    return exit_of(app, error);
  }
  // CLI11 is not asked to check this: it would call a misspelt subcommand missing.
  if (app.get_subcommands().empty()) return usage_error("A subcommand is required.\n\n" + app.help());
  const auto& sub = *app.get_subcommands().front();
  auto parsed = command_of(sub, flags);
  if (parsed.has_error()) return parsed;
  auto settings = chosen_settings(sub, flags);
  if (settings.has_error()) return settings.error();
  parsed->settings = std::move(*settings);
  if (!flags.config_file.empty()) parsed->config_file = flags.config_file;
  return parsed;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size() && seconds >= 0) return seconds;
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  char mark = 0;
  const std::string copy(text);
  const int fields =
      std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u%c", &year, &month, &day, &hour, &minute, &second, &mark);
  const bool whole_day = fields == 3 && copy.size() == 10;
  if (!whole_day && (fields != 7 || mark != 'Z' || copy.size() != 20)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(days).count() + hour * 3600L + minute * 60L + second;
}

}  // namespace app
