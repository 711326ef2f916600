#include "app/doctor/doctor.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

namespace app {
namespace {

using enum finding::state_of;
using testing::HasSubstr;
using testing::Not;

TEST(doctor, works_while_nothing_is_broken) {
  diagnosis found{"run",
                  {{"kernel", works, "6.1", ""}, {"service", absent, "no service answers", "sudo ./scripts/run"}}};
  EXPECT_TRUE(found.works());
  EXPECT_THAT(to_text(found), HasSubstr("Interception works (run)."));
  found.findings.push_back({"exchange", broken, "none was intercepted", "zerogravity run -- curl"});
  EXPECT_FALSE(found.works());
  EXPECT_THAT(to_text(found), HasSubstr("Interception does not work (run)."));
}

TEST(doctor, says_what_to_type_next_where_there_is_something) {
  const diagnosis found{"run",
                        {{"ca", broken, "it has expired", "zerogravity ca rotate"}, {"disk", works, "plenty", ""}}};
  EXPECT_THAT(to_text(found),
              HasSubstr("broken  ca: it has expired\n          next: zerogravity ca rotate\nok      disk"));
}

TEST(doctor, the_document_has_every_finding) {
  const auto document = to_json({"service", {{"ca", absent, "none", ""}, {"disk", broken, "full", "df -h"}}});
  EXPECT_EQ(boost::json::serialize(document), R"({"object":"diagnosis","way":"service","works":false,"findings":[)"
                                              R"({"topic":"ca","state":"absent","detail":"none","next":null},)"
                                              R"({"topic":"disk","state":"broken","detail":"full","next":"df -h"}]})");
}

}  // namespace
}  // namespace app
