// A verdict other than need_more stays the same when more bytes come, and what is read is fit to be used.

#include "net/wire/client_hello.hpp"

#include <optional>
#include <string>

#include "test/fuzz/cut.hpp"

namespace {

struct verdict {
  int error = 0;
  std::string server_name;
  std::vector<std::string> alpn;

  bool operator==(const verdict&) const = default;
};

verdict parse(std::string_view prefix) {
  verdict parsed;
  const auto judge = [&](std::string_view exact) {
    const auto hello = net::wire::parse_client_hello(std::as_bytes(std::span(exact.data(), exact.size())));
    if (!hello) {
      parsed.error = hello.error().value();
    } else {
      parsed = {0, hello->server_name, hello->alpn};
    }
  };
  prefix.empty() ? judge({}) : fuzz::in_pieces(prefix, prefix.size(), judge);
  return parsed;
}

bool is_host_name(const std::string& name) {
  return name.size() <= 255 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr int need_more = static_cast<int>(net::wire::errc::need_more);
  const std::string_view input = fuzz::view(bytes, size);
  const verdict whole = parse(input);
  fuzz::check(is_host_name(whole.server_name), "a server name is a host name");
  for (const std::string& name : whole.alpn) fuzz::check(!name.empty(), "no protocol is empty");

  const std::size_t stride = size / 64 + 1;
  for (std::size_t at = 0; at < size; at += stride) {
    const verdict early = parse(input.substr(0, at));
    fuzz::check(early.error == need_more || early == whole, "a verdict is final");
  }
  return 0;
}
