#include "app/rewrite/json_lines.hpp"

#include <gtest/gtest.h>

namespace app::rewrite {
namespace {

TEST(json_lines, every_value_has_its_line_and_its_spelling) {
  EXPECT_EQ(
      json_lines(R"( {"a\u0062":[1.0E+2,{"x":"{,}"}],"e":{},"l":[ ]} )"),
      "{\n  \"a\\u0062\": [\n    1.0E+2,\n    {\n      \"x\": \"{,}\"\n    }\n  ],\n  \"e\": {},\n  \"l\": []\n}\n");
  EXPECT_EQ(json_lines(" null "), "null\n");
}

}  // namespace
}  // namespace app::rewrite
