#include "net/wire/sse_decoder.hpp"

#include <algorithm>

namespace net::wire {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Finds line ends. Each of the two searches remembers its last hit, so a text with many ends of one kind and none of
/// the other is still searched only once.
class line_ends {
 public:
  explicit line_ends(std::string_view text) : text_(text), lf_(text.find('\n')), cr_(text.find('\r')) {}

  /// Position of the first CR or LF at or after `begin`, else the size of the text. `begin` never goes back.
  std::size_t next(std::size_t begin) {
    if (lf_ < begin) lf_ = text_.find('\n', begin);
    if (cr_ < begin) cr_ = text_.find('\r', begin);
    return std::min({lf_, cr_, text_.size()});
  }

 private:
  std::string_view text_;
  std::size_t lf_;
  std::size_t cr_;
};

}  // namespace

void sse_decoder::feed(std::string_view input) {
  line_ends ends(input);
  std::size_t at = 0;
  while (at < input.size()) {
    if (state_ == state::mark) {
      at += read_mark(input.substr(at));
    } else if (state_ == state::after_cr) {
      at += input[at] == '\n' ? 1 : 0;
      state_ = state::name;
    } else {
      const std::size_t end = ends.next(at);
      read_part(input.substr(at, end - at));
      at = end;
      if (at == input.size()) return;
      end_line();
      state_ = input[at++] == '\r' ? state::after_cr : state::name;
    }
  }
}

void sse_decoder::finish() {
  dispatch();
  name_size_ = 0;
  state_ = state::mark;
}

std::size_t sse_decoder::read_mark(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size() && name_size_ < byte_order_mark.size() && input[used] == byte_order_mark[name_size_]) {
    ++used;
    ++name_size_;
  }
  const bool whole = name_size_ == byte_order_mark.size();
  if (!whole && used == input.size()) return used;
  // An incomplete mark begins an unknown field name.
  state_ = whole || name_size_ == 0 ? state::name : state::skip;
  name_size_ = 0;
  return used;
}

/// `part` is a line or a piece of one, without line end.
void sse_decoder::read_part(std::string_view part) {
  if (state_ == state::name) part.remove_prefix(read_name(part));
  if (part.empty()) return;
  if (state_ == state::value_start) {
    if (part.front() == ' ') part.remove_prefix(1);
    state_ = field_;
  }
  if (state_ == state::data && !part.empty()) sink_.on_data(part);
  if (state_ == state::event) read_event_name(part);
}

std::size_t sse_decoder::read_name(std::string_view part) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == ':') {
      enter_field();
      return i + 1;
    }
    if (name_size_ == max_field_name) {
      state_ = state::skip;
      return part.size();
    }
    name_[name_size_++] = part[i];
  }
  return part.size();
}

void sse_decoder::read_event_name(std::string_view part) {
  const std::size_t size = std::min(part.size(), max_event_name - event_size_);
  std::copy_n(part.data(), size, event_.data() + event_size_);
  event_size_ = static_cast<std::uint8_t>(event_size_ + size);
}

/// The field name is complete; its value follows.
void sse_decoder::enter_field() {
  const std::string_view name(name_.data(), name_size_);
  state_ = state::value_start;
  field_ = state::skip;
  if (name == "data") {
    if (has_data_) sink_.on_data("\n");
    has_data_ = true;
    field_ = state::data;
  } else if (name == "event") {
    event_size_ = 0;
    field_ = state::event;
  }
}

void sse_decoder::end_line() {
  ++lines_;
  if (state_ == state::name) {
    if (name_size_ == 0) {
      dispatch();
    } else {
      enter_field();  // a line without colon is a field with an empty value
    }
  }
  name_size_ = 0;
}

void sse_decoder::dispatch() {
  if (has_data_) sink_.on_dispatch({event_.data(), event_size_});
  has_data_ = false;
  event_size_ = 0;
}

}  // namespace net::wire
