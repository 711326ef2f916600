#include "test/sim/behaviour.hpp"

#include <charconv>
#include <map>

#include "net/text/ascii.hpp"

namespace sim {
namespace {

const std::map<std::string_view, std::size_t behaviour::*> numbers{
    {"events", &behaviour::events},
    {"big_event", &behaviour::big_event},
    {"tool_use", &behaviour::tool_use},
    {"limits", &behaviour::limits},
    {"first_delay_ms", &behaviour::first_delay_ms},
    {"delay_ms", &behaviour::delay_ms},
    {"status", &behaviour::status},
    {"chop", &behaviour::chop},
    {"chunk", &behaviour::chunk},
    {"server_bits", &behaviour::server_bits},
    {"client_bits", &behaviour::client_bits},
    {"fragment", &behaviour::fragment},
};

const std::map<std::string_view, bool behaviour::*> switches{
    {"crlf", &behaviour::crlf},
    {"partial_usage", &behaviour::partial_usage},
    {"no_usage", &behaviour::no_usage},
    {"once", &behaviour::once},
    {"error_mid", &behaviour::error_mid},
    {"close", &behaviour::close},
    {"deaf", &behaviour::deaf},
    {"no_content_length", &behaviour::no_content_length},
    {"trailers", &behaviour::trailers},
    {"ext", &behaviour::ext},
    {"interim", &behaviour::interim},
    {"echo", &behaviour::echo},
    {"uncompressed", &behaviour::uncompressed},
    {"server_no_context", &behaviour::server_no_context},
    {"client_no_context", &behaviour::client_no_context},
    {"ping", &behaviour::ping},
};

const std::map<std::string_view, std::string behaviour::*> words{
    {"id", &behaviour::id},       {"served_model", &behaviour::served_model},
    {"stall", &behaviour::stall}, {"reason", &behaviour::reason},
    {"end", &behaviour::end},
};

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_coding(std::string_view key) {
  return key == "gzip" || key == "deflate" || key == "br" || key == "zstd";
}

bool apply(behaviour& asked, std::string_view key, std::string_view value) {
  if (const auto found = words.find(key); found != words.end()) {
    asked.*found->second = value;
    return true;
  }
  const auto count = number(value);
  if (!count) return false;
  if (const auto found = numbers.find(key); found != numbers.end()) {
    asked.*found->second = *count;
  } else if (const auto flag = switches.find(key); flag != switches.end()) {
    asked.*flag->second = *count != 0;
  } else if (key == "cut_after") {
    asked.cut_after = *count;
  } else if (is_coding(key)) {
    asked.coding = *count != 0 ? key : "";
  } else {
    return false;
  }
  return true;
}

void read_pairs(behaviour& asked, std::string_view list) {
  while (!list.empty()) {
    const auto pair = net::text::take_item(list);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const bool known = equals != pair.npos && apply(asked, pair.substr(0, equals), pair.substr(equals + 1));
    if (!known && asked.unknown.empty()) asked.unknown = pair;
  }
}

}  // namespace

behaviour read_behaviour(std::string_view header, std::string_view body) {
  constexpr std::string_view opening = "[[sim:";
  behaviour asked;
  read_pairs(asked, header);
  if (const auto at = body.find(opening); at != body.npos) {
    const auto list = body.substr(at + opening.size());
    if (const auto end = list.find("]]"); end != list.npos) read_pairs(asked, list.substr(0, end));
  }
  return asked;
}

}  // namespace sim
