#include "usage/socket/socket_event.hpp"

#include <algorithm>
#include <ranges>

namespace usage {

void socket_event::clear() noexcept {
  held_.clear();
  text_.clear();
}

void socket_event::on_scalar(int tag, json_scanner::scalar kind, std::string_view text) {
  hold(tag, kind, false, text);
}

void socket_event::on_verbatim(int tag, std::string_view json) {
  hold(tag, json_scanner::scalar::null, true, json);
}

void socket_event::hold(int tag, json_scanner::scalar kind, bool verbatim, std::string_view text) {
  if (held_.size() == max_members) return;
  held_.push_back({static_cast<std::uint8_t>(tag), kind, verbatim, text_.size(), text.size()});
  text_.append(text);
}

std::string_view socket_event::find(std::uint8_t which) const noexcept {
  for (const held& one : held_ | std::views::reverse) {
    if (one.tag == which && !one.verbatim && one.kind != json_scanner::scalar::null) return text_of(one);
  }
  return {};
}

bool socket_event::has_usage() const noexcept {
  return std::ranges::any_of(held_, [](const held& one) {
    return one.tag < counter_count && !one.verbatim && one.kind != json_scanner::scalar::null;
  });
}

void socket_event::show(answer_members& turn) const {
  for (const held& one : held_) {
    if (one.tag >= tag(socket_tag::type)) continue;
    one.verbatim ? turn.on_verbatim(one.tag, text_of(one)) : turn.on_scalar(one.tag, one.kind, text_of(one));
  }
  turn.end_document();
}

}  // namespace usage
