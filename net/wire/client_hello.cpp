#include "net/wire/client_hello.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "net/text/ascii.hpp"

namespace net::wire {
namespace {

using bytes = std::span<const std::byte>;

constexpr std::size_t record_header = 5;     // type 1, version 2, length 2
constexpr std::size_t handshake_header = 4;  // type 1, length 3
constexpr std::size_t max_fragment = 1 << 14;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t client_hello_message = 1;
constexpr std::uint16_t server_name_extension = 0;
constexpr std::uint16_t groups_extension = 10;
constexpr std::uint16_t signatures_extension = 13;
constexpr std::uint16_t alpn_extension = 16;
constexpr std::uint16_t versions_extension = 43;
constexpr std::uint16_t encrypted_hello_extension = 0xfe0d;
constexpr std::size_t max_host_name = 255;

/// Reads numbers and length-prefixed vectors from the front; every read returns nullopt once too few bytes are left.
class reader {
 public:
  explicit reader(bytes input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }

  std::optional<bytes> take(std::size_t size) {
    if (size > rest_.size()) return std::nullopt;
    const bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  /// A big-endian number of `width` bytes.
  std::optional<std::size_t> number(std::size_t width) {
    const auto digits = take(width);
    if (!digits) return std::nullopt;
    std::size_t value = 0;
    for (const std::byte digit : *digits) value = value << 8 | std::to_integer<std::size_t>(digit);
    return value;
  }

  /// A vector whose length comes first, in `width` bytes.
  std::optional<bytes> vector(std::size_t width) {
    const auto size = number(width);
    return size ? take(*size) : std::nullopt;
  }

 private:
  bytes rest_;
};

std::uint8_t octet(bytes input, std::size_t at) {
  return std::to_integer<std::uint8_t>(input[at]);
}

/// Whether the bytes so far begin a handshake record: 16 03 0x.
bool may_be_tls(bytes prefix) {
  return (prefix.size() < 1 || octet(prefix, 0) == handshake_record) && (prefix.size() < 2 || octet(prefix, 1) == 3) &&
         (prefix.size() < 3 || octet(prefix, 2) <= 4);
}

struct record {
  bytes fragment;  // as far as it has come
  bool whole;
};

result<record> take_record(bytes& rest) {
  if (!may_be_tls(rest)) return errc::malformed;
  if (rest.size() < record_header) return record{{}, false};
  const std::size_t size = static_cast<std::size_t>(octet(rest, 3)) << 8 | octet(rest, 4);
  if (size == 0 || size > max_fragment) return errc::malformed;
  const std::size_t present = std::min(size, rest.size() - record_header);
  const bytes fragment = rest.subspan(record_header, present);
  rest = rest.subspan(record_header + present);
  return record{fragment, present == size};
}

/// Size of the handshake message at the front of `message`, with its header; nullopt while the header is incomplete.
result<std::optional<std::size_t>> message_size(bytes message) {
  if (!message.empty() && octet(message, 0) != client_hello_message) return errc::malformed;
  if (message.size() < handshake_header) return std::optional<std::size_t>();
  return handshake_header + reader(message.subspan(1)).number(3).value();
}

/// The handshake message without its header: a view of `prefix` if it lies in one record, else of `joined`, where the
/// fragments are joined.
result<bytes> find_message(bytes prefix, std::vector<std::byte>& joined) {
  // A long prefix must give the same result as the same bytes arriving one by one.
  prefix = prefix.first(std::min(prefix.size(), max_client_hello));
  bytes rest = prefix;
  bytes message;
  for (;;) {
    const auto next = take_record(rest);
    if (!next) return next.error();
    if (message.empty()) {
      message = next->fragment;
    } else {
      if (joined.empty()) joined.assign(message.begin(), message.end());
      joined.insert(joined.end(), next->fragment.begin(), next->fragment.end());
      message = joined;
    }
    const auto size = message_size(message);
    if (!size) return size.error();
    if (*size && **size > max_client_hello) return errc::too_large;
    if (*size && message.size() >= **size) return message.first(**size).subspan(handshake_header);
    if (!next->whole) return prefix.size() < max_client_hello ? errc::need_more : errc::too_large;
  }
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// Lower case, without the trailing dot. The name goes into certificates and logs, so only host names pass.
std::optional<std::string> host_name(bytes raw) {
  std::string name;
  name.reserve(raw.size());
  for (const std::byte b : raw) {
    name += text::lower(std::to_integer<char>(b));
  }
  if (name.ends_with('.')) name.pop_back();
  if (name.empty() || name.size() > max_host_name || !std::all_of(name.begin(), name.end(), is_host_character)) {
    return std::nullopt;
  }
  return name;
}

bool read_server_name(bytes extension, client_hello& hello) {
  reader outer(extension);
  const auto list = outer.vector(2);
  if (!list || list->empty() || !outer.empty() || !hello.server_name.empty()) return false;
  for (reader names(*list); !names.empty();) {
    const auto type = names.number(1);
    const auto raw = names.vector(2);
    if (!type || !raw) return false;
    if (*type != 0 || !hello.server_name.empty()) continue;
    auto name = host_name(*raw);
    if (!name) return false;
    hello.server_name = std::move(*name);
  }
  return true;
}

bool read_alpn(bytes extension, client_hello& hello) {
  reader outer(extension);
  const auto list = outer.vector(2);
  if (!list || list->empty() || !outer.empty() || !hello.alpn.empty()) return false;
  for (reader names(*list); !names.empty();) {
    const auto name = names.vector(1);
    if (!name || name->empty()) return false;
    std::string& copy = hello.alpn.emplace_back();
    copy.reserve(name->size());
    for (const std::byte b : *name) copy += std::to_integer<char>(b);
  }
  return true;
}

/// At least one two-byte number.
bool read_numbers(bytes list, std::vector<std::uint16_t>& numbers) {
  if (list.empty() || list.size() % 2 != 0 || !numbers.empty()) return false;
  numbers.reserve(list.size() / 2);
  for (reader rest(list); !rest.empty();) numbers.push_back(static_cast<std::uint16_t>(*rest.number(2)));
  return true;
}

/// An extension that is one vector of such numbers, preceded by its length in `width` bytes.
bool read_number_list(bytes extension, std::size_t width, std::vector<std::uint16_t>& numbers) {
  reader outer(extension);
  const auto list = outer.vector(width);
  return list && outer.empty() && read_numbers(*list, numbers);
}

bool read_extension(std::size_t type, bytes content, client_hello& hello) {
  switch (type) {
    case server_name_extension:
      return read_server_name(content, hello);
    case alpn_extension:
      return read_alpn(content, hello);
    case groups_extension:
      return read_number_list(content, 2, hello.offer.groups);
    case signatures_extension:
      return read_number_list(content, 2, hello.offer.signatures);
    case encrypted_hello_extension:
      hello.encrypted = true;
      return true;
    case versions_extension:
      return read_number_list(content, 1, hello.offer.versions);
    default:
      return true;
  }
}

bool read_extensions(bytes list, client_hello& hello) {
  for (reader extensions(list); !extensions.empty();) {
    const auto type = extensions.number(2);
    const auto content = extensions.vector(2);
    if (!type || !content || !read_extension(*type, *content, hello)) return false;
  }
  return true;
}

/// version 2 | random 32 | session id <0..32> | cipher suites <2..> | compression <1..> | extensions <0..>, optional
bool read_message(bytes message, client_hello& hello) {
  reader body(message);
  const auto version = body.number(2);
  if (!version || !body.take(32)) return false;
  hello.offer.legacy_version = static_cast<std::uint16_t>(*version);
  const auto session = body.vector(1);
  const auto suites = body.vector(2);
  const auto compression = body.vector(1);
  if (!session || session->size() > 32 || !suites || !read_numbers(*suites, hello.offer.suites) || !compression ||
      compression->empty()) {
    return false;
  }
  if (body.empty()) return true;
  const auto extensions = body.vector(2);
  return extensions && body.empty() && read_extensions(*extensions, hello);
}

}  // namespace

result<client_hello> parse_client_hello(std::span<const std::byte> prefix) {
  if (!may_be_tls(prefix)) return errc::not_tls;
  std::vector<std::byte> joined;
  const auto message = find_message(prefix, joined);
  if (!message) return message.error();
  client_hello hello;
  if (!read_message(*message, hello)) return errc::malformed;
  return hello;
}

}  // namespace net::wire
