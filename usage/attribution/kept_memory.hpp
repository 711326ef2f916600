#pragma once

// Memory for what attribution remembers for an hour: many small pieces, some of which every call leaves behind. They
// have blocks of their own. Among the connections' buffers, each would keep a page from being returned to the system
// when many connections have ended.

#include <cstddef>
#include <functional>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace usage {

/// One for the process. It is never destroyed, so its memory may be freed at any time, from any thread.
std::pmr::memory_resource& kept_memory();

template <class T>
class kept_allocator {
 public:
  using value_type = T;

  kept_allocator() = default;
  template <class Other>
  kept_allocator(const kept_allocator<Other>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(kept_memory().allocate(count * sizeof(T), alignof(T))); }
  void deallocate(T* at, std::size_t count) noexcept { kept_memory().deallocate(at, count * sizeof(T), alignof(T)); }

  template <class Other>
  bool operator==(const kept_allocator<Other>&) const noexcept {
    return true;
  }
};

using kept_string = std::basic_string<char, std::char_traits<char>, kept_allocator<char>>;

template <class Key, class Value, class Hash = std::hash<Key>, class Equal = std::equal_to<Key>>
using kept_map = std::unordered_map<Key, Value, Hash, Equal, kept_allocator<std::pair<const Key, Value>>>;

}  // namespace usage
