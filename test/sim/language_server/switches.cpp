#include "test/sim/language_server/switches.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "net/text/ascii.hpp"

namespace sim::ls {
namespace {

const std::map<std::string_view, std::string switches::*> words{
    {"reactive", &switches::reactive},
    {"agent", &switches::agent},
    {"connect", &switches::connect},
    {"certificate", &switches::certificate},
    {"exit0_at_start", &switches::exit0_at_start},
    {"ids", &switches::ids},
};

const std::map<std::string_view, std::size_t switches::*> numbers{
    {"slow_start_ms", &switches::slow_start_ms},
    {"giant_snapshot", &switches::giant_snapshot},
    {"late_idle", &switches::late_idle},
    {"crash_mid_turn", &switches::crash_mid_turn},
    {"stall", &switches::stall},
    {"tool_steps", &switches::tool_steps},
    {"retries", &switches::retries},
    {"retry_ms", &switches::retry_ms},
    {"background", &switches::background},
    {"synthetic", &switches::synthetic},
    {"gap_us", &switches::gap_us},
    {"synthetic_step", &switches::synthetic_step},
};

const std::map<std::string_view, bool switches::*> bools{
    {"end_stream_after_turn", &switches::end_stream_after_turn},
    {"version_gap", &switches::version_gap},
    {"early_idle", &switches::early_idle},
    {"rewrite", &switches::rewrite},
    {"modified", &switches::modified},
    {"waiting", &switches::waiting},
    {"error_step", &switches::error_step},
    {"sub_agent", &switches::sub_agent},
};

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool apply(switches& asked, std::string_view key, std::string_view value) {
  if (const auto word = words.find(key); word != words.end()) {
    asked.*word->second = value;
    return true;
  }
  const auto count = number(value);
  if (!count) return false;
  if (const auto found = numbers.find(key); found != numbers.end()) {
    asked.*found->second = *count;
  } else if (const auto flag = bools.find(key); flag != bools.end()) {
    asked.*flag->second = *count != 0;
  } else {
    return false;
  }
  return true;
}

}  // namespace

switches read_switches(switches base, std::string_view list) {
  while (!list.empty()) {
    const auto pair = net::text::take_item(list);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == pair.npos ? "1" : pair.substr(equals + 1);
    if (!apply(base, pair.substr(0, equals), value) && base.unknown.empty()) base.unknown = pair;
  }
  base.synthetic_step = std::max<std::size_t>(base.synthetic_step, 1);
  return base;
}

switches read_markers(switches base, std::string_view message) {
  constexpr std::string_view opening = "[[ls:";
  for (auto at = message.find(opening); at != message.npos; at = message.find(opening)) {
    message.remove_prefix(at + opening.size());
    const auto end = message.find("]]");
    if (end == message.npos) break;
    base = read_switches(std::move(base), message.substr(0, end));
  }
  return base;
}

}  // namespace sim::ls
