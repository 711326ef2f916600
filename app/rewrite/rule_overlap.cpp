#include "app/rewrite/rule_overlap.hpp"

#include <algorithm>

#include "app/rewrite/glob.hpp"

namespace app::rewrite {
namespace {

/// An empty list matches everything.
template <class T, class Meets>
bool lists_meet(const std::vector<T>& a, const std::vector<T>& b, Meets meets) {
  if (a.empty() || b.empty()) return true;
  return std::ranges::any_of(
      a, [&](const T& one) { return std::ranges::any_of(b, [&](const T& other) { return meets(one, other); }); });
}

template <class T, class Covers>
bool list_covers(const std::vector<T>& outer, const std::vector<T>& inner, Covers covered) {
  if (outer.empty()) return true;
  return !inner.empty() && std::ranges::all_of(inner, [&](const T& one) {
    return std::ranges::any_of(outer, [&](const T& other) { return covered(other, one); });
  });
}

constexpr auto pattern_covers = [](const net::text::host_pattern& a, const net::text::host_pattern& b) {
  return a.covers(b);
};

constexpr auto same = [](const auto& a, const auto& b) { return a == b; };

const header_match* header_of(const rule_match& match, const std::string& name) {
  const auto found = std::ranges::find(match.headers, name, &header_match::name);
  return found == match.headers.end() ? nullptr : &*found;
}

}  // namespace

bool hosts_meet(const net::text::host_pattern& a, const net::text::host_pattern& b) {
  return a.covers(b) || b.covers(a);
}

bool meet(const rule_match& a, const rule_match& b) {
  // A request has one path and one model, but may have a header twice.
  return lists_meet(a.hosts, b.hosts, hosts_meet) && lists_meet(a.paths, b.paths, globs_meet) &&
         lists_meet(a.methods, b.methods, same) && lists_meet(a.models, b.models, globs_meet) &&
         lists_meet(a.kinds, b.kinds, same) && lists_meet(a.request_kinds, b.request_kinds, same) &&
         lists_meet(a.uids, b.uids, same);
}

bool covers(const rule_match& outer, const rule_match& inner) {
  // A star in the inner pattern is an ordinary character that only a star of the outer one matches.
  const bool headers = std::ranges::all_of(outer.headers, [&](const header_match& wanted) {
    const auto* found = header_of(inner, wanted.name);
    return found != nullptr && list_covers(wanted.values, found->values, glob_matches);
  });
  return headers && list_covers(outer.hosts, inner.hosts, pattern_covers) &&
         list_covers(outer.paths, inner.paths, glob_matches) && list_covers(outer.methods, inner.methods, same) &&
         list_covers(outer.models, inner.models, glob_matches) && list_covers(outer.kinds, inner.kinds, same) &&
         list_covers(outer.request_kinds, inner.request_kinds, same) && list_covers(outer.uids, inner.uids, same);
}

}  // namespace app::rewrite
