#pragma once

// Collects what one answer says, between the scanner and the record. The answer reader passes it one document (an
// event, an element, a whole body) after the other. All providers send cumulative counts, so the last value of each
// wins.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "usage/dialect.hpp"
#include "usage/json/json_scanner.hpp"

namespace usage {

class answer_members final : public json_scanner::sink {
 public:
  /// Bytes kept of a name, an id or a reason.
  static constexpr std::size_t max_name = 512;
  /// A larger count is not believed. Sums of believed counts fit 64 bits.
  static constexpr std::int64_t max_count = 1ll << 60;

  explicit answer_members(const dialect& terms) : terms_(terms) {}

  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override;
  void on_verbatim(int tag, std::string_view json) override;
  void end_document();

  /// The stream itself said so, outside a document.
  void fail() noexcept { failed_ = true; }
  /// The same, with the provider's word for it.
  void fail(std::string_view reason);
  void end_stream() noexcept { stream_ended_ = true; }

  bool failed() const noexcept { return failed_; }
  bool stream_ended() const noexcept { return stream_ended_; }
  bool has_usage() const { return counts_.any(); }
  /// False if a count was not a number or the counts contradict each other.
  bool understood() const { return understood_ && (!has_usage() || terms_.normalise(counts_).consistent); }

  token_usage tokens() const { return has_usage() ? terms_.normalise(counts_).tokens : token_usage{}; }
  /// Verbatim; a JSON array of two where the stream opened with one object and repeated another.
  std::string raw_usage() const;
  const std::string& name(member which) const { return names_[static_cast<std::size_t>(which) - first_name]; }
  /// The provider's most specific word for its error; may be empty.
  const std::string& reason() const;
  std::optional<std::int64_t> retry_delay_ms() const { return retry_delay_ms_; }

 private:
  static constexpr std::size_t first_name = static_cast<std::size_t>(member::usage_start);
  static constexpr std::size_t name_count = static_cast<std::size_t>(member::event_code) + 1 - first_name;

  void on_count(member which, std::string_view text);
  void on_name(member which, json_scanner::scalar kind, std::string_view text);
  void on_type(std::string_view type);
  std::string& slot(member which) { return names_[static_cast<std::size_t>(which) - first_name]; }

  const dialect& terms_;
  counters counts_;
  std::array<std::string, name_count> names_;
  std::optional<std::int64_t> retry_delay_ms_;
  bool counted_ = false;         // since the last usage object
  bool error_document_ = false;  // {"type":"error"}
  bool failed_ = false;
  bool stream_ended_ = false;
  bool understood_ = true;
};

/// "6853.667s" or "5" → milliseconds. nullopt for a date or anything else.
std::optional<std::int64_t> parse_seconds(std::string_view text);

}  // namespace usage
