#pragma once

// Every id that a row carries or a cascade claims. It gives the rows to look at again when an id is claimed, and the
// claims to look at when a row with the id comes. Pure; attribution_core owns one.

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "usage/attribution/finding.hpp"
#include "usage/attribution/kept_memory.hpp"

namespace usage {

/// `link` is not a claim of the language server: it is the response that a row says it continues.
enum class id_role : std::uint8_t { conversation, trajectory, response, trace, link };

/// Rows in order of arrival. Most ids have one row, which needs no allocation. Mostly the oldest row is removed, in
/// constant time.
class row_queue {
 public:
  std::span<const std::int64_t> all() const { return {rows_.data() + gone_, rows_.size() - gone_}; }
  bool empty() const { return all().empty(); }
  void add(std::int64_t row) { rows_.push_back(row); }
  void remove(std::int64_t row);

 private:
  boost::container::small_vector<std::int64_t, 2> rows_;
  std::size_t gone_ = 0;  // at the beginning; fewer than stay, or few
};

class id_table {
 public:
  /// Cascades that may claim one id. With one more, the id is never used as evidence again.
  static constexpr std::size_t max_claims = 4;

  struct entry {
    std::vector<kept_string, kept_allocator<kept_string>> cascades;  // that claim it, in alphabetical order
    row_queue rows;                                                  // that carry it
    bool overclaimed = false;                                        // by more than max_claims
  };

  /// nullptr if the id is not known.
  const entry* find(id_role role, std::string_view id) const;

  void add_row(id_role role, std::string_view id, std::int64_t row);
  void remove_row(id_role role, std::string_view id, std::int64_t row);

  /// True if the claim is new. Repeating a claim renews it.
  bool claim(id_role role, std::string_view id, std::string_view cascade, std::int64_t now);

  std::size_t claims() const { return claimed_.size(); }
  /// The id whose last claim is the oldest. There must be one.
  struct oldest_claim {
    id_role role = id_role::conversation;
    std::string_view id;
    std::int64_t told_at = 0;
  };
  oldest_claim oldest() const;
  /// No row carries it any more.
  void forget_oldest();

 private:
  struct key {
    id_role role;
    kept_string id;
  };
  struct key_view {
    id_role role;
    std::string_view id;
  };
  /// A look-up by a view makes no string.
  struct hash {
    using is_transparent = void;
    std::size_t operator()(const key_view& of) const;
    std::size_t operator()(const key& of) const { return operator()(key_view{of.role, of.id}); }
  };
  struct equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.role == b.role && a.id == b.id;
    }
  };

  struct aged {
    key_view what;  // into slots_
    std::int64_t told_at = 0;
  };
  using ages = std::list<aged, kept_allocator<aged>>;
  struct slot : entry {
    ages::iterator age;  // valid while it is claimed
    bool claimed = false;
  };

  using slots = kept_map<key, slot, hash, equal>;

  slots::value_type& slot_of(id_role role, std::string_view id);

  slots slots_;
  ages claimed_;  // told longest ago first
};

}  // namespace usage
