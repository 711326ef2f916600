#pragma once

// Decodes the header blocks of one direction of an HTTP/2 connection (HPACK, RFC 7541; RFC 9113 §8.2–8.3), fragment by
// fragment, into heads in the shape of HTTP/1.1, which observers read. mitm::h2_tracker drives it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nghttp2/nghttp2.h>

#include "net/deleter.hpp"
#include "net/wire/errc.hpp"

namespace net::h2 {

/// The content of one header block. Missing pseudo fields are empty; a missing status is 0.
struct message_head {
  std::string method;
  std::string path;
  std::string authority;
  std::string protocol;  // of an extended CONNECT (RFC 8441)
  unsigned status = 0;
  std::string lines;       // all other fields, as lines of HTTP/1.1
  bool malformed = false;  // RFC 9113 §8.2.1: must not be treated as a message

  void clear();
};

class header_decoder {
 public:
  struct limits {
    std::size_t list;   // bytes of one header list, counting 4 more per field (limits.head_size)
    std::size_t table;  // bytes of the dynamic table
  };

  explicit header_decoder(limits bounds);

  /// The receiver of the blocks announced this SETTINGS_HEADER_TABLE_SIZE. The sender chooses the actual size in its
  /// blocks (RFC 7541 §4.2), so only larger sizes matter here, and it does no harm to learn them early.
  void allow_table(std::uint32_t size);

  /// Takes the next fragment of a block; after the `last` one, head() is complete. Errors: malformed, too_large. Both
  /// are final: a later block cannot be read without all earlier ones.
  wire::result<void> feed(std::string_view fragment, bool last);

  const message_head& head() const noexcept { return head_; }

  /// Decoded bytes since the last call: a few bytes on the wire can decode to many.
  std::size_t take_unfolded() noexcept { return std::exchange(unfolded_, 0); }

  /// Frees the last head, not the table. Does nothing inside a block.
  void release();

 private:
  bool add(std::string_view name, std::string_view value);
  void add_pseudo(std::string_view name, std::string_view value);

  limits bounds_;
  std::unique_ptr<nghttp2_hd_inflater, deleter<nghttp2_hd_inflate_del>> inflater_;
  message_head head_;
  std::size_t size_ = 0;  // of the list so far
  std::size_t unfolded_ = 0;
  std::uint32_t announced_ = 4096;  // the largest table that the sender may use (RFC 9113 §6.5.2)
  bool announced_anew_ = false;
  bool in_block_ = false;
};

}  // namespace net::h2
