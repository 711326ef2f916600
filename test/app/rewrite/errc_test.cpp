#include "app/rewrite/errc.hpp"

#include <gtest/gtest.h>

namespace app::rewrite {
namespace {

TEST(rewrite_errc, every_error_says_what_is_wrong) {
  for (const auto code : {errc::not_json, errc::missing, errc::ambiguous, errc::wrong_type, errc::unknown_shape,
                          errc::no_room, errc::no_fields, errc::no_events}) {
    EXPECT_NE(make_error_code(code).message(), "unknown rewrite error");
  }
}

}  // namespace
}  // namespace app::rewrite
