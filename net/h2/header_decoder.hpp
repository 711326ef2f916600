#pragma once

// Header blocks of one direction of an HTTP/2 connection (RFC 7541, RFC 9113 §8.2–8.3): HPACK with a table of its own,
// fragment by fragment, into heads in the shape of HTTP/1.1 ones, which is what observers read. The h2 tracker drives
// it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/wire/errc.hpp"

struct nghttp2_hd_inflater;

namespace net::h2 {

/// What one header block said. The pseudo fields that are missing are empty, the status then 0.
struct message_head {
  std::string method;
  std::string path;
  std::string authority;
  std::string protocol;  // of an extended CONNECT (RFC 8441)
  unsigned status = 0;
  std::string lines;       // all other fields, as lines of HTTP/1.1
  bool malformed = false;  // by RFC 9113 §8.2.1: no reader may take it for a message

  void clear();
};

class header_decoder {
 public:
  struct limits {
    std::size_t list;   // bytes of one header list, each field with four more (limits.head_size)
    std::size_t table;  // bytes of the dynamic table (limits.h2_header_table)
  };

  explicit header_decoder(limits bounds);

  /// The receiver of the blocks announced this SETTINGS_HEADER_TABLE_SIZE. What the table really holds is for the
  /// sender to say, in its blocks (RFC 7541 §4.2), so that only a larger size has to be known here, and may be known
  /// early.
  void allow_table(std::uint32_t size);

  /// The next fragment of a block, `last` with its last one: then head() is whole. Errors: malformed, too_large. Both
  /// are final: without each block of the past no later one can be read.
  wire::result<void> feed(std::string_view fragment, bool last);

  const message_head& head() const noexcept { return head_; }

  /// Bytes of all lists since it was asked for the last time: a few on the wire can unfold to many.
  std::size_t take_unfolded() noexcept { return std::exchange(unfolded_, 0); }

  /// Forgets the last head and its memory, not the table; nothing inside a block.
  void release();

 private:
  struct inflater_free {
    void operator()(nghttp2_hd_inflater* inflater) const noexcept;
  };

  bool add(std::string_view name, std::string_view value);
  void add_pseudo(std::string_view name, std::string_view value);

  limits bounds_;
  std::unique_ptr<nghttp2_hd_inflater, inflater_free> inflater_;
  message_head head_;
  std::size_t size_ = 0;  // of the list so far
  std::size_t unfolded_ = 0;
  std::uint32_t announced_ = 4096;  // the largest table that the sender may use (RFC 9113 §6.5.2)
  bool announced_anew_ = false;
  bool in_block_ = false;
};

}  // namespace net::h2
