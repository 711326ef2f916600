#include "cascade/rpc/rpc_log.hpp"

#include <string>

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

namespace cascade {
namespace {

TEST(rpc_log, errors_of_the_library_go_to_the_sink_and_nothing_else_does) {
  grpc_init();  // reads how much is to be said
  std::string heard;
  take_rpc_errors([&](std::string_view text) { heard += text; });
  gpr_log(GPR_INFO, "chatter");
  gpr_log(GPR_ERROR, "trouble");
  EXPECT_EQ(heard, "trouble");
  take_rpc_errors({});
  gpr_log(GPR_ERROR, "more trouble");
  EXPECT_EQ(heard, "trouble");
  grpc_shutdown();
}

}  // namespace
}  // namespace cascade
