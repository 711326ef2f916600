#include "net/wire/body_framing.hpp"

#include <charconv>

#include "net/text/ascii.hpp"

namespace net::wire {
namespace {

using text::iequals;

/// Calls `visit` with each trimmed member of a comma-separated list, empty ones included.
template <class Visit>
void for_each_member(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    visit(text::trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// What the two framing fields of a head say, combined over repeated fields and lists.
struct declared {
  std::optional<std::uint64_t> length;
  bool bad_length = false;  // no number, or different ones
  bool transfer_coded = false;
  bool empty_coding = false;
  bool other_coding = false;  // besides chunked and identity
  bool chunked = false;
  bool chunked_twice = false;
  bool ends_chunked = false;    // the last coding
  bool behind_chunked = false;  // another coding

  void add_length(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    bad_length =
        bad_length || error != std::errc() || end != digits.data() + digits.size() || (length && *length != value);
    length = value;
  }

  void add_coding(std::string_view name) {
    transfer_coded = true;
    ends_chunked = iequals(name, "chunked");
    if (ends_chunked) {
      chunked_twice = chunked_twice || chunked;
      chunked = true;
    } else if (name.empty()) {
      empty_coding = true;
    } else if (!iequals(name, "identity")) {
      other_coding = true;
      behind_chunked = behind_chunked || chunked;
    }
  }
};

declared read(const header_fields& fields) {
  declared found;
  for (const header_field& field : fields) {
    if (iequals(field.name, "content-length")) {
      for_each_member(field.value, [&](std::string_view member) { found.add_length(member); });
    } else if (iequals(field.name, "transfer-encoding")) {
      for_each_member(field.value, [&](std::string_view member) { found.add_coding(member); });
    }
  }
  return found;
}

bool has_no_body(const response_head& head, std::string_view request_method) {
  return head.status < 200 || head.status == 204 || head.status == 304 || request_method == "HEAD";
}

bool opens_tunnel(const response_head& head, std::string_view request_method) {
  return head.status == 101 || (head.status / 100 == 2 && request_method == "CONNECT");
}

}  // namespace

result<body_framing> frame_request(const request_head& head) {
  const declared found = read(head.fields);
  if (found.bad_length) return errc::malformed;
  if (!found.transfer_coded) {
    return found.length ? body_framing{body_framing::kind::length, *found.length} : body_framing{};
  }
  // HTTP/1.0 has no chunked coding; RFC 9112 §6.1 calls such framing faulty. Chunked comes once and last.
  const bool sound = found.ends_chunked && !found.chunked_twice && !found.behind_chunked && !found.empty_coding;
  if (!sound || found.length || head.minor_version == 0) return errc::malformed;
  return body_framing{body_framing::kind::chunked, 0};
}

result<body_framing> frame_response(const response_head& head, std::string_view request_method) {
  using kind = body_framing::kind;
  if (opens_tunnel(head, request_method)) return body_framing{kind::tunnel, 0};
  if (has_no_body(head, request_method)) return body_framing{};
  const declared found = read(head.fields);
  // RFC 9112 §6.3 lets chunked win over a length. Clients take it in HTTP/1.0, too, and once however often it is named.
  if (found.behind_chunked) return errc::malformed;
  if (found.chunked) return body_framing{kind::chunked, 0};
  if (found.bad_length || (found.other_coding && found.length)) return errc::malformed;
  return found.length ? body_framing{kind::length, *found.length} : body_framing{kind::until_close, 0};
}

std::string_view odd_framing(const response_head& head, std::string_view request_method) {
  if (opens_tunnel(head, request_method) || has_no_body(head, request_method)) return {};
  const declared found = read(head.fields);
  if (!found.transfer_coded) return {};
  if (found.length || found.bad_length) return "Content-Length beside Transfer-Encoding";
  if (found.chunked_twice) return "chunked twice";
  if (found.chunked && head.minor_version == 0) return "chunked in HTTP/1.0";
  if (found.other_coding) return "a transfer coding besides chunked";
  return found.chunked ? "" : "Transfer-Encoding without a coding";
}

bool closes_connection(int minor_version, const header_fields& fields) {
  bool close = false;
  bool keep_alive = false;
  for (const header_field& field : fields) {
    if (!iequals(field.name, "connection")) continue;
    for_each_member(field.value, [&](std::string_view option) {
      close = close || iequals(option, "close");
      keep_alive = keep_alive || iequals(option, "keep-alive");
    });
  }
  return close || (minor_version == 0 && !keep_alive);
}

std::optional<std::uint32_t> keep_alive_timeout(const header_fields& fields) {
  constexpr std::string_view name = "timeout=";
  std::optional<std::uint32_t> seconds;
  for (const header_field& field : fields) {
    if (!iequals(field.name, "keep-alive")) continue;
    for_each_member(field.value, [&](std::string_view parameter) {
      if (!iequals(parameter.substr(0, name.size()), name)) return;
      const std::string_view digits = parameter.substr(name.size());
      std::uint32_t value = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error == std::errc() && end == digits.data() + digits.size()) seconds = value;
    });
  }
  return seconds;
}

}  // namespace net::wire
