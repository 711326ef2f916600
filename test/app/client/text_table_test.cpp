#include "app/client/text_table.hpp"

#include <gtest/gtest.h>

namespace app {
namespace {

bool is_second(std::size_t column) {
  return column == 1;
}

TEST(text_table, names_line_up_on_the_left_and_figures_on_the_right) {
  EXPECT_EQ(lined_up({{"NAME", "N", "NOTE"}, {"ä–", "1,000", "a"}, {"bbbbb", "2", ""}}, is_second),
            "NAME       N  NOTE\n"
            "ä–     1,000  a\n"
            "bbbbb      2  \n");
  EXPECT_EQ(lined_up({}, is_second), "");
}

TEST(text_table, a_long_name_is_cut_and_steers_no_terminal) {
  EXPECT_EQ(cell_text("a\x1b[2Jb"), "a?[2Jb");
  EXPECT_EQ(cell_text(std::string(max_cell, 'x')), std::string(max_cell, 'x'));
  EXPECT_EQ(cell_text(std::string(max_cell + 1, 'x')), std::string(max_cell, 'x') + "…");
}

}  // namespace
}  // namespace app
