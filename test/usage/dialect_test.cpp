#include "usage/dialect.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace usage {
namespace {

const dialect* const all[] = {&openai_chat_dialect(),     &openai_plain_dialect(),        &openai_responses_dialect(),
                              &openai_events_dialect(),   &openai_media_dialect(),        &openai_batch_dialect(),
                              &openai_realtime_dialect(), &anthropic_dialect(),           &anthropic_batch_dialect(),
                              &google_dialect(),          &google_interactions_dialect(), &google_live_dialect(),
                              &bedrock_dialect()};

TEST(dialect, each_has_a_name_of_its_own_and_stands_in_the_table_of_shapes) {
  std::ifstream file(SHAPES_FILE);
  const std::string shapes{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string_view> names;
  for (const dialect* each : all) {
    EXPECT_TRUE(names.insert(each->name).second) << each->name;
    EXPECT_NE(shapes.find("| `" + std::string(each->name) + "` |"), std::string::npos) << each->name;
    EXPECT_NE(each->family, provider::unknown) << each->name;
  }
}

TEST(dialect, counters_that_were_not_told_stay_unknown) {
  for (const dialect* each : all) {
    if (each->family == provider::google) continue;  // protobuf leaves zeros out
    counters seen;
    seen[member::output] = 3;
    const normal_form form = each->normalise(seen);
    EXPECT_EQ(form.tokens.output_total, 3) << each->name;
    EXPECT_EQ(form.tokens.input_uncached, std::nullopt) << each->name;
    EXPECT_EQ(form.tokens.cache_read, std::nullopt) << each->name;
    EXPECT_EQ(form.tokens.thinking, std::nullopt) << each->name;
    EXPECT_EQ(form.flags, 0) << each->name;
  }
}

TEST(dialect, lasting_cache_writes_are_a_part_of_all_and_make_them_up_where_only_they_are_told) {
  counters seen;
  seen[member::cache_write_5m] = 3;
  seen[member::cache_write_1h] = 4;
  EXPECT_EQ(anthropic_dialect().normalise(seen).tokens.cache_write, 7);
  seen[member::cache_write] = 8;
  EXPECT_EQ(anthropic_dialect().normalise(seen).flags, total_differs);
  seen[member::cache_write] = 7;
  EXPECT_EQ(anthropic_dialect().normalise(seen).flags, 0);
}

}  // namespace
}  // namespace usage
