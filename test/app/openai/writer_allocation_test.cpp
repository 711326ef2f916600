// Thousands of streams write a frame per token, so a frame must not allocate: only the caller's buffer and the kept
// text grow, by doubling. Counted here by replacing the program's operator new.
//
// Not under ThreadSanitizer: its runtime defines these operators itself and cannot be linked beside others.
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(thread_sanitizer)

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "app/openai/chat_writer.hpp"
#include "app/openai/responses_writer.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
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

namespace app::openai {
namespace {

constexpr std::size_t events = 10'000;
constexpr std::size_t doublings = 64;

template <class Writer>
std::size_t allocations_of(Writer& writer) {
  std::string out;
  out.reserve(1 << 16);
  writer.begin(out);
  writer.text(1, "warm", out);
  const std::size_t before = allocations;
  for (std::size_t i = 0; i < events; ++i) {
    out.clear();
    writer.text(1, "a word\n", out);
  }
  return allocations - before;
}

TEST(writer_allocation, a_frame_of_either_api_costs_none) {
  chat_writer chat({"chatcmpl-1", 1, "m", "c"}, {true});
  EXPECT_LT(allocations_of(chat), doublings);
  responses_writer response({"resp_1", 1, "m", "c"}, "", {true});
  EXPECT_LT(allocations_of(response), doublings);
}

}  // namespace
}  // namespace app::openai

#endif
