// An AWS event stream; the first byte says whether its checksums are made right first, since a fuzzer finds none.
// However it is cut, the decoder tells the same messages and the same verdict.

#include <string>

#include "net/wire/eventstream_decoder.hpp"
#include "test/fuzz/cut.hpp"
#include "test/support/eventstream.hpp"

namespace {

using net::wire::errc;
using net::wire::eventstream_decoder;

class recorder final : public eventstream_decoder::sink {
 public:
  void on_message(const net::wire::eventstream_headers& headers) override {
    fuzz::check(!open_, "one message at a time");
    open_ = true;
    told += '{';
    for (const auto& header : headers) {
      fuzz::check(!header.name.empty(), "every header has a name");
      told.append(header.name).append("=").append(header.bytes).append(std::to_string(header.number)) += ';';
    }
    told.append(headers.text(":event-type")) += '|';
  }
  void on_payload(std::string_view piece) override {
    fuzz::check(open_ && !piece.empty(), "a payload is of a message");
    told += piece;
  }
  void on_message_end() override {
    fuzz::check(open_, "what ends has begun");
    open_ = false;
    told += "}\n";
  }

  std::string told;

 private:
  bool open_ = false;
};

std::string decode(std::string_view input, std::size_t cut) {
  recorder heard;
  eventstream_decoder decoder;
  std::string verdict;
  fuzz::in_pieces(input, cut, [&](std::string_view piece) {
    const auto fed = decoder.feed(piece, heard);
    const std::string now = fed.has_value() ? "" : fed.error().message();
    fuzz::check(now.empty() || fed.error() == errc::malformed || fed.error() == errc::too_large, "an error of its own");
    fuzz::check(verdict.empty() || verdict == now, "an error is final");
    verdict = now;
  });
  return heard.told + verdict + (decoder.between_messages() ? "." : "");
}

std::size_t number_at(std::string_view text, std::size_t at) {
  std::size_t value = 0;
  for (const char each : text.substr(at, 4)) value = value << 8 | static_cast<unsigned char>(each);
  return value;
}

/// As far as the lengths go.
std::string with_checksums(std::string text) {
  constexpr std::size_t prelude = 12, checksum = 4;
  for (std::size_t at = 0; at + prelude <= text.size();) {
    const std::size_t size = number_at(text, at);
    text.replace(at + 8, 4, support::number_of(support::crc32_of(std::string_view(text).substr(at, 8)), 4));
    if (size < prelude + checksum || size > text.size() - at) break;
    const auto body = std::string_view(text).substr(at, size - checksum);
    text.replace(at + size - checksum, checksum, support::number_of(support::crc32_of(body), 4));
    at += size;
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  std::string input(fuzz::view(bytes, size).substr(1));
  if ((bytes[0] & 1) != 0) input = with_checksums(std::move(input));
  const auto ways = fuzz::cuts(input);
  const std::string whole = decode(input, ways.front());
  for (const std::size_t cut : ways) fuzz::check(decode(input, cut) == whole, "cutting changes nothing");
  return 0;
}
