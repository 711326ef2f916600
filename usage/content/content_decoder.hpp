#pragma once

// Content codings of HTTP bodies (RFC 9110 §8.4), undone incrementally: gzip (RFC 1952, several members), deflate
// (zlib RFC 1950 or raw RFC 1951, as servers send both), br (RFC 7932), zstd (RFC 8878), in any composition. Driven by
// the answer and request readers. Buffers are allocated with the decoder; the libraries choose their windows by the
// first bytes.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "net/wire/decode_budget.hpp"
#include "usage/content/errc.hpp"

namespace usage {

using net::wire::decode_budget;
using net::wire::decode_limits;

/// What becomes of a body in a coding that is not known.
enum class unknown_codings : std::uint8_t {
  refused,
  looked_at  // one that begins like JSON or server-sent events has no such coding; "none" is none anyway
};

class content_decoder {
 public:
  /// Codings applied one upon the other; a longer list is unsupported.
  static constexpr std::size_t max_codings = 4;
  /// Largest piece given to the sink (identity bodies pass in the pieces they came in).
  static constexpr std::size_t piece_size = 16 * 1024;
  /// Log2 of the zstd window: 8 MiB, the most that RFC 9659 allows on the web.
  static constexpr int max_zstd_window = 23;

  class sink {
   public:
    virtual void on_content(std::string_view piece) = 0;
    /// What the pieces since the last call cost beyond their size, as a number of bytes that take as long to read.
    virtual std::size_t take_cost() { return 0; }

   protected:
    ~sink() = default;
  };

  /// One coding. Decodes into the sink it is given; errors are final.
  class stage {
   public:
    virtual ~stage() = default;
    virtual result<void> feed(std::string_view input, sink& out) = 0;
    /// No more input. Errors: truncated.
    virtual result<void> finish() = 0;
  };

  /// `codings` is the value of Content-Encoding, in the order they were applied; empty means identity, which is free of
  /// `bounds`. Errors: unsupported.
  static result<content_decoder> make(std::string_view codings, const decode_limits& bounds,
                                      unknown_codings unknown = unknown_codings::refused);
  /// Only with a limit on all bytes produced.
  static result<content_decoder> make(std::string_view codings, std::uint64_t limit) {
    return make(codings, decode_limits{.total = limit});
  }

  /// Uses all of `input` unless it fails. Errors: malformed, too_large, too_dense; unsupported, if unknown codings are
  /// looked at. Errors are final.
  result<void> feed(std::string_view input, sink& out);
  /// Errors: truncated. An empty body is not truncated: answers to HEAD name a coding, too.
  result<void> finish();

  /// A coding was named that is not known, or "none".
  bool odd() const noexcept { return odd_; }

 private:
  std::unique_ptr<decode_budget> budget_;       // apart: the stages refer to it, and a decoder is moved
  std::vector<std::unique_ptr<stage>> stages_;  // in the order they are undone
  bool odd_ = false;
};

}  // namespace usage
