#include "app/commands/check_config.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

namespace app {
namespace {

using testing::HasSubstr;

class check_config : public testing::Test {
 protected:
  check_config()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   (std::string("check_config.") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(directory_);
  }
  ~check_config() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }

  loaded_config load(const std::string& text) {
    const auto loaded = load_config({write("c.toml", text), {{"HOME", directory_.native()}}, {}, false});
    if (loaded.has_error()) {
      ADD_FAILURE() << loaded.error().lines.front();
      return {};
    }
    return *loaded;
  }

  exit_code explain(const std::string& config_text, const std::string& request) {
    return explain_request(load(config_text), write("r.json", request), {out_, err_});
  }

  std::filesystem::path directory_;
  std::ostringstream out_;
  std::ostringstream err_;
};

const std::string cheaper =
    "[[rules]]\nname = \"cheaper\"\nlast = true\nmatch = { model = \"gpt-5*\" }\nact = [ { model = \"gpt-5-mini\" }, { "
    "max_output_tokens = 7 } ]\n";

TEST_F(check_config, the_rules_are_shown_after_the_settings) {
  EXPECT_EQ(print_config(load(cheaper), {out_, err_}), exit_code::ok);
  EXPECT_THAT(out_.str(), HasSubstr("[rewrite]\ndry_run = false\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\n# cheaper (" + (directory_ / "c.toml").native() +
                                    ":1:1): model gpt-5*: model gpt-5-mini; max_output_tokens 7 (last)\n"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(check_config, the_watched_hosts_are_shown_by_provider) {
  print_config(load("[mitm]\nproviders = [\"xai\"]\nhosts = [\"a.example\"]\n[[mitm.provider]]\nname = \"corp\"\n"
                    "hosts = [\"b.example\"]\ndialect = \"openai\"\n"),
               {out_, err_});
  EXPECT_THAT(out_.str(), HasSubstr("\n# watched hosts\n# xai: api.x.ai, *.api.x.ai\n# corp: b.example\n"
                                    "# mitm.hosts: a.example\n"));
}

TEST_F(check_config, conflicts_are_warnings) {
  EXPECT_EQ(print_config(load(cheaper + "[[rules]]\nname = \"b\"\nmatch = { model = \"gpt-5\", host = \"a.b\" }\n"
                                        "act = [ { model = \"m\" } ]\n"),
                         {out_, err_}),
            exit_code::ok);
  EXPECT_THAT(err_.str(), HasSubstr("zerogravity: warning: "));
  EXPECT_THAT(err_.str(), HasSubstr(":6:1: rule b: never has its turn: rule cheaper"));
  EXPECT_THAT(err_.str(), HasSubstr("host a.b is not watched"));
}

TEST_F(check_config, a_request_is_explained) {
  EXPECT_EQ(explain(cheaper, R"({"host":"api.openai.com","path":"/v1/responses","body":{"model":"gpt-5"}})"),
            exit_code::ok);
  EXPECT_THAT(out_.str(), HasSubstr("matches: model gpt-5 -> gpt-5-mini; max_output_tokens 7"));
  EXPECT_THAT(out_.str(), HasSubstr("+  \"max_output_tokens\": 7\n"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(check_config, a_host_that_is_not_watched_is_told) {
  EXPECT_EQ(explain(cheaper, R"({"host":"api.other.com","path":"/v1/responses"})"), exit_code::ok);
  EXPECT_EQ(err_.str(), "zerogravity: warning: api.other.com is not watched, so its requests are not seen\n");
}

TEST_F(check_config, a_request_that_cannot_be_read_is_wrong_usage) {
  EXPECT_EQ(explain("", "{"), exit_code::bad_usage);
  EXPECT_THAT(err_.str(), HasSubstr("r.json: expected a JSON object\n"));
  EXPECT_EQ(explain_request(load(""), directory_ / "none.json", {out_, err_}), exit_code::bad_usage);
  EXPECT_THAT(err_.str(), HasSubstr("none.json: cannot be read\n"));
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace app
