#include "net/wire/client_hello.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace net::wire {
namespace {

using namespace std::string_literals;
using names = std::vector<std::string>;

/// curl 7.88 to https://api.openai.com/.
constexpr std::string_view curl_hello =
    "1603010200010001fc030396cb3e97aa1aa0009019c5671420bac2a528e7cc785cf8559599e439e793140f20ea536aa01125069cc9b3"
    "e9b4a03ac79e3c3eb193d5cba54d07ceb1e43fd51271003e130213031301c02cc030009fcca9cca8ccaac02bc02f009ec024c028006b"
    "c023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff0100017500000013001100000e6170692e6f70656e61"
    "692e636f6d000b000403000102000a00160014001d0017001e00190018010001010102010301040010000e000c02683208687474702f"
    "312e31001600000017000000310000000d002a0028040305030603080708080809080a080b0804080508060401050106010303030103"
    "02040205020602002b0009080304030303020301002d00020101003300260024001d002090bc357e575b7178e989d4db0b1f6adeea8b"
    "583fe2950a8e02163caa0406bf51001500af000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000000000000000";

/// openssl s_client 3.0 -servername CloudCode-PA.googleapis.com -alpn h2,http/1.1
constexpr std::string_view openssl_hello =
    "160301015a01000156030303bbc9b1120517108723d3548861dbb35074ad1d1a015b4c75e50d65cd2dfd5b2038a5cf02da2955723b0d"
    "aaa6d0c246e1a8f0e0e4eac78688f023e47ab87e114c003e130213031301c02cc030009fcca9cca8ccaac02bc02f009ec024c028006b"
    "c023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff010000cf00000020001e00001b436c6f7564436f6465"
    "2d50412e676f6f676c65617069732e636f6d000b000403000102000a00160014001d0017001e00190018010001010102010301040023"
    "00000010000e000c02683208687474702f312e310016000000170000000d002a0028040305030603080708080809080a080b08040805"
    "0806040105010601030303010302040205020602002b0009080304030303020301002d00020101003300260024001d0020c12ed18f3d"
    "7d8d4e5994951812d578d782f4f6d2f1b4c57e60f0a0226f037b30";

/// openssl s_client 3.0 -tls1_2 -noservername
constexpr std::string_view tls12_hello =
    "16030100b7010000b30303543af5c529c9e49148acbf0ca181ac249b73db0f68debbaaca2c9aafe7f182be000038c02cc030009fcca9"
    "cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff01000052000b"
    "000403000102000a000c000a001d0017001e00190018002300000016000000170000000d002a0028040305030603080708080809080a"
    "080b080408050806040105010601030303010302040205020602";

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (; !digits.empty(); digits.remove_prefix(2)) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(0, 2)), nullptr, 16));
  }
  return bytes;
}

result<client_hello> parse(const std::string& bytes) {
  return parse_client_hello(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

errc verdict(const std::string& bytes) {
  return static_cast<errc>(parse(bytes).error().value());
}

/// A big-endian number of `width` bytes.
std::string number(std::size_t value, int width) {
  std::string bytes;
  while (width-- > 0) bytes += static_cast<char>(value >> 8 * width);
  return bytes;
}

std::string vector(const std::string& content, int width) {
  return number(content.size(), width) + content;
}
std::string extension(int type, const std::string& content) {
  return number(type, 2) + vector(content, 2);
}
std::string server_name(const std::string& name) {
  return extension(0, vector("\0"s + vector(name, 2), 2));
}

std::string alpn(const names& offered) {
  std::string list;
  for (const std::string& name : offered) list += vector(name, 1);
  return extension(16, vector(list, 2));
}

std::string record(const std::string& fragment) {
  return "\x16\x03\x01"s + vector(fragment, 2);
}
std::string message(const std::string& body) {
  return "\x01"s + vector(body, 3);
}

/// Everything in front of the extensions.
std::string body_start() {
  return "\x03\x03"s + std::string(32, 'r') + vector(std::string(32, 's'), 1) + vector("\x13\x01\x13\x02"s, 2) +
         vector("\0"s, 1);
}

std::string hello_message(const std::string& extensions) {
  return message(body_start() + vector(extensions, 2));
}
std::string hello(const std::string& extensions) {
  return record(hello_message(extensions));
}

/// The handshake message spread over records of `size` bytes each.
std::string in_records(const std::string& handshake, std::size_t size) {
  std::string records;
  for (std::size_t at = 0; at < handshake.size(); at += size) records += record(handshake.substr(at, size));
  return records;
}

/// Needs more at every proper prefix, then reads as `name` and `offered`.
void expect_hello(const std::string& bytes, const std::string& name, const names& offered) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(verdict(bytes.substr(0, size)), errc::need_more) << size;
  }
  for (const std::string& tail : {""s, "\x14\x03\x03\0\1\1"s, "any early bytes"s}) {
    const auto parsed = parse(bytes + tail);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->server_name, name);
    EXPECT_EQ(parsed->alpn, offered);
  }
}

TEST(client_hello, of_curl_is_read_once_it_is_whole) {
  expect_hello(from_hex(curl_hello), "api.openai.com", {"h2", "http/1.1"});
}

TEST(client_hello, of_openssl_is_read_with_its_name_in_lower_case) {
  expect_hello(from_hex(openssl_hello), "cloudcode-pa.googleapis.com", {"h2", "http/1.1"});
}

TEST(client_hello, of_a_tls_1_2_client_without_name_and_alpn_has_neither) {
  expect_hello(from_hex(tls12_hello), "", {});
}

TEST(client_hello, spread_over_records_of_any_size_reads_the_same) {
  const std::string handshake = hello_message(server_name("a.example") + alpn({"http/1.1"}));
  for (const std::size_t size : {1u, 2u, 3u, 5u, 64u})
    expect_hello(in_records(handshake, size), "a.example", {"http/1.1"});
}

TEST(client_hello, without_extensions_at_all_is_fine) {
  expect_hello(record(message(body_start())), "", {});
  expect_hello(hello(""), "", {});
}

TEST(client_hello, skips_grease_and_unknown_extensions) {
  expect_hello(hello(extension(0x0a0a, "") + alpn({"\x0a\x0a", "h2"}) + extension(0xfafa, "\0"s) +
                     server_name("a.example") + extension(21, std::string(200, '\0'))),
               "a.example", {"\x0a\x0a", "h2"});
}

TEST(client_hello, server_name_loses_its_trailing_dot) {
  expect_hello(hello(server_name("A.Example.")), "a.example", {});
}

TEST(client_hello, server_name_list_may_hold_names_of_other_types) {
  const std::string list = "\x07"s + vector("\xff\xff", 2) + "\0"s + vector("a.example"s, 2);
  expect_hello(hello(extension(0, vector(list, 2))), "a.example", {});
}

using numbers = std::vector<std::uint16_t>;

TEST(client_hello, tells_what_the_client_would_speak) {
  const auto offer = parse(from_hex(curl_hello))->offer;
  EXPECT_EQ(offer.legacy_version, 0x0303);
  EXPECT_EQ(offer.versions, (numbers{0x0304, 0x0303, 0x0302, 0x0301}));
  EXPECT_EQ(offer.suites.size(), 31u);
  EXPECT_EQ(offer.suites.front(), 0x1302);
  EXPECT_EQ(offer.groups, (numbers{0x1d, 0x17, 0x1e, 0x19, 0x18, 0x100, 0x101, 0x102, 0x103, 0x104}));
  EXPECT_EQ(offer.signatures.front(), 0x0403);
  const auto old = parse(from_hex(tls12_hello))->offer;
  EXPECT_EQ(old.legacy_version, 0x0303);
  EXPECT_TRUE(old.versions.empty());
}

TEST(client_hello, of_40_kib_is_read_in_whatever_records_it_comes) {
  const std::string message = hello_message(server_name("a.example") + extension(0x3a3a, std::string(40 << 10, 'k')));
  for (const std::size_t size : {16384u, 4000u, 100u}) {
    const auto parsed = parse(in_records(message, size));
    ASSERT_TRUE(parsed) << size;
    EXPECT_EQ(parsed->server_name, "a.example");
  }
}

TEST(client_hello, not_tls_is_told_by_the_first_byte_that_shows_it) {
  for (const std::string& bytes :
       {"G"s, "GET / HTTP/1.1\r\n\r\n"s, "SSH-2.0-x"s, "\0"s, "\x80\x2e\x01"s, "\x15\x03\x01\0\x02\x01\0"s,
        "\x17\x03\x03"s, "\x16\x02"s, "\x16\x03\x05"s, "\x16GET"s}) {
    EXPECT_EQ(verdict(bytes), errc::not_tls) << bytes;
  }
  for (const std::string& bytes : {""s, "\x16"s, "\x16\x03"s, "\x16\x03\x01"s, "\x16\x03\x04"s}) {
    EXPECT_EQ(verdict(bytes), errc::need_more) << bytes.size();
  }
}

TEST(client_hello, with_broken_records_is_malformed) {
  const std::string handshake = hello_message("");
  EXPECT_EQ(verdict(record("")), errc::malformed);                                   // an empty fragment
  EXPECT_EQ(verdict("\x16\x03\x01\x40\x01"s), errc::malformed);                      // over 2^14 bytes
  EXPECT_EQ(verdict(record("\x02")), errc::malformed);                               // a ServerHello
  EXPECT_EQ(verdict(record(handshake.substr(0, 9)) + "\x15"s), errc::malformed);     // an alert in between
  EXPECT_EQ(verdict(record(handshake.substr(0, 9)) + record("")), errc::malformed);  //
}

TEST(client_hello, with_broken_content_is_malformed) {
  const std::string fixed = "\x03\x03"s + std::string(32, 'r');
  const std::string suites = vector("\x13\x01"s, 2);
  for (const std::string& body : {
           ""s, fixed.substr(1), fixed,
           fixed + vector(std::string(33, 's'), 1) + suites + vector("\0"s, 1),  // session id too long
           fixed + vector("", 1) + vector("", 2) + vector("\0"s, 1),             // no cipher suites
           fixed + vector("", 1) + suites + vector("", 1),                       // no compression methods
           fixed + vector("", 1) + suites + "\x05"s,                             // fewer methods than told
           body_start() + "\0"s,                                                 // half a length of extensions
           body_start() + "\0\x01"s,                                             // fewer extensions than told
           body_start() + vector("", 2) + "x",                                   // bytes behind the extensions
       }) {
    EXPECT_EQ(verdict(record(message(body))), errc::malformed) << body.size();
  }
}

TEST(client_hello, with_a_broken_extension_is_malformed) {
  const std::string good = "\0"s + vector("a.example"s, 2);
  for (const std::string& extensions : {
           "\0"s,
           "\0\0\0"s,
           "\0\x17\0\x05xxxx"s,  // cut off
           extension(0, ""),
           extension(0, vector("", 2)),                      // an empty list of names
           extension(0, vector(good, 2) + "x"),              // bytes behind the list
           extension(0, number(good.size() + 1, 2) + good),  // a list cut off
           extension(0, vector("\0\0\x05"
                               "abc"s,
                               2)),  // a name cut off
           server_name(""),
           server_name("."),                    // no name
           server_name(std::string(256, 'a')),  //
           server_name("a\0b"s),
           server_name("a b"),
           server_name("a/b"),  // not host names
           server_name("\xc3\xa4.example"),
           server_name("a\nb"),                                  //
           server_name("a.example") + server_name("b.example"),  // two of a kind
           alpn({"h2"}) + alpn({"h2"}),                          //
           extension(10, ""),  // lists of numbers: none, half a one, too short for its length
           extension(10, vector("\0"s, 2)),
           extension(13, vector("\x04\x03"s, 2) + "x"),
           extension(43, vector("", 1)),
           extension(16, ""),
           alpn({}),
           alpn({"h2", ""}),                           // no protocol
           extension(16, vector("\x09http"s, 2)),      // a protocol cut off
           extension(16, vector("\x02h2"s, 2) + "x"),  //
       }) {
    EXPECT_EQ(verdict(hello(extensions)), errc::malformed) << extensions;
  }
}

TEST(client_hello, that_fills_the_limit_is_read_and_one_byte_more_is_too_large) {
  // Extensions of 65 535 bytes at most: the rest is the headers of its records.
  const auto of_padding = [](std::size_t bytes) {
    return in_records(hello_message(extension(21, std::string(bytes, '\0'))), 8192);
  };
  const std::size_t rest = of_padding(60'000).size() - 60'000;
  const std::string largest = of_padding(max_client_hello - rest);
  ASSERT_EQ(largest.size(), max_client_hello);
  EXPECT_TRUE(parse(largest));
  EXPECT_TRUE(parse(largest + "more"));
  const std::string larger = of_padding(max_client_hello - rest + 1);
  EXPECT_EQ(verdict(larger), errc::too_large);
  EXPECT_EQ(verdict(larger.substr(0, max_client_hello)), errc::too_large);
  EXPECT_EQ(verdict(larger.substr(0, max_client_hello - 1)), errc::need_more);
}

TEST(client_hello, that_announces_too_much_is_refused_at_its_length) {
  EXPECT_EQ(verdict(record("\x01\x01\0\0"s)), errc::too_large);
  EXPECT_EQ(verdict(record("\x01\x01"s) + record("\0\1"s)), errc::too_large);
}

TEST(client_hello, in_many_tiny_records_is_limited_by_all_its_bytes) {
  const std::string flood = in_records(hello_message(extension(21, std::string(16384, '\0'))), 1);
  ASSERT_GT(flood.size(), max_client_hello);
  EXPECT_EQ(verdict(flood), errc::too_large);
  EXPECT_EQ(verdict(flood.substr(0, max_client_hello - 1)), errc::need_more);
}

}  // namespace
}  // namespace net::wire
