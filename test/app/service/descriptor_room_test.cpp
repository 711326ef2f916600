#include "app/service/descriptor_room.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "app/config/config.hpp"
#include "net/descriptor_limit.hpp"

namespace app {
namespace {

using testing::HasSubstr;

std::uint64_t needed_by(const config& values) {
  return 2 * values.limits.connections + values.api_limits.connections + values.limits.kept_upstreams;
}

TEST(descriptor_room, what_fits_stays_as_it_is) {
  config values;
  EXPECT_EQ(fit_connections(values, 1 << 20).note, "");
  EXPECT_EQ(values.limits.connections, config().limits.connections);
  EXPECT_EQ(values.api_limits.connections, config().api_limits.connections);
}

TEST(descriptor_room, too_low_a_limit_lowers_the_connections_and_says_so) {
  for (const std::uint64_t limit : {256, 1024, 4096}) {
    config values;
    const auto room = fit_connections(values, limit);
    EXPECT_LT(needed_by(values), limit);
    EXPECT_GT(values.limits.connections, limit / 8) << "and most of it is theirs";
    EXPECT_THAT(room.note, HasSubstr("limits.connections is " + std::to_string(values.limits.connections) +
                                     " instead of " + std::to_string(config().limits.connections)));
    EXPECT_THAT(room.note, HasSubstr("ulimit -Hn"));
  }
}

TEST(descriptor_room, even_next_to_none_leaves_one_connection) {
  config values;
  EXPECT_NE(fit_connections(values, 16).note, "");
  EXPECT_EQ(values.limits.connections, 1u);
}

TEST(descriptor_room, what_was_configured_low_stays) {
  config values;
  values.limits.connections = 3;
  values.api_limits.connections = 2;
  EXPECT_EQ(fit_connections(values, 1024).note, "");
  EXPECT_EQ(values.limits.connections, 3u);
}

TEST(descriptor_limit, the_soft_one_is_raised_and_what_was_inherited_is_remembered) {
  const rlimit inherited = net::inherited_descriptor_limit();
  EXPECT_EQ(net::raise_descriptor_limit(), inherited.rlim_max);
  rlimit now{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_EQ(now.rlim_cur, inherited.rlim_max);
  EXPECT_EQ(net::inherited_descriptor_limit().rlim_cur, inherited.rlim_cur);
}

}  // namespace
}  // namespace app
