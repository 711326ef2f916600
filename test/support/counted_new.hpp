#pragma once

// Counts allocations by replacing the operator new of the program that includes it, in one of its sources. Not under
// ThreadSanitizer: its runtime defines these operators itself and cannot be linked beside others.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace support {

inline std::atomic<std::size_t> allocations{0};

inline void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace support

void* operator new(std::size_t size) {
  return support::counted(size);
}
void* operator new[](std::size_t size) {
  return support::counted(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
