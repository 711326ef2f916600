#include "net/wire/body_framing.hpp"

#include <charconv>

#include "net/text/ascii.hpp"

namespace net::wire {
namespace {

using text::iequals;

/// Calls `visit` with each trimmed member of a comma-separated list until it returns false.
template <class Visit>
bool every_member(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (!visit(text::trimmed(list.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

/// The values of the two framing fields of a head, combined over repeated fields and lists.
struct declared {
  std::optional<std::uint64_t> length;
  bool transfer_coded = false;
  bool chunked = false;

  bool add_length(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
    if (length && *length != value) return false;
    length = value;
    return true;
  }

  bool add_coding(std::string_view name) {
    transfer_coded = true;
    if (chunked || name.empty()) return false;  // chunked comes once and last
    chunked = iequals(name, "chunked");
    return true;
  }

  bool read(const header_fields& fields) {
    for (const header_field& field : fields) {
      bool good = true;
      if (iequals(field.name, "content-length")) {
        good = every_member(field.value, [this](std::string_view member) { return add_length(member); });
      } else if (iequals(field.name, "transfer-encoding")) {
        good = every_member(field.value, [this](std::string_view member) { return add_coding(member); });
      }
      if (!good) return false;
    }
    return true;
  }
};

result<body_framing> frame(int minor_version, const header_fields& fields, body_framing without_fields) {
  declared found;
  if (!found.read(fields)) return errc::malformed;
  if (!found.transfer_coded) {
    return found.length ? body_framing{body_framing::kind::length, *found.length} : without_fields;
  }
  // HTTP/1.0 has no chunked coding; RFC 9112 §6.1 calls such framing faulty.
  if (!found.chunked || found.length || minor_version == 0) return errc::malformed;
  return body_framing{body_framing::kind::chunked, 0};
}

}  // namespace

result<body_framing> frame_request(const request_head& head) {
  return frame(head.minor_version, head.fields, {});
}

result<body_framing> frame_response(const response_head& head, std::string_view request_method) {
  using kind = body_framing::kind;
  const bool successful = head.status / 100 == 2;
  if (head.status == 101 || (successful && request_method == "CONNECT")) return body_framing{kind::tunnel, 0};
  if (head.status < 200 || head.status == 204 || head.status == 304 || request_method == "HEAD") return body_framing{};
  return frame(head.minor_version, head.fields, {kind::until_close, 0});
}

bool closes_connection(int minor_version, const header_fields& fields) {
  bool close = false;
  bool keep_alive = false;
  for (const header_field& field : fields) {
    if (!iequals(field.name, "connection")) continue;
    every_member(field.value, [&](std::string_view option) {
      close = close || iequals(option, "close");
      keep_alive = keep_alive || iequals(option, "keep-alive");
      return true;
    });
  }
  return close || (minor_version == 0 && !keep_alive);
}

std::optional<std::uint32_t> keep_alive_timeout(const header_fields& fields) {
  constexpr std::string_view name = "timeout=";
  std::optional<std::uint32_t> seconds;
  for (const header_field& field : fields) {
    if (!iequals(field.name, "keep-alive")) continue;
    every_member(field.value, [&](std::string_view parameter) {
      if (!iequals(parameter.substr(0, name.size()), name)) return true;
      const std::string_view digits = parameter.substr(name.size());
      std::uint32_t value = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error == std::errc() && end == digits.data() + digits.size()) seconds = value;
      return true;
    });
  }
  return seconds;
}

}  // namespace net::wire
