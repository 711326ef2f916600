#pragma once

// The sparse list updates of StreamAgentStateUpdates: some elements by index, each whole, and the list's new length.
// cascade_view applies steps, generator and executor metadata with it.

#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <cstdint>

#include "cascade/core/diff_applier.hpp"

namespace cascade {

/// A length of 0 together with elements means that the server did not send it.
inline std::uint32_t given_length(int size, const google::protobuf::RepeatedField<std::uint32_t>& indices,
                                  std::uint32_t total_length) {
  if (total_length != 0 || indices.empty()) return total_length;
  const std::uint32_t last = *std::max_element(indices.begin(), indices.end());
  return std::max(static_cast<std::uint32_t>(size), last == UINT32_MAX ? last : last + 1);
}

/// Frees what is cut off.
template <class T>
void set_length(google::protobuf::RepeatedPtrField<T>& list, std::uint32_t length) {
  const int wanted = static_cast<int>(length);
  if (list.size() > wanted) list.DeleteSubrange(wanted, list.size() - wanted);
  list.Reserve(wanted);
  while (list.size() < wanted) list.Add();
}

/// Moves `item` into `element` and drops the fields that our messages lack.
template <class T>
void replace(T& element, T& item) {
  element.Swap(&item);
  element.DiscardUnknownFields();
}

struct placement {
  std::uint32_t offset;
  std::uint32_t max_length;
};

struct sparse_update {
  const google::protobuf::RepeatedField<std::uint32_t>& indices;
  std::uint32_t total_length;
  std::uint32_t max_length;
};

/// Moves `items` into `list` and calls `replaced(index)` for each. An update past max_length is refused as a whole; an
/// index past the end is skipped.
template <class T, class Replaced>
void apply_sparse(google::protobuf::RepeatedPtrField<T>& list, google::protobuf::RepeatedPtrField<T>& items,
                  const sparse_update& update, diff_counts& counts, Replaced replaced) {
  const std::uint32_t length = given_length(list.size(), update.indices, update.total_length);
  if (length > update.max_length) {
    ++counts.refused;
    return;
  }
  set_length(list, length);
  const int count = std::min(update.indices.size(), items.size());
  counts.out_of_range += std::max(update.indices.size(), items.size()) - count;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t index = update.indices.Get(i);
    if (index >= length) {
      ++counts.out_of_range;
      continue;
    }
    replace(*list.Mutable(static_cast<int>(index)), *items.Mutable(i));
    replaced(index);
  }
}

/// A polled answer: `items` go to `offset` and after. The list grows as needed and is never cut.
template <class T, class Replaced>
void place_at(google::protobuf::RepeatedPtrField<T>& list, google::protobuf::RepeatedPtrField<T>& items,
              const placement& place, diff_counts& counts, Replaced replaced) {
  if (place.offset > place.max_length || static_cast<std::uint32_t>(items.size()) > place.max_length - place.offset) {
    ++counts.refused;
    return;
  }
  const std::uint32_t end = place.offset + static_cast<std::uint32_t>(items.size());
  set_length(list, std::max(end, static_cast<std::uint32_t>(list.size())));
  for (std::uint32_t index = place.offset; index < end; ++index) {
    replace(*list.Mutable(static_cast<int>(index)), *items.Mutable(static_cast<int>(index - place.offset)));
    replaced(index);
  }
}

}  // namespace cascade
