#include "cascade/core/error_details.hpp"

#include <charconv>

namespace cascade {
namespace {

using exa::cortex_pb::CortexErrorDetails;

/// The text after `mark`; empty if `mark` is not in `text`.
std::string_view after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return at == text.npos ? std::string_view{} : text.substr(at + mark.size());
}

std::uint32_t leading_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} ? number : 0;
}

}  // namespace

std::string_view trace_id_of(std::string_view full_error) {
  // The server writes only the head; the body below is free text.
  const std::string_view head = full_error.substr(0, full_error.find("\n\n"));
  const std::string_view line = head.starts_with("TraceID: ") ? head.substr(9) : after(head, "\nTraceID: ");
  const std::string_view id = line.starts_with("0x") ? line.substr(2) : line;
  return id.substr(0, id.find_first_not_of("0123456789abcdefABCDEF"));
}

std::uint32_t code_of(const CortexErrorDetails& error) {
  if (error.error_code() != 0) return error.error_code();
  if (const auto code = leading_number(after(error.short_error(), "(code "))) return code;
  const std::string_view full = error.full_error();
  return full.starts_with("HTTP ") ? leading_number(full.substr(5)) : 0;
}

const CortexErrorDetails* error_of(const gemini_coder::Step& step) {
  if (step.has_error_message() && step.error_message().has_error()) return &step.error_message().error();
  return step.has_error() ? &step.error() : nullptr;
}

failed failure_of(std::uint32_t step, const CortexErrorDetails& error) {
  return {.step = step,
          .code = code_of(error),
          .short_error = error.short_error(),
          .user_message = error.user_error_message(),
          .trace_id = trace_id_of(error.full_error())};
}

}  // namespace cascade
