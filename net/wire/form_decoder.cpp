#include "net/wire/form_decoder.hpp"

#include <algorithm>

#include "net/text/ascii.hpp"

namespace net::wire {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

/// Of `name="x"` behind a semicolon, with or without quotes.
std::string_view parameter(std::string_view value, std::string_view name) {
  while (true) {
    const auto semicolon = value.find(';');
    if (semicolon == value.npos) return {};
    value = text::trimmed(value.substr(semicolon + 1));
    if (value.size() <= name.size() || !text::iequals(value.substr(0, name.size()), name) || value[name.size()] != '=')
      continue;
    value.remove_prefix(name.size() + 1);
    if (!value.starts_with('"')) return text::trimmed(value.substr(0, value.find(';')));
    value.remove_prefix(1);
    return value.substr(0, value.find('"'));
  }
}

std::string_view field_name(std::string_view head) {
  constexpr std::string_view disposition = "content-disposition:";
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    if (line.size() > disposition.size() && text::iequals(line.substr(0, disposition.size()), disposition))
      return parameter(line, "name");
  }
  return {};
}

}  // namespace

form_decoder::form_decoder(std::string_view boundary, sink& fields)
    : delimiter_("\r\n--" + std::string(boundary)), sink_(fields), held_("\r\n") {}  // the first one may open the body

bool form_decoder::feed(std::string_view input) {
  if (state_ == state::failed || state_ == state::ended) return state_ == state::ended;
  held_.append(input);
  while (step()) continue;
  return state_ != state::failed;
}

/// However the body was cut: `end` is where it ends, or nowhere yet.
bool form_decoder::is_too_long(std::size_t end) {
  const bool over = std::min(end, held_.size()) > max_head;
  if (over) state_ = state::failed;
  return over;
}

/// False: more is needed, or nothing more is read.
bool form_decoder::step() {
  switch (state_) {
    case state::preamble:
    case state::value: {
      const auto at = held_.find(delimiter_);
      const bool whole = at != held_.npos;
      // The end of what came may be the beginning of a delimiter.
      const std::size_t decided = whole ? at : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
      if (state_ == state::value && decided != 0) sink_.on_value(std::string_view(held_).substr(0, decided));
      held_.erase(0, whole ? at + delimiter_.size() : decided);
      if (whole) state_ = state::delimiter;
      return whole;
    }
    case state::delimiter: {
      if (held_.size() < 2) return false;
      if (held_.starts_with("--")) {
        state_ = state::ended;
        held_.clear();
        return false;
      }
      const auto line = held_.find("\r\n");
      if (is_too_long(line) || line == held_.npos) return false;
      held_.erase(0, line);  // with its CRLF, so that a part without fields ends its head, too
      state_ = state::head;
      return true;
    }
    case state::head: {
      const auto end = held_.find(end_of_head);
      if (is_too_long(end) || end == held_.npos) return false;
      sink_.on_field(field_name(std::string_view(held_).substr(0, end)));
      held_.erase(0, end + end_of_head.size());
      state_ = state::value;
      return true;
    }
    case state::ended:
    case state::failed:
      break;
  }
  return false;
}

std::optional<std::string> form_boundary(std::string_view content_type) {
  constexpr std::string_view form = "multipart/form-data";
  if (content_type.size() <= form.size() || !text::iequals(content_type.substr(0, form.size()), form))
    return std::nullopt;
  const std::string_view boundary = parameter(content_type, "boundary");
  constexpr std::size_t longest = 70;  // RFC 2046 §5.1.1
  if (boundary.empty() || boundary.size() > longest) return std::nullopt;
  return std::string(boundary);
}

}  // namespace net::wire
