#pragma once

// Every id that a row carries or that a cascade claims: the rows to look at again when the id is claimed, and the
// claims to look at when a row with it comes. Pure; attribution_core owns one.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "usage/attribution/finding.hpp"

namespace usage {

/// `link` is no claim of the language server: the response that a row says it continues.
enum class id_role : std::uint8_t { conversation, trajectory, response, trace, link };

class id_table {
 public:
  /// Cascades of one id; one more, and it says nothing for ever.
  static constexpr std::size_t max_claims = 4;

  struct entry {
    std::vector<std::string> cascades;  // that claim it, in alphabetical order
    std::deque<std::int64_t> rows;      // that carry it, in order of their coming
    bool overclaimed = false;           // by more than max_claims
  };

  /// Nothing if the id is not known.
  const entry* find(id_role role, std::string_view id) const;

  void add_row(id_role role, std::string_view id, std::int64_t row);
  void remove_row(id_role role, std::string_view id, std::int64_t row);

  /// True if that is news. A claim that is told again lives on.
  bool claim(id_role role, std::string_view id, std::string_view cascade, std::int64_t now);

  std::size_t claims() const { return claimed_.size(); }
  /// The claimed id that was last told longest ago; at least one is there.
  struct oldest_claim {
    id_role role = id_role::conversation;
    std::string_view id;
    std::int64_t told_at = 0;
  };
  oldest_claim oldest() const;
  /// No row carries it any more.
  void forget_oldest();

 private:
  struct aged {
    std::string key;
    std::int64_t told_at = 0;
  };
  struct slot : entry {
    std::list<aged>::iterator age;  // valid while it is claimed
    bool claimed = false;
  };

  std::unordered_map<std::string, slot> slots_;  // by role and id
  std::list<aged> claimed_;                      // told longest ago first
};

}  // namespace usage
