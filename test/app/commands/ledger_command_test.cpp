#include "app/commands/ledger_command.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include "usage/ledger/ledger.hpp"

namespace app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ledger_command_of : public ::testing::Test {
 protected:
  ledger_command_of() {
    std::string name = (std::filesystem::temp_directory_path() / "ledger-command-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    values_.ledger.file = directory_ / "usage.db";
    usage::usage_record row;
    row.started_at = 1'700'000'000'000;
    row.host = "api.example.com";
    row.served_model = "a \"model\", with a comma";
    row.raw_usage = R"({"total":5})";
    auto store = std::move(usage::ledger::open({.file = values_.ledger.file})).value();
    EXPECT_TRUE(store.insert(std::array{row, row}).has_value());
  }
  ~ledger_command_of() override { std::filesystem::remove_all(directory_); }

  exit_code run(ledger_command::action_of action, const std::string& file = "", bool csv = false) {
    out_.str("");
    err_.str("");
    return run_ledger_command({action, file, csv}, values_, {out_, err_},
                              std::chrono::system_clock::from_time_t(1'800'000'000));
  }
  void garble() {
    std::fstream(values_.ledger.file, std::ios::binary | std::ios::in | std::ios::out) << std::string(4096, 'x');
  }

  using enum ledger_command::action_of;
  std::filesystem::path directory_;
  config values_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ledger_command_of, check_says_that_a_ledger_is_whole) {
  EXPECT_EQ(run(check), exit_code::ok);
  EXPECT_EQ(out_.str(), values_.ledger.file.string() + ": whole, 2 rows\n");
}

TEST_F(ledger_command_of, check_says_what_is_damaged_and_what_to_run) {
  garble();
  EXPECT_EQ(run(check), exit_code::failed);
  EXPECT_THAT(out_.str(), HasSubstr("damaged"));
  EXPECT_THAT(out_.str(), HasSubstr("run: zerogravity ledger repair"));
}

TEST_F(ledger_command_of, a_file_that_is_not_there_cannot_be_read) {
  EXPECT_EQ(run(check, (directory_ / "none.db").string()), exit_code::bad_state);
  EXPECT_THAT(err_.str(), HasSubstr("No such file or directory"));
  EXPECT_EQ(run(export_rows, (directory_ / "none.db").string()), exit_code::bad_state);
}

TEST_F(ledger_command_of, repair_keeps_the_rows_and_names_the_damaged_file) {
  garble();
  EXPECT_EQ(run(repair), exit_code::ok);
  EXPECT_THAT(out_.str(), HasSubstr("2 rows were kept"));
  EXPECT_THAT(out_.str(), HasSubstr("usage.db.damaged-20270115T080000Z"));
  EXPECT_EQ(run(check), exit_code::ok);
  EXPECT_EQ(run(repair), exit_code::ok);
  EXPECT_THAT(out_.str(), HasSubstr("nothing to repair"));
}

TEST_F(ledger_command_of, export_prints_a_json_object_per_row_also_of_a_damaged_file) {
  EXPECT_EQ(run(export_rows), exit_code::ok);
  const std::string whole = out_.str();
  std::istringstream lines(whole);
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    const auto row = boost::json::parse(line);
    EXPECT_EQ(row.at("id").as_int64(), ++count);
    EXPECT_EQ(row.at("served_model").as_string(), "a \"model\", with a comma");
    EXPECT_EQ(row.at("step"), nullptr);
  }
  EXPECT_EQ(count, 2);
  garble();
  EXPECT_EQ(run(export_rows), exit_code::failed);
  EXPECT_EQ(out_.str(), whole);
  EXPECT_THAT(err_.str(), HasSubstr("2 rows could be read"));
}

TEST_F(ledger_command_of, export_prints_csv_as_rfc_4180_has_it) {
  EXPECT_EQ(run(export_rows, "", true), exit_code::ok);
  EXPECT_THAT(out_.str(), StartsWith("id,started_at,first_byte_ms,"));
  EXPECT_THAT(out_.str(), HasSubstr("\n1,1700000000000,,"));
  EXPECT_THAT(out_.str(), HasSubstr(R"(,"a ""model"", with a comma",)"));
}

}  // namespace
}  // namespace app
