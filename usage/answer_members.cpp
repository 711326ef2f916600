#include "usage/answer_members.hpp"

#include <charconv>
#include <cmath>

namespace usage {
namespace {

using scalar = json_scanner::scalar;

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// 64-bit counts come as strings in protobuf JSON, and some servers write 12.0.
std::optional<std::int64_t> parse_count(std::string_view text) {
  if (const auto value = parse_whole<std::int64_t>(text))
    return *value >= 0 && *value <= answer_members::max_count ? value : std::nullopt;
  const auto real = parse_whole<double>(text);
  if (!real || !(*real >= 0) || *real > static_cast<double>(answer_members::max_count)) return std::nullopt;
  return *real == std::floor(*real) ? std::optional(static_cast<std::int64_t>(*real)) : std::nullopt;
}

}  // namespace

void answer_members::on_scalar(int tag, scalar kind, std::string_view text) {
  const auto which = static_cast<member>(tag);
  if (kind == scalar::null) return;
  if (tag < static_cast<int>(counter_count)) return on_count(which, text);
  switch (which) {
    case member::type:
      return on_type(text);
    case member::retry_delay:
      failed_ = true;
      if (!retry_delay_ms_) retry_delay_ms_ = parse_seconds(text);
      return;
    default:
      return on_name(which, kind, text);
  }
}

void answer_members::on_count(member which, std::string_view text) {
  const auto value = parse_count(text);
  if (!value) {
    understood_ = false;
    return;
  }
  counts_[which] = value;
  counted_ = true;
}

void answer_members::on_name(member which, scalar kind, std::string_view text) {
  std::string& name = slot(which);
  const bool of_error = which >= member::error && which <= member::error_reason;
  failed_ = failed_ || (of_error && (which != member::error || kind == scalar::string));
  if (kind != scalar::string) return;     // a numeric code repeats the HTTP status
  if (of_error && !name.empty()) return;  // the first error is the cause
  name.assign(text.substr(0, max_name));
}

void answer_members::on_type(std::string_view type) {
  error_document_ = type == "error";
  failed_ = failed_ || error_document_ || type == "response.failed";
  stream_ended_ = stream_ended_ || (terms_.ends_stream != nullptr && terms_.ends_stream(type));
}

void answer_members::on_verbatim(int tag, std::string_view json) {
  if (tag == static_cast<int>(member::error)) {
    failed_ = true;
    return;
  }
  // An object without counts ({}, or only a traffic type) must not replace one with counts.
  if (counted_) slot(static_cast<member>(tag)).assign(json);
  counted_ = false;
}

void answer_members::fail(std::string_view reason) {
  failed_ = true;
  std::string& code = slot(member::error_code);
  if (code.empty()) code.assign(reason.substr(0, max_name));
}

void answer_members::end_document() {
  std::string& code = slot(member::event_code);
  if (error_document_ && slot(member::error_code).empty()) slot(member::error_code).assign(code);
  code.clear();
  error_document_ = counted_ = false;
}

std::string answer_members::raw_usage() const {
  const std::string& start = name(member::usage_start);
  const std::string& latest = name(member::usage_latest);
  if (start.empty() || latest.empty()) return start + latest;
  return "[" + start + "," + latest + "]";
}

const std::string& answer_members::reason() const {
  for (const member which : {member::error_reason, member::error_code, member::error_type})
    if (!name(which).empty()) return name(which);
  return name(member::error_status);
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  if (text.ends_with('s')) text.remove_suffix(1);
  const auto dot = text.find('.');
  const auto whole = parse_whole<std::int64_t>(text.substr(0, dot));
  constexpr std::int64_t longest = 366ll * 24 * 3600;
  if (!whole || *whole < 0 || *whole > longest) return std::nullopt;
  std::int64_t fraction = 0;
  if (dot != text.npos) {
    std::string digits(text.substr(dot + 1, 3));
    digits.resize(3, '0');
    const auto thousandths = parse_whole<std::int64_t>(digits);
    if (!thousandths || *thousandths < 0) return std::nullopt;
    fraction = *thousandths;
  }
  return *whole * 1000 + fraction;
}

}  // namespace usage
