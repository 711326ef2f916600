#pragma once

// Parses heads of HTTP/1.1 messages in place (RFC 9112 §2–5): every view points into the given text, nothing is copied
// or normalised. The exchange tracker calls it with a whole head.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/wire/errc.hpp"

namespace net::wire {

struct header_field {
  std::string_view name;   // as sent
  std::string_view value;  // without the white space around it
};

/// A field that owns its text.
struct field {
  std::string name;
  std::string value;
};

/// The field lines of a checked head, in wire order. Repeated names stay separate fields.
class header_fields {
 public:
  class iterator;

  header_fields() = default;
  /// `lines` are complete field lines, each with its line end, as parse_request_head() checked them.
  explicit header_fields(std::string_view lines) : lines_(lines) {}

  iterator begin() const;
  iterator end() const;

  /// The value of the first field of that name (any case), or nullopt.
  std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::string_view lines_;
};

class header_fields::iterator {
 public:
  iterator() = default;
  explicit iterator(std::string_view rest);

  const header_field& operator*() const { return field_; }
  const header_field* operator->() const { return &field_; }
  iterator& operator++();
  bool operator==(const iterator& other) const { return rest_.size() == other.rest_.size(); }

 private:
  void read();

  std::string_view rest_;  // from the line of field_ on
  std::size_t line_ = 0;   // length of that line, its end included
  header_field field_;
};

struct request_head {
  std::string_view method;
  std::string_view target;  // request-target as sent, query included
  int minor_version = 1;
  header_fields fields;
  int major_version = 1;           // 2: the fields were those of HTTP/2
  std::string_view protocol = {};  // :protocol of an extended CONNECT (RFC 8441 §4), else empty
};

struct response_head {
  int minor_version = 1;
  unsigned status = 0;  // 100–999
  std::string_view reason;
  header_fields fields;
};

/// One or more of the characters of a token (RFC 9110 §5.6.2).
bool is_token(std::string_view text);

/// Length of the head at the front of `input`, with its empty line; nullopt while it is incomplete. `searched` is the
/// size of a shorter prefix that was searched before, so that only new bytes are searched.
std::optional<std::size_t> head_length(std::string_view input, std::size_t searched = 0);

/// `head` is exactly one head with its empty line. Errors: malformed.
result<request_head> parse_request_head(std::string_view head);
result<response_head> parse_response_head(std::string_view head);

}  // namespace net::wire
