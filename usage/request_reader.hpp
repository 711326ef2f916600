#pragma once

// Reads the few members of one request body that say what is asked and for whom. Prompts of many megabytes pass
// through. Only top-level members, metadata and the labels are read, so that text inside a prompt is never mistaken for
// them. Of the messages, hashes are made.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/form_decoder.hpp"
#include "usage/content/content_decoder.hpp"
#include "usage/content/leading_mark.hpp"
#include "usage/exchange_account.hpp"
#include "usage/json/json_scanner.hpp"
#include "usage/transcript/transcript_hasher.hpp"

namespace usage {

enum class request_member : std::uint8_t {
  model,
  request_id,
  request_type,
  trajectory_id,
  execution_id,
  conversation,
  conversation_id,
  prompt_cache_key,
  session_id,
  metadata_session,
  request_session,
  user_prompt_id,
  user_id,
  previous_response_id,
};

/// The members that were found, each cut after max_name bytes.
class request_members {
 public:
  static constexpr std::size_t max_name = 1024;

  /// Empty if the request has none.
  const std::string& operator[](request_member which) const { return names_[static_cast<std::size_t>(which)]; }
  void set(request_member which, std::string_view text) {
    names_[static_cast<std::size_t>(which)].assign(text.substr(0, max_name));
  }

 private:
  static constexpr std::size_t count = static_cast<std::size_t>(request_member::previous_response_id) + 1;

  std::array<std::string, count> names_;
};

class request_reader final : content_decoder::sink, json_scanner::sink, net::wire::form_decoder::sink {
 public:
  /// `hashed`: the transcript is wanted. A form that uploads a file (multipart/form-data) tells its model, too.
  request_reader(std::string_view content_type, std::string_view codings, const account_limits& limits, bool hashed);
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  void feed(std::string_view piece);
  /// The body was seen to its end.
  void finish();

  const request_members& members() const noexcept { return members_; }
  bool understood() const noexcept { return understood_; }
  /// As usage_record has them; empty if they are not wanted, or the body was not understood. Call once, at the end.
  std::vector<std::uint64_t> take_transcript();
  /// As exchange_account has it.
  std::string_view given_up() const noexcept { return given_up_; }

 private:
  void on_content(std::string_view piece) override;
  std::size_t take_cost() override { return scanner_.take_steps() * net::wire::step_cost; }
  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override;
  void on_verbatim(int, std::string_view) override {}
  void on_field(std::string_view name) override;
  void on_value(std::string_view piece) override;

  request_members members_;
  std::optional<net::wire::form_decoder> form_;  // none: JSON
  std::string model_;                            // of a form
  bool in_model_ = false;
  std::optional<transcript_hasher> hasher_;  // none: not wanted
  json_scanner scanner_;
  leading_mark mark_;
  std::optional<content_decoder> decoder_;  // none: it cannot be decoded
  bool understood_ = true;
  std::string_view given_up_;  // a literal
};

}  // namespace usage
