#include "net/wire/websocket_handshake.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "net/text/ascii.hpp"

namespace net::wire {
namespace {

using text::iequals;

constexpr int fewest_window_bits = 8;
constexpr int most_window_bits = 15;

/// Some field of that name has `wanted` among its members.
bool lists(const header_fields& fields, std::string_view name, std::string_view wanted) {
  for (const header_field& field : fields) {
    if (!iequals(field.name, name)) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      if (iequals(text::take_item(rest), wanted)) return true;
    }
  }
  return false;
}

/// Reads one value of Sec-WebSocket-Extensions: `a;p=1;q="2", b`.
class extension_reader {
 public:
  explicit extension_reader(std::string_view value) : rest_(value) {}

  /// Whether `c` is next; if it is, it is skipped, with the white space around it.
  bool take(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    skip_space();
    return true;
  }

  /// The token that is next; empty: there is none.
  std::string_view token() {
    std::size_t size = 0;
    while (size < rest_.size() && is_token(rest_.substr(size, 1))) ++size;
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

  /// A token, or one within quotes where any character may have a backslash before it. nullopt: neither.
  std::optional<std::string> value() {
    std::string found;
    if (!rest_.starts_with('"')) {
      found = token();
    } else {
      for (rest_.remove_prefix(1); !rest_.empty() && rest_.front() != '"'; rest_.remove_prefix(1)) {
        if (rest_.front() == '\\') rest_.remove_prefix(1);
        if (rest_.empty()) return std::nullopt;
        found += rest_.front();
      }
      if (rest_.empty()) return std::nullopt;
      rest_.remove_prefix(1);
    }
    if (!is_token(found)) return std::nullopt;
    return found;
  }

  bool done() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

/// The parameters of permessage-deflate, each of which may come once.
class deflate_parameters {
 public:
  bool add(std::string_view name, const std::optional<std::string>& value) {
    if (iequals(name, "client_no_context_takeover")) return forget(client_context_, value);
    if (iequals(name, "server_no_context_takeover")) return forget(server_context_, value);
    if (iequals(name, "client_max_window_bits")) return bound(client_window_, value);
    if (iequals(name, "server_max_window_bits")) return bound(server_window_, value);
    return false;
  }

  websocket_deflate client() const { return {true, client_window_.value_or(most_window_bits), client_context_}; }
  websocket_deflate server() const { return {true, server_window_.value_or(most_window_bits), server_context_}; }

 private:
  static bool forget(bool& context, const std::optional<std::string>& value) {
    if (!context || value) return false;
    context = false;
    return true;
  }

  /// 8–15 without leading zeros. Only an offer may leave the value out.
  static bool bound(std::optional<int>& window, const std::optional<std::string>& value) {
    if (window || !value) return false;
    for (int bits = fewest_window_bits; bits <= most_window_bits; ++bits) {
      if (*value == std::to_string(bits)) window = bits;
    }
    return window.has_value();
  }

  bool client_context_ = true;
  bool server_context_ = true;
  std::optional<int> client_window_;
  std::optional<int> server_window_;
};

result<void> read_extension(extension_reader& reader, websocket_terms& terms) {
  const std::string_view name = reader.token();
  if (name.empty()) return errc::malformed;
  const bool deflate = iequals(name, "permessage-deflate");
  deflate_parameters found;
  while (reader.take(';')) {
    const std::string_view parameter = reader.token();
    std::optional<std::string> value;
    if (reader.take('=')) {
      value = reader.value();
      if (!value) return errc::malformed;
    }
    if (parameter.empty() || (deflate && !found.add(parameter, value))) return errc::malformed;
  }
  if (!deflate) {
    terms.unknown_extension = true;
    return {};
  }
  if (terms.client.on) return errc::malformed;
  terms.client = found.client();
  terms.server = found.server();
  return {};
}

result<void> read_extensions(std::string_view value, websocket_terms& terms) {
  extension_reader reader(value);
  while (!reader.done()) {
    if (reader.take(',')) continue;  // an empty member (RFC 9110 §5.6.1)
    if (auto read = read_extension(reader, terms); read.has_error()) return read;
    if (!reader.done() && !reader.take(',')) return errc::malformed;
  }
  return {};
}

}  // namespace

bool is_websocket_upgrade(const request_head& head) {
  return head.method == "GET" && head.minor_version >= 1 && lists(head.fields, "upgrade", "websocket") &&
         lists(head.fields, "connection", "upgrade");
}

result<websocket_terms> parse_websocket_terms(const header_fields& fields) {
  websocket_terms terms;
  for (const header_field& field : fields) {
    if (iequals(field.name, "sec-websocket-extensions")) {
      if (auto read = read_extensions(field.value, terms); read.has_error()) return read.error();
    } else if (iequals(field.name, "sec-websocket-protocol")) {
      if (!terms.subprotocol.empty() || !is_token(field.value)) return errc::malformed;
      terms.subprotocol = field.value;
    }
  }
  return terms;
}

}  // namespace net::wire
