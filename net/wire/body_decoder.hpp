#pragma once

// Finds the end of a message body and removes the chunked coding (RFC 9112 §6 and §7), for one body after another. Call
// begin() with the framing of each message, then feed() until done(). The exchange tracker has one per direction.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/wire/body_framing.hpp"
#include "net/wire/chunk_decoder.hpp"

namespace net::wire {

class body_decoder {
 public:
  using step = chunk_decoder::step;

  void begin(const body_framing& framing);

  /// Consumes a prefix of `input`, never empty unless done(). Errors: those of the chunk decoder, final until begin().
  result<step> feed(std::string_view input);

  /// The body is whole. Never true for one that lasts until the connection closes.
  bool done() const noexcept;

  bool lasts_until_close() const noexcept { return how_ == body_framing::kind::until_close; }

 private:
  body_framing::kind how_ = body_framing::kind::none;
  std::uint64_t remaining_ = 0;
  chunk_decoder chunks_;
};

}  // namespace net::wire
