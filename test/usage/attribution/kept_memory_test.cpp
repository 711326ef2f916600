#include "usage/attribution/kept_memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace usage {
namespace {

TEST(kept_memory, small_pieces_share_pages_whatever_is_allocated_between_them) {
  constexpr int pieces = 2000;
  std::vector<kept_string> kept;
  std::vector<std::unique_ptr<char[]>> buffers;
  std::set<std::uintptr_t> pages;
  for (int i = 0; i < pieces; ++i) {
    kept.emplace_back(std::string(37, 'x'));
    buffers.push_back(std::make_unique<char[]>(12'000));
    pages.insert(reinterpret_cast<std::uintptr_t>(kept.back().data()) / 4096);
  }
  EXPECT_LT(pages.size(), pieces / 10u);
}

TEST(kept_memory, what_one_thread_has_another_may_free) {
  kept_map<int, kept_string> map;
  map.emplace(1, kept_string(100, 'a'));
  std::jthread([moved = std::move(map)]() mutable { moved.clear(); }).join();
  EXPECT_EQ(kept_string(100, 'b').size(), 100u);
}

}  // namespace
}  // namespace usage
