#include "app/linux/open_sockets.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class open_sockets_of : public testing::Test {
 protected:
  using place = std::unique_ptr<open_sockets::entry>;

  place connect(std::string name, std::string client = "uid 1", bool owner = false) {
    return std::make_unique<open_sockets::entry>(sockets_, client, owner, [this, name] { ended_.push_back(name); });
  }
  place busy(std::string name, std::string client = "uid 1", bool owner = false) {
    auto made = connect(std::move(name), std::move(client), owner);
    made->serve();
    return made;
  }

  open_sockets sockets_{{.connections = 8, .of_one_client = 4}};  // one of them reserved
  std::vector<std::string> ended_;
};

TEST_F(open_sockets_of, the_one_that_has_waited_longest_gives_way) {
  std::vector<place> all;
  for (const char* name : {"a", "b", "c", "d"}) all.push_back(connect(name, "uid " + std::string(name)));
  all[0]->serve();
  all[0]->wait();  // its request was the last
  for (const char* name : {"e", "f", "g"}) all.push_back(connect(name, "uid " + std::string(name)));
  EXPECT_THAT(ended_, IsEmpty());
  all.push_back(connect("h", "uid h"));
  EXPECT_THAT(ended_, ElementsAre("b"));
  EXPECT_TRUE(all[1]->ended());
  all.push_back(connect("i", "uid i"));
  EXPECT_THAT(ended_, ElementsAre("b", "c"));
}

TEST_F(open_sockets_of, one_that_serves_a_request_stays) {
  std::vector<place> all;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) all.push_back(busy(name, "uid " + std::string(name)));
  const auto last = connect("h", "uid h");
  EXPECT_THAT(ended_, IsEmpty());
  EXPECT_FALSE(last->refused());
}

TEST_F(open_sockets_of, the_last_eighth_is_for_the_owner_and_for_what_anybody_may_ask) {
  std::vector<place> all;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) all.push_back(busy(name, "uid " + std::string(name)));
  EXPECT_FALSE(all.back()->reserved());
  EXPECT_TRUE(connect("h", "uid h")->reserved());
  EXPECT_FALSE(connect("h", "uid 0", true)->reserved());
  const auto last = connect("h", "uid h");
  EXPECT_TRUE(last->reserved());
  all.pop_back();
  EXPECT_FALSE(last->reserved()) << "there is room now";
}

TEST_F(open_sockets_of, no_client_has_more_than_its_part) {
  std::vector<place> all;
  for (const char* name : {"a", "b", "c", "d"}) all.push_back(busy(name));
  EXPECT_TRUE(connect("e")->refused());
  EXPECT_FALSE(connect("e", "uid 2")->refused());
  all[2]->wait();
  EXPECT_FALSE(connect("f")->refused());
  EXPECT_THAT(ended_, ElementsAre("c"));
  all.clear();
  EXPECT_FALSE(connect("g")->refused());
}

TEST_F(open_sockets_of, for_one_that_waits_to_be_accepted_an_idle_one_ends_now_or_as_soon_as_it_is_idle) {
  std::vector<place> all;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
    all.push_back(busy(name, "uid " + std::string(name)));
  sockets_.make_room();
  EXPECT_THAT(ended_, IsEmpty());
  all[3]->wait();
  all[4]->wait();
  EXPECT_THAT(ended_, ElementsAre("d"));
  sockets_.make_room();
  EXPECT_THAT(ended_, ElementsAre("d")) << "the place of d is free";
  const auto next = busy("i", "uid i");
  sockets_.make_room();
  EXPECT_THAT(ended_, ElementsAre("d", "e"));
}

TEST_F(open_sockets_of, a_shutdown_ends_all_of_them_and_those_that_come_later) {
  const auto waiting = connect("a");
  const auto serving = busy("b");
  sockets_.end_input();
  EXPECT_TRUE(serving->ended());
  EXPECT_TRUE(sockets_.ended());
  const auto late = connect("c");
  EXPECT_THAT(ended_, ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace app
