#include "test/sim/language_server/flags.hpp"

#include <charconv>
#include <map>
#include <optional>

namespace sim::ls {
namespace {

const std::map<std::string_view, std::string flags::*> words{
    {"csrf_token", &flags::csrf_token},     {"cloud_code_endpoint", &flags::cloud_code_endpoint},
    {"app_data_dir", &flags::app_data_dir}, {"gemini_dir", &flags::gemini_dir},
    {"workspace_id", &flags::workspace_id}, {"parent_pipe_path", &flags::parent_pipe_path},
};

const std::map<std::string_view, std::uint16_t flags::*> ports{
    {"https_server_port", &flags::https_server_port},
    {"server_port", &flags::https_server_port},
    {"http_server_port", &flags::http_server_port},
    {"lsp_port", &flags::lsp_port},
};

const std::map<std::string_view, bool flags::*> bools{
    {"standalone", &flags::standalone},
    {"random_port", &flags::random_port},
};

struct flag {
  std::string_view name;
  std::optional<std::string_view> value;
};

std::optional<flag> as_flag(std::string_view argument) {
  if (argument.size() < 2 || argument.front() != '-' || argument == "--") return std::nullopt;
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  const auto equals = argument.find('=');
  if (equals == argument.npos) return flag{argument, std::nullopt};
  return flag{argument.substr(0, equals), argument.substr(equals + 1)};
}

bool is_true(std::string_view value) {
  return value == "true" || value == "1" || value == "t" || value == "T" || value == "TRUE" || value == "True";
}

bool set_port(std::uint16_t& port, std::string_view value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
  return error == std::errc{} && end == value.data() + value.size();
}

/// The complaint, or nothing.
std::string set(flags& chosen, const flag& given) {
  const auto value = given.value.value_or("");
  const auto port = ports.find(given.name);
  if (port != ports.end() && !set_port(chosen.*port->second, value))
    return "invalid value \"" + std::string(value) + "\" for flag -" + std::string(given.name);
  if (const auto word = words.find(given.name); word != words.end()) chosen.*word->second = value;
  if (given.name == "sim") chosen.switches.append(chosen.switches.empty() ? "" : ",").append(value);
  return {};
}

bool takes_value(std::string_view name) {
  return name == "sim" || words.contains(name) || ports.contains(name);
}

boost::system::result<flags, std::string> refusal(std::string why) {
  return {boost::system::in_place_error, std::move(why)};
}

}  // namespace

boost::system::result<flags, std::string> parse_flags(const std::vector<std::string_view>& arguments) {
  flags chosen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto given = as_flag(arguments[i]);
    if (!given) break;
    if (const auto found = bools.find(given->name); found != bools.end()) {
      chosen.*found->second = is_true(given->value.value_or("true"));
      continue;
    }
    const bool more = i + 1 < arguments.size();
    // What an unknown flag takes is not known: a next word that is no flag is taken for its value.
    const bool next_is_value = more && (takes_value(given->name) || !arguments[i + 1].starts_with('-'));
    if (!given->value && next_is_value) given->value = arguments[++i];
    if (!given->value && takes_value(given->name))
      return refusal("flag needs an argument: -" + std::string(given->name));
    if (auto complaint = set(chosen, *given); !complaint.empty()) return refusal(std::move(complaint));
  }
  return chosen;
}

}  // namespace sim::ls
