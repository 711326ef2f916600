#pragma once

// The selected members of one message of a server. They are held until it is known which turn the message belongs to,
// since the member that says so may come last. Keeps its memory between messages.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "usage/answer_members.hpp"
#include "usage/json/json_scanner.hpp"
#include "usage/socket/socket_dialect.hpp"

namespace usage {

class socket_event final : public json_scanner::sink {
 public:
  /// Members held of one message; of more, the first ones.
  static constexpr std::size_t max_members = 64;

  void clear() noexcept;

  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override;
  void on_verbatim(int tag, std::string_view json) override;

  /// The value of the last scalar of that tag; empty if there is none. Valid until the next change.
  std::string_view find(std::uint8_t which) const noexcept;
  /// True if it counts tokens.
  bool has_usage() const noexcept;
  /// Shows the members that a body would have, too.
  void show(answer_members& turn) const;

 private:
  struct held {
    std::uint8_t tag;
    json_scanner::scalar kind;
    bool verbatim;
    std::size_t at;
    std::size_t size;
  };

  void hold(int tag, json_scanner::scalar kind, bool verbatim, std::string_view text);
  std::string_view text_of(const held& one) const noexcept { return std::string_view(text_).substr(one.at, one.size); }

  std::vector<held> held_;
  std::string text_;  // of all
};

}  // namespace usage
