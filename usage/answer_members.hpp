#pragma once

// Collects what one answer says, between the scanner and the record. The answer reader passes it one document (an
// event, an element, a whole body) after the other. All providers send cumulative counts, so the last value of each
// wins, but for a 0 that follows a larger one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "usage/dialect.hpp"
#include "usage/json/json_scanner.hpp"
#include "usage/summed_answers.hpp"

namespace usage {

class answer_members final : public json_scanner::sink {
 public:
  /// Bytes kept of a name, an id or a reason.
  static constexpr std::size_t max_name = 512;

  /// `terms` outlives it.
  explicit answer_members(const dialect& terms) : terms_(&terms) {}

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
  bool has_usage() const { return counts_.any() || !sums_.empty(); }
  /// False if a count was not a number or the counts contradict each other.
  bool understood() const { return (counted().flags & (count_unreadable | part_exceeds_whole)) == 0; }

  /// What the counters come to, without a closer look at their object.
  normal_form counted() const;
  /// Everything that the answer tells of its usage. Ask once, at its end.
  answer_usage usage() const;
  /// Verbatim; a JSON array where later objects of a stream leave out what earlier ones told.
  std::string raw_usage() const;
  const std::string& name(member which) const { return names_[static_cast<std::size_t>(which) - first_name]; }
  /// The provider's most specific word for its error; may be empty.
  const std::string& reason() const;
  std::optional<std::int64_t> retry_delay_ms() const { return retry_delay_ms_; }

 private:
  static_assert(counter_count <= 32);
  /// Usage objects of one answer that are kept; of more, the latest.
  static constexpr std::size_t max_objects = 4;
  struct kept_object {
    std::uint32_t told = 0;  // counters, a bit each
    std::string json;
  };

  static constexpr std::size_t first_name = static_cast<std::size_t>(member::tool_usage);
  static constexpr std::size_t name_count = static_cast<std::size_t>(member::event_code) + 1 - first_name;

  void on_count(member which, std::string_view text);
  void on_name(member which, json_scanner::scalar kind, std::string_view text);
  void on_type(std::string_view type);
  std::string& slot(member which) { return names_[static_cast<std::size_t>(which) - first_name]; }

  void add_one(std::string_view json);
  void keep(std::string_view json);

  const dialect* terms_;
  counters counts_;
  summed_answers sums_;  // of a dialect that adds up
  std::array<std::string, name_count> names_;
  std::optional<std::int64_t> retry_delay_ms_;
  std::uint32_t told_ = 0;         // counters, a bit each, since the last usage object
  std::vector<kept_object> kept_;  // oldest first
  bool error_document_ = false;    // {"type":"error"}
  bool failed_ = false;
  bool stream_ended_ = false;
  std::uint8_t flags_ = 0;  // usage_flag
};

}  // namespace usage
