#include "app/accounting/server_listing.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "test/support/fake_language_server.hpp"
#include "test/support/grpc_tsan.hpp"
#include "test/support/run.hpp"
#include "test/usage/ledger/ledger_fixture.hpp"

namespace app {
namespace {

using namespace std::chrono_literals;
namespace ls = cascade::ls;

/// A cascade "c<n>" with so many calls, of which the trajectory holds only the first.
void answer(ls::GetCascadeTrajectoryResponse& response, const std::string& id, int calls) {
  response.set_num_total_generator_metadata(static_cast<std::uint32_t>(calls));
  response.mutable_trajectory()->set_trajectory_id("t-" + id);
  auto& made = *response.mutable_trajectory()->add_generator_metadata()->mutable_chat_model();
  made.mutable_usage()->set_response_id(id + "-0");
}

class server_listing : public testing::Test {
 protected:
  server_listing() {
    server_.list = [](const auto&, ls::GetAllCascadeTrajectoriesResponse& response) {
      for (int i = 0; i < 5; ++i)
        (*response.mutable_trajectory_summaries())["c" + std::to_string(i)].mutable_last_modified_time()->set_seconds(
            i);
      return grpc::Status::OK;
    };
    server_.trajectory = [](const ls::GetCascadeTrajectoryRequest& request,
                            ls::GetCascadeTrajectoryResponse& response) {
      if (request.cascade_id() == "gone") return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such cascade");
      answer(response, request.cascade_id(), 3);
      return grpc::Status::OK;
    };
    server_.generator_metadata = [](const ls::GetCascadeTrajectoryGeneratorMetadataRequest& request,
                                    ls::GetCascadeTrajectoryGeneratorMetadataResponse& response) {
      auto& made = *response.add_generator_metadata()->mutable_chat_model();
      made.mutable_usage()->set_response_id(request.cascade_id() + "-" +
                                            std::to_string(request.generator_metadata_offset()));
      return grpc::Status::OK;
    };
  }

  listing_outcome list(listing_request wanted) {
    cascade::client client(cascade::channel::open(server_.address()).value());
    return test::run(pool_, list_server_calls(client, {attribution_, writer_, blocking_}, std::move(wanted)));
  }

  std::size_t listed_calls(const std::string& id) {
    EXPECT_TRUE(writer_.flush(60s));
    const auto record = home_.reader().conversation(id).value();
    return record ? record->calls.size() : 0;
  }

  test::fake_language_server server_;
  net::worker_pool pool_{1};
  usage::testing::temporary_ledger home_;
  usage::ledger_writer writer_{home_.open(), usage::testing::at_epoch()};
  attribution_service attribution_{writer_, {}};
  net::blocking_pool blocking_{1};
};

TEST_F(server_listing, one_cascade_is_listed_with_all_of_its_calls) {
  const auto outcome = list({.cascade_id = "c1"});
  EXPECT_EQ(outcome.cascades, 1u);
  EXPECT_TRUE(outcome.whole);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(listed_calls("c1"), 3u);
  EXPECT_EQ(listed_calls("c2"), 0u);
}

TEST_F(server_listing, a_row_that_waits_is_found_by_it) {
  auto row = usage::testing::model_call(usage::testing::epoch, "gemini", 1, 1);
  row.response_id = "c1-2";
  attribution_.record(std::move(row));
  list({.cascade_id = "c1"});
  EXPECT_TRUE(writer_.flush(60s));
  EXPECT_EQ(home_.reader().exchanges({}).value().rows.at(0).conversation, "c1");
}

TEST_F(server_listing, all_are_listed_the_latest_first_up_to_the_limit) {
  const auto outcome = list({.limit = 2});
  EXPECT_EQ(outcome.cascades, 2u);
  EXPECT_FALSE(outcome.whole);
  EXPECT_EQ(listed_calls("c4"), 3u);
  EXPECT_EQ(listed_calls("c3"), 3u);
  EXPECT_EQ(listed_calls("c0"), 0u);
  EXPECT_TRUE(list({}).whole);
}

TEST_F(server_listing, without_patience_nothing_is_asked) {
  const auto outcome = list({.patience = 0ms});
  EXPECT_EQ(outcome.cascades, 0u);
  EXPECT_FALSE(outcome.whole);
}

TEST_F(server_listing, a_server_that_does_not_know_is_said_in_its_words) {
  EXPECT_THAT(list({.cascade_id = "gone"}).error, ::testing::HasSubstr("no such cascade"));
  server_.list = nullptr;
  const auto outcome = list({});
  EXPECT_FALSE(outcome.whole);
  EXPECT_THAT(outcome.error, ::testing::HasSubstr("unknown method"));
}

}  // namespace
}  // namespace app
