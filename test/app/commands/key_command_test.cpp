#include "app/commands/key_command.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "app/http/key_file.hpp"
#include "test/mitm/ca/fixtures.hpp"

namespace app {
namespace {

using testing::HasSubstr;

class key_commands : public testing::Test {
 protected:
  key_commands() { values_.state_dir = scratch_.path(); }

  exit_code run(key_command::action_of action) {
    out_.str("");
    err_.str("");
    return run_key_command({action}, values_, {out_, err_});
  }
  exit_code show() { return run(key_command::action_of::show); }
  exit_code rotate() { return run(key_command::action_of::rotate); }

  mitm::test::scratch_directory scratch_;
  config values_;
  std::ostringstream out_, err_;
};

TEST_F(key_commands, show_prints_the_key_of_the_state_directory_alone) {
  const auto key = open_or_create_api_key(scratch_.path())->key;
  EXPECT_EQ(show(), exit_code::ok);
  EXPECT_EQ(out_.str(), key + "\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(key_commands, show_prints_the_configured_key_where_there_is_one) {
  values_.api.key = "the configured key";
  EXPECT_EQ(show(), exit_code::ok);
  EXPECT_EQ(out_.str(), "the configured key\n");
}

TEST_F(key_commands, before_the_first_start_show_says_who_makes_the_key_and_makes_none) {
  EXPECT_EQ(show(), exit_code::bad_state);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("generates the key at its first start"));
  EXPECT_FALSE(std::filesystem::exists(api_key_file(scratch_.path())));
}

TEST_F(key_commands, rotate_makes_another_key_and_says_when_it_is_taken) {
  const auto before = open_or_create_api_key(scratch_.path())->key;
  EXPECT_EQ(rotate(), exit_code::ok);
  EXPECT_NE(out_.str(), before + "\n");
  EXPECT_THAT(err_.str(), HasSubstr("Restart a running service"));
  const auto made = out_.str();
  show();
  EXPECT_EQ(out_.str(), made);
}

TEST_F(key_commands, rotate_leaves_a_configured_key_to_the_configuration) {
  values_.api.key = "the configured key";
  EXPECT_EQ(rotate(), exit_code::failed);
  EXPECT_THAT(err_.str(), HasSubstr("(api.key)"));
  EXPECT_FALSE(std::filesystem::exists(api_key_file(scratch_.path())));
}

TEST_F(key_commands, rotate_says_why_it_cannot) {
  values_.state_dir = scratch_ / "none" / "at all";
  EXPECT_EQ(rotate(), exit_code::bad_state);
  EXPECT_EQ(out_.str(), "");
  EXPECT_NE(err_.str(), "");
}

}  // namespace
}  // namespace app
