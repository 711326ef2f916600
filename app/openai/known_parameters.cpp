#include "app/openai/known_parameters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "app/openai/errors.hpp"

namespace app::openai {
namespace {

constexpr std::size_t metadata_key = 64;
constexpr std::size_t metadata_value = 512;

std::string_view expected(shape type) {
  constexpr std::array<std::string_view, 8> words{"anything",
                                                  "a boolean",
                                                  "a number",
                                                  "a string",
                                                  "an array",
                                                  "an object",
                                                  "a string or an array",
                                                  "a string or an object"};
  return words[static_cast<std::size_t>(type)];
}

bool has_shape(const json::value& value, shape type) {
  switch (type) {
    case shape::anything:
      return true;
    case shape::flag:
      return value.is_bool();
    case shape::number:
      return value.is_number();
    case shape::text:
      return value.is_string();
    case shape::list:
      return value.is_array();
    case shape::object:
      return value.is_object();
    case shape::text_or_list:
      return value.is_string() || value.is_array();
    case shape::text_or_object:
      return value.is_string() || value.is_object();
  }
  return false;
}

bool equals(const json::value& value, std::string_view text) {
  if (value.is_number()) {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && value.to_number<double>() == number;
  }
  std::string written;
  append_value(written, value);
  return written == text;
}

bool without_effect(const json::value& value, std::string_view harmless) {
  if (value.is_array() && value.get_array().empty()) return true;
  if (value.is_object() && value.get_object().empty()) return true;
  while (!harmless.empty()) {
    const std::string_view one = harmless.substr(0, harmless.find('|'));
    if (equals(value, one)) return true;
    harmless.remove_prefix(std::min(harmless.size(), one.size() + 1));
  }
  return false;
}

void read_metadata(const members& body, std::size_t limit, turn_request& request) {
  const auto given = body.object("metadata");
  if (!given) return;
  if (given->raw().size() > limit)
    body.wrong().add(invalid_value("metadata", "metadata can have at most " + std::to_string(limit) + " entries."));
  for (const auto& [key, value] : given->raw()) {
    if (body.wrong().given()) return;
    const json::string* const text = value.if_string();
    if (text == nullptr) {
      body.wrong().add(wrong_type("metadata", "an object of strings", type_name(value)));
    } else if (key.size() > metadata_key || text->size() > metadata_value) {
      body.wrong().add(invalid_value("metadata", "Keys of metadata have at most 64 bytes, values at most 512."));
    } else {
      request.metadata.emplace_back(key, std::string_view(*text));
    }
  }
}

}  // namespace

void note_ignored(const members& body, std::span<const parameter> parameters, turn_request& request) {
  for (const parameter& each : parameters) {
    const json::value* const value = body.find(each.name);
    if (value == nullptr) continue;
    if (!has_shape(*value, each.type)) {
      body.wrong().add(wrong_type(body.path_of(each.name), expected(each.type), type_name(*value)));
    } else if (each.named && !without_effect(*value, each.harmless)) {
      ignore(request, body.path_of(each.name));
    }
  }
}

void read_shared(const members& body, const request_limits& limits, turn_request& request) {
  request.model = body.required_text("model");
  if (request.model.empty()) body.wrong().add(invalid_value("model", "A model must be named."));
  request.stream = body.flag("stream");
  read_metadata(body, limits.metadata, request);
}

void read_effort(const members& object, std::string_view name, turn_request& request) {
  constexpr std::array<std::string_view, 7> efforts{"none", "minimal", "low", "medium", "high", "xhigh", "max"};
  const auto effort = object.text(name);
  if (!effort) return;
  if (std::find(efforts.begin(), efforts.end(), *effort) != efforts.end()) {
    request.reasoning_effort = *effort;
  } else {
    ignore(request, object.path_of(name));
  }
}

void check_format(const members& format) {
  const std::string_view type = format.required_text("type");
  if (format.wrong().given() || type == "text" || type == "json_object" || type == "json_schema") return;
  format.wrong().add(
      invalid_value(format.path_of("type"), "Supported values are: 'text', 'json_object' and 'json_schema'."));
}

void split_turns(std::vector<message> all, turn_request& request) {
  const auto answered = [](const message& each) { return each.sender == role::assistant; };
  auto begin = all.end();
  while (begin != all.begin() && answered(*std::prev(begin))) --begin;
  while (begin != all.begin() && !answered(*std::prev(begin))) --begin;
  request.input.assign(std::move_iterator(begin), std::move_iterator(all.end()));
  all.erase(begin, all.end());
  request.history = std::move(all);
}

void add_instructions(turn_request& request, std::string_view text) {
  if (text.empty()) return;
  if (!request.instructions.empty()) request.instructions += "\n\n";
  request.instructions += text;
}

void ignore(turn_request& request, std::string name) {
  auto& names = request.ignored;
  const auto place = std::lower_bound(names.begin(), names.end(), name);
  if (place == names.end() || *place != name) names.insert(place, std::move(name));
}

std::string ignored_header(const turn_request& request) {
  std::string all;
  for (const std::string& name : request.ignored) all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

}  // namespace app::openai
