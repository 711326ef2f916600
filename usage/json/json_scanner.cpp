#include "usage/json/json_scanner.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>

#include "net/text/hex.hpp"
#endif

namespace usage {
namespace {

const char* find_string_stop(const char* at, const char* end) noexcept {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits))) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && *at != '"' && *at != '\\') ++at;
  return at;
}

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// The first byte that is no space.
const char* find_token(const char* at, const char* end) noexcept {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i spaces = _mm_cmpeq_epi8(block, _mm_set1_epi8(' '));
    for (const char each : {'\n', '\r', '\t'})
      spaces = _mm_or_si128(spaces, _mm_cmpeq_epi8(block, _mm_set1_epi8(each)));
    const auto others = ~static_cast<unsigned>(_mm_movemask_epi8(spaces)) & 0xffffu;
    if (others != 0) return at + std::countr_zero(others);
  }
#endif
  while (at != end && is_space(*at)) ++at;
  return at;
}

bool is_number_char(char c) noexcept {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

std::string_view between(const char* from, const char* to) noexcept {
  return {from, static_cast<std::size_t>(to - from)};
}

}  // namespace

json_scanner::json_scanner(const json_paths& paths, sink& found, std::size_t captured_value, json_watcher* watcher)
    : paths_(paths), found_(found), text_(captured_value), watcher_(watcher) {}

void json_scanner::reset() noexcept {
  state_ = state::value;
  value_ = json_paths::root;
  depth_ = live_ = 0;
  root_array_ = false;
  capture_tag_ = json_paths::no_tag;
  watching_ = false;
}

bool json_scanner::feed(std::string_view input) {
  const char* at = input.data();
  const char* const end = at + input.size();
  capture_from_ = at;
  while (at != end) {
    switch (state_) {
      case state::string:
        at = in_string(at, end);
        break;
      case state::escape:
        at = in_escape(at);
        break;
      case state::unicode:
        at = in_unicode(at);
        break;
      case state::number:
        at = in_number(at, end);
        break;
      case state::literal:
        at = in_literal(at, end);
        break;
      case state::failed:
        return false;
      default:
        at = structure(at, end);
    }
  }
  if (capture_tag_ != json_paths::no_tag) keep_capture(end);
  return state_ != state::failed;
}

bool json_scanner::finish() {
  if (state_ == state::number && depth_ == 0) end_scalar(scalar::number, text_.view());
  return state_ == state::value && depth_ == 0;
}

const char* json_scanner::structure(const char* at, const char* end) {
  ++steps_;
  if (is_space(*at)) at = find_token(at, end);
  if (at == end) return at;
  switch (state_) {
    case state::value:
      return begin_value(at, end);
    case state::first_element:
      return *at == ']' ? close(at) : begin_value(at, end);
    case state::first_key:
      if (*at == '}') return close(at);
      [[fallthrough]];
    case state::key:
      return *at == '"' ? begin_string(at, end, role::key, live()) : fail(at);
    case state::colon:
      if (*at != ':') return fail(at);
      state_ = state::value;
      return at + 1;
    default:
      return after_value(at);
  }
}

const char* json_scanner::begin_value(const char* at, const char* end) {
  if (watcher_ != nullptr) begin_watch();
  const bool selected = value_ != json_paths::none && paths_.scalar_tag(value_) != json_paths::no_tag;
  switch (*at) {
    case '{':
    case '[':
      return open(at);
    case '"':
      return begin_string(at, end, role::value, selected);
    case 't':
      literal_ = "true";
      break;
    case 'f':
      literal_ = "false";
      break;
    case 'n':
      literal_ = "null";
      break;
    default:
      if (*at != '-' && (*at < '0' || *at > '9')) return fail(at);
      state_ = state::number;
      begin_text(selected);
      return in_number(at, end);
  }
  state_ = state::literal;
  digits_ = 0;
  return in_literal(at, end);
}

const char* json_scanner::begin_string(const char* at, const char* end, role what, bool kept) {
  state_ = state::string;
  role_ = what;
  begin_text(kept);
  return in_string(at + 1, end);
}

void json_scanner::begin_text(bool kept) {
  kept_ = kept;
  if (kept) text_.begin();
}

const char* json_scanner::in_string(const char* at, const char* end) {
  if (watching_) return in_watched_string(at, end);
  const char* const stop = find_string_stop(at, end);
  if (stop != end && *stop == '"') {
    // The usual case needs no copy: the whole string lies in this piece and has no escape.
    const bool whole = !kept_ || text_.untouched();
    if (!whole) {
      text_.add(between(at, stop));
      text_.end();
    }
    end_string(whole ? between(at, stop) : text_.view());
    return stop + 1;
  }
  if (kept_) text_.add(between(at, stop));
  if (stop == end) return end;
  state_ = state::escape;
  return stop + 1;
}

const char* json_scanner::in_watched_string(const char* at, const char* end) {
  const char* stop = find_string_stop(at, end);
  for (; end - stop > 1 && *stop == '\\'; ++steps_) stop = find_string_stop(stop + 2, end);
  const bool escaped = stop != end && *stop == '\\';  // what it escapes is in the next piece
  watch_text(between(at, escaped ? end : stop));
  if (escaped) state_ = state::escape;
  if (escaped || stop == end) return end;
  end_string({});
  return stop + 1;
}

const char* json_scanner::in_escape(const char* at) {
  static constexpr std::string_view letters = "nrtbf";
  static constexpr std::string_view meanings = "\n\r\t\b\f";
  ++steps_;
  state_ = state::string;
  if (watching_) watch_text(between(at, at + 1));
  if (!kept_) return at + 1;
  if (*at == 'u') {
    state_ = state::unicode;
    digits_ = 0;
    unit_ = 0;
    return at + 1;
  }
  const auto letter = letters.find(*at);
  text_.add(letter == letters.npos ? between(at, at + 1) : meanings.substr(letter, 1));
  return at + 1;
}

const char* json_scanner::in_unicode(const char* at) {
  const int digit = net::text::hex_value(*at);
  if (digit < 0) return fail(at);
  unit_ = static_cast<std::uint16_t>(unit_ << 4 | digit);
  if (++digits_ == 4) {
    state_ = state::string;
    text_.add_unit(unit_);
  }
  return at + 1;
}

const char* json_scanner::in_number(const char* at, const char* end) {
  const char* const stop = std::find_if_not(at, end, is_number_char);
  const bool whole = !kept_ || (text_.untouched() && stop != end);
  if (kept_ && !whole) text_.add(between(at, stop));
  if (watching_) watch_text(between(at, stop));
  if (stop != end) end_scalar(scalar::number, whole ? between(at, stop) : text_.view());
  return stop;
}

const char* json_scanner::in_literal(const char* at, const char* end) {
  for (; at != end && digits_ != literal_.size(); ++at, ++digits_)
    if (*at != literal_[digits_]) return fail(at);
  if (digits_ != literal_.size()) return at;
  if (watching_) watch_text(literal_);
  end_scalar(literal_[0] == 'n' ? scalar::null : scalar::boolean, literal_);
  return at;
}

const char* json_scanner::after_value(const char* at) {
  if (*at != ',') return *at == (in_object() ? '}' : ']') ? close(at) : fail(at);
  if (in_object()) {
    state_ = state::key;
  } else {
    state_ = state::value;
    next_element();
  }
  return at + 1;
}

const char* json_scanner::open(const char* at) {
  if (depth_ == max_depth) return fail(at);
  const bool object = *at == '{';
  if (watching_) watcher_->on_open(object);
  begin_capture(at);
  if (depth_ == 0) root_array_ = !object;
  if (live() && value_ != json_paths::none && !paths_.is_leaf(value_)) nodes_[live_++] = value_;
  const std::uint64_t bit = 1ull << (depth_ % 64);
  (object ? objects_[depth_ / 64] |= bit : objects_[depth_ / 64] &= ~bit);
  ++depth_;
  state_ = object ? state::first_key : state::first_element;
  if (!object) next_element();
  return at + 1;
}

const char* json_scanner::close(const char* at) {
  if (live()) --live_;
  --depth_;
  if (capture_tag_ != json_paths::no_tag && depth_ == capture_depth_) end_capture(at + 1);
  if (watching_) watcher_->on_close();
  end_value();
  return at + 1;
}

const char* json_scanner::fail(const char* at) {
  state_ = state::failed;
  capture_tag_ = json_paths::no_tag;
  watching_ = false;
  return at;
}

void json_scanner::end_string(std::string_view text) {
  if (role_ == role::key) {
    state_ = state::colon;
    if (watching_) watcher_->on_name_end();
    value_ = kept_ && !text_.cut() ? paths_.member(nodes_[live_ - 1], text) : json_paths::none;
    return;
  }
  end_scalar(scalar::string, text);
}

void json_scanner::end_scalar(scalar kind, std::string_view text) {
  if (value_ != json_paths::none) {
    const int tag = paths_.scalar_tag(value_);
    if (tag != json_paths::no_tag) found_.on_scalar(tag, kind, text.substr(0, text_.limit()));
  }
  if (watching_) watcher_->on_text_end();
  end_value();
}

void json_scanner::end_value() {
  if (watching_ && depth_ == watch_depth_) {
    watching_ = false;
    watcher_->on_end();
  }
  state_ = depth_ == 0 ? state::value : state::after_value;
  if (depth_ == 0) value_ = json_paths::root;
}

void json_scanner::next_element() {
  if (!live()) {
    value_ = json_paths::none;
  } else {
    value_ = depth_ == 1 && root_array_ ? json_paths::root : paths_.element(nodes_[live_ - 1]);
  }
}

void json_scanner::begin_watch() {
  if (watching_ || value_ == json_paths::none) return;
  const int tag = paths_.watched_tag(value_);
  if (tag == json_paths::no_tag) return;
  watching_ = true;
  watch_depth_ = depth_;
  watcher_->on_begin(tag);
}

void json_scanner::watch_text(std::string_view part) {
  if (part.empty()) return;
  if (state_ == state::number || state_ == state::literal || role_ == role::value) {
    watcher_->on_text(part);
  } else {
    watcher_->on_name(part);
  }
}

void json_scanner::begin_capture(const char* at) {
  if (capture_tag_ != json_paths::no_tag || value_ == json_paths::none) return;
  capture_tag_ = paths_.verbatim_tag(value_);
  capture_depth_ = depth_;
  capture_cut_ = false;
  capture_from_ = at;
  capture_.clear();
}

void json_scanner::end_capture(const char* after) {
  const int tag = std::exchange(capture_tag_, json_paths::no_tag);
  std::string_view json = between(capture_from_, after);
  if (!capture_.empty()) {
    keep_capture(after);
    json = capture_;
  }
  if (!capture_cut_ && json.size() <= text_.limit()) found_.on_verbatim(tag, json);
}

void json_scanner::keep_capture(const char* until) {
  const std::string_view piece = between(capture_from_, until);
  capture_cut_ = capture_cut_ || piece.size() > text_.limit() - capture_.size();
  if (!capture_cut_) capture_.append(piece);
}

}  // namespace usage
