#include "app/run/kept_lines.hpp"

#include <gmock/gmock.h>
#include <spdlog/logger.h>

namespace app::run {
namespace {

TEST(kept_lines, are_the_newest_in_their_order) {
  const auto lines = std::make_shared<kept_lines>();
  spdlog::logger log("test", lines);
  log.warn("one");
  EXPECT_THAT(lines->all(), testing::ElementsAre("one"));
  for (std::size_t i = 0; i < kept_lines::max_lines; ++i) log.warn(std::to_string(i));
  EXPECT_EQ(lines->all().size(), kept_lines::max_lines);
  EXPECT_EQ(lines->all().front(), "0");
  EXPECT_EQ(lines->all().back(), std::to_string(kept_lines::max_lines - 1));
}

}  // namespace
}  // namespace app::run
