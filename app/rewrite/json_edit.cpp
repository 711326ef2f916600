#include "app/rewrite/json_edit.hpp"

#include <utility>

namespace app::rewrite {
namespace {

/// Adds after the last entry, or as the only one.
void add_entry(std::string& text, const json_place& place, std::string_view entry) {
  if (place.before) {
    text.insert(*place.before, "," + std::string(entry));
  } else {
    text.insert(place.open + 1, entry);
  }
}

/// Also removes the comma and the white space that belong to the entry.
void cut_entry(std::string& text, const json_place& place) {
  const std::size_t from = place.before.value_or(place.entry);
  const std::size_t to = !place.before && place.after ? *place.after : place.end;
  text.erase(from, to - from);
}

void extend_array(std::string& text, std::size_t open, edge where, std::string_view json) {
  json_place place{.contained = true, .open = open};
  json_entries elements(text, open);
  const bool any = elements.next();
  if (any && where == edge::front) {
    text.insert(elements.entry(), std::string(json) + ",");
    return;
  }
  if (any) place.before = elements.end();
  while (elements.next()) place.before = elements.end();
  add_entry(text, place, json);
}

}  // namespace

result<edited> set_value(std::string& text, const json_pointer& pointer, std::string_view json) {
  const auto place = locate(text, pointer);
  if (place.has_error()) return place.error();
  if (place->found) {
    if (place->value(text) == json) return edited::no;
    text.replace(place->begin, place->end - place->begin, json);
    return edited::yes;
  }
  std::string entry = place->in_object ? literal_of(pointer.tokens().back()) + ":" : std::string();
  add_entry(text, *place, entry.append(json));
  return edited::yes;
}

result<edited> remove_value(std::string& text, const json_pointer& pointer) {
  const auto place = locate(text, pointer);
  if (place.has_error()) {
    if (place.error() == errc::missing) return edited::no;
    return place.error();
  }
  if (!place->found) return edited::no;
  if (!place->contained) return errc::wrong_type;
  cut_entry(text, *place);
  return edited::yes;
}

result<edited> extend_value(std::string& text, const json_pointer& pointer, edge where, std::string_view json) {
  const auto place = locate(text, pointer);
  if (place.has_error()) return place.error();
  if (!place->found) return errc::missing;
  const char kind = text[place->begin];
  if (kind == '[') {
    extend_array(text, place->begin, where, json);
    return edited::yes;
  }
  if (kind != '"' || !json.starts_with('"')) return errc::wrong_type;
  const auto added = json.substr(1, json.size() - 2);
  text.insert(where == edge::front ? place->begin + 1 : place->end - 1, added);
  return added.empty() ? edited::no : edited::yes;
}

}  // namespace app::rewrite
