#include "app/rewrite/json_document.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace app::rewrite {
namespace {

/// A parser handler that ignores everything.
struct nothing {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  using code = boost::system::error_code;
  using view = boost::json::string_view;
  bool on_document_begin(code&) { return true; }
  bool on_document_end(code&) { return true; }
  bool on_array_begin(code&) { return true; }
  bool on_array_end(std::size_t, code&) { return true; }
  bool on_object_begin(code&) { return true; }
  bool on_object_end(std::size_t, code&) { return true; }
  bool on_string_part(view, std::size_t, code&) { return true; }
  bool on_string(view, std::size_t, code&) { return true; }
  bool on_key_part(view, std::size_t, code&) { return true; }
  bool on_key(view, std::size_t, code&) { return true; }
  bool on_number_part(view, code&) { return true; }
  bool on_int64(std::int64_t, view, code&) { return true; }
  bool on_uint64(std::uint64_t, view, code&) { return true; }
  bool on_double(double, view, code&) { return true; }
  bool on_bool(bool, code&) { return true; }
  bool on_null(code&) { return true; }
  bool on_comment_part(view, code&) { return true; }
  bool on_comment(view, code&) { return true; }
};

constexpr std::string_view space = " \t\r\n";

std::size_t skip_space(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(space, at), text.size());
}

/// The quote at `at` has an odd number of backslashes before it.
bool is_escaped(std::string_view text, std::size_t at) {
  const auto before = text.find_last_not_of('\\', at - 1);
  return (at - before) % 2 == 0;
}

/// `at` is on the quote that opens it.
std::size_t string_end(std::string_view text, std::size_t at) {
  do at = text.find('"', at + 1);
  while (is_escaped(text, at));
  return at + 1;
}

std::size_t container_end(std::string_view text, std::size_t at) {
  for (std::size_t depth = 0;;) {
    at = text.find_first_of("\"{}[]", at);
    if (text[at] == '"') {
      at = string_end(text, at);
      continue;
    }
    const bool opens = text[at] == '{' || text[at] == '[';
    depth += opens ? 1 : -1;
    ++at;
    if (depth == 0) return at;
  }
}

std::size_t value_end(std::string_view text, std::size_t at) {
  if (text[at] == '"') return string_end(text, at);
  if (text[at] == '{' || text[at] == '[') return container_end(text, at);
  return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
}

/// An index in RFC 6901 has no sign and no leading zero.
std::optional<std::size_t> index_of(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return index;
}

json_place place_of(const json_entries& entries, std::optional<std::size_t> before) {
  json_place place{true,           entries.begin(), entries.end(), true, entries.object(),
                   entries.open(), entries.entry(), before,        {}};
  if (json_entries rest = entries; rest.next()) place.after = rest.entry();
  return place;
}

result<json_place> find_member(json_entries members, std::string_view name) {
  json_place place{.contained = true, .in_object = true, .open = members.open()};
  while (members.next()) {
    if (members.named(name)) {
      if (place.found) return errc::ambiguous;
      place = place_of(members, place.before);
    }
    if (!place.found) place.before = members.end();
  }
  return place;
}

result<json_place> find_element(json_entries elements, std::string_view token) {
  json_place place{.contained = true, .open = elements.open()};
  const auto index = index_of(token);
  if (!index && token != "-") return errc::missing;
  for (std::size_t at = 0; elements.next(); ++at) {
    if (index && at == *index) return place_of(elements, place.before);
    place.before = elements.end();
  }
  if (index) return errc::missing;
  return place;
}

}  // namespace

bool is_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = json_depth;
  boost::json::basic_parser<nothing> parser(options);
  boost::system::error_code error;
  const auto used = parser.write_some(false, text.data(), text.size(), error);
  return !error && used == text.size() && parser.done();
}

json_entries::json_entries(std::string_view text, std::size_t open) : text_(text), open_(open), end_(open) {}

bool json_entries::next() {
  std::size_t at = skip_space(text_, end_ == open_ ? open_ + 1 : end_);
  if (text_[at] == ',') at = skip_space(text_, at + 1);
  if (text_[at] == '}' || text_[at] == ']') return false;
  entry_ = begin_ = at;
  if (object()) {
    name_end_ = string_end(text_, at);
    begin_ = skip_space(text_, skip_space(text_, name_end_) + 1);  // over the colon
  }
  end_ = value_end(text_, begin_);
  return true;
}

bool json_entries::named(std::string_view wanted) const {
  const auto literal = name();
  if (literal.find('\\') == literal.npos) return literal.substr(1, literal.size() - 2) == wanted;
  return string_of(literal) == wanted;
}

result<json_place> locate(std::string_view text, const json_pointer& pointer) {
  json_place place{.found = true, .begin = skip_space(text, 0)};
  place.end = value_end(text, place.begin);
  for (const auto& token : pointer.tokens()) {
    if (!place.found) return errc::missing;
    const char kind = text[place.begin];
    if (kind != '{' && kind != '[') return errc::wrong_type;
    const json_entries entries(text, place.begin);
    auto inner = kind == '{' ? find_member(entries, token) : find_element(entries, token);
    if (inner.has_error()) return inner;
    place = *inner;
  }
  return place;
}

std::optional<std::string_view> value_at(std::string_view text, const json_pointer& pointer) {
  const auto place = locate(text, pointer);
  if (place.has_error() || !place->found) return std::nullopt;
  return place->value(text);
}

std::optional<std::string> string_of(std::string_view literal) {
  if (!literal.starts_with('"')) return std::nullopt;
  boost::system::error_code error;
  const auto value = boost::json::parse(literal, error);
  if (error) return std::nullopt;
  return std::string(value.get_string());
}

std::optional<std::string> string_at(std::string_view text, const json_pointer& pointer) {
  const auto literal = value_at(text, pointer);
  return literal ? string_of(*literal) : std::nullopt;
}

std::string literal_of(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text));
}

}  // namespace app::rewrite
