// A change at a pointer leaves JSON that is JSON, with the value that was asked for at that place, and is told truly; a
// change that fails leaves the text alone. Input: a kind, a pointer, a line end, a text.

#include "app/rewrite/json_edit.hpp"

#include <string>

#include "test/fuzz/cut.hpp"

namespace {

using namespace app::rewrite;

constexpr std::string_view added = "{\"added\":[1.50,null]}";

result<edited> change(char kind, std::string& text, const json_pointer& at) {
  switch (kind) {
    case 's':
      return set_value(text, at, added);
    case 'r':
      return remove_value(text, at);
    case 'f':
      return extend_value(text, at, edge::front, added);
    case 't':
      return extend_value(text, at, edge::back, "\"added\"");
    default:
      return extend_value(text, at, edge::back, added);
  }
}

bool ends_in_dash(const json_pointer& at) {
  return !at.tokens().empty() && at.tokens().back() == "-";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const auto line_end = input.find('\n');
  if (line_end == input.npos || line_end == 0) return 0;
  const auto at = json_pointer::parse(input.substr(1, line_end - 1));
  const std::string before(input.substr(line_end + 1));
  // Pointers come from TOML, which is UTF-8.
  if (!at || !is_json(literal_of(at->text())) || !is_json(before)) return 0;
  fuzz::check(json_pointer::parse(at->text()) == at, "a pointer is written as it is read");
  std::string text = before;
  const auto done = change(input.front(), text, *at);
  if (done.has_error()) {
    fuzz::check(text == before, "a change that fails changes nothing");
    return 0;
  }
  fuzz::check((*done == edited::yes) == (text != before), "whether something changed is told");
  // What is added is deeper than what it replaces, so a text at the limit may pass it.
  if (!is_json(text)) {
    fuzz::check(before.find(std::string(json_depth - 2, '[')) != before.npos || before.size() > json_depth,
                "what was JSON is JSON");
    return 0;
  }
  if (input.front() == 's' && !ends_in_dash(*at)) fuzz::check(value_at(text, *at) == added, "what was set is there");
  if (input.front() == 'r' && *done == edited::yes) {
    const auto place = locate(text, *at);
    const bool last_token_is_name = place.has_value() && place->in_object;
    if (last_token_is_name) fuzz::check(!place->found, "what was removed is gone");
  }
  return 0;
}
