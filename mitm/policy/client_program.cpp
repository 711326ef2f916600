#include "mitm/policy/client_program.hpp"

#include <array>
#include <cstdio>
#include <vector>

namespace mitm {
namespace {

/// Values that clients insert at random (RFC 8701).
bool is_grease(std::uint16_t number) {
  return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

/// FNV-1a.
class hash {
 public:
  void add(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x01000193u; }
  void add(const std::vector<std::uint16_t>& numbers) {
    for (const std::uint16_t each : numbers) {
      if (is_grease(each)) continue;
      add(static_cast<std::uint8_t>(each >> 8));
      add(static_cast<std::uint8_t>(each));
    }
    add(0);
  }
  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 0x811c9dc5u;
};

}  // namespace

std::string hello_kind(const net::wire::client_hello& hello) {
  hash kind;
  for (const auto* list : {&hello.offer.versions, &hello.offer.suites, &hello.offer.groups, &hello.offer.signatures}) {
    kind.add(*list);
  }
  for (const auto& protocol : hello.alpn) {
    for (const char c : protocol) kind.add(static_cast<std::uint8_t>(c));
    kind.add(std::uint8_t{0});
  }
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", kind.value());
  return text.data();
}

std::string name_of(const client_program& program) {
  if (!program.executable.empty()) return program.executable;
  return program.hello.empty() ? "an unknown program" : "an unknown program with ClientHello " + program.hello;
}

std::string describe(const client_program& program) {
  return name_of(program) + " of " + (program.user ? "uid " + std::to_string(*program.user) : "an unknown user");
}

}  // namespace mitm
