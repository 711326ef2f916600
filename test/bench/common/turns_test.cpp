#include "bench/common/turns.hpp"

#include <stdexcept>

#include <gmock/gmock.h>

namespace {

using testing::ElementsAre;

struct measure {
  std::string name;
  bool once = false;
};
struct contestant {
  std::string name;
};

std::vector<std::string> played(const bench::turns& how) {
  const std::vector<measure> measures{{"first chunk"}, {"memory", true}};
  std::vector<std::string> out;
  bench::play_in_turns(how, measures, taking_part(how, std::vector<contestant>{{"a"}, {"b"}}),
                       [&](const measure& what, const contestant& of, unsigned round) {
                         if (round == 1 && of.name == "a") throw std::runtime_error("on purpose");
                         out.push_back(std::to_string(round) + " " + what.name + " " + of.name);
                       });
  return out;
}

TEST(turns, every_contestant_plays_a_measure_before_the_next_one_and_one_that_fails_does_not_stop_the_others) {
  EXPECT_THAT(played({.rounds = 2}),
              ElementsAre("0 first chunk a", "0 first chunk b", "0 memory a", "0 memory b", "1 first chunk b"));
}

TEST(turns, measures_can_be_chosen_by_a_part_of_their_name_and_contestants_left_out) {
  EXPECT_THAT(played({.rounds = 1, .only = {"mem", "nothing"}}), ElementsAre("0 memory a", "0 memory b"));
  EXPECT_THAT(played({.rounds = 1, .without = {"a"}}), ElementsAre("0 first chunk b", "0 memory b"));
}

}  // namespace
