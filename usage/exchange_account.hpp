#pragma once

// Everything the ledger learns from one exchange. The usage meter feeds it heads and bodies, and asks it for the record
// once, at the end. Pure and bounded: bodies stream through content decoder → SSE decoder or JSON scanner → the
// provider's extractor; nothing but the selected members is kept.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/decode_budget.hpp"
#include "net/wire/message_head.hpp"
#include "usage/provider_table.hpp"
#include "usage/transcript/siphash.hpp"
#include "usage/usage_record.hpp"

namespace usage {

enum class ending : std::uint8_t { complete, interrupted, failed };

struct account_limits {
  std::size_t captured_value = 64 * 1024;    // bytes kept of one selected member (limits.captured_value)
  std::uint64_t decoded_body = 4ull << 30;   // bytes a content decoder may produce per body (limits.decoded_body)
  std::uint64_t decoded_ratio = 128;         // … per byte that came, in the long run (limits.decoded_ratio)
  std::uint64_t decoded_block = 4ull << 20;  // … at once, whatever the ratio; no key: real bodies do not come near

  hash_key transcript_key{};  // no limit: what transcripts are hashed with, a secret of the ledger's owner

  const provider_table* providers = nullptr;  // that know more of their hosts than the paths tell; outlives accounts

  net::wire::decode_limits decoding() const noexcept { return {decoded_body, decoded_ratio, decoded_block}; }
};

class exchange_account {
 public:
  /// `host` is the name the connection was made to. Views are not kept.
  exchange_account(std::string_view host, const net::wire::request_head& head, const account_limits& limits);
  ~exchange_account();
  exchange_account(exchange_account&&) noexcept;

  void request_body(std::string_view piece);
  void request_end();
  void response(const net::wire::response_head& head);
  void response_body(std::string_view piece);

  /// True while everything selected was understood. False: the body could not be decoded or was not the JSON that its
  /// head promised. There is still a record, `unreported`, `interrupted` or `not_read`.
  bool parsed() const noexcept;

  /// The limit because of which the rest of a body is not read ("limits.decoded_ratio"); empty: none.
  std::string_view given_up() const noexcept;

  /// What in the answer is against the standards, although it was read as clients read it (a few words); empty:
  /// nothing.
  std::string_view odd() const noexcept;

  /// As in the record.
  const std::string& path() const noexcept;
  usage::provider provider() const noexcept;

  /// Call once. `cause` becomes error_reason when the ending is `failed`. The caller sets times, id and host.
  usage_record finish(ending how, std::string_view cause);

  /// After finish(): the rows of the calls that the provider made for this one with other models. `whole` is the row of
  /// this one with everything that the caller sets. Call once.
  std::vector<usage_record> beside(const usage_record& whole);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace usage
