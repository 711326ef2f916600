#include "net/wire/h2_frame_decoder.hpp"

#include <algorithm>

namespace net::wire {
namespace {

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t head_size = 9;
constexpr std::size_t setting_size = 6;
constexpr std::uint32_t stream_mask = 0x7fffffff;  // the first bit is reserved, and ignored

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

bool opens_block(h2_type type) {
  return type == h2_type::headers || type == h2_type::push_promise;
}

bool holds_content(h2_type type) {
  return type == h2_type::data || opens_block(type) || type == h2_type::continuation;
}

}  // namespace

h2_frame_decoder::h2_frame_decoder(sender who, std::size_t max_continuations)
    : max_continuations_(max_continuations), state_(state::head) {
  who == sender::client ? enter(state::preface, preface.size()) : enter(state::head, head_size);
}

result<h2_frame_decoder::step> h2_frame_decoder::feed(std::string_view input) {
  const auto take = [&] {
    switch (state_) {
      case state::preface:
        return read_preface(input);
      case state::head:
        return read_head(input);
      case state::prefix:
        return read_prefix(input);
      case state::setting:
        return read_setting(input);
      case state::content:
        return read_content(input);
      case state::rest:
        return skip_rest(input);
      case state::broken:
        break;
    }
    return step{};
  };
  const step now = take();
  if (state_ == state::broken) return verdict_;
  return now;
}

h2_frame_decoder::step h2_frame_decoder::read_preface(std::string_view input) {
  const std::string_view wanted = preface.substr(have_, input.size());
  have_ += wanted.size();
  if (!input.starts_with(wanted)) {
    fail(errc::malformed);
    return {};
  }
  if (have_ == preface.size()) enter(state::head, head_size);
  return {.consumed = wanted.size()};
}

/// Adds to the held bytes. Returns how many it consumed.
std::string_view h2_frame_decoder::collect(std::string_view input) {
  const std::string_view used = input.substr(0, need_ - have_);
  std::ranges::copy(used, held_.begin() + static_cast<std::ptrdiff_t>(have_));
  have_ += used.size();
  return used;
}

h2_frame_decoder::step h2_frame_decoder::read_head(std::string_view input) {
  step now{.consumed = collect(input).size()};
  if (have_ < need_) return now;
  const std::string_view head(held_.data(), head_size);
  frame_ = {number(head.substr(0, 3)), h2_type(head[3]), static_cast<std::uint8_t>(head[4]),
            number(head.substr(5)) & stream_mask};
  check_sequence();
  check_shape();
  if (state_ == state::broken) return now;
  const std::size_t prefix = prefix_size();
  if (prefix > frame_.length) {
    fail(errc::malformed);
  } else if (prefix == 0) {
    begin_payload(now, prefix);
  } else {
    enter(state::prefix, prefix);
  }
  return now;
}

/// RFC 9113 §6.10: nothing may come between the frames of one header block.
void h2_frame_decoder::check_sequence() {
  const bool continues = frame_.type == h2_type::continuation;
  if (continues != (block_stream_ != 0) || (continues && frame_.stream != block_stream_)) fail(errc::malformed);
  if (continues && ++continuations_ > max_continuations_) fail(errc::too_large);
  if (opens_block(frame_.type)) continuations_ = 0;
  if (continues || opens_block(frame_.type)) block_stream_ = frame_.has(h2_flag::end_headers) ? 0 : frame_.stream;
}

/// Checks lengths and stream ids whose violation is a connection error (RFC 9113 §6). Stream errors are left to the
/// endpoints.
void h2_frame_decoder::check_shape() {
  bool good = true;
  switch (frame_.type) {
    case h2_type::data:
    case h2_type::headers:
    case h2_type::push_promise:
    case h2_type::continuation:
    case h2_type::priority:
      good = frame_.stream != 0;
      break;
    case h2_type::rst_stream:
      good = frame_.stream != 0 && frame_.length == 4;
      break;
    case h2_type::settings:
      good =
          frame_.stream == 0 && frame_.length % setting_size == 0 && (!frame_.has(h2_flag::ack) || frame_.length == 0);
      break;
    case h2_type::ping:
      good = frame_.stream == 0 && frame_.length == 8;
      break;
    case h2_type::goaway:
      good = frame_.stream == 0 && frame_.length >= 8;
      break;
    case h2_type::window_update:
      good = frame_.length == 4;
      break;
  }
  if (!good) fail(errc::malformed);
}

std::size_t h2_frame_decoder::prefix_size() const {
  const std::size_t pad_length =
      holds_content(frame_.type) && frame_.type != h2_type::continuation && frame_.has(h2_flag::padded) ? 1 : 0;
  switch (frame_.type) {
    case h2_type::data:
      return pad_length;
    case h2_type::headers:
      return pad_length + (frame_.has(h2_flag::priority) ? 5 : 0);
    case h2_type::push_promise:
      return pad_length + 4;
    case h2_type::rst_stream:
      return 4;
    case h2_type::goaway:
      return 8;
    default:
      return 0;
  }
}

h2_frame_decoder::step h2_frame_decoder::read_prefix(std::string_view input) {
  step now{.consumed = collect(input).size()};
  if (have_ < need_) return now;
  std::string_view prefix(held_.data(), need_);
  if (holds_content(frame_.type) && frame_.has(h2_flag::padded)) {
    padding_ = number(prefix.substr(0, 1));
    prefix.remove_prefix(1);
  }
  if (frame_.type == h2_type::push_promise || frame_.type == h2_type::goaway) {
    frame_.other_stream = number(prefix.substr(0, 4)) & stream_mask;
  }
  if (frame_.type == h2_type::rst_stream) frame_.error = number(prefix);
  if (frame_.type == h2_type::goaway) frame_.error = number(prefix.substr(4));
  if (need_ + padding_ > frame_.length) {
    fail(errc::malformed);
  } else {
    begin_payload(now, need_);
  }
  return now;
}

void h2_frame_decoder::begin_payload(step& now, std::size_t prefix) {
  now.begins = true;
  left_ = frame_.length - static_cast<std::uint32_t>(prefix) - padding_;
  if (left_ + padding_ == 0) return end_frame(now);
  if (frame_.type == h2_type::settings) return enter(state::setting, setting_size);
  if (holds_content(frame_.type) && left_ != 0) return enter(state::content, 0);
  left_ += padding_;
  enter(state::rest, 0);
}

h2_frame_decoder::step h2_frame_decoder::read_setting(std::string_view input) {
  step now{.consumed = collect(input).size()};
  if (have_ < need_) return now;
  const std::string_view text(held_.data(), setting_size);
  setting_ = {static_cast<std::uint16_t>(number(text.substr(0, 2))), number(text.substr(2))};
  now.has_setting = true;
  left_ -= setting_size;
  left_ == 0 ? end_frame(now) : enter(state::setting, setting_size);
  return now;
}

h2_frame_decoder::step h2_frame_decoder::read_content(std::string_view input) {
  step now{.content = input.substr(0, left_)};
  now.consumed = now.content.size();
  left_ -= static_cast<std::uint32_t>(now.consumed);
  if (left_ != 0) return now;
  if (padding_ == 0) {
    end_frame(now);
  } else {
    left_ = padding_;
    enter(state::rest, 0);
  }
  return now;
}

h2_frame_decoder::step h2_frame_decoder::skip_rest(std::string_view input) {
  step now{.consumed = std::min<std::size_t>(left_, input.size())};
  left_ -= static_cast<std::uint32_t>(now.consumed);
  if (left_ == 0) end_frame(now);
  return now;
}

void h2_frame_decoder::enter(state next, std::size_t need) {
  state_ = next;
  have_ = 0;
  need_ = need;
}

void h2_frame_decoder::end_frame(step& now) {
  now.ends = true;
  padding_ = 0;
  enter(state::head, head_size);
}

void h2_frame_decoder::fail(errc verdict) {
  if (state_ != state::broken) verdict_ = verdict;
  state_ = state::broken;
}

}  // namespace net::wire
