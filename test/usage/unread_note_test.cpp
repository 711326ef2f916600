#include "usage/unread_note.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

TEST(unread_note, what_is_added_counts_and_widens_the_time) {
  unread_note known{"h", "/p", "upgraded", 1, std::nullopt, 2000, 2000};
  add_to(known, {"h", "/p", "upgraded", 2, std::nullopt, 1000, 3000});
  EXPECT_EQ(known, (unread_note{"h", "/p", "upgraded", 3, std::nullopt, 1000, 3000}));
}

TEST(unread_note, bytes_that_are_not_known_leave_those_that_are) {
  unread_note known{"h", "", "bypassed", 1, std::nullopt, 1, 1};
  add_to(known, {"h", "", "bypassed", 0, 70, 1, 1});
  add_to(known, {"h", "", "bypassed", 1, std::nullopt, 1, 1});
  add_to(known, {"h", "", "bypassed", 0, 7, 1, 1});
  EXPECT_EQ(known.bytes, 77);
  EXPECT_EQ(known.connections, 2);
}

}  // namespace
}  // namespace usage
